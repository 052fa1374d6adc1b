// SPDX-License-Identifier: MIT
/* Limits of drives: leaky buckets and who waits for them. See block/throttle.h. */
#include "block/throttle.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "util/aio-timer.h"
#include "util/error.h"
#include "util/timer.h"

// --- what may be asked for

static constexpr uint64_t VALUE_MAX = 1'000'000'000'000'000;

bool ThrottleConfig::enabled() const {
    return std::any_of(limits.begin(), limits.end(), [](const auto &l) { return l.avg > 0; });
}

// A total, and a part of it by itself.
static bool has_conflict(const ThrottleConfig &config, uint64_t LeakyBucketLimit::*value) {
    for (int total : { THROTTLE_BPS_TOTAL, THROTTLE_OPS_TOTAL }) {
        const LeakyBucketLimit *l = &config.limits[static_cast<size_t>(total)];
        if (l[0].*value && (l[1].*value || l[2].*value)) return true;
    }
    return false;
}

static bool limits_ops(const ThrottleConfig &config) {
    const auto &l = config.limits;
    return l[THROTTLE_OPS_TOTAL].avg || l[THROTTLE_OPS_READ].avg || l[THROTTLE_OPS_WRITE].avg;
}

// What is wrong with one limit, or nullptr.
static const char *limit_error(const LeakyBucketLimit &l) {
    if (l.burst_length == 0) return "the burst length cannot be 0";
    if (l.burst_length > 1 && !l.max) return "burst length set without burst rate";
    if (l.max && l.burst_length > VALUE_MAX / l.max) {
        return "burst length too high for this burst rate";
    }
    if (l.max && !l.avg) return "bps_max/iops_max require corresponding bps/iops values";
    if (l.max && l.max < l.avg) return "bps_max/iops_max cannot be lower than bps/iops";
    return nullptr;
}

bool throttle_is_valid(const ThrottleConfig &config, Error **errp) {
    if (has_conflict(config, &LeakyBucketLimit::avg) ||
        has_conflict(config, &LeakyBucketLimit::max)) {
        error_setg(errp, "bps/iops/max total values and read/write values cannot be used at the "
                         "same time");
        return false;
    }
    if (config.op_size && !limits_ops(config)) {
        error_setg(errp, "iops size requires an iops value to be set");
        return false;
    }
    for (const LeakyBucketLimit &l : config.limits) {
        if (l.avg > VALUE_MAX || l.max > VALUE_MAX) {
            error_setg(errp, "bps/iops/max values must be within [0, %llu]",
                       static_cast<unsigned long long>(VALUE_MAX));
            return false;
        }
        if (const char *error = limit_error(l)) {
            error_setg(errp, "%s", error);
            return false;
        }
    }
    return true;
}

// --- buckets

void ThrottleState::configure(const ThrottleConfig &config, int64_t now) {
    config_ = config;
    levels_ = {};
    last_leak_ = now;
}

void ThrottleState::leak(int64_t now) {
    double seconds = static_cast<double>(now - last_leak_) / NANOSECONDS_PER_SECOND;
    last_leak_ = now;
    for (size_t i = 0; i < BUCKETS_COUNT; i++) {
        const LeakyBucketLimit &l = config_.limits[i];
        Level &at = levels_[i];
        at.level = std::max(at.level - static_cast<double>(l.avg) * seconds, 0.0);
        at.burst = std::max(at.burst - static_cast<double>(l.max) * seconds, 0.0);
    }
}

// Until the bucket that leaks `rate` a second is down from `level` to what it holds.
static double seconds_until(double level, double holds, uint64_t rate) {
    return std::max(level - holds, 0.0) / static_cast<double>(rate);
}

static double seconds_to_wait(const LeakyBucketLimit &l, double level, double burst) {
    constexpr double small = 0.1; // seconds; else every other request would have to wait
    if (!l.avg) return 0;
    if (!l.max) return seconds_until(level, static_cast<double>(l.avg) * small, l.avg);
    double holds = static_cast<double>(l.max) * static_cast<double>(l.burst_length);
    double wait = seconds_until(level, holds, l.avg);
    if (wait > 0 || l.burst_length == 1) return wait;
    return seconds_until(burst, static_cast<double>(l.max) * small, l.max);
}

// The buckets of a read, and of a write.
static constexpr BucketType buckets_of[2][4] = {
    { THROTTLE_BPS_TOTAL, THROTTLE_BPS_READ, THROTTLE_OPS_TOTAL, THROTTLE_OPS_READ },
    { THROTTLE_BPS_TOTAL, THROTTLE_BPS_WRITE, THROTTLE_OPS_TOTAL, THROTTLE_OPS_WRITE },
};

int64_t ThrottleState::wait_ns(bool is_write, int64_t now) {
    leak(now);
    double wait = 0;
    for (BucketType i : buckets_of[is_write]) {
        wait =
            std::max(wait, seconds_to_wait(config_.limits[i], levels_[i].level, levels_[i].burst));
    }
    return static_cast<int64_t>(std::ceil(wait * NANOSECONDS_PER_SECOND));
}

