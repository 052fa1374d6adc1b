// SPDX-License-Identifier: MIT
/* -icount: the guest's time is a count of the instructions that ran, 2^shift nanoseconds each, not
 * the host's time. All CPUs share one thread, timers fire between two instructions, and what is
 * asked of a disk is done before the next instruction: a guest that nobody types to does the same
 * in every run. */
#pragma once

#include <cstdint>

struct Error;
struct QemuOpts;

// `-icount [shift=]N,sleep=on|off`; before the engine is made. "icount: Invalid shift value"
[[nodiscard]] bool icount_configure(const QemuOpts *opts, Error **errp);
bool icount_enabled();
// While all CPUs sleep, time passes as the host's does; else it jumps to the next timer.
bool icount_sleeps();

// --- the CPU thread's side, under the big lock
// Instructions until the next timer is due; at most `most`, at least 1.
uint64_t icount_budget(uint64_t most);
// That many have run: their time passes, and timers fire.
void icount_account(uint64_t instructions);
