// SPDX-License-Identifier: MIT
/* The phases of main(), in order. `-stop-at PHASE` stops the process before one begins, for a
 * debugger; `-trace phase` names them as they pass; each is a probe, vl:phase, for gdb. */
#pragma once

#include <string>

struct Error;

enum StartupPhase {
    PHASE_TRACE,        // module_call_init(MODULE_INIT_TRACE)
    PHASE_BLOCK,        // block drivers
    PHASE_QOM,          // types
    PHASE_QAPI,         // monitor commands
    PHASE_OPTS,         // option groups
    PHASE_COMMAND_LINE, // options and configuration files
    PHASE_MACHINE,      // the machine object and the engine
    PHASE_CHARDEVS,     // where serial ports and the monitor lead
    PHASE_DRIVES,       // images are opened
    PHASE_BOARD,        // harts, memory, the board's devices
    PHASE_DEVICES,      // -device
    PHASE_FIRMWARE,     // what is in memory when the guest begins
    PHASE_FRONT_ENDS,   // displays, the monitor
    PHASE_RESET,        // everything to its first state
    PHASE_RUN,          // the guest
    PHASE_CLEANUP,
    PHASE_MAX,
};

// The next phase begins: they come in order, each once.
void phase_advance(StartupPhase phase);
StartupPhase phase_current();
const char *phase_name(StartupPhase phase); // "block"

// `-stop-at`: "help", or a phase behind the current one.
[[nodiscard]] bool phase_stop_at(const std::string &name, Error **errp);
std::string phase_help();
