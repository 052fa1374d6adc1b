// SPDX-License-Identifier: MIT
/* Requests to the run state: a device or a front end asks, the main loop acts.
 *
 * Asking is safe from any thread; nothing happens to the asker at once. */
#pragma once

enum ShutdownCause {
    SHUTDOWN_CAUSE_NONE,
    SHUTDOWN_CAUSE_HOST_ERROR,
    SHUTDOWN_CAUSE_HOST_QMP_QUIT, // the monitor's quit
    SHUTDOWN_CAUSE_HOST_SIGNAL,   // SIGINT, SIGTERM or SIGHUP
    SHUTDOWN_CAUSE_HOST_UI,       // a window was closed
    SHUTDOWN_CAUSE_GUEST_SHUTDOWN,
    SHUTDOWN_CAUSE_GUEST_RESET,
    SHUTDOWN_CAUSE_GUEST_PANIC,
};

// "guest-reset", ...: QMP's words.
const char *shutdown_cause_name(ShutdownCause cause);

void qemu_system_reset_request(ShutdownCause cause);
void qemu_system_shutdown_request(ShutdownCause cause);
// The process ends with that status.
void qemu_system_shutdown_request_with_code(ShutdownCause cause, int exit_code);

// A CPU has stopped for the debugger.
void qemu_system_debug_request();

// The main loop's side: each takes the request; SHUTDOWN_CAUSE_NONE: there was none.
ShutdownCause qemu_reset_requested();
ShutdownCause qemu_shutdown_requested();
int qemu_shutdown_exit_code();
bool qemu_debug_requested();
