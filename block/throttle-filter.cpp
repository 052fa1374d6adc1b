// SPDX-License-Identifier: MIT
/* Filter `throttle`: its requests wait for the limits of a group. See block/throttle.h.
 *
 * Options: `file` (the child), `throttle-group`: an object's id, or the name of drives' group.
 * Flushes, and questions of what is allocated, have no limits.
 *
 * In gdb: b throttle_filter::co_preadv */
#include "block/block_int.h"
#include "block/throttle.h"
#include "util/module.h"

namespace throttle_filter {

struct BDRVThrottleState : BDRVState {
    ThrottleGroupMember member;
};

static ThrottleGroupMember *member_of(BlockDriverState *bs) {
    return &static_cast<BDRVThrottleState *>(bs->opaque.get())->member;
}

// --- requests

static CoTask<int> co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                             QEMUIOVector *qiov, int flags) {
    co_await throttle_group_co_io_limits_intercept(member_of(bs), bytes, /*is_write=*/false);
    co_return co_await bdrv_co_preadv(bs->file, offset, bytes, qiov, flags);
}

static CoTask<int> co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                              QEMUIOVector *qiov, int flags) {
    co_await throttle_group_co_io_limits_intercept(member_of(bs), bytes, /*is_write=*/true);
    co_return co_await bdrv_co_pwritev(bs->file, offset, bytes, qiov, flags);
}

static CoTask<int> co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                    int flags) {
    co_await throttle_group_co_io_limits_intercept(member_of(bs), bytes, /*is_write=*/true);
    co_return co_await bdrv_co_pwrite_zeroes(bs->file, offset, bytes, flags);
}

static CoTask<int> co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    co_await throttle_group_co_io_limits_intercept(member_of(bs), bytes, /*is_write=*/true);
    co_return co_await bdrv_co_pdiscard(bs->file, offset, bytes);
}

// --- whoever waits for all requests does not wait for limits

static void drain_begin(BlockDriverState *bs) { throttle_group_disable(member_of(bs)); }
static void drain_end(BlockDriverState *bs) { throttle_group_enable(member_of(bs)); }

// A node goes where it has come from if another one could not follow.
static bool attach_aio_context(BlockDriverState *bs, AioContext *ctx, Error **errp) {
    if (!throttle_group_can_move(member_of(bs), errp)) return false;
    throttle_group_attach_aio_context(member_of(bs), ctx);
    return true;
}

// --- life cycle and registration

static bool open(BlockDriverState *bs, BlockOptions *options, int, Error **errp) {
    if (!options->contains("throttle-group")) {
        error_setg(errp, "Please specify a throttle group");
        return false;
    }
    auto s = std::make_unique<BDRVThrottleState>();
    if (!throttle_group_join(&s->member, block_options_take(options, "throttle-group"), errp)) {
        return false;
    }
    bs->supported_write_flags = bs->file->bs->supported_write_flags;
    bs->supported_zero_flags = bs->file->bs->supported_zero_flags;
    bs->opaque = std::move(s);
    return true;
}

static void close(BlockDriverState *bs) { throttle_group_unregister(member_of(bs)); }

static constexpr BlockOption driver_options[] = {
    { "throttle-group", BLOCK_OPT_STR, BLOCK_OPT_REQUIRED },
    { "file", BLOCK_OPT_NODE, BLOCK_OPT_REQUIRED },
};

static BlockDriver driver = {
    .format_name = "throttle",
    .is_filter = true,
    .options = driver_options,
    .bdrv_open = open,
    .bdrv_close = close,
    .bdrv_drain_begin = drain_begin,
    .bdrv_drain_end = drain_end,
    .bdrv_attach_aio_context = attach_aio_context,
    .bdrv_co_preadv = co_preadv,
    .bdrv_co_pwritev = co_pwritev,
    .bdrv_co_pwrite_zeroes = co_pwrite_zeroes,
    .bdrv_co_pdiscard = co_pdiscard,
};

static void bdrv_throttle_init() { bdrv_register(&driver); }
block_init(bdrv_throttle_init)

} // namespace throttle_filter
