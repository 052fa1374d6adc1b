// SPDX-License-Identifier: MIT
/* The run state: is the machine running, and what the main loop does about requests. */
#pragma once

#include "hw/core/system.h"

bool runstate_is_running();
// "running", "paused (prelaunch)", ...: what `info status` prints behind "VM status: ".
const char *runstate_text();

// "running", "prelaunch", ...: QMP's words.
const char *runstate_name();

// Starts the CPUs and the virtual clock. Does nothing if they run already.
void vm_start();
// Stops them; returns when every CPU stands still. If they do already, the state goes on saying why
// they stopped first, unless the guest has powered off.
void vm_stop(RunState state);
// Resets every device and CPU. They are paused meanwhile.
void qemu_system_reset(ShutdownCause cause);

// What -no-reboot and -no-shutdown say.
void runstate_set_actions(bool reboot, bool shutdown);
// SIGINT, SIGTERM and SIGHUP end the main loop.
void runstate_catch_signals();
// Runs until somebody asks for the end; returns the process's exit status.
int main_loop();
