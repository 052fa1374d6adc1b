// SPDX-License-Identifier: MIT
/* CPUState: what every processor has, whatever its instruction set: a thread, a way to be kicked,
 * stopped and reset.
 *
 * Each CPU runs in its own thread: qemu_wait_io_event() while there is nothing to do, else
 * accel->run(cpu), which returns when exit_request is set or the CPU goes to sleep. The run state,
 * the monitor and devices hold the big lock; the engine runs without it and takes it for device
 * accesses only.
 *
 * Invariants: `stopped`, `stop` and `halted` change under the big lock, except that the CPU's own
 * thread may set `halted`; exit_request is atomic and may be set by anyone. */
#pragma once

#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "hw/core/qdev.h"

#define TYPE_CPU   "cpu"
#define TYPE_ACCEL "accel"

struct CPUState;

// An engine: runs guest instructions on a CPU. `-accel NAME` chooses one.
struct AccelState : Object {
    // Called once for each CPU in its own thread, before it first runs.
    virtual void cpu_thread_init(CPUState *cpu) = 0;
    // Runs until cpu->exit_request is set or the CPU sleeps (cpu->halted). No lock held.
    virtual void run(CPUState *cpu) = 0;
};
struct AccelClass : ObjectClass {
    using Parent = ObjectClass;
    const char *name = nullptr; // as -accel has it
    const char *desc = nullptr;
};

struct CPUState : DeviceState {
    int cpu_index = 0; // its place in cpu_list()
    AccelState *accel = nullptr;
    std::thread thread;
    std::condition_variable_any halt_cond;
    bool stop = false;                       // asked to stop
    bool stopped = true;                     // is stopped
    bool unplug = false;                     // its thread shall end
    std::atomic<bool> halted{ false };       // sleeps until cpu_has_work()
    std::atomic<bool> exit_request{ false }; // leave run() soon

    // True if an interrupt is pending that ends a sleep.
    virtual bool has_work() = 0;
    virtual uint64_t get_pc() = 0;
    // "info registers" text.
    virtual std::string dump_state() = 0;
};

const std::vector<CPUState *> &cpu_list();
// Called from a CPU's realize: puts it on the list, stopped. Its thread starts when it is first
// resumed. Without an engine (a test) the CPU is there but nobody may run it.
void qemu_init_vcpu(CPUState *cpu);
// The engine that CPUs realized from now on run on.
void cpu_set_accel(AccelState *accel);
// Makes the CPU look at its requests soon: wakes its thread or ends accel->run(). Any thread.
void cpu_kick(CPUState *cpu);
// The CPU whose thread this is, or nullptr.
CPUState *current_cpu();

void pause_all_vcpus();  // returns when all are stopped; big lock held (released while waiting)
void resume_all_vcpus(); // big lock held
void cpu_remove_all();   // ends all the threads; big lock held
bool all_vcpus_paused();
