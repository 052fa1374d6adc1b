// SPDX-License-Identifier: MIT
/* -rtc: what a machine's real-time clocks show when it starts, and which clock they then follow.
 *
 * With `-icount` and `clock=vm` and a base that is a date, they show the same in every run. */
#pragma once

#include "util/timer.h"

struct Error;
struct QemuOpts;

// `-rtc base=utc|localtime|DATE,clock=host|rt|vm`; before any device is made.
[[nodiscard]] bool rtc_configure(const QemuOpts *opts, Error **errp);
QEMUClockType rtc_clock();
// What to add to that clock for nanoseconds since the epoch.
int64_t rtc_clock_offset();
