// SPDX-License-Identifier: MIT
/* Requests: what happens between whoever asks for bytes and the driver that has them.
 *
 * A request is checked, widened to whole blocks if the driver needs that (a write then reads the
 * blocks at its ends first), tracked while it is in flight, and handed to the driver. Reads behind
 * the end of the node give zeroes.
 *
 * Order: of two requests that overlap, the younger waits only if one of them is serialising, as a
 * widened write is. A request waits for older ones only, so there is no circle to wait in.
 *
 * In gdb: b bdrv_co_preadv     b bdrv_co_pwritev     p bs->tracked_requests */
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "block/block_int.h"
#include "block/trace.h"

// --- tracking

BdrvTrackedRequest::BdrvTrackedRequest(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                       bool serialising)
    : bs(bs), offset(offset), bytes(bytes), serialising(serialising) {
    bs->tracked_requests.push_back(*this);
    bs->serialising_in_flight += serialising;
}

BdrvTrackedRequest::~BdrvTrackedRequest() {
    bs->serialising_in_flight -= serialising;
    bs->tracked_requests.erase(bs->tracked_requests.iterator_to(*this));
    wait_queue.restart_all();
}

// The oldest request that `self` has to wait for, or nullptr.
static BdrvTrackedRequest *find_conflict(BdrvTrackedRequest *self) {
    if (self->bs->serialising_in_flight == 0) return nullptr;
    for (BdrvTrackedRequest &req : self->bs->tracked_requests) {
        if (&req == self) return nullptr;
        bool overlap =
            req.offset < self->offset + self->bytes && self->offset < req.offset + req.bytes;
        if (overlap && (req.serialising || self->serialising)) return &req;
    }
    return nullptr;
}

CoTask<void> bdrv_wait_serialising_requests(BdrvTrackedRequest *self) {
    while (BdrvTrackedRequest *older = find_conflict(self)) co_await older->wait_queue.wait();
}

// --- padding

BlockMemory block_memory_new(int64_t align, int64_t size) {
    void *memory = aligned_alloc(static_cast<size_t>(align), static_cast<size_t>(size));
    if (!memory) abort();
    return BlockMemory(static_cast<uint8_t *>(memory));
}

// A request widened to whole blocks. `qiov` is the caller's if nothing had to be added, else one
// with the caller's memory in the middle and the rest of the first and last block around it.
struct BdrvRequestPadding {
    int64_t offset;
    int64_t bytes;
    QEMUIOVector *qiov;
    int64_t align;
    int64_t head = 0, tail = 0; // bytes added at the ends
    bool merged = false;        // the first block is the last one too
    BlockMemory head_block;
    uint8_t *tail_block = nullptr;
    QEMUIOVector local_qiov;

    BdrvRequestPadding(BlockDriverState *bs, int64_t offset, int64_t bytes, QEMUIOVector *qiov);
    bool padded() const { return head_block != nullptr; }
};

BdrvRequestPadding::BdrvRequestPadding(BlockDriverState *bs, int64_t req_offset, int64_t req_bytes,
                                       QEMUIOVector *req_qiov)
    : qiov(req_qiov), align(bs->bl.request_alignment) {
    offset = round_down(req_offset, align);
    bytes = round_up(req_offset + req_bytes, align) - offset;
    head = req_offset - offset;
    tail = bytes - head - req_bytes;
    if (head == 0 && tail == 0) return;

    merged = bytes == align;
    head_block = block_memory_new(align, merged ? align : 2 * align);
    tail_block = head_block.get() + (merged ? 0 : align);
    if (head) qemu_iovec_add(&local_qiov, head_block.get(), head);
    qemu_iovec_concat(&local_qiov, req_qiov, 0, req_bytes);
    if (tail) qemu_iovec_add(&local_qiov, tail_block + align - tail, tail);
    qiov = &local_qiov;
}

// --- reading

int bdrv_check_request(const BlockDriverState *bs, int64_t offset, int64_t bytes) {
    if (!bs->drv) return -ENOMEDIUM;
    if (offset < 0 || bytes < 0 || bytes > BDRV_MAX_LENGTH - offset) return -EIO;
    return 0;
}

// A request that is larger than the driver takes, as several.
static CoTask<int> bdrv_driver_in_parts(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        QEMUIOVector *qiov, int flags,
                                        decltype(BlockDriver::bdrv_co_preadv) request) {
    int ret = 0;
    for (int64_t done = 0; done < bytes && ret >= 0;) {
        int64_t size = std::min(bytes - done, bs->bl.max_transfer);
        QEMUIOVector part;
        qemu_iovec_concat(&part, qiov, static_cast<size_t>(done), static_cast<size_t>(size));
        ret = co_await request(bs, offset + done, size, &part, flags);
        done += size;
    }
    co_return ret;
}

