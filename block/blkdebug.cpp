// SPDX-License-Identifier: MIT
/* Filter `blkdebug`: errors on purpose, for those who test what is above.
 *
 * Rules say what happens at which event. An event is a place in the block layer that a request
 * comes by (bdrv_debug_event); `none` is none of them, so its rules hold from the start. A rule
 * `inject-error` that its event has armed fails each request that fits it, until an event arms
 * others in its place; `once` disarms it for good. Rules `set-state` change a number that other
 * rules may ask for, so that "the write behind the second flush" can be said.
 *
 * Options: `image` (the child), `config` (a file of [inject-error] and [set-state] groups),
 *     inject-error.N.event, .iotype, .state, .errno, .sector, .once, .immediately
 *     set-state.N.event, .state, .new_state
 *     align (requests are at least that large), max-transfer, opt-write-zero, max-write-zero,
 *     opt-discard, max-discard: what requests may be like; blkdebug:CONFIG:IMAGE as a file's name.
 * Missing: suspending requests; permissions.
 *
 * A loadable module, block-blkdebug.so.
 *
 * In gdb: b blkdebug::rule_check     b blkdebug::debug_event, once the library is loaded */
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <list>

#include "block/block_int.h"
#include "util/module.h"
#include "util/option.h"

namespace blkdebug {

// --- rules

enum IOType { READ, WRITE, WRITE_ZEROES, DISCARD, FLUSH, BLOCK_STATUS, IOTYPE_MAX };
static constexpr const char *iotype_names[IOTYPE_MAX] = { "read",    "write", "write-zeroes",
                                                          "discard", "flush", "block-status" };
static constexpr unsigned ALL_BUT_STATUS = (1 << BLOCK_STATUS) - 1;

// In the order of BlkdebugEvent.
static constexpr const char *event_names[BLKDBG__MAX] = {
    "read_aio",         "write_aio",
    "flush_to_os",      "flush_to_disk",
    "pwritev_rmw_head", "pwritev_rmw_after_head",
    "pwritev_rmw_tail", "pwritev_rmw_after_tail",
    "pwritev",          "pwritev_zero",
    "pwritev_done",     "none",
};

struct Rule {
    BlkdebugEvent event;
    uint64_t state = 0; // holds in this state only; 0: in any
    bool sets_state;    // else it injects errors

    uint64_t new_state = 0;

