// SPDX-License-Identifier: MIT
/* Requests about space: zeroes that need not be written, discards, what is allocated, resizing.
 *
 * A driver that cannot do one of them says -ENOTSUP. Zeroes are then written as such; a discard is
 * a hint and is forgotten; everything counts as data.
 *
 * In gdb: b bdrv_co_pwrite_zeroes     b bdrv_co_pdiscard     b bdrv_co_truncate */
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "block/block_int.h"
#include "block/trace.h"

// --- parts

// The length of the first part of a range: no larger than `max`, and either whole blocks of `align`
// or within one. Of both limits 0 is none.
static int64_t first_part(int64_t offset, int64_t bytes, int64_t align, int64_t max) {
    if (align) {
        int64_t in_block = offset % align;
        bool whole = in_block == 0 && bytes >= align;
        bytes = whole ? bytes - bytes % align : std::min(bytes, align - in_block);
    }
    return max ? std::min(bytes, max) : bytes;
}

// --- zeroes

// The most zeroes that are held in memory at a time.
static constexpr int64_t MAX_BOUNCE_BUFFER = 1 << 20;

static BlockMemory zeroed_memory(int64_t bytes) {
    static constexpr int64_t align = 4096; // enough for O_DIRECT
    BlockMemory memory = block_memory_new(align, round_up(bytes, align));
    memset(memory.get(), 0, static_cast<size_t>(bytes));
    return memory;
}

static CoTask<int> bdrv_write_each_zero(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        int flags) {
    int64_t size = std::min(bytes, MAX_BOUNCE_BUFFER);
    BlockMemory zeroes = zeroed_memory(size);
    int ret = 0;
    for (int64_t done = 0; done < bytes && ret >= 0; done += size) {
        size = std::min(size, bytes - done);
        QEMUIOVector qiov(zeroes.get(), static_cast<size_t>(size));
        ret = co_await bdrv_driver_pwritev(bs, offset + done, size, &qiov, flags & BDRV_REQ_FUA);
    }
    co_return ret;
}

static CoTask<int> bdrv_zero_part(BlockDriverState *bs, int64_t offset, int64_t bytes, int flags) {
    int ret = -ENOTSUP;
    if (bs->drv->bdrv_co_pwrite_zeroes) {
        ret = co_await bs->drv->bdrv_co_pwrite_zeroes(bs, offset, bytes, flags);
    }
    if (ret != -ENOTSUP || (flags & BDRV_REQ_NO_FALLBACK)) co_return ret;
    co_return co_await bdrv_write_each_zero(bs, offset, bytes, flags);
}

CoTask<int> bdrv_co_do_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                     int flags) {
    if (!(bs->open_flags & BDRV_O_UNMAP)) flags &= ~BDRV_REQ_MAY_UNMAP;
    int ret = 0;
    for (int64_t size; bytes > 0 && ret >= 0; offset += size, bytes -= size) {
        size = first_part(offset, bytes, bs->bl.pwrite_zeroes_alignment, bs->bl.max_pwrite_zeroes);
        ret = co_await bdrv_zero_part(bs, offset, size, flags);
    }
    co_return ret;
}

// The parts of blocks at the ends are written like any others.
static CoTask<int> bdrv_write_zero_part(BdrvChild *child, int64_t offset, int64_t bytes,
                                        int flags) {
    if (bytes == 0) co_return 0;
    BlockMemory zeroes = zeroed_memory(bytes);
    QEMUIOVector qiov(zeroes.get(), static_cast<size_t>(bytes));
    co_return co_await bdrv_co_pwritev(child, offset, bytes, &qiov, flags & BDRV_REQ_FUA);
}

static CoTask<int> bdrv_write_zero_blocks(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                          int flags) {
    if (bytes == 0) co_return 0;
    BdrvTrackedRequest req(bs, offset, bytes, /*serialising=*/false);
    co_await bdrv_wait_serialising_requests(&req);
    co_return co_await bdrv_aligned_pwritev(bs, offset, bytes, nullptr,
                                            flags | BDRV_REQ_ZERO_WRITE);
}

