// SPDX-License-Identifier: MIT
/* Groups of limits, and the requests that wait for them. See block/throttle.h.
 * Missing: groups whose members are in several iothreads */
#include <algorithm>
#include <map>
#include <utility>

#include "block/throttle.h"
#include "util/aio-timer.h"
#include "util/error.h"
#include "util/timer.h"

// Invariants: if somebody waits, the timer is pending; without members there is no context.
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
    // Null: to none.
    void attach(AioContext *to) {
        ctx = to;
        for (Queue &q : queues) to ? q.timer.attach(to) : q.timer.detach();
    }
    void configure(const ThrottleConfig &config);
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

// Those who wait may have less to wait for now.
void ThrottleGroup::configure(const ThrottleConfig &config) {
    state.configure(config, now_ns());
    for (Queue &q : queues) {
        q.timer.cancel();
        schedule_next(&q);
    }
}

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

void throttle_group_disable(ThrottleGroupMember *member) {
    member->io_limits_disabled++;
    if (member->group) restart_waiters_of(member);
}

// --- by name

// Under the big lock. A group lives as long as a member, or an object, has it.
static std::map<std::string, std::weak_ptr<ThrottleGroup>> groups_by_name;

static std::shared_ptr<ThrottleGroup> find_group(const std::string &name) {
    auto it = groups_by_name.find(name);
    return it == groups_by_name.end() ? nullptr : it->second.lock();
}

static std::shared_ptr<ThrottleGroup> make_group(const std::string &name) {
    std::erase_if(groups_by_name, [](const auto &entry) { return entry.second.expired(); });
    auto group = std::make_shared<ThrottleGroup>(name);
    groups_by_name[name] = group;
    return group;
}

std::shared_ptr<ThrottleGroup> throttle_group_new(const std::string &name,
                                                  const ThrottleConfig &config, Error **errp) {
    if (find_group(name)) {
        error_setg(errp, "A group with this name already exists");
        return nullptr;
    }
    std::shared_ptr<ThrottleGroup> group = make_group(name);
    group->configure(config);
    return group;
}

bool throttle_group_in_use(const ThrottleGroup *group) { return group->members > 0; }

const ThrottleConfig &throttle_group_config(const ThrottleGroup *group) {
    return group->state.config();
}

void throttle_group_set_config(ThrottleGroup *group, const ThrottleConfig &config) {
    AioContextGuard guard(group->ctx ? group->ctx : qemu_get_aio_context());
    group->configure(config);
}

// --- members

static bool fail_other_context(const ThrottleGroup *group, Error **errp) {
    error_setg(errp, "Throttle group '%s' is used in another iothread", group->name.c_str());
    return false;
}

static bool join(ThrottleGroupMember *member, std::shared_ptr<ThrottleGroup> group, Error **errp) {
    AioContext *ctx = qemu_get_current_aio_context();
    if (group->ctx && group->ctx != ctx) return fail_other_context(group.get(), errp);
    throttle_group_unregister(member);
    if (group->members++ == 0) group->attach(ctx);
    member->group = std::move(group);
    return true;
}

bool throttle_group_register(ThrottleGroupMember *member, const std::string &name,
                             const ThrottleConfig &config, Error **errp) {
    std::shared_ptr<ThrottleGroup> group = find_group(name);
    if (!group) group = make_group(name);
    if (!join(member, group, errp)) return false;
    group->configure(config);
    return true;
}

bool throttle_group_join(ThrottleGroupMember *member, const std::string &name, Error **errp) {
    std::shared_ptr<ThrottleGroup> group = find_group(name);
    if (group) return join(member, std::move(group), errp);
    error_setg(errp, "Throttle group '%s' does not exist", name.c_str());
    return false;
}

void throttle_group_unregister(ThrottleGroupMember *member) {
    if (!member->group) return;
    AioContextGuard guard(member->group->ctx);
    restart_waiters_of(member);
    if (--member->group->members == 0) member->group->attach(nullptr);
    member->group.reset();
}

bool throttle_group_can_move(const ThrottleGroupMember *member, Error **errp) {
    if (!member->group || member->group->members == 1) return true;
    return fail_other_context(member->group.get(), errp);
}

void throttle_group_attach_aio_context(ThrottleGroupMember *member, AioContext *ctx) {
    if (member->group) member->group->attach(ctx);
}

const std::string &throttle_group_name(const ThrottleGroupMember *member) {
    return member->group->name;
}

const ThrottleConfig &throttle_group_config(const ThrottleGroupMember *member) {
    return throttle_group_config(member->group.get());
}
