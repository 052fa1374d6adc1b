// SPDX-License-Identifier: MIT
/* Start, stop, reset, and the main loop. See vl/runstate.h.
 *
 * In gdb: b vm_start     b qemu_system_reset     b main_loop */
#include "vl/runstate.h"

#include <csignal>
#include <cstdio>

#include <unistd.h>

#include "block/block-backend.h"
#include "hw/core/cpu.h"
#include "hw/core/reset.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"
#include "vl/monitor.h"
#include "vl/qmp.h"
#include "vl/trace.h"

static RunState current_run_state = RUN_STATE_PRELAUNCH;
static bool reboot_on_reset = true;
static bool exit_on_shutdown = true;

bool runstate_is_running() { return current_run_state == RUN_STATE_RUNNING; }

const char *runstate_text() {
    static const char *const texts[] = {
        "paused (prelaunch)", "running",        "paused",
        "paused (shutdown)",  "paused (debug)", "paused (io-error)",
    };
    return texts[current_run_state];
}

const char *runstate_name() { return RunState_str(current_run_state); }

void runstate_set_actions(bool reboot, bool shutdown) {
    reboot_on_reset = reboot;
    exit_on_shutdown = shutdown;
}

// --- the machine's state

static void runstate_set(RunState state) {
    trace_runstate_set(RunState_str(current_run_state), RunState_str(state));
    current_run_state = state;
}

[[gnu::noinline]] void vm_start() {
    if (runstate_is_running()) return;
    RunState late;
    (void)qemu_debug_requested(); // those that came too late
    (void)qemu_vmstop_requested(&late);
    blk_iostatus_reset_all();
    runstate_set(RUN_STATE_RUNNING);
    qemu_clock_enable_virtual(!cpu_debug_stops_time());
    resume_all_vcpus();
    vm_state_notify(true, RUN_STATE_RUNNING);
}

static void flush_all_drives() {
    for (BlockBackend *blk = blk_all_next(nullptr); blk; blk = blk_all_next(blk)) {
        blk_drain(blk);
        if (blk_is_inserted(blk)) blk_flush(blk);
    }
}

void vm_stop(RunState state) {
    if (!runstate_is_running()) {
        // Powered off just before it was stopped for another reason: it will never go on.
        if (state == RUN_STATE_SHUTDOWN) runstate_set(state);
        return;
    }
    pause_all_vcpus();
    qemu_clock_enable_virtual(false);
    runstate_set(state); // first: what ends meanwhile may want it stopped, too
    bdrv_drain_all_begin();
    // What was written is in the files by the time the user sees the machine stopped.
    flush_all_drives();
    vm_state_notify(false, state); // disks stand still by themselves from here on
    bdrv_drain_all_end();
}

[[gnu::noinline]] void qemu_system_reset(ShutdownCause cause) {
    trace_qemu_system_reset(shutdown_cause_name(cause));
    bool was_running = runstate_is_running();
    pause_all_vcpus();
    qemu_devices_reset();
    if (cause != SHUTDOWN_CAUSE_NONE) qapi_event_send_reset(cause);
    if (was_running) resume_all_vcpus();
}

// --- signals

static int signal_pipe[2];

static void signal_handler(int sig) {
    auto byte = static_cast<unsigned char>(sig);
    (void)!write(signal_pipe[1], &byte, 1);
}

static void signal_arrived(void *) {
    unsigned char sig;
    if (read(signal_pipe[0], &sig, 1) != 1) return;
    fprintf(stderr, "%s: terminating on signal %d\n", error_progname(), sig);
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_SIGNAL);
}

void runstate_catch_signals() {
    if (pipe(signal_pipe) != 0) error_exit("could not create a pipe");
    aio_set_fd_handler(qemu_get_aio_context(), signal_pipe[0], signal_arrived, nullptr, nullptr);
    struct sigaction action = {};
    action.sa_handler = signal_handler;
    for (int sig : { SIGINT, SIGTERM, SIGHUP }) sigaction(sig, &action, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

// --- the main loop

static bool main_loop_should_exit() {
    MonitorCommandScope one; // a reset waits for requests, too
    if (ShutdownCause cause = qemu_reset_requested()) {
        if (shutdown_caused_by_guest(cause) && !reboot_on_reset) {
            qemu_system_shutdown_request(cause);
        } else {
            qemu_system_reset(cause);
            // Why it stood still no longer counts: it stands before its first instruction.
            if (!runstate_is_running()) runstate_set(RUN_STATE_PRELAUNCH);
        }
    }
    if (qemu_debug_requested()) vm_stop(RUN_STATE_DEBUG);
    RunState wanted;
    if (qemu_vmstop_requested(&wanted)) vm_stop(wanted);
    ShutdownCause cause = qemu_shutdown_requested();
    if (cause == SHUTDOWN_CAUSE_NONE) return false;
    qapi_event_send_shutdown(cause);
    if (shutdown_caused_by_guest(cause) && !exit_on_shutdown) {
        vm_stop(RUN_STATE_SHUTDOWN);
        return false;
    }
    return true;
}

[[gnu::noinline]] int main_loop() {
    while (!main_loop_should_exit()) main_loop_wait(true);
    return qemu_shutdown_exit_code();
}