CoTask<int> bdrv_co_pwrite_zeroes(BdrvChild *child, int64_t offset, int64_t bytes, int flags) {
    BlockDriverState *bs = child->bs;
    trace_bdrv_co_pwrite_zeroes(bs, offset, bytes, flags);
    int ret = bdrv_check_request(bs, offset, bytes);
    if (ret < 0) co_return ret;
    if (bdrv_is_read_only(bs)) co_return -EPERM;

    BdrvInFlight in_flight(bs);
    int64_t end = offset + bytes, align = bs->bl.request_alignment;
    int64_t first = std::min(round_up(offset, align), end);
    int64_t last = std::max(round_down(end, align), first);
    ret = co_await bdrv_write_zero_part(child, offset, first - offset, flags);
    if (ret < 0) co_return ret;
    ret = co_await bdrv_write_zero_blocks(bs, first, last - first, flags);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_write_zero_part(child, last, end - last, flags);
}

// --- discard

CoTask<int> bdrv_co_pdiscard(BdrvChild *child, int64_t offset, int64_t bytes) {
    BlockDriverState *bs = child->bs;
    int ret = bdrv_check_request(bs, offset, bytes);
    if (ret < 0) co_return ret;
    if (bdrv_is_read_only(bs)) co_return -EPERM;
    if (!(bs->open_flags & BDRV_O_UNMAP) || !bs->drv->bdrv_co_pdiscard) co_return 0;

    // Parts of blocks stay: nobody has to do anything at all.
    int64_t align = bs->bl.request_alignment;
    int64_t first = round_up(offset, align), last = round_down(offset + bytes, align);
    if (first >= last) co_return 0;
    BdrvInFlight in_flight(bs);
    BdrvTrackedRequest req(bs, first, last - first, /*serialising=*/false);
    co_await bdrv_wait_serialising_requests(&req);
    for (int64_t size; first < last && (ret >= 0 || ret == -ENOTSUP); first += size) {
        size = first_part(first, last - first, bs->bl.pdiscard_alignment, bs->bl.max_pdiscard);
        ret = co_await bs->drv->bdrv_co_pdiscard(bs, first, size);
    }
    bs->write_gen++;
    co_return ret == -ENOTSUP ? 0 : ret;
}

// --- what is allocated

CoTask<int> bdrv_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                                 int64_t *map, BlockDriverState **file) {
    *pnum = 0;
    int ret = bdrv_check_request(bs, offset, bytes);
    int64_t length = bdrv_getlength(bs);
    if (ret < 0 || offset >= length) co_return ret;

    BdrvInFlight in_flight(bs);
    bytes = std::min(bytes, length - offset);
    if (!bs->drv->bdrv_co_block_status && bs->drv->is_filter) {
        co_return co_await bdrv_co_block_status(bs->file->bs, offset, bytes, pnum, map, file);
    }
    if (!bs->drv->bdrv_co_block_status) {
        *pnum = bytes;
        *map = offset;
        *file = bs;
        co_return BDRV_BLOCK_DATA;
    }
    ret = co_await bs->drv->bdrv_co_block_status(bs, offset, bytes, pnum, map, file);
    *pnum = std::min(*pnum, bytes);
    co_return ret;
}

// --- resizing

CoTask<int> bdrv_co_truncate(BdrvChild *child, int64_t offset, Error **errp) {
    BlockDriverState *bs = child->bs;
    if (offset < 0 || offset > BDRV_MAX_LENGTH) {
        error_setg(errp, offset < 0 ? "Image size cannot be negative" : "Image size is too large");
        co_return -EINVAL;
    }
    if (bdrv_is_read_only(bs)) {
        error_setg(errp, "Image is read-only");
        co_return -EACCES;
    }
    if (bs->drv->is_filter) co_return co_await bdrv_co_truncate(bs->file, offset, errp);
    if (!bs->drv->bdrv_co_truncate) {
        error_setg(errp, "Image format driver does not support resize");
        co_return -ENOTSUP;
    }
    BdrvInFlight in_flight(bs);
    int ret = co_await bs->drv->bdrv_co_truncate(bs, offset, errp);
    bs->write_gen++;
    if (ret < 0) co_return ret;
    co_return bdrv_refresh_total_sectors(bs, errp) ? 0 : -EIO;
}