    unsigned iotypes = ALL_BUT_STATUS; // a bit each
    int error = EIO;
    int64_t offset = -1; // only requests that touch this byte; -1: all
    bool once = false;
    bool immediately = false; // fails in the call itself, not from the event loop
};

// Invariant: `armed` points into `rules`.
struct BDRVBlkdebugState : BDRVState {
    std::list<Rule> rules;
    std::vector<Rule *> armed; // the last one first
    uint64_t state = 1;
    // Of requests; 0: the child's, or none.
    uint64_t align = 0;
    uint64_t max_transfer = 0;
    uint64_t opt_write_zero = 0, max_write_zero = 0;
    uint64_t opt_discard = 0, max_discard = 0;
};
using S = BDRVBlkdebugState;

static S *state_of(BlockDriverState *bs) { return static_cast<S *>(bs->opaque.get()); }

// --- rules: reading them

static constexpr BlockOption inject_error_options[] = {
    { "event", BLOCK_OPT_ENUM, BLOCK_OPT_REQUIRED, event_names },
    { "state", BLOCK_OPT_INT },
    { "iotype", BLOCK_OPT_ENUM, 0, iotype_names },
    { "errno", BLOCK_OPT_INT },
    { "sector", BLOCK_OPT_INT },
    { "once", BLOCK_OPT_BOOL },
    { "immediately", BLOCK_OPT_BOOL },
};
static constexpr BlockOption set_state_options[] = {
    { "event", BLOCK_OPT_ENUM, BLOCK_OPT_REQUIRED, event_names },
    { "state", BLOCK_OPT_INT },
    { "new_state", BLOCK_OPT_INT, BLOCK_OPT_REQUIRED },
};

// The same rows, for the groups of a configuration file.
static std::vector<QemuOptDesc> describe(std::span<const BlockOption> rows) {
    std::vector<QemuOptDesc> desc;
    for (const BlockOption &row : rows) {
        desc.push_back({ row.name, row.type == BLOCK_OPT_INT    ? QEMU_OPT_NUMBER
                                   : row.type == BLOCK_OPT_BOOL ? QEMU_OPT_BOOL
                                                                : QEMU_OPT_STRING });
    }
    return desc;
}

static QemuOptsList inject_error_opts = { .name = "inject-error",
                                          .desc = describe(inject_error_options) };
static QemuOptsList set_state_opts = { .name = "set-state", .desc = describe(set_state_options) };
static const std::vector<QemuOptsList *> groups = { &inject_error_opts, &set_state_opts };

// The number of `name` in the list; -1 with *errp if it is not there.
static int find_name(const char *const *names, int count, const char *name, Error **errp) {
    for (int i = 0; i < count; i++) {
        if (!strcmp(names[i], name)) return i;
    }
    error_setg(errp, "invalid parameter value: %s", name);
    return -1;
}

static bool read_event(const QemuOpts *opts, Rule *rule, Error **errp) {
    const char *name = qemu_opt_get(opts, "event");
    if (!name) {
        error_setg(errp, "Missing event name for rule");
        return false;
    }
    int event = find_name(event_names, BLKDBG__MAX, name, errp);
    rule->event = static_cast<BlkdebugEvent>(event);
    return event >= 0;
}

static bool read_iotype(const QemuOpts *opts, Rule *rule, Error **errp) {
    const char *name = qemu_opt_get(opts, "iotype");
    if (!name) return true;
    int iotype = find_name(iotype_names, IOTYPE_MAX, name, errp);
    rule->iotypes = iotype < 0 ? 0 : 1u << iotype;
    return iotype >= 0;
}

static bool read_rule(const QemuOpts *opts, Rule *rule, Error **errp) {
    if (!read_event(opts, rule, errp) || !read_iotype(opts, rule, errp)) return false;
    rule->sets_state = opts->list == &set_state_opts;
    rule->state = qemu_opt_get_number(opts, "state", 0);
    rule->new_state = qemu_opt_get_number(opts, "new_state", 0);
    rule->error =
        static_cast<int>(std::min<uint64_t>(qemu_opt_get_number(opts, "errno", EIO), 4095));
    constexpr uint64_t max_sector = INT64_MAX / BDRV_SECTOR_SIZE;
    if (qemu_opt_get(opts, "sector")) {
        uint64_t sector = qemu_opt_get_number(opts, "sector", 0);
        rule->offset = static_cast<int64_t>(std::min(sector, max_sector)) * BDRV_SECTOR_SIZE;
    }
    rule->once = qemu_opt_get_bool(opts, "once", false);
    rule->immediately = qemu_opt_get_bool(opts, "immediately", false);
    return true;
}

static bool has_option(const QemuOptsList *list, const std::string &name, Error **errp) {
    for (const QemuOptDesc &desc : list->desc) {
        if (name == desc.name) return true;
    }
    error_setg(errp, "[%s] section doesn't support the option '%s'", list->name, name.c_str());
    return false;
}

// "inject-error.0.event", and so on as far as the numbers go.
static bool take_group(BlockOptions *options, QemuOptsList *list, Error **errp) {
    for (unsigned n = 0;; n++) {
        std::string prefix = std::string(list->name) + "." + std::to_string(n);
        BlockOptions values = block_options_extract(options, prefix);
        if (values.empty()) return true;
        QemuOpts *opts = qemu_opts_create(list, "", false, errp);
        for (const auto &[name, value] : values) {
            if (!has_option(list, name, errp) || !qemu_opt_set(opts, name, value, errp)) {
                return false;
            }
        }
    }
}

static bool read_config(const std::string &name, Error **errp) {
    std::ifstream in(name);
    if (in) return qemu_config_parse(in, name, groups, errp);
    error_setg(errp, "Could not read blkdebug config file: %s", strerror(errno));
    return false;
}

// First those of the file, then those of the options.
static bool read_rules(BlockOptions *options, S *s, Error **errp) {
    std::string config = block_options_take(options, "config");
    if (!config.empty() && !read_config(config, errp)) return false;
    for (QemuOptsList *list : groups) {
        if (!take_group(options, list, errp)) return false;
        for (const auto &opts : list->head) {
            Rule rule;
            if (!read_rule(opts.get(), &rule, errp)) return false;
            s->rules.push_back(rule);
        }
    }
    return true;
}

// --- events

static void arm(S *s, BlkdebugEvent event) {
    uint64_t new_state = s->state;
    bool first = true;
    for (Rule &rule : s->rules) {
        if (rule.event != event || (rule.state && rule.state != s->state)) continue;
        if (rule.sets_state) {
            new_state = rule.new_state;
            continue;
        }
        if (first) s->armed.clear();
        first = false;
        s->armed.insert(s->armed.begin(), &rule);
    }
    s->state = new_state;
}

static void debug_event(BlockDriverState *bs, BlkdebugEvent event) { arm(state_of(bs), event); }

// --- requests

static bool fits(const Rule *rule, int64_t offset, int64_t bytes, IOType iotype) {
    if (!(rule->iotypes & (1u << iotype))) return false;
    return rule->offset == -1 || (rule->offset >= offset && rule->offset < offset + bytes);
}

// 0, or the error of the first armed rule that fits.
static CoTask<int> rule_check(BlockDriverState *bs, int64_t offset, int64_t bytes, IOType iotype) {
    S *s = state_of(bs);
    auto it = std::find_if(s->armed.begin(), s->armed.end(),
                           [=](const Rule *rule) { return fits(rule, offset, bytes, iotype); });
    if (it == s->armed.end() || (*it)->error == 0) co_return 0;
    Rule rule = **it;
    if (rule.once) {
        Rule *gone = *it;
        s->armed.erase(it);
        s->rules.remove_if([gone](const Rule &r) { return &r == gone; });
    }
    if (!rule.immediately) co_await CoReschedule();
    co_return -rule.error;
}

// The caller keeps to the limits: a block of `align` bytes is never begun in one request and ended
// in another.
static void check_limits(int64_t offset, int64_t bytes, uint64_t align, uint64_t max) {
    auto first = static_cast<uint64_t>(offset), size = static_cast<uint64_t>(bytes);
    assert(max == 0 || size <= max);
    if (align == 0) return;
    bool whole = first % align == 0 && size % align == 0;
    bool within_one = first / align == (first + size - 1) / align;
    assert(whole || within_one);
}

static CoTask<int> co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                             QEMUIOVector *qiov, int flags) {
    check_limits(offset, bytes, 0, state_of(bs)->max_transfer);
    int ret = co_await rule_check(bs, offset, bytes, READ);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_preadv(bs->file, offset, bytes, qiov, flags);
}

