// SPDX-License-Identifier: MIT
/* Clocks and timers. See util/timer.h. */
#include "util/timer.h"

#include <mutex>

#include <time.h>

#include "util/aio.h"

namespace bi = boost::intrusive;

struct ByExpireTime {
    bool operator()(const QEMUTimer &a, const QEMUTimer &b) const {
        return a.expire_time < b.expire_time;
    }
};
using TimerList = bi::multiset<QEMUTimer, bi::compare<ByExpireTime>>;

// Guards the lists and the virtual clock's state; a leaf lock.
static std::mutex timers_lock;

static TimerList &timer_list(QEMUClockType type) {
    // Never destroyed: devices may outlive it at exit.
    static TimerList *lists = new TimerList[QEMU_CLOCK_MAX];
    return lists[type];
}

// The virtual clock is `base` plus the time it has been running since `started`.
static struct {
    bool manual = false;
    const ManualClockDriver *driver = nullptr;
    bool running = false;
    int64_t base = 0;
    int64_t started = 0;
} virtual_clock;

static int64_t host_clock_ns(clockid_t id) {
    timespec ts;
    clock_gettime(id, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
}

static int64_t virtual_clock_ns() {
    int64_t ns = virtual_clock.base;
    if (virtual_clock.running) ns += host_clock_ns(CLOCK_MONOTONIC) - virtual_clock.started;
    if (virtual_clock.driver) ns += virtual_clock.driver->ahead();
    return ns;
}

static int64_t clock_ns_locked(QEMUClockType type) {
    switch (type) {
    case QEMU_CLOCK_VIRTUAL:
        return virtual_clock_ns();
    case QEMU_CLOCK_HOST:
        return host_clock_ns(CLOCK_REALTIME);
    default:
        return host_clock_ns(CLOCK_MONOTONIC);
    }
}

int64_t qemu_clock_get_ns(QEMUClockType type) {
    std::lock_guard guard(timers_lock);
    return clock_ns_locked(type);
}

void qemu_clock_enable_virtual(bool run) {
    {
        std::lock_guard guard(timers_lock);
        if (virtual_clock.manual || run == virtual_clock.running) return;
        virtual_clock.base = virtual_clock_ns();
        virtual_clock.started = host_clock_ns(CLOCK_MONOTONIC);
        virtual_clock.running = run;
    }
    aio_notify(qemu_get_aio_context());
}

// --- timers

QEMUTimer::~QEMUTimer() { timer_del(this); }

void timer_init_ns(QEMUTimer *timer, QEMUClockType type, QEMUTimerCB cb, void *opaque) {
    timer->type = type;
    timer->cb = cb;
    timer->opaque = opaque;
}

bool timer_pending(const QEMUTimer *timer) {
    std::lock_guard guard(timers_lock);
    return timer->is_linked();
}

void timer_del(QEMUTimer *timer) {
    std::lock_guard guard(timers_lock);
    TimerList &list = timer_list(timer->type);
    if (timer->is_linked()) list.erase(list.iterator_to(*timer));
}

void timer_mod(QEMUTimer *timer, int64_t expire_time) {
    bool is_first;
    {
        std::lock_guard guard(timers_lock);
        TimerList &list = timer_list(timer->type);
        if (timer->is_linked()) list.erase(list.iterator_to(*timer));
        timer->expire_time = expire_time;
        list.insert(*timer);
        is_first = &*list.begin() == timer;
    }
    if (!is_first) return;
    if (timer->type == QEMU_CLOCK_VIRTUAL && virtual_clock.driver)
        virtual_clock.driver->deadline_changed();
    else // the loop may be asleep until a later one
        aio_notify(qemu_get_aio_context());
}

int64_t timers_deadline_ns() {
    std::lock_guard guard(timers_lock);
    int64_t deadline = -1;
    for (int type = 0; type < QEMU_CLOCK_MAX; type++) {
        TimerList &list = timer_list(static_cast<QEMUClockType>(type));
        bool stands_still = type == QEMU_CLOCK_VIRTUAL && !virtual_clock.running;
        if (list.empty() || stands_still) continue;
        int64_t now = clock_ns_locked(static_cast<QEMUClockType>(type));
        int64_t left = std::max<int64_t>(list.begin()->expire_time - now, 0);
        if (deadline < 0 || left < deadline) deadline = left;
    }
    return deadline;
}

// Takes the first timer that is due at `now` off its list, or returns nullptr.
static QEMUTimer *take_due(QEMUClockType type, int64_t now) {
    std::lock_guard guard(timers_lock);
    TimerList &list = timer_list(type);
    if (list.empty() || list.begin()->expire_time > now) return nullptr;
    QEMUTimer *timer = &*list.begin();
    list.erase(list.begin());
    return timer;
}

static bool run_clock(QEMUClockType type, int64_t now) {
    bool progress = false;
    while (QEMUTimer *timer = take_due(type, now)) {
        timer->cb(timer->opaque);
        progress = true;
    }
    return progress;
}

bool timers_run() {
    bool progress = false;
    for (int type = 0; type < QEMU_CLOCK_MAX; type++) {
        auto clock = static_cast<QEMUClockType>(type);
        if (clock == QEMU_CLOCK_VIRTUAL && !virtual_clock.running) continue;
        // Read once: a timer that re-arms itself for now must wait for the next turn.
        progress |= run_clock(clock, qemu_clock_get_ns(clock));
    }
    return progress;
}

// --- driven by hand

void qemu_clock_set_manual(const ManualClockDriver *driver) {
    std::lock_guard guard(timers_lock);
    virtual_clock = { .manual = true, .driver = driver };
}

int64_t qemu_clock_deadline_virtual() {
    std::lock_guard guard(timers_lock);
    TimerList &list = timer_list(QEMU_CLOCK_VIRTUAL);
    if (list.empty()) return -1;
    return std::max<int64_t>(list.begin()->expire_time - virtual_clock_ns(), 0);
}

void qemu_clock_advance_virtual(int64_t ns) {
    int64_t target = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns;
    for (;;) {
        {
            std::lock_guard guard(timers_lock);
            TimerList &list = timer_list(QEMU_CLOCK_VIRTUAL);
            if (list.empty() || list.begin()->expire_time > target) break;
            virtual_clock.base = std::max(virtual_clock.base, list.begin()->expire_time);
        }
        QEMUTimer *timer = take_due(QEMU_CLOCK_VIRTUAL, virtual_clock.base);
        if (timer) timer->cb(timer->opaque);
    }
    std::lock_guard guard(timers_lock);
    virtual_clock.base = target;
}
