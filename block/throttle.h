// SPDX-License-Identifier: MIT
/* Limits: how many bytes and how many requests a drive may do in a second.
 *
 * A limit is a leaky bucket. Each request pours its size (or 1, or its size in units of
 * `op_size`) into it, and it leaks `avg` a second. A request may begin while the bucket is not
 * overfull; so a large one is never refused, those behind it wait for longer.
 *
 * The bucket holds what may be done at once. Without `max` that is a tenth of a second's worth.
 * With `max` the drive may do `max` a second for `burst_length` seconds before it is slowed to
 * `avg`: the bucket holds max * burst_length, and a second, small one leaks `max` a second.
 *
 * A group's members share its buckets; requests go on in the order in which they came, reads and
 * writes apart. A member is a drive with limits, or a node of the filter `throttle`; a drive makes
 * the group that it names, and so does an object of type throttle-group. Time is
 * QEMU_CLOCK_REALTIME. A group is of one context, that of all its members' nodes, and is used
 * under that context's lock.
 *
 * In gdb: b throttle_group_co_io_limits_intercept     p *blk->throttle.group */
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <span>
#include <string>

#include "block/block.h"
#include "util/coroutine.h"

struct Error;

enum BucketType {
    THROTTLE_BPS_TOTAL,
    THROTTLE_BPS_READ,
    THROTTLE_BPS_WRITE,
    THROTTLE_OPS_TOTAL,
    THROTTLE_OPS_READ,
    THROTTLE_OPS_WRITE,
    BUCKETS_COUNT,
};

struct LeakyBucketLimit {
    uint64_t avg = 0;          // a second; 0: no limit
    uint64_t max = 0;          // a second, for a burst; 0: no bursts
    uint64_t burst_length = 1; // seconds
};

struct ThrottleConfig {
    std::array<LeakyBucketLimit, BUCKETS_COUNT> limits;
    uint64_t op_size = 0; // a larger request counts as several; 0: as one, whatever its size

    bool enabled() const;
};
[[nodiscard]] bool throttle_is_valid(const ThrottleConfig &config, Error **errp);

// A value of a ThrottleConfig, as users name it.
struct ThrottleOption {
    const char *name;  // "iops-total-max", behind "throttling." or "x-"
    const char *alias; // alone; null: none
    BucketType bucket;
    uint64_t LeakyBucketLimit::*value; // null: it is the op_size

    uint64_t &of(ThrottleConfig *config) const {
        return value ? config->limits[bucket].*value : config->op_size;
    }
};
extern const std::span<const ThrottleOption> throttle_options;
// Takes what -drive says of limits; *group stays as it is if it names none.
[[nodiscard]] bool throttle_take_options(BlockOptions *options, ThrottleConfig *config,
                                         std::string *group, Error **errp);

// The buckets. Times are nanoseconds and never go back.
class ThrottleState {
public:
    void configure(const ThrottleConfig &config, int64_t now);
    const ThrottleConfig &config() const { return config_; }
    // How long until a request may begin; 0: now.
    int64_t wait_ns(bool is_write, int64_t now);
    // One begins.
    void account(bool is_write, uint64_t bytes);

private:
    struct Level {
        double level = 0;
        double burst = 0;
    };
    void leak(int64_t now);

    ThrottleConfig config_;
    std::array<Level, BUCKETS_COUNT> levels_;
    int64_t last_leak_ = 0;
};

struct ThrottleGroup;

// A drive's part in its group, or a node's.
struct ThrottleGroupMember {
    std::shared_ptr<ThrottleGroup> group; // null: no limits
    unsigned io_limits_disabled = 0;      // requests pass: somebody waits for all of them
};

// Makes the drive, of the current context, a member of the group of that name, which has these
// limits from now on. "Throttle group 'x' is used in another iothread"
[[nodiscard]] bool throttle_group_register(ThrottleGroupMember *member, const std::string &name,
                                           const ThrottleConfig &config, Error **errp);
// The same of a group that is there. "Throttle group 'x' does not exist"
[[nodiscard]] bool throttle_group_join(ThrottleGroupMember *member, const std::string &name,
                                       Error **errp);
// No member any more: requests that wait go on.
void throttle_group_unregister(ThrottleGroupMember *member);
// Its group has no other members. "Throttle group 'x' is used in another iothread"
[[nodiscard]] bool throttle_group_can_move(const ThrottleGroupMember *member, Error **errp);
// The drive is in another context now, and so is the group that it has for itself. Under the locks
// of both.
void throttle_group_attach_aio_context(ThrottleGroupMember *member, AioContext *ctx);
const std::string &throttle_group_name(const ThrottleGroupMember *member);
const ThrottleConfig &throttle_group_config(const ThrottleGroupMember *member);
// Waits until the request may begin.
CoTask<void> throttle_group_co_io_limits_intercept(ThrottleGroupMember *member, int64_t bytes,
                                                   bool is_write);
// Lets all requests pass, those that wait too, until as often limits are enabled again.
void throttle_group_disable(ThrottleGroupMember *member);
inline void throttle_group_enable(ThrottleGroupMember *member) { member->io_limits_disabled--; }

// Disables limits for as long as it lives.
class ThrottleDisabled {
public:
    explicit ThrottleDisabled(ThrottleGroupMember *member) : member_(member) {
        throttle_group_disable(member);
    }
    ~ThrottleDisabled() { throttle_group_enable(member_); }
    ThrottleDisabled(const ThrottleDisabled &) = delete;
    ThrottleDisabled &operator=(const ThrottleDisabled &) = delete;

private:
    ThrottleGroupMember *member_;
};

// --- a group as somebody has it who is no member

// "A group with this name already exists"
std::shared_ptr<ThrottleGroup> throttle_group_new(const std::string &name,
                                                  const ThrottleConfig &config, Error **errp);
bool throttle_group_in_use(const ThrottleGroup *group); // it has members
const ThrottleConfig &throttle_group_config(const ThrottleGroup *group);
void throttle_group_set_config(ThrottleGroup *group, const ThrottleConfig &config);
