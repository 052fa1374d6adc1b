// SPDX-License-Identifier: MIT
/* CPU threads: run, sleep, stop. See hw/core/cpu.h.
 *
 * In gdb: b cpu_thread_fn     info threads */
#include "hw/core/cpu.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <thread>

#include <unistd.h>

#include "hw/core/icount.h"
#include "hw/core/system.h"
#include "hw/core/trace.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/timer.h"

// A host thread and the CPUs that take turns on it. Under the big lock.
struct CPUThread {
    std::vector<CPUState *> cpus; // stays as it is once the thread runs
    std::thread thread;
    std::condition_variable_any wake; // what the thread waits for may have come
    bool ending = false;
};

// What one CPU runs while others wait for their turn: about half a millisecond.
static constexpr uint64_t TURN = 100'000; // instructions

static std::vector<CPUState *> cpus;
static std::vector<std::unique_ptr<CPUThread>> cpu_threads;
static AccelState *current_accel;
static std::condition_variable_any pause_cond; // a CPU has stopped
static thread_local CPUState *cpu_of_this_thread;
static BqlLockable big_lock;

const std::vector<CPUState *> &cpu_list() { return cpus; }

CPUState *current_cpu() { return cpu_of_this_thread; }

void cpu_set_accel(AccelState *accel) { current_accel = accel; }

// --- the thread. All of it holds the big lock, and releases it while it waits or a CPU runs.

static bool cpu_can_run(CPUState *cpu) {
    // a step over an instruction that waits: it may end for any reason
    bool awake = !cpu->halted || cpu->debug.single_step || cpu->has_work();
    return !cpu->stop && !cpu->stopped && awake;
}

static void cpu_acknowledge_stop(CPUState *cpu) {
    trace_cpu_stop(cpu->cpu_index);
    cpu->stop = false;
    cpu->stopped = true;
    pause_cond.notify_all();
}

// It stands still from here on; the main loop stops the others.
static void handle_debug_stop(CPUState *cpu) {
    cpu_acknowledge_stop(cpu);
    qemu_system_debug_request();
}

static void take_turn(CPUState *cpu, uint64_t most) {
    if (cpu->debug.single_step) most = 1;
    uint64_t n = icount_enabled() ? icount_budget(most) : most;
    cpu->halted = false;
    // Whoever asks from here on finds the request seen by run().
    cpu->exit_request = false;
    cpu_of_this_thread = cpu;
    trace_set_thread(cpu->cpu_index + 1);
    trace_cpu_exec(cpu->cpu_index);
    bql_unlock();
    uint64_t ran = cpu->accel->run(cpu, n);
    bql_lock();
    cpu_of_this_thread = nullptr;
    if (icount_enabled()) icount_account(ran);
    bool stepped = cpu->debug.single_step && ran;
    if (stepped && cpu->debug.stop == DebugStop::None) cpu->debug.stop = DebugStop::Step;
    if (cpu->debug.stop != DebugStop::None) handle_debug_stop(cpu);
}

// Each CPU that can run gets a turn. False: none could.
static bool take_turns(const CPUThread &t) {
    bool ran = false;
    for (CPUState *cpu : t.cpus) {
        if (cpu_can_run(cpu)) {
            take_turn(cpu, t.cpus.size() > 1 ? TURN : UINT64_MAX);
            ran = true;
        }
        if (cpu->stop) cpu_acknowledge_stop(cpu);
    }
    return ran;
}

static bool is_asked_to_stop(const CPUThread &t) {
    return t.ending ||
           std::any_of(t.cpus.begin(), t.cpus.end(), [](auto *cpu) { return cpu->stop; });
}

static bool has_something_to_do(const CPUThread &t) {
    return is_asked_to_stop(t) || std::any_of(t.cpus.begin(), t.cpus.end(), cpu_can_run);
}

// The time until the next timer passes while all CPUs sleep, or is skipped (-icount sleep=off).
static void icount_sleep(CPUThread &t) {
    using namespace std::chrono;
    int64_t left = qemu_clock_deadline_virtual(); // -1: no timer is pending
    auto over = [&] { return has_something_to_do(t) || qemu_clock_deadline_virtual() != left; };
    if (left < 0) return t.wake.wait(big_lock, over);
    if (icount_sleeps()) {
        auto start = steady_clock::now();
        t.wake.wait_for(big_lock, std::min<nanoseconds>(nanoseconds(left), hours(24)), over);
        left = std::min<int64_t>(left, nanoseconds(steady_clock::now() - start).count());
    }
    qemu_clock_advance_virtual(left);
}

static bool all_stopped(const std::vector<CPUState *> &list) {
    return std::all_of(list.begin(), list.end(), [](auto *cpu) { return cpu->stopped; });
}

