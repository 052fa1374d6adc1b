// SPDX-License-Identifier: MIT
/* Protocols `null-co` and `null-aio`: disks with no host behind them, to measure what is above.
 * A request to null-co ends where it begins; one to null-aio always by way of the event loop.
 *
 * Options: `size` (1G), `latency-ns` (0), `read-zeroes` (off: a read leaves memory as it is).
 * A loadable module, block-null-co.so: -drive file=null-co://,format=raw loads it.
 *
 * In gdb: b null_open, once the library is loaded */
#include <cerrno>
#include <cstdint>
#include <ctime>

#include "block/block_int.h"
#include "util/module.h"

struct BDRVNullState : BDRVState {
    uint64_t size = 1 << 30;
    uint64_t latency_ns = 0;
    bool read_zeroes = false;
};

static BDRVNullState *null_state(BlockDriverState *bs) {
    return static_cast<BDRVNullState *>(bs->opaque.get());
}

static bool parse_filename(const char *filename, const char *only, BlockOptions *options,
                           Error **errp) {
    if (std::string(filename) != only) {
        error_setg(errp, "The only allowed filename for this driver is '%s'", only);
        return false;
    }
    options->erase("filename");
    return true;
}

static bool null_co_parse_filename(const char *filename, BlockOptions *options, Error **errp) {
    return parse_filename(filename, "null-co://", options, errp);
}

static bool null_aio_parse_filename(const char *filename, BlockOptions *options, Error **errp) {
    return parse_filename(filename, "null-aio://", options, errp);
}

static bool null_open(BlockDriverState *bs, BlockOptions *options, int, Error **errp) {
    auto s = std::make_unique<BDRVNullState>();
    if (!block_options_take_size(options, "size", &s->size, errp)) return false;
    if (!block_options_take_bool(options, "read-zeroes", &s->read_zeroes, errp)) return false;
    if (!block_options_take_number(options, "latency-ns", &s->latency_ns, errp)) return false;
    if (s->latency_ns > INT64_MAX) {
        error_setg(errp, "latency-ns is invalid");
        return false;
    }
    bs->opaque = std::move(s);
    return true;
}

static int64_t null_getlength(BlockDriverState *bs) {
    return static_cast<int64_t>(null_state(bs)->size);
}

static int64_t null_allocated_file_size(BlockDriverState *) { return 0; }

// In a worker thread.
static int null_sleep(void *opaque) {
    uint64_t ns = *static_cast<uint64_t *>(opaque);
    timespec left{ static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000) };
    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
    }
    return 0;
}

static CoTask<int> null_co_common(BlockDriverState *bs) {
    BDRVNullState *s = null_state(bs);
    if (s->latency_ns == 0) co_return 0;
    co_return co_await ThreadPoolCo(null_sleep, &s->latency_ns);
}

static CoTask<int> null_co_preadv(BlockDriverState *bs, int64_t, int64_t bytes, QEMUIOVector *qiov,
                                  int) {
    if (null_state(bs)->read_zeroes) qemu_iovec_memset(qiov, 0, 0, bytes);
    co_return co_await null_co_common(bs);
}

static CoTask<int> null_co_pwritev(BlockDriverState *bs, int64_t, int64_t, QEMUIOVector *, int) {
    co_return co_await null_co_common(bs);
}

static constexpr BlockOption null_options[] = {
    { "size", BLOCK_OPT_INT },
    { "latency-ns", BLOCK_OPT_UINT64 },
    { "read-zeroes", BLOCK_OPT_BOOL },
};

static BlockDriver bdrv_null_co = {
    .format_name = "null-co",
    .protocol_name = "null-co",
    .options = null_options,
    .bdrv_parse_filename = null_co_parse_filename,
    .bdrv_file_open = null_open,
    .bdrv_getlength = null_getlength,
    .bdrv_get_allocated_file_size = null_allocated_file_size,
    .bdrv_co_preadv = null_co_preadv,
    .bdrv_co_pwritev = null_co_pwritev,
    .bdrv_co_flush_to_disk = null_co_common,
};

static CoTask<int> null_aio_flush(BlockDriverState *bs) {
    co_await CoReschedule();
    co_return co_await null_co_common(bs);
}

static CoTask<int> null_aio_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                   QEMUIOVector *qiov, int flags) {
    co_await CoReschedule();
    co_return co_await null_co_preadv(bs, offset, bytes, qiov, flags);
}

static CoTask<int> null_aio_pwritev(BlockDriverState *bs, int64_t, int64_t, QEMUIOVector *, int) {
    co_return co_await null_aio_flush(bs);
}

static BlockDriver bdrv_null_aio = {
    .format_name = "null-aio",
    .protocol_name = "null-aio",
    .options = null_options,
    .bdrv_parse_filename = null_aio_parse_filename,
    .bdrv_file_open = null_open,
    .bdrv_getlength = null_getlength,
    .bdrv_get_allocated_file_size = null_allocated_file_size,
    .bdrv_co_preadv = null_aio_preadv,
    .bdrv_co_pwritev = null_aio_pwritev,
    .bdrv_co_flush_to_disk = null_aio_flush,
};

static void bdrv_null_init() {
    bdrv_register(&bdrv_null_co);
    bdrv_register(&bdrv_null_aio);
}
block_init(bdrv_null_init)
