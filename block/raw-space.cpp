// SPDX-License-Identifier: MIT
/* Protocols `file` and `host_device`: holes and sizes. See block/raw-posix.h.
 *
 * Zeroes come from the first of these that the host's file system can do:
 *
 *     punch a hole                   only if the space may be given back
 *     zero the range                 the space stays allocated
 *     punch a hole, allocate it      the same in two steps
 *     allocate                       only behind the end, where all of it is new
 *
 * and if it can do none, the caller writes them. What it has refused once is not tried again.
 *
 * In gdb: b handle_aiocb_write_zeroes     b handle_aiocb_discard */
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/raw-posix.h"

// --- requests, in a worker thread

struct RawSpaceRequest {
    BDRVRawState *s;
    int64_t offset;
    int64_t bytes;
    int64_t length = 0; // of the image
    int flags = 0;
    // of a status
    int64_t pnum = 0;
    int result = 0;
};

// 0, or -errno, with one errno for everything that means "not here".
static int raw_errno(int ret) {
    if (ret >= 0) return 0;
    bool unsupported = errno == ENODEV || errno == ENOSYS || errno == EOPNOTSUPP || errno == ENOTTY;
    return unsupported ? -ENOTSUP : -errno;
}

static int do_fallocate(const RawSpaceRequest *req, int mode) {
    int ret;
    do {
        ret = fallocate(req->s->fd, mode, req->offset, req->bytes);
    } while (ret < 0 && errno == EINTR);
    return raw_errno(ret);
}

static int do_block_ioctl(const RawSpaceRequest *req, unsigned long request) {
    uint64_t range[2] = { static_cast<uint64_t>(req->offset), static_cast<uint64_t>(req->bytes) };
    int ret;
    do {
        ret = ioctl(req->s->fd, request, range);
    } while (ret < 0 && errno == EINTR);
    return raw_errno(ret);
}

// Remembers that the host cannot do it at all.
static int remember(std::atomic<bool> *ability, int ret) {
    if (ret == -ENOTSUP) *ability = false;
    return ret;
}

static int do_discard(const RawSpaceRequest *req) {
    if (!req->s->has_discard) return -ENOTSUP;
    int ret = req->s->is_block_device
                  ? do_block_ioctl(req, BLKDISCARD)
                  : do_fallocate(req, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
    return remember(&req->s->has_discard, ret);
}

static int do_zero_range(const RawSpaceRequest *req) {
    if (!req->s->has_write_zeroes) return -ENOTSUP;
    int ret = req->s->is_block_device ? do_block_ioctl(req, BLKZEROOUT)
                                      : do_fallocate(req, FALLOC_FL_ZERO_RANGE);
    return remember(&req->s->has_write_zeroes, ret);
}

static int do_allocate(const RawSpaceRequest *req) {
    if (!req->s->has_fallocate) return -ENOTSUP;
    return remember(&req->s->has_fallocate, do_fallocate(req, 0));
}

static int handle_aiocb_discard(void *opaque) {
    return do_discard(static_cast<RawSpaceRequest *>(opaque));
}

static int handle_aiocb_write_zeroes(void *opaque) {
    auto *req = static_cast<RawSpaceRequest *>(opaque);
    bool device = req->s->is_block_device;
    int ret = -ENOTSUP;
    // A device's discard promises nothing about what is read later.
    if ((req->flags & BDRV_REQ_MAY_UNMAP) && !device) ret = do_discard(req);
    if (ret == -ENOTSUP) ret = do_zero_range(req);
    if (ret != -ENOTSUP || device) return ret;
    if (req->s->has_fallocate) {
        ret = do_discard(req);
        if (ret == 0) return do_allocate(req);
        if (ret == -ENOTSUP && req->offset >= req->length) return do_allocate(req);
    }
    return ret;
}

static int handle_aiocb_truncate(void *opaque) {
    auto *req = static_cast<RawSpaceRequest *>(opaque);
    int ret;
    do {
        ret = ftruncate(req->s->fd, req->offset);
    } while (ret < 0 && errno == EINTR);
    return raw_errno(ret);
}

// Asks for the next data and the next hole from `offset` on. Where the host cannot tell, all is
// data; behind the end all is zeroes.
static int handle_aiocb_block_status(void *opaque) {
    auto *req = static_cast<RawSpaceRequest *>(opaque);
    req->pnum = req->bytes;
    req->result = BDRV_BLOCK_DATA;
    off_t data = lseek(req->s->fd, req->offset, SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        req->result = BDRV_BLOCK_ZERO; // a hole up to the end
    } else if (data > req->offset) {
        req->result = BDRV_BLOCK_ZERO;
        req->pnum = data - req->offset;
    } else if (data == req->offset) {
        off_t hole = lseek(req->s->fd, req->offset, SEEK_HOLE);
        if (hole > req->offset) req->pnum = hole - req->offset;
    }
    return 0;
}

int64_t raw_get_allocated_file_size(BlockDriverState *bs) {
    struct stat st;
    return fstat(raw_state(bs)->fd, &st) < 0 ? -errno : int64_t{ st.st_blocks } * 512;
}

// --- requests

CoTask<int> raw_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes, int flags) {
    RawSpaceRequest req{ raw_state(bs), offset, bytes, raw_getlength(bs), flags };
    co_return co_await ThreadPoolCo(handle_aiocb_write_zeroes, &req);
}

CoTask<int> raw_co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    RawSpaceRequest req{ raw_state(bs), offset, bytes };
    co_return co_await ThreadPoolCo(handle_aiocb_discard, &req);
}

CoTask<int> raw_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                                int64_t *map, BlockDriverState **file) {
    RawSpaceRequest req{ raw_state(bs), offset, bytes };
    int ret = co_await ThreadPoolCo(handle_aiocb_block_status, &req);
    *pnum = req.pnum;
    *map = offset;
    *file = bs;
    co_return ret < 0 ? ret : req.result | BDRV_BLOCK_OFFSET_VALID;
}

CoTask<int> raw_co_truncate(BlockDriverState *bs, int64_t offset, Error **errp) {
    struct stat st;
    if (fstat(raw_state(bs)->fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        if (offset <= raw_getlength(bs)) co_return 0; // a device is as long as it is
        error_setg(errp, "Cannot grow device files");
        co_return -EINVAL;
    }
    RawSpaceRequest req{ raw_state(bs), offset, 0 };
    int ret = co_await ThreadPoolCo(handle_aiocb_truncate, &req);
    if (ret < 0) error_setg(errp, "Failed to resize the file: %s", strerror(-ret));
    co_return ret;
}
