// SPDX-License-Identifier: MIT
/* The phases of main(). See vl/phase.h.
 *
 * In gdb: b phase_advance     b -probe-stap vl:phase */
#include "vl/phase.h"

#include <cassert>
#include <csignal>
#include <cstdio>

#include <sys/sdt.h>
#include <unistd.h>

#include "util/error.h"
#include "vl/trace.h"

static const struct {
    const char *name;
    const char *what;
} phases[PHASE_MAX] = {
    { "trace", "trace events register" },
    { "block", "block drivers register" },
    { "qom", "types register" },
    { "qapi", "monitor commands register" },
    { "opts", "option groups register" },
    { "command-line", "the command line is read" },
    { "machine", "the machine object is made" },
    { "chardevs", "character devices are opened" },
    { "drives", "disk images are opened" },
    { "board", "the board is made: harts, memory, devices" },
    { "devices", "the devices of -device are made" },
    { "firmware", "firmware, kernel and device tree are loaded" },
    { "front-ends", "display and monitor are opened" },
    { "reset", "everything is reset" },
    { "run", "the guest runs" },
    { "cleanup", "the guest has ended" },
};

static StartupPhase current = PHASE_TRACE;
static StartupPhase stop_at = PHASE_MAX;

StartupPhase phase_current() { return current; }
const char *phase_name(StartupPhase phase) { return phases[phase].name; }

// The whole process, until a debugger or somebody else lets it go on.
static void stop_for_debugger(StartupPhase phase) {
    int pid = static_cast<int>(getpid());
    fprintf(stderr,
            "%s: stopped before phase '%s': %s\n"
            // else gdb would pass on the signal that it found the process stopped by
            "  gdb -p %d      then 'handle SIGSTOP nostop noprint nopass' and 'continue', or\n"
            "  kill -CONT %d  without a debugger\n",
            error_progname(), phases[phase].name, phases[phase].what, pid, pid);
    raise(SIGSTOP);
}

[[gnu::noinline]] void phase_advance(StartupPhase phase) {
    assert(phase == current + 1);
    if (phase == stop_at) stop_for_debugger(phase);
    current = phase;
    DTRACE_PROBE1(vl, phase, phases[phase].name);
    trace_phase(phases[phase].name);
}

bool phase_stop_at(const std::string &name, Error **errp) {
    for (int n = current + 1; n < PHASE_MAX; n++) {
        if (name != phases[n].name) continue;
        stop_at = static_cast<StartupPhase>(n);
        return true;
    }
    error_setg(errp, "There is no phase '%s' to stop at", name.c_str());
    return false;
}

std::string phase_help() {
    std::string text = "Phases to stop before:\n";
    for (int n = current + 1; n < PHASE_MAX; n++) {
        text += format_string("  %-14s %s\n", phases[n].name, phases[n].what);
    }
    return text;
}
