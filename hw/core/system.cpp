// SPDX-License-Identifier: MIT
/* Pending reset and shutdown requests. See hw/core/system.h. */
#include "hw/core/system.h"

#include <atomic>

#include "hw/core/trace.h"
#include "util/aio.h"

static std::atomic<ShutdownCause> reset_request;
static std::atomic<ShutdownCause> shutdown_request;
static std::atomic<int> shutdown_exit_code;
static std::atomic<bool> debug_request;

const char *shutdown_cause_name(ShutdownCause cause) {
    static const char *const names[] = { "none",        "host-error", "host-qmp-quit",
                                         "host-signal", "host-ui",    "guest-shutdown",
                                         "guest-reset", "guest-panic" };
    return names[cause];
}

void qemu_system_reset_request(ShutdownCause cause) {
    trace_qemu_system_reset_request(shutdown_cause_name(cause));
    reset_request = cause;
    aio_notify(qemu_get_aio_context());
}

void qemu_system_shutdown_request_with_code(ShutdownCause cause, int exit_code) {
    trace_qemu_system_shutdown_request(shutdown_cause_name(cause), exit_code);
    shutdown_exit_code = exit_code;
    shutdown_request = cause;
    aio_notify(qemu_get_aio_context());
}

void qemu_system_shutdown_request(ShutdownCause cause) {
    qemu_system_shutdown_request_with_code(cause, 0);
}

void qemu_system_debug_request() {
    debug_request = true;
    aio_notify(qemu_get_aio_context());
}

ShutdownCause qemu_reset_requested() { return reset_request.exchange(SHUTDOWN_CAUSE_NONE); }

ShutdownCause qemu_shutdown_requested() { return shutdown_request.exchange(SHUTDOWN_CAUSE_NONE); }

bool qemu_debug_requested() { return debug_request.exchange(false); }

int qemu_shutdown_exit_code() { return shutdown_exit_code; }
