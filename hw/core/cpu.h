// SPDX-License-Identifier: MIT
/* CPUState: what every processor has, whatever its instruction set: a thread that runs it, a way to
 * be kicked, stopped and reset.
 *
 * `-accel NAME,thread=multi` gives each CPU a thread of its own, thread=single lets all take turns
 * on one. Either way a thread calls accel->run(cpu), which returns when its instructions are used
 * up, exit_request is set or the CPU goes to sleep; and waits while none of its CPUs has work. The
 * run state, the monitor and devices hold the big lock; the engine runs without it and takes it for
 * device accesses only.
 *
 * Invariants: `stopped`, `stop` and `halted` change under the big lock, except that the CPU's own
 * thread may set `halted`; exit_request is atomic and may be set by anyone. */
#pragma once

#include <atomic>
#include <vector>

#include "hw/core/cpu-debug.h"
#include "hw/core/memory.h"
#include "hw/core/qdev.h"

#define TYPE_CPU   "cpu"
#define TYPE_ACCEL "accel"

struct CPUState;
struct CPUThread;

// An engine: runs guest instructions on a CPU. `-accel NAME` chooses one.
struct AccelState : Object {
    // Called once for each CPU in its own thread, before it first runs.
    virtual void cpu_thread_init(CPUState *cpu) = 0;
    // Runs at most `n` instructions, trapping ones included, and returns how many it ran. Less
    // than `n`: cpu->exit_request was set or the CPU sleeps (cpu->halted). No lock held.
    virtual uint64_t run(CPUState *cpu, uint64_t n) = 0;
    // How many of them came before the instruction that asks: one that reads a control register
    // or accesses a device, in the middle of run().
    virtual uint64_t executed(const CPUState *cpu) const = 0;

    bool single_thread = false; // the property thread=single
};
struct AccelClass : ObjectClass {
    using Parent = ObjectClass;
    const char *name = nullptr; // as -accel has it
    const char *desc = nullptr;
    int preference = 0; // without -accel, the engine with the highest
};

struct CPUState : DeviceState {
    int cpu_index = 0; // its place in cpu_list()
    AccelState *accel = nullptr;
    CPUThread *thread = nullptr;             // null: nobody may run it (a test)
    std::atomic<int> thread_id{ 0 };         // the host's; 0: the thread has not been needed yet
    bool stop = false;                       // asked to stop
    bool stopped = true;                     // is stopped
    std::atomic<bool> halted{ false };       // sleeps until cpu_has_work()
    std::atomic<bool> exit_request{ false }; // leave run() soon
    CPUDebug debug;

    // True if an interrupt is pending that ends a sleep.
    virtual bool has_work() = 0;
    virtual uint64_t get_pc() = 0;
    // "info registers" text.
    virtual std::string dump_state() = 0;
    // Forgets every cached translation of an address; the CPU is stopped.
    virtual void flush_translations() = 0;

    // --- the debugger's view of a stopped CPU. Registers have numbers and 64 bits.
    // The target description: XML that names the registers.
    virtual std::string gdb_target_description() = 0;
    // The numbers of those that gdb reads all at once: 0 up to this one.
    virtual unsigned gdb_num_core_regs() = 0;
    // False: there is no such register, or it cannot be written.
    [[nodiscard]] virtual bool gdb_read_register(unsigned n, uint64_t *value) = 0;
    [[nodiscard]] virtual bool gdb_write_register(unsigned n, uint64_t value) = 0;
    virtual void set_pc(uint64_t pc) = 0;
    // The physical address that data at `va` has now. Without side effects, whatever the rights.
    [[nodiscard]] virtual bool debug_translate(uint64_t va, hwaddr *pa) = 0;
};

const std::vector<CPUState *> &cpu_list();
// Called from a CPU's realize: puts it on the list, stopped. Its thread starts when it is first
// resumed.
void qemu_init_vcpu(CPUState *cpu);
// The engine that CPUs realized from now on run on.
void cpu_set_accel(AccelState *accel);
// Makes the CPU look at its requests soon: wakes its thread or ends accel->run(). Any thread.
void cpu_kick(CPUState *cpu);
// The CPU that this thread is in accel->run() for, or nullptr.
CPUState *current_cpu();
// Stops the CPU of this thread, if it has one, at the end of the straight code that it runs.
void cpu_stop_current();

void pause_all_vcpus();  // returns when all are stopped; big lock held (released while waiting)
void resume_all_vcpus(); // but those a debugger holds or has not looked at; big lock held
void cpu_remove_all();   // ends all the threads; big lock held
bool all_vcpus_paused();
