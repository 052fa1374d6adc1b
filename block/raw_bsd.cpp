// SPDX-License-Identifier: MIT
/* Format `raw`: the image's bytes are the disk's bytes.
 *
 * Options: `offset` and `size` cut the disk out of a larger file.
 *
 * A raw image has no header, so probing takes for raw what it takes for nothing else. A guest that
 * writes another format's header to the start of such an image would choose how the host reads it
 * the next time, other files of the host included. Hence, if nobody said that it is raw, a write
 * that would make sector 0 look like something else is refused.
 *
 * In gdb: b raw_open     b raw_co_preadv */
#include <cerrno>
#include <cstdio>

#include "block/block_int.h"
#include "util/module.h"

struct BDRVRawFormatState : BDRVState {
    int64_t offset = 0; // of the disk's first byte in the file
    int64_t size = 0;   // if has_size
    bool has_size = false;
};

static BDRVRawFormatState *raw_state(BlockDriverState *bs) {
    return static_cast<BDRVRawFormatState *>(bs->opaque.get());
}

// --- opening

static bool raw_read_options(BlockOptions *options, BDRVRawFormatState *s, Error **errp) {
    uint64_t offset = 0, size = 0;
    s->has_size = options->contains("size");
    if (!block_options_take_size(options, "offset", &offset, errp)) return false;
    if (!block_options_take_size(options, "size", &size, errp)) return false;
    s->offset = static_cast<int64_t>(offset);
    s->size = static_cast<int64_t>(size);
    return true;
}

// As numbers without a sign, so that no size a user can type wraps around.
static bool raw_apply_options(BlockDriverState *bs, BDRVRawFormatState *s, Error **errp) {
    auto offset = static_cast<uint64_t>(s->offset), size = static_cast<uint64_t>(s->size);
    auto real_size = static_cast<uint64_t>(bdrv_getlength(bs->file->bs));
    if (real_size < offset) {
        error_setg(errp, "Offset (%llu) cannot be greater than size of the containing file (%llu)",
                   static_cast<unsigned long long>(offset),
                   static_cast<unsigned long long>(real_size));
        return false;
    }
    if (s->has_size && real_size - offset < size) {
        error_setg(errp,
                   "The sum of offset (%llu) and size (%llu) has to be smaller or equal to the "
                   " actual size of the containing file (%llu)",
                   static_cast<unsigned long long>(offset), static_cast<unsigned long long>(size),
                   static_cast<unsigned long long>(real_size));
        return false;
    }
    if (size % BDRV_SECTOR_SIZE != 0) {
        error_setg(errp, "Specified size is not multiple of %d",
                   static_cast<int>(BDRV_SECTOR_SIZE));
        return false;
    }
    return true;
}

static void warn_probed(BlockDriverState *bs) {
    fprintf(stderr,
            "WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
            "         Automatically detecting the format is dangerous for raw images, write "
            "operations on block 0 will be restricted.\n"
            "         Specify the 'raw' format explicitly to remove the restrictions.\n",
            bs->file->bs->filename.c_str());
}

static bool raw_open(BlockDriverState *bs, BlockOptions *options, int, Error **errp) {
    auto s = std::make_unique<BDRVRawFormatState>();
    if (!raw_read_options(options, s.get(), errp)) return false;
    if (!raw_apply_options(bs, s.get(), errp)) return false;
    if (bs->probed && !bdrv_is_read_only(bs)) warn_probed(bs);
    bs->supported_write_flags = bs->file->bs->supported_write_flags & BDRV_REQ_FUA;
    bs->supported_zero_flags = bs->file->bs->supported_zero_flags & BDRV_REQ_FUA;
    bs->opaque = std::move(s);
    return true;
}

static int64_t raw_getlength(BlockDriverState *bs) {
    BDRVRawFormatState *s = raw_state(bs);
    if (s->has_size) return s->size;
    int64_t length = bdrv_getlength(bs->file->bs);
    return length < 0 ? length : length - s->offset;
}

// The check of sector 0 wants to see all of it.
static void raw_refresh_limits(BlockDriverState *bs) {
    if (bs->probed && bs->bl.request_alignment < BLOCK_PROBE_BUF_SIZE) {
        bs->bl.request_alignment = BLOCK_PROBE_BUF_SIZE;
    }
}