static bool bdrv_is_too_large(const BlockDriverState *bs, int64_t bytes) {
    return bs->bl.max_transfer && bytes > bs->bl.max_transfer;
}

static CoTask<int> bdrv_driver_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                      QEMUIOVector *qiov, int flags) {
    auto request = bs->drv->bdrv_co_preadv;
    if (!request) co_return -ENOTSUP;
    if (bdrv_is_too_large(bs, bytes))
        co_return co_await bdrv_driver_in_parts(bs, offset, bytes, qiov, flags, request);
    co_return co_await request(bs, offset, bytes, qiov, flags);
}

static CoTask<int> bdrv_aligned_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                       QEMUIOVector *qiov, int flags) {
    int64_t end = round_up(bdrv_getlength(bs), bs->bl.request_alignment);
    int64_t inside = std::clamp<int64_t>(end - offset, 0, bytes);
    if (inside == bytes) co_return co_await bdrv_driver_preadv(bs, offset, bytes, qiov, flags);

    int ret = 0;
    if (inside > 0) {
        QEMUIOVector front;
        qemu_iovec_concat(&front, qiov, 0, inside);
        ret = co_await bdrv_driver_preadv(bs, offset, inside, &front, flags);
    }
    qemu_iovec_memset(qiov, inside, 0, bytes - inside);
    co_return ret;
}

CoTask<int> bdrv_co_preadv(BdrvChild *child, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                           int flags) {
    BlockDriverState *bs = child->bs;
    int ret = bdrv_check_request(bs, offset, bytes);
    assert(ret < 0 || qiov->size == static_cast<size_t>(bytes));
    if (ret < 0 || bytes == 0) co_return ret;

    trace_bdrv_co_preadv(bs, offset, bytes, flags);
    BdrvInFlight in_flight(bs);
    BdrvRequestPadding pad(bs, offset, bytes, qiov);
    BdrvTrackedRequest req(bs, pad.offset, pad.bytes, /*serialising=*/false);
    co_await bdrv_wait_serialising_requests(&req);
    co_return co_await bdrv_aligned_preadv(bs, pad.offset, pad.bytes, pad.qiov, flags);
}

// --- writing

// Reads what the first and the last block have around the caller's bytes.
static CoTask<int> bdrv_padding_rmw_read(BlockDriverState *bs, BdrvRequestPadding *pad) {
    bool tail_in_head = pad->merged && pad->tail;
    if (pad->head || tail_in_head) {
        QEMUIOVector block(pad->head_block.get(), pad->align);
        if (pad->head) bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_HEAD);
        if (tail_in_head) bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_TAIL);
        int ret = co_await bdrv_aligned_preadv(bs, pad->offset, pad->align, &block, 0);
        if (ret < 0) co_return ret;
        if (pad->head) bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_AFTER_HEAD);
        if (tail_in_head) bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_AFTER_TAIL);
    }
    if (pad->merged || !pad->tail) co_return 0;

    QEMUIOVector block(pad->tail_block, pad->align);
    int64_t last = pad->offset + pad->bytes - pad->align;
    bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_TAIL);
    int ret = co_await bdrv_aligned_preadv(bs, last, pad->align, &block, 0);
    if (ret < 0) co_return ret;
    bdrv_debug_event(bs, BLKDBG_PWRITEV_RMW_AFTER_TAIL);
    co_return 0;
}

CoTask<int> bdrv_driver_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                QEMUIOVector *qiov, int flags) {
    auto request = bs->drv->bdrv_co_pwritev;
    if (!request) co_return -ENOTSUP;
    if (bdrv_is_too_large(bs, bytes))
        co_return co_await bdrv_driver_in_parts(bs, offset, bytes, qiov, flags, request);
    co_return co_await request(bs, offset, bytes, qiov, flags);
}

// What detect-zeroes= makes of a write.
static int bdrv_detect_zeroes(const BlockDriverState *bs, const QEMUIOVector *qiov) {
    if (bs->detect_zeroes == BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF) return 0;
    if (!bs->drv->bdrv_co_pwrite_zeroes || !qemu_iovec_is_zero(qiov)) return 0;
    bool unmap = bs->detect_zeroes == BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP;
    return BDRV_REQ_ZERO_WRITE | (unmap ? BDRV_REQ_MAY_UNMAP : 0);
}

