// SPDX-License-Identifier: MIT
/* -rtc. See hw/core/rtc.h. */
#include "hw/core/rtc.h"

#include <cstring>
#include <ctime>
#include <optional>

#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

namespace rtc {

static QEMUClockType clock = QEMU_CLOCK_HOST;
static int64_t offset = 0;

static constexpr struct {
    const char *name;
    QEMUClockType type;
} clocks[] = {
    { "host", QEMU_CLOCK_HOST },
    { "rt", QEMU_CLOCK_REALTIME },
    { "vm", QEMU_CLOCK_VIRTUAL },
};

static QemuOptsList rtc_opts = { .name = "rtc",
                                 .implied_opt_name = "base",
                                 .merge_lists = true,
                                 .desc = { { "base" }, { "clock" } } };

static void register_opts() { qemu_add_opts(&rtc_opts); }
opts_init(register_opts)

// "2006-06-17T16:01:21" or "2006-06-17", in UTC; nanoseconds since the epoch.
static std::optional<int64_t> parse_date(const char *text) {
    for (const char *format : { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d" }) {
        struct tm date = {};
        const char *end = strptime(text, format, &date);
        if (end && !*end) return timegm(&date) * NANOSECONDS_PER_SECOND;
    }
    return std::nullopt;
}

// What to add so that a guest which takes its clock for UTC shows the host's local time.
static int64_t local_time_offset(time_t now) {
    struct tm date;
    localtime_r(&now, &date);
    return (timegm(&date) - now) * NANOSECONDS_PER_SECOND;
}

static std::optional<int64_t> start_time(const char *base, int64_t host) {
    if (strcmp(base, "utc") == 0) return host;
    if (strcmp(base, "localtime") == 0)
        return host + local_time_offset(host / NANOSECONDS_PER_SECOND);
    return parse_date(base);
}

static bool choose_clock(const char *name, Error **errp) {
    for (auto &row : clocks) {
        if (strcmp(row.name, name) != 0) continue;
        clock = row.type;
        return true;
    }
    error_setg(errp, "invalid option value '%s'", name);
    return false;
}

static bool choose_base(const char *base, Error **errp) {
    int64_t host = qemu_clock_get_ns(QEMU_CLOCK_HOST);
    std::optional<int64_t> start = start_time(base, host);
    if (!start) {
        error_setg(errp, "invalid datetime format\n"
                         "valid formats: '2006-06-17T16:01:21' or '2006-06-17'");
        return false;
    }
    offset = *start - (clock == QEMU_CLOCK_HOST ? host : qemu_clock_get_ns(clock));
    return true;
}

} // namespace rtc

bool rtc_configure(const QemuOpts *opts, Error **errp) {
    const char *name = qemu_opt_get(opts, "clock"), *base = qemu_opt_get(opts, "base");
    return rtc::choose_clock(name ? name : "host", errp) &&
           rtc::choose_base(base ? base : "utc", errp);
}

QEMUClockType rtc_clock() { return rtc::clock; }
int64_t rtc_clock_offset() { return rtc::offset; }