static CoTask<int> co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                              QEMUIOVector *qiov, int flags) {
    check_limits(offset, bytes, 0, state_of(bs)->max_transfer);
    int ret = co_await rule_check(bs, offset, bytes, WRITE);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_pwritev(bs->file, offset, bytes, qiov, flags);
}

// A part of a block is refused, so that the caller has to write it.
static CoTask<int> co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                    int flags) {
    S *s = state_of(bs);
    check_limits(offset, bytes, s->opt_write_zero, s->max_write_zero);
    if (static_cast<uint64_t>(bytes) < s->opt_write_zero) co_return -ENOTSUP;
    int ret = co_await rule_check(bs, offset, bytes, WRITE_ZEROES);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_pwrite_zeroes(bs->file, offset, bytes, flags);
}

static CoTask<int> co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    S *s = state_of(bs);
    check_limits(offset, bytes, s->opt_discard, s->max_discard);
    int ret = co_await rule_check(bs, offset, bytes, DISCARD);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_pdiscard(bs->file, offset, bytes);
}

// The child is flushed by bdrv_co_flush().
static CoTask<int> co_flush_to_disk(BlockDriverState *bs) {
    co_return co_await rule_check(bs, 0, 0, FLUSH);
}

static CoTask<int> co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                   int64_t *pnum, int64_t *map, BlockDriverState **file) {
    int ret = co_await rule_check(bs, offset, bytes, BLOCK_STATUS);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_block_status(bs->file->bs, offset, bytes, pnum, map, file);
}

// --- life cycle and registration

// "blkdebug:CONFIG:IMAGE"; CONFIG may be empty.
static bool parse_filename(const char *filename, BlockOptions *options, Error **errp) {
    const char *config = filename + strlen("blkdebug:");
    const char *colon = strchr(config, ':');
    if (!colon) {
        error_setg(errp, "blkdebug requires both config file and image path");
        return false;
    }
    options->erase("filename");
    if (colon != config) (*options)["config"] = std::string(config, colon);
    (*options)["x-image"] = colon + 1;
    return true;
}