// --- requests

static CoTask<int> raw_co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                 QEMUIOVector *qiov, int flags) {
    bdrv_debug_event(bs->file->bs, BLKDBG_READ_AIO);
    co_return co_await bdrv_co_preadv(bs->file, raw_state(bs)->offset + offset, bytes, qiov, flags);
}

// A write that covers sector 0 of a probed image. What was checked is what is written: the guest
// may change its own memory at any time.
static CoTask<int> raw_co_pwrite_sector0(BlockDriverState *bs, int64_t bytes, QEMUIOVector *qiov,
                                         int flags) {
    uint8_t sector0[BLOCK_PROBE_BUF_SIZE];
    qemu_iovec_to_buf(qiov, 0, sector0, sizeof sector0);
    if (bdrv_probe_all(sector0, sizeof sector0, "") != bs->drv) co_return -EPERM;

    QEMUIOVector checked(sector0, sizeof sector0);
    qemu_iovec_concat(&checked, qiov, sizeof sector0, bytes - sizeof sector0);
    co_return co_await bdrv_co_pwritev(bs->file, raw_state(bs)->offset, bytes, &checked, flags);
}

static CoTask<int> raw_co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                  QEMUIOVector *qiov, int flags) {
    bdrv_debug_event(bs->file->bs, BLKDBG_WRITE_AIO);
    if (bs->probed && offset == 0) co_return co_await raw_co_pwrite_sector0(bs, bytes, qiov, flags);
    co_return co_await bdrv_co_pwritev(bs->file, raw_state(bs)->offset + offset, bytes, qiov,
                                       flags);
}

// Zeroes in sector 0 look like nothing, and a discard is none of another format's headers.
static CoTask<int> raw_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        int flags) {
    co_return co_await bdrv_co_pwrite_zeroes(bs->file, raw_state(bs)->offset + offset, bytes,
                                             flags);
}

static CoTask<int> raw_co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    co_return co_await bdrv_co_pdiscard(bs->file, raw_state(bs)->offset + offset, bytes);
}

static CoTask<int> raw_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                       int64_t *pnum, int64_t *map, BlockDriverState **file) {
    co_return co_await bdrv_co_block_status(bs->file->bs, raw_state(bs)->offset + offset, bytes,
                                            pnum, map, file);
}

static CoTask<int> raw_co_truncate(BlockDriverState *bs, int64_t offset, Error **errp) {
    BDRVRawFormatState *s = raw_state(bs);
    if (s->has_size) {
        error_setg(errp, "Cannot resize fixed-size raw disks");
        co_return -ENOTSUP;
    }
    if (offset > BDRV_MAX_LENGTH - s->offset) {
        error_setg(errp, "Disk size too large for the chosen offset");
        co_return -EINVAL;
    }
    co_return co_await bdrv_co_truncate(bs->file, s->offset + offset, errp);
}

// --- registration

// Anything is a raw image; every other format is a better guess.
static int raw_probe(const uint8_t *, int, const char *) { return 1; }

static constexpr BlockOption raw_options[] = {
    { "file", BLOCK_OPT_NODE, BLOCK_OPT_REQUIRED },
    { "offset", BLOCK_OPT_INT },
    { "size", BLOCK_OPT_INT },
};

static BlockDriver bdrv_raw = {
    .format_name = "raw",
    .options = raw_options,
    .bdrv_probe = raw_probe,
    .bdrv_open = raw_open,
    .bdrv_getlength = raw_getlength,
    .bdrv_refresh_limits = raw_refresh_limits,
    .bdrv_co_preadv = raw_co_preadv,
    .bdrv_co_pwritev = raw_co_pwritev,
    .bdrv_co_pwrite_zeroes = raw_co_pwrite_zeroes,
    .bdrv_co_pdiscard = raw_co_pdiscard,
    .bdrv_co_block_status = raw_co_block_status,
    .bdrv_co_truncate = raw_co_truncate,
};

void bdrv_raw_init() { bdrv_register(&bdrv_raw); }
block_init(bdrv_raw_init)
