// SPDX-License-Identifier: MIT
/* The run state: is the machine running, and what the main loop does about requests. */
#pragma once

#include "hw/core/system.h"

enum RunState {
    RUN_STATE_PRELAUNCH, // -S, or not there yet
    RUN_STATE_RUNNING,
    RUN_STATE_PAUSED,   // `stop` in the monitor
    RUN_STATE_SHUTDOWN, // powered off under -no-shutdown
    RUN_STATE_DEBUG,    // a debugger's breakpoint
};

bool runstate_is_running();
// "running", "paused (prelaunch)", ...: what `info status` prints behind "VM status: ".
const char *runstate_text();

// Starts the CPUs and the virtual clock. Does nothing if they run already.
void vm_start();
// Stops them; returns when every CPU stands still.
void vm_stop(RunState state);
// Called behind each change between running and not.
using VMChangeStateHandler = void (*)(void *opaque, bool running, RunState state);
void qemu_add_vm_change_state_handler(VMChangeStateHandler handler, void *opaque);
// Resets every device and CPU. They are paused meanwhile.
void qemu_system_reset(ShutdownCause cause);

// What -no-reboot and -no-shutdown say.
void runstate_set_actions(bool reboot, bool shutdown);
// SIGINT, SIGTERM and SIGHUP end the main loop.
void runstate_catch_signals();
// Runs until somebody asks for the end; returns the process's exit status.
int main_loop();