static void qemu_wait_io_event(CPUThread &t) {
    if (icount_enabled() && !all_stopped(t.cpus)) return icount_sleep(t);
    t.wake.wait(big_lock, [&] { return has_something_to_do(t); });
}

// Under -icount what the guest asked of a disk is done before its next instruction: how long it
// takes the host must not show.
static void icount_wait_for_requests(CPUThread &t) {
    t.wake.wait(big_lock,
                [&] { return is_asked_to_stop(t) || !aio_is_busy(qemu_get_aio_context()); });
}

static void cpu_thread_fn(CPUThread *t) {
    bql_lock();
    for (CPUState *cpu : t->cpus) {
        cpu->thread_id = gettid();
        cpu->accel->cpu_thread_init(cpu);
    }
    while (!t->ending) {
        if (icount_enabled()) icount_wait_for_requests(*t);
        if (!take_turns(*t)) qemu_wait_io_event(*t);
    }
    bql_unlock();
}

// --- everybody else

static void wake_all_threads() {
    for (auto &t : cpu_threads) t->wake.notify_all();
}

// A request ends the turn of the CPU that made it.
static void request_started() {
    if (CPUState *cpu = current_cpu()) cpu->exit_request = true;
}
static constexpr AioWatcher request_watcher = { request_started, wake_all_threads };

void qemu_init_vcpu(CPUState *cpu) {
    cpu->cpu_index = static_cast<int>(cpus.size());
    cpus.push_back(cpu);
    cpu->accel = current_accel;
    bool shares = current_accel && current_accel->single_thread && !cpu_threads.empty();
    if (!shares) cpu_threads.push_back(std::make_unique<CPUThread>());
    cpu->thread = cpu_threads.back().get();
    cpu->thread->cpus.push_back(cpu);
    if (icount_enabled()) aio_set_watcher(qemu_get_aio_context(), &request_watcher);
}

void cpu_kick(CPUState *cpu) {
    cpu->exit_request = true;
    if (!cpu->thread) return;
    // The one whose turn it is makes room.
    for (CPUState *other : cpu->thread->cpus) other->exit_request = true;
    if (!cpu->halted && !cpu->stopped) return;
    // The sleeper looks at its requests under the lock: no wake-up is lost.
    BqlGuard guard;
    cpu->thread->wake.notify_all();
}

void cpu_stop_current() {
    CPUState *cpu = current_cpu();
    if (!cpu) return;
    cpu->stop = true;
    cpu->exit_request = true;
}

bool all_vcpus_paused() { return all_stopped(cpus); }

void pause_all_vcpus() {
    for (CPUState *cpu : cpus) {
        if (cpu->stopped) continue;
        cpu->stop = true;
        cpu->exit_request = true;
    }
    wake_all_threads();
    while (!all_vcpus_paused()) pause_cond.wait(big_lock);
}

void resume_all_vcpus() {
    for (CPUState *cpu : cpus) {
        if (cpu->debug.held || cpu->debug.stop != DebugStop::None) continue;
        trace_cpu_resume(cpu->cpu_index);
        cpu->stop = cpu->stopped = false;
    }
    for (auto &t : cpu_threads) {
        if (!t->thread.joinable()) t->thread = std::thread(cpu_thread_fn, t.get());
    }
    wake_all_threads();
}

void cpu_remove_all() {
    for (CPUState *cpu : cpus) cpu->exit_request = true;
    for (auto &t : cpu_threads) t->ending = true;
    wake_all_threads();
    bql_unlock();
    for (auto &t : cpu_threads) {
        if (t->thread.joinable()) t->thread.join();
    }
    bql_lock();
}

// --- types

static bool get_thread(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = static_cast<AccelState *>(obj)->single_thread ? "single" : "multi";
    return true;
}

static bool set_thread(Object *obj, const ObjectProperty &, const std::string &value,
                       Error **errp) {
    if (value != "single" && value != "multi") {
        error_setg(errp, "Invalid 'thread' setting %s", value.c_str());
        return false;
    }
    if (value == "multi" && icount_enabled()) {
        error_setg(errp, "No thread=multi when icount is enabled");
        return false;
    }
    static_cast<AccelState *>(obj)->single_thread = value == "single";
    return true;
}

static void accel_init(Object *obj) {
    static_cast<AccelState *>(obj)->single_thread = icount_enabled();
}

static void accel_class_init(ObjectClass *klass, const void *) {
    object_class_property_add(klass, { .name = "thread",
                                       .type = "string",
                                       .description = "single: all CPUs on one host thread; multi",
                                       .default_value = {},
                                       .get = get_thread,
                                       .set = set_thread });
}

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
    .instance_init = accel_init,
    .abstract = true,
    .class_new = object_class_new<AccelClass>,
    .class_init = accel_class_init,
};

static void cpu_register_types() {
    type_register_static(&cpu_info);
    type_register_static(&accel_info);
}

type_init(cpu_register_types)