CoTask<int> bdrv_aligned_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                 QEMUIOVector *qiov, int flags) {
    if (qiov) flags |= bdrv_detect_zeroes(bs, qiov);
    // A driver that cannot make one write stable is told to flush behind it.
    bool zeroes = flags & BDRV_REQ_ZERO_WRITE;
    int supported = zeroes ? bs->supported_zero_flags : bs->supported_write_flags;
    int flush = flags & BDRV_REQ_FUA & ~supported;
    int down = flags & ~flush & ~BDRV_REQ_ZERO_WRITE;
    int ret;
    if (zeroes) {
        bdrv_debug_event(bs, BLKDBG_PWRITEV_ZERO);
        ret = co_await bdrv_co_do_pwrite_zeroes(bs, offset, bytes, down);
    } else {
        bdrv_debug_event(bs, BLKDBG_PWRITEV);
        ret = co_await bdrv_driver_pwritev(bs, offset, bytes, qiov, down);
    }
    bdrv_debug_event(bs, BLKDBG_PWRITEV_DONE);
    bs->write_gen++; // even a failed write may have changed something
    if (ret < 0) co_return ret;

    int64_t end = (offset + bytes + BDRV_SECTOR_SIZE - 1) / BDRV_SECTOR_SIZE;
    bs->total_sectors = std::max(bs->total_sectors, end);
    if (flush) ret = co_await bdrv_co_flush(bs);
    co_return ret;
}

CoTask<int> bdrv_co_pwritev(BdrvChild *child, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                            int flags) {
    BlockDriverState *bs = child->bs;
    int ret = bdrv_check_request(bs, offset, bytes);
    assert(ret < 0 || qiov->size == static_cast<size_t>(bytes));
    if (ret < 0) co_return ret;
    if (bdrv_is_read_only(bs)) co_return -EPERM;
    if (bytes == 0) co_return 0;

    trace_bdrv_co_pwritev(bs, offset, bytes, flags);
    BdrvInFlight in_flight(bs);
    BdrvRequestPadding pad(bs, offset, bytes, qiov);
    BdrvTrackedRequest req(bs, pad.offset, pad.bytes, /*serialising=*/pad.padded());
    co_await bdrv_wait_serialising_requests(&req);
    if (pad.padded()) {
        ret = co_await bdrv_padding_rmw_read(bs, &pad);
        if (ret < 0) co_return ret;
    }
    co_return co_await bdrv_aligned_pwritev(bs, pad.offset, pad.bytes, pad.qiov, flags);
}

// --- flushing

// Makes every write that completed before stable, from this node down.
CoTask<int> bdrv_co_flush(BlockDriverState *bs) {
    if (!bs->drv || bdrv_is_read_only(bs) || (bs->open_flags & BDRV_O_NO_FLUSH)) co_return 0;

    trace_bdrv_co_flush(bs);
    BdrvInFlight in_flight(bs);
    uint64_t gen = bs->write_gen;
    if (bs->file) bdrv_debug_event(bs->file->bs, BLKDBG_FLUSH_TO_OS);
    if (gen != bs->flushed_gen) {
        if (bs->file) bdrv_debug_event(bs->file->bs, BLKDBG_FLUSH_TO_DISK);
        int ret = bs->drv->bdrv_co_flush_to_disk ? co_await bs->drv->bdrv_co_flush_to_disk(bs) : 0;
        if (ret < 0) co_return ret;
    }
    for (const auto &child : bs->children) {
        int ret = co_await bdrv_co_flush(child->bs);
        if (ret < 0) co_return ret;
    }
    bs->flushed_gen = std::max(bs->flushed_gen, gen);
    co_return 0;
}

// --- from synchronous code

int bdrv_pread(BdrvChild *child, int64_t offset, int64_t bytes, void *buf, int flags) {
    QEMUIOVector qiov(buf, static_cast<size_t>(bytes));
    return aio_wait(bdrv_co_preadv(child, offset, bytes, &qiov, flags));
}

int bdrv_pwrite(BdrvChild *child, int64_t offset, int64_t bytes, const void *buf, int flags) {
    QEMUIOVector qiov(const_cast<void *>(buf), static_cast<size_t>(bytes));
    return aio_wait(bdrv_co_pwritev(child, offset, bytes, &qiov, flags));
}

int bdrv_flush(BlockDriverState *bs) {
    BdrvDrainedSection drained(bs); // not for ever, if a server is gone
    return aio_wait(bdrv_co_flush(bs));
}
