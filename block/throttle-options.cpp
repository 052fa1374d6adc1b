// SPDX-License-Identifier: MIT
/* The options of limits, throttling.*, and their old short names. See block/throttle.h. */
#include "block/block_int.h"
#include "block/throttle.h"

using L = LeakyBucketLimit;

// clang-format off
static constexpr ThrottleOption options_table[] = {
    { "bps-total",             "bps",                THROTTLE_BPS_TOTAL, &L::avg },
    { "bps-read",              "bps_rd",             THROTTLE_BPS_READ,  &L::avg },
    { "bps-write",             "bps_wr",             THROTTLE_BPS_WRITE, &L::avg },
    { "iops-total",            "iops",               THROTTLE_OPS_TOTAL, &L::avg },
    { "iops-read",             "iops_rd",            THROTTLE_OPS_READ,  &L::avg },
    { "iops-write",            "iops_wr",            THROTTLE_OPS_WRITE, &L::avg },
    { "bps-total-max",         "bps_max",            THROTTLE_BPS_TOTAL, &L::max },
    { "bps-read-max",          "bps_rd_max",         THROTTLE_BPS_READ,  &L::max },
    { "bps-write-max",         "bps_wr_max",         THROTTLE_BPS_WRITE, &L::max },
    { "iops-total-max",        "iops_max",           THROTTLE_OPS_TOTAL, &L::max },
    { "iops-read-max",         "iops_rd_max",        THROTTLE_OPS_READ,  &L::max },
    { "iops-write-max",        "iops_wr_max",        THROTTLE_OPS_WRITE, &L::max },
    { "bps-total-max-length",  nullptr,              THROTTLE_BPS_TOTAL, &L::burst_length },
    { "bps-read-max-length",   nullptr,              THROTTLE_BPS_READ,  &L::burst_length },
    { "bps-write-max-length",  nullptr,              THROTTLE_BPS_WRITE, &L::burst_length },
    { "iops-total-max-length", nullptr,              THROTTLE_OPS_TOTAL, &L::burst_length },
    { "iops-read-max-length",  nullptr,              THROTTLE_OPS_READ,  &L::burst_length },
    { "iops-write-max-length", nullptr,              THROTTLE_OPS_WRITE, &L::burst_length },
    { "iops-size",             "iops_size",          THROTTLE_OPS_TOTAL, nullptr },
};
// clang-format on
const std::span<const ThrottleOption> throttle_options = options_table;

// Gives an option said by its short name the long one.
static bool rename_alias(BlockOptions *options, const char *alias, const std::string &name,
                         Error **errp) {
    if (!alias || !options->contains(alias)) return true;
    if (options->contains(name)) {
        error_setg(errp, "'%s' and its alias '%s' can't be used at the same time", name.c_str(),
                   alias);
        return false;
    }
    (*options)[name] = block_options_take(options, alias);
    return true;
}

bool throttle_take_options(BlockOptions *options, ThrottleConfig *config, std::string *group,
                           Error **errp) {
    const std::string prefix = "throttling.";
    for (const ThrottleOption &option : throttle_options) {
        std::string name = prefix + option.name;
        if (!rename_alias(options, option.alias, name, errp) ||
            !block_options_take_number(options, name.c_str(), &option.of(config), errp)) {
            return false;
        }
    }
    if (!rename_alias(options, "group", prefix + "group", errp)) return false;
    *group = block_options_take(options, "throttling.group", *group);
    return throttle_is_valid(*config, errp);
}