void ThrottleState::account(bool is_write, uint64_t bytes) {
    double ops = 1;
    if (config_.op_size && bytes > config_.op_size) {
        ops = static_cast<double>(bytes) / static_cast<double>(config_.op_size);
    }
    for (BucketType i : buckets_of[is_write]) {
        double units = i < THROTTLE_OPS_TOTAL ? static_cast<double>(bytes) : ops;
        levels_[i].level += units;
        levels_[i].burst += units;
    }
}

// --- groups

// Invariant: if somebody waits, the timer is pending.
struct ThrottleGroup {
    struct Waiter {
        ThrottleGroupMember *member;
        std::coroutine_handle<> handle;
    };
    // Requests of one direction.
    struct Queue {
        ThrottleGroup *group;
        bool is_write;
        std::deque<Waiter> waiters; // the oldest first
        AioTimer timer;

        Queue(ThrottleGroup *group, bool is_write);
    };

    std::string name;
    AioContext *ctx = nullptr;
    unsigned members = 0;
    ThrottleState state;
    Queue queues[2]{ { this, false }, { this, true } };

    explicit ThrottleGroup(std::string name) : name(std::move(name)) {}
    void attach(AioContext *to) {
        ctx = to;
        for (Queue &q : queues) q.timer.attach(to);
    }
};

static int64_t now_ns() { return qemu_clock_get_ns(QEMU_CLOCK_REALTIME); }

static void schedule_next(ThrottleGroup::Queue *q) {
    if (q->waiters.empty() || q->timer.pending()) return;
    q->timer.arm(q->group->state.wait_ns(q->is_write, now_ns()));
}

// The oldest request's time may have come. It schedules the next one when it goes on.
static void timer_cb(void *opaque) {
    auto *q = static_cast<ThrottleGroup::Queue *>(opaque);
    if (q->waiters.empty()) return;
    if (q->group->state.wait_ns(q->is_write, now_ns()) > 0) return schedule_next(q);
    std::coroutine_handle<> handle = q->waiters.front().handle;
    q->waiters.pop_front();
    handle.resume();
}

ThrottleGroup::Queue::Queue(ThrottleGroup *group, bool is_write)
    : group(group), is_write(is_write), timer(timer_cb, this) {}

struct ThrottleWait {
    ThrottleGroup::Queue *queue;
    ThrottleGroupMember *member;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
        queue->waiters.push_back({ member, handle });
        schedule_next(queue);
    }
    void await_resume() const noexcept {}
};

CoTask<void> throttle_group_co_io_limits_intercept(ThrottleGroupMember *member, int64_t bytes,
                                                   bool is_write) {
    std::shared_ptr<ThrottleGroup> group = member->group; // it may leave meanwhile
    ThrottleGroup::Queue *q = &group->queues[is_write];
    bool must_wait = !q->waiters.empty() || group->state.wait_ns(is_write, now_ns()) > 0;
    if (must_wait && !member->io_limits_disabled) co_await ThrottleWait{ q, member };
    group->state.account(is_write, static_cast<uint64_t>(bytes));
    schedule_next(q);
}

// They go on in the loop's next turn.
static void restart_waiters_of(ThrottleGroupMember *member) {
    for (ThrottleGroup::Queue &q : member->group->queues) {
        std::erase_if(q.waiters, [member](const ThrottleGroup::Waiter &w) {
            if (w.member != member) return false;
            aio_bh_schedule_oneshot(qemu_get_current_aio_context(), co_resume_bh,
                                    w.handle.address());
            return true;
        });
    }
}

ThrottleDisabled::ThrottleDisabled(ThrottleGroupMember *member) : member_(member) {
    member->io_limits_disabled++;
    if (member->group) restart_waiters_of(member);
}

static std::shared_ptr<ThrottleGroup> find_or_make_group(const std::string &name) {
    static std::map<std::string, std::weak_ptr<ThrottleGroup>> groups; // under the big lock
    std::erase_if(groups, [](const auto &entry) { return entry.second.expired(); });
    if (auto it = groups.find(name); it != groups.end()) return it->second.lock();
    auto group = std::make_shared<ThrottleGroup>(name);
    groups[name] = group;
    return group;
}

bool throttle_group_register(ThrottleGroupMember *member, const std::string &name,
                             const ThrottleConfig &config, Error **errp) {
    AioContext *ctx = qemu_get_current_aio_context();
    std::shared_ptr<ThrottleGroup> group = find_or_make_group(name);
    if (group->members > 0 && group->ctx != ctx) {
        error_setg(errp, "Throttle group '%s' is used in another iothread", name.c_str());
        return false;
    }
    throttle_group_unregister(member);
    if (group->members++ == 0) group->attach(ctx);
    group->state.configure(config, now_ns());
    member->group = std::move(group);
    return true;
}

void throttle_group_unregister(ThrottleGroupMember *member) {
    if (!member->group) return;
    AioContextGuard guard(member->group->ctx);
    restart_waiters_of(member);
    member->group->members--;
    member->group.reset();
}

bool throttle_group_is_shared(const ThrottleGroupMember *member) {
    return member->group && member->group->members > 1;
}

void throttle_group_attach_aio_context(ThrottleGroupMember *member, AioContext *ctx) {
    if (member->group) member->group->attach(ctx);
}

const std::string &throttle_group_name(const ThrottleGroupMember *member) {
    return member->group->name;
}

const ThrottleConfig &throttle_group_config(const ThrottleGroupMember *member) {
    return member->group->state.config();
}
