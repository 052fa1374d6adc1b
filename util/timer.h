// SPDX-License-Identifier: MIT
/* Clocks and timers.
 *
 * Timers fire in the main loop under the big lock. timer_mod and timer_del may be called from any
 * thread that holds it. The virtual clock stands still while the machine is stopped; tests and
 * -icount drive it by hand. All times are nanoseconds. */
#pragma once

#include <cstdint>

#include <boost/intrusive/set.hpp>

enum QEMUClockType {
    QEMU_CLOCK_REALTIME, // monotonic, always runs
    QEMU_CLOCK_VIRTUAL,  // the guest's time: runs while the machine runs
    QEMU_CLOCK_HOST,     // wall-clock time since the epoch
    QEMU_CLOCK_MAX,
};

inline constexpr int64_t NANOSECONDS_PER_SECOND = 1'000'000'000;

int64_t qemu_clock_get_ns(QEMUClockType type);

using QEMUTimerCB = void (*)(void *opaque);

// A member of its device; may be destroyed while pending.
struct QEMUTimer
    : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    QEMUClockType type = QEMU_CLOCK_VIRTUAL;
    QEMUTimerCB cb = nullptr;
    void *opaque = nullptr;
    int64_t expire_time = 0; // of its clock

    QEMUTimer() = default;
    ~QEMUTimer();
    QEMUTimer(const QEMUTimer &) = delete;
    QEMUTimer &operator=(const QEMUTimer &) = delete;
};

void timer_init_ns(QEMUTimer *timer, QEMUClockType type, QEMUTimerCB cb, void *opaque);
// (Re)arms the timer for that time; one in the past fires at the next turn of the main loop.
void timer_mod(QEMUTimer *timer, int64_t expire_time);
void timer_del(QEMUTimer *timer);
bool timer_pending(const QEMUTimer *timer);

// The main loop's side: how long until the next timer fires (-1: none is pending), and run those
// due.
int64_t timers_deadline_ns();
bool timers_run();

// The run state's side.
void qemu_clock_enable_virtual(bool run);

// --- a virtual clock that is driven by hand, or by a count of instructions

// What the count adds (hw/core/icount.h). Both functions may be called from any thread.
struct ManualClockDriver {
    int64_t (*ahead)();         // how far the caller is beyond the last advance; takes no lock
    void (*deadline_changed)(); // a timer has become the next one; under the big lock
};
// From now on the virtual clock moves only by qemu_clock_advance_virtual, which also runs the
// timers that come due, each at its own time.
void qemu_clock_set_manual(const ManualClockDriver *driver = nullptr);
void qemu_clock_advance_virtual(int64_t ns);
// How long until the next timer of the virtual clock is due; -1: none is pending.
int64_t qemu_clock_deadline_virtual();
