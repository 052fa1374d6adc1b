// SPDX-License-Identifier: MIT
/* Limits: which may be asked for, and their leaky buckets. See block/throttle.h. */
#include "block/throttle.h"

#include <algorithm>
#include <cmath>

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
