// SPDX-License-Identifier: MIT
/* CPU threads: run, sleep, stop. See hw/core/cpu.h.
 *
 * In gdb: b cpu_thread_fn     info threads */
#include "hw/core/cpu.h"

#include "util/main-loop.h"
#include "util/module.h"

static std::vector<CPUState *> cpus;
static AccelState *current_accel;
static std::condition_variable_any pause_cond; // a CPU has stopped
static thread_local CPUState *cpu_of_this_thread;
static BqlLockable big_lock;

const std::vector<CPUState *> &cpu_list() { return cpus; }

CPUState *current_cpu() { return cpu_of_this_thread; }

void cpu_set_accel(AccelState *accel) { current_accel = accel; }

// --- the thread

static bool cpu_can_run(CPUState *cpu) {
    return !cpu->stop && !cpu->stopped && (!cpu->halted || cpu->has_work());
}

static void cpu_acknowledge_stop(CPUState *cpu) {
    cpu->stop = false;
    cpu->stopped = true;
    pause_cond.notify_all();
}

// Sleeps until there is something to run. The big lock is held, and released while asleep.
static void qemu_wait_io_event(CPUState *cpu) {
    while (!cpu->unplug && !cpu_can_run(cpu)) {
        if (cpu->stop) {
            cpu_acknowledge_stop(cpu);
        } else {
            cpu->halt_cond.wait(big_lock);
        }
    }
    cpu->halted = false;
    // Whoever asks from here on finds the request seen by run().
    cpu->exit_request = false;
}

static void cpu_thread_fn(CPUState *cpu) {
    bql_lock();
    cpu_of_this_thread = cpu;
    cpu->accel->cpu_thread_init(cpu);
    for (;;) {
        qemu_wait_io_event(cpu);
        if (cpu->unplug) break;
        bql_unlock();
        cpu->accel->run(cpu);
        bql_lock();
        if (cpu->stop) cpu_acknowledge_stop(cpu);
    }
    bql_unlock();
}

void qemu_init_vcpu(CPUState *cpu) {
    cpu->cpu_index = static_cast<int>(cpus.size());
    cpus.push_back(cpu);
    cpu->accel = current_accel;
}

// --- everybody else

void cpu_kick(CPUState *cpu) {
    cpu->exit_request = true;
    if (!cpu->halted && !cpu->stopped) return;
    // The sleeper looks at its requests under the lock: no wake-up is lost.
    BqlGuard guard;
    cpu->halt_cond.notify_all();
}

bool all_vcpus_paused() {
    for (const CPUState *cpu : cpus) {
        if (!cpu->stopped) return false;
    }
    return true;
}

void pause_all_vcpus() {
    for (CPUState *cpu : cpus) {
        if (cpu->stopped) continue;
        cpu->stop = true;
        cpu->exit_request = true;
        cpu->halt_cond.notify_all();
    }
    while (!all_vcpus_paused()) pause_cond.wait(big_lock);
}

void resume_all_vcpus() {
    for (CPUState *cpu : cpus) {
        cpu->stop = false;
        cpu->stopped = false;
        if (!cpu->thread.joinable()) cpu->thread = std::thread(cpu_thread_fn, cpu);
        cpu->halt_cond.notify_all();
    }
}

void cpu_remove_all() {
    for (CPUState *cpu : cpus) {
        cpu->unplug = true;
        cpu->exit_request = true;
        cpu->halt_cond.notify_all();
    }
    bql_unlock();
    for (CPUState *cpu : cpus) {
        if (cpu->thread.joinable()) cpu->thread.join();
    }
    bql_lock();
}

// --- types

static void cpu_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->category = DEVICE_CATEGORY_CPU;
    dc->user_creatable = false;
}

static const TypeInfo cpu_info = {
    .name = TYPE_CPU,
    .parent = TYPE_DEVICE,
    .abstract = true,
    .class_init = cpu_class_init,
};

static const TypeInfo accel_info = {
    .name = TYPE_ACCEL,
    .parent = TYPE_OBJECT,
    .abstract = true,
    .class_new = object_class_new<AccelClass>,
};

static void cpu_register_types() {
    type_register_static(&cpu_info);
    type_register_static(&accel_info);
}

type_init(cpu_register_types)
