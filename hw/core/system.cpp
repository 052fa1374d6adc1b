// SPDX-License-Identifier: MIT
/* Pending reset and shutdown requests. See hw/core/system.h. */
#include "hw/core/system.h"

#include <atomic>
#include <list>

#include "hw/core/cpu.h"
#include "hw/core/trace.h"
#include "util/aio.h"

static std::atomic<ShutdownCause> reset_request;
static std::atomic<ShutdownCause> shutdown_request;
static std::atomic<int> shutdown_exit_code;
static std::atomic<bool> debug_request;
static constexpr int NO_VMSTOP = -1;
static std::atomic<int> vmstop_request = NO_VMSTOP; // or a RunState

// QMP's word for it.
const char *RunState_str(RunState state) {
    static const char *const names[] = { "prelaunch", "running", "paused",
                                         "shutdown",  "debug",   "io-error" };
    return names[state];
}

// --- requests

const char *shutdown_cause_name(ShutdownCause cause) {
    static const char *const names[] = {
        "none",    "host-error",     "host-qmp-quit", "host-qmp-system-reset", "host-signal",
        "host-ui", "guest-shutdown", "guest-reset",   "guest-panic",
    };
    return names[cause];
}

bool shutdown_caused_by_guest(ShutdownCause cause) {
    return cause >= SHUTDOWN_CAUSE_GUEST_SHUTDOWN;
}

// The main loop will do what was asked for. A guest that asks goes no further by itself.
static void request_made() {
    cpu_stop_current();
    aio_notify(qemu_get_aio_context());
}

void qemu_system_reset_request(ShutdownCause cause) {
    trace_qemu_system_reset_request(shutdown_cause_name(cause));
    reset_request = cause;
    request_made();
}

void qemu_system_shutdown_request_with_code(ShutdownCause cause, int exit_code) {
    trace_qemu_system_shutdown_request(shutdown_cause_name(cause), exit_code);
    shutdown_exit_code = exit_code;
    shutdown_request = cause;
    request_made();
}

void qemu_system_shutdown_request(ShutdownCause cause) {
    qemu_system_shutdown_request_with_code(cause, 0);
}

void qemu_system_debug_request() {
    debug_request = true;
    request_made();
}

void qemu_system_vmstop_request(RunState state) {
    vmstop_request = state;
    request_made();
}

ShutdownCause qemu_reset_requested() { return reset_request.exchange(SHUTDOWN_CAUSE_NONE); }

ShutdownCause qemu_shutdown_requested() { return shutdown_request.exchange(SHUTDOWN_CAUSE_NONE); }

bool qemu_debug_requested() { return debug_request.exchange(false); }

bool qemu_vmstop_requested(RunState *state) {
    int request = vmstop_request.exchange(NO_VMSTOP);
    if (request == NO_VMSTOP) return false;
    *state = static_cast<RunState>(request);
    return true;
}

int qemu_shutdown_exit_code() { return shutdown_exit_code; }

// --- who wants to know

struct VMChangeStateEntry {
    VMChangeStateHandler handler;
    void *opaque;
};
static std::list<VMChangeStateEntry> state_handlers;

VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler handler, void *opaque) {
    return &state_handlers.emplace_back(VMChangeStateEntry{ handler, opaque });
}

void qemu_del_vm_change_state_handler(VMChangeStateEntry *entry) {
    state_handlers.remove_if([entry](const VMChangeStateEntry &e) { return &e == entry; });
}

void vm_state_notify(bool running, RunState state) {
    trace_vm_state_notify(running, state, RunState_str(state));
    for (const VMChangeStateEntry &e : state_handlers) e.handler(e.opaque, running, state);
}