// The limits stand first, in the order of the table below.
static constexpr BlockOption driver_options[] = {
    { "align", BLOCK_OPT_INT },
    { "max-transfer", BLOCK_OPT_INT },
    { "opt-write-zero", BLOCK_OPT_INT },
    { "max-write-zero", BLOCK_OPT_INT },
    { "opt-discard", BLOCK_OPT_INT },
    { "max-discard", BLOCK_OPT_INT },
    { "image", BLOCK_OPT_NODE, BLOCK_OPT_REQUIRED },
    { "config" },
    { "inject-error", BLOCK_OPT_LIST, 0, {}, inject_error_options },
    { "set-state", BLOCK_OPT_LIST, 0, {}, set_state_options },
};

// Each is a multiple of another one, if that is larger than the node's alignment.
static constexpr struct {
    uint64_t S::*limit;
    uint64_t S::*unit;
} limits[] = {
    { &S::align, nullptr },
    { &S::max_transfer, &S::align },
    { &S::opt_write_zero, &S::align },
    { &S::max_write_zero, &S::opt_write_zero },
    { &S::opt_discard, &S::align },
    { &S::max_discard, &S::opt_discard },
};

static bool take_limits(BlockOptions *options, S *s, uint64_t child_align, Error **errp) {
    const BlockOption *option = driver_options;
    for (const auto &row : limits) {
        const char *name = (option++)->name;
        uint64_t &limit = s->*row.limit;
        if (!block_options_take_size(options, name, &limit, errp)) return false;
        if (limit == 0) continue;
        uint64_t align = std::max(s->align, child_align);
        bool ok =
            row.unit ? limit % std::max(align, s->*row.unit) == 0 : std::has_single_bit(limit);
        if (ok && limit < INT32_MAX) continue;
        error_setg(errp, "Cannot meet constraints with %s %llu", name,
                   static_cast<unsigned long long>(limit));
        return false;
    }
    return true;
}

static bool open(BlockDriverState *bs, BlockOptions *options, int flags, Error **errp) {
    auto s = std::make_unique<S>();
    bool ok = read_rules(options, s.get(), errp);
    for (QemuOptsList *list : groups) list->head.clear();
    if (!ok) return false;
    std::string image = block_options_take(options, "x-image");
    const char *filename = image.empty() ? nullptr : image.c_str();
    bs->file = bdrv_open_child(filename, options, "image", bs, flags, errp);
    if (!bs->file) return false;
    if (!take_limits(options, s.get(), bs->file->bs->bl.request_alignment, errp)) return false;
    arm(s.get(), BLKDBG_NONE);
    bs->opaque = std::move(s);
    return true;
}

static void refresh_limits(BlockDriverState *bs) {
    S *s = state_of(bs);
    bs->bl.request_alignment = std::max(bs->bl.request_alignment, static_cast<uint32_t>(s->align));
    bs->bl.max_transfer = static_cast<int64_t>(s->max_transfer);
    bs->bl.pwrite_zeroes_alignment = static_cast<uint32_t>(s->opt_write_zero);
    bs->bl.max_pwrite_zeroes = static_cast<int64_t>(s->max_write_zero);
    bs->bl.pdiscard_alignment = static_cast<uint32_t>(s->opt_discard);
    bs->bl.max_pdiscard = static_cast<int64_t>(s->max_discard);
}

static BlockDriver driver = {
    .format_name = "blkdebug",
    .protocol_name = "blkdebug",
    .is_filter = true,
    .options = driver_options,
    .bdrv_parse_filename = parse_filename,
    .bdrv_file_open = open,
    .bdrv_refresh_limits = refresh_limits,
    .bdrv_debug_event = debug_event,
    .bdrv_co_preadv = co_preadv,
    .bdrv_co_pwritev = co_pwritev,
    .bdrv_co_flush_to_disk = co_flush_to_disk,
    .bdrv_co_pwrite_zeroes = co_pwrite_zeroes,
    .bdrv_co_pdiscard = co_pdiscard,
    .bdrv_co_block_status = co_block_status,
};

static void bdrv_blkdebug_init() { bdrv_register(&driver); }
block_init(bdrv_blkdebug_init)

} // namespace blkdebug
