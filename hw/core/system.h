// SPDX-License-Identifier: MIT
/* The run state as devices see it: they ask for another one, and are told of each change.
 *
 * Asking is safe from any thread; nothing happens to the asker at once: the main loop acts
 * (vl/runstate.h). Whoever registers for changes is called under the big lock. */
#pragma once

enum RunState {
    RUN_STATE_PRELAUNCH, // -S, or not there yet
    RUN_STATE_RUNNING,
    RUN_STATE_PAUSED,   // `stop` in the monitor
    RUN_STATE_SHUTDOWN, // powered off under -no-shutdown
    RUN_STATE_DEBUG,    // a debugger's breakpoint
    RUN_STATE_IO_ERROR, // a disk failed, and its drive's werror or rerror says to stop
};

// "prelaunch", "running", ...: QMP's words.
const char *RunState_str(RunState state);

enum ShutdownCause {
    SHUTDOWN_CAUSE_NONE,
    SHUTDOWN_CAUSE_HOST_ERROR,
    SHUTDOWN_CAUSE_HOST_QMP_QUIT,         // the monitor's quit
    SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET, // the monitor's system_reset
    SHUTDOWN_CAUSE_HOST_SIGNAL,           // SIGINT, SIGTERM or SIGHUP
    SHUTDOWN_CAUSE_HOST_UI,               // a window was closed
    SHUTDOWN_CAUSE_GUEST_SHUTDOWN,
    SHUTDOWN_CAUSE_GUEST_RESET,
    SHUTDOWN_CAUSE_GUEST_PANIC,
};

// "guest-reset", ...: QMP's words.
const char *shutdown_cause_name(ShutdownCause cause);
bool shutdown_caused_by_guest(ShutdownCause cause);

void qemu_system_reset_request(ShutdownCause cause);
void qemu_system_shutdown_request(ShutdownCause cause);
// The process ends with that status.
void qemu_system_shutdown_request_with_code(ShutdownCause cause, int exit_code);

// A CPU has stopped for the debugger.
void qemu_system_debug_request();
// The machine shall stop, and say why.
void qemu_system_vmstop_request(RunState state);

// Called behind each change between running and not.
using VMChangeStateHandler = void (*)(void *opaque, bool running, RunState state);
struct VMChangeStateEntry;
VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler handler, void *opaque);
void qemu_del_vm_change_state_handler(VMChangeStateEntry *entry);

// The main loop's side: each takes the request; SHUTDOWN_CAUSE_NONE: there was none.
ShutdownCause qemu_reset_requested();
ShutdownCause qemu_shutdown_requested();
int qemu_shutdown_exit_code();
bool qemu_debug_requested();
bool qemu_vmstop_requested(RunState *state);
// Calls the handlers, in order of registration.
void vm_state_notify(bool running, RunState state);
