// SPDX-License-Identifier: MIT
/* Protocols `file` and `host_device`: bytes from a file or a device of the host.
 *
 * What the host has in its page cache is read at once. Any other request goes to a worker thread,
 * which makes the system call and wakes the coroutine up, or with aio=io_uring to the kernel
 * (block/io_uring.cpp), unless it goes into a file's page cache. The caller's memory goes to the
 * system call as it is, with one exception: O_DIRECT (cache=none, directsync) wants aligned memory,
 * and a request that is not gets an aligned copy.
 *
 * A file's size need not be a multiple of 512: reads behind its end give zeroes, and a write to the
 * last sector lets it grow.
 *
 * In gdb:  b raw_open     b raw_co_preadv     b handle_aiocb_rw */
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/raw-posix.h"
#include "block/trace.h"
#include "util/module.h"

// --- options

static constexpr const char *raw_aio_modes[] = { "threads", "io_uring" };

static constexpr BlockOption raw_options[] = {
    { "filename", BLOCK_OPT_STR, BLOCK_OPT_REQUIRED },
    { "locking", BLOCK_OPT_ENUM, BLOCK_OPT_WEAK, raw_locking_modes },
    { "aio", BLOCK_OPT_ENUM, BLOCK_OPT_WEAK, raw_aio_modes },
};

// --- opening and closing

static int raw_parse_flags(int flags) {
    int open_flags = O_CLOEXEC | (flags & BDRV_O_RDWR ? O_RDWR : O_RDONLY);
    if (flags & BDRV_O_NOCACHE) open_flags |= O_DIRECT;
    return open_flags;
}

// Looks before opening: to open a FIFO would wait for its other end.
static bool raw_check_type(const char *driver, const char *filename, bool device, Error **errp) {
    struct stat st;
    if (stat(filename, &st) < 0) return true; // open() will say why
    if (device && !S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
        error_setg(errp, "'%s' driver requires '%s' to be either a character or block device",
                   driver, filename);
        return false;
    }
    if (!device && !S_ISREG(st.st_mode)) {
        error_setg(errp, "'%s' driver requires '%s' to be a regular file", driver, filename);
        return false;
    }
    return true;
}

// With BDRV_O_AUTO_RDONLY what may not be written is opened for reading.
static int raw_open_fd(const char *filename, int flags, Error **errp) {
    int open_flags = raw_parse_flags(flags);
    int fd = open(filename, open_flags);
    int err = errno;
    bool may_not_write = err == EACCES || err == EPERM || err == EROFS;
    if (fd < 0 && may_not_write && (flags & BDRV_O_AUTO_RDONLY)) {
        trace_bdrv_auto_read_only(filename, strerror(err));
        fd = open(filename, (open_flags & ~O_ACCMODE) | O_RDONLY);
    }
    if (fd >= 0) return fd;
    if (err == EINVAL && (open_flags & O_DIRECT)) {
        error_setg(errp, "Could not open '%s': filesystem does not support O_DIRECT", filename);
    } else {
        error_setg(errp, "Could not open '%s': %s", filename, strerror(err));
    }
    return -1;
}

static bool raw_take_ring(BDRVRawState *s, AioContext *ctx, Error **errp) {
    Error *err = nullptr;
    LuringState *ring = luring_init(ctx, &err);
    if (ring) s->io_uring = ring;
    error_prepend(&err, "Unable to use io_uring: ");
    error_propagate(errp, err);
    return ring;
}

static bool raw_take_aio(BDRVRawState *s, BlockOptions *options, int flags, Error **errp) {
    size_t aio = flags & BDRV_O_IO_URING ? 1 : 0; // -drive's
    if (!block_options_take_enum(options, "aio", raw_aio_modes, &aio, errp)) return false;
    return aio == 0 || raw_take_ring(s, qemu_get_current_aio_context(), errp);
}

static bool raw_attach_aio_context(BlockDriverState *bs, AioContext *ctx, Error **errp) {
    return !raw_state(bs)->io_uring || raw_take_ring(raw_state(bs), ctx, errp);
}

static bool raw_open_common(BlockDriverState *bs, BlockOptions *options, int flags, bool device,
                            Error **errp) {
    std::string filename = block_options_take(options, "filename");
    auto s = std::make_unique<BDRVRawState>();
    if (!raw_take_aio(s.get(), options, flags, errp)) return false;
    if (!raw_check_type(bs->drv->format_name, filename.c_str(), device, errp)) return false;

    s->fd = raw_open_fd(filename.c_str(), flags, errp);
    if (s->fd < 0) return false;
    struct stat st;
    s->is_block_device = fstat(s->fd, &st) == 0 && S_ISBLK(st.st_mode);
    if (!raw_take_locking(s.get(), options, errp)) {
        close(s->fd);
        return false;
    }
    bs->opaque = std::move(s);
    return true;
}

static bool raw_open(BlockDriverState *bs, BlockOptions *options, int flags, Error **errp) {
    return raw_open_common(bs, options, flags, /*device=*/false, errp);
}

static bool hdev_open(BlockDriverState *bs, BlockOptions *options, int flags, Error **errp) {
    return raw_open_common(bs, options, flags, /*device=*/true, errp);
}

// The locks are the old descriptor's, and are taken again by the caller.
static bool raw_reopen(BlockDriverState *bs, int flags, Error **errp) {
    BDRVRawState *s = raw_state(bs);
    int fd = raw_open_fd(bs->filename.c_str(), flags, errp);
    if (fd < 0) return false;
    close(s->fd);
    s->fd = fd;
    s->locked_perm = s->locked_unshared = 0;
    return true;
}

bool raw_make_writable(BlockDriverState *bs, Error **errp) {
    bool is_open_for_it = (fcntl(raw_state(bs)->fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
    return is_open_for_it || raw_reopen(bs, bs->open_flags & ~BDRV_O_AUTO_RDONLY, errp);
}

static void raw_close(BlockDriverState *bs) { close(raw_state(bs)->fd); }

int64_t raw_getlength(BlockDriverState *bs) {
    off_t length = lseek(raw_state(bs)->fd, 0, SEEK_END);
    return length < 0 ? -errno : length;
}

// What O_DIRECT demands, found by trying: no call tells it for every kind of file.
static void raw_probe_alignment(BlockDriverState *bs) {
    static constexpr uint32_t max_align = 4096;
    void *buf = aligned_alloc(max_align, max_align);
    uint32_t align = BDRV_SECTOR_SIZE;
    while (align < max_align && pread(raw_state(bs)->fd, buf, align, 0) < 0) align *= 2;
    free(buf);
    bs->bl.request_alignment = align;
}

static void raw_refresh_limits(BlockDriverState *bs) {
    if (bs->open_flags & BDRV_O_NOCACHE) raw_probe_alignment(bs);
}

// --- requests, in a worker thread

struct RawPosixAIOData {
    int fd;
    bool is_write;
    int64_t offset;
    QEMUIOVector *qiov;
    uint32_t align; // of offset, length and memory; 1 without O_DIRECT
};

// One system call for what is left from byte `done` on.
static ssize_t raw_rw_once(const RawPosixAIOData *acb, QEMUIOVector *qiov, size_t done) {
    QEMUIOVector rest;
    const QEMUIOVector *now = qiov;
    if (done > 0) {
        qemu_iovec_concat(&rest, qiov, done, qiov->size - done);
        now = &rest;
    }
    int count = static_cast<int>(std::min<size_t>(now->iov.size(), IOV_MAX));
    off_t offset = acb->offset + static_cast<off_t>(done);
    return acb->is_write ? pwritev(acb->fd, now->iov.data(), count, offset)
                         : preadv(acb->fd, now->iov.data(), count, offset);
}

static int raw_rw_all(const RawPosixAIOData *acb, QEMUIOVector *qiov) {
    size_t done = 0;
    while (done < qiov->size) {
        ssize_t n = raw_rw_once(acb, qiov, done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -errno;
        if (n == 0 && acb->is_write) return -ENOSPC;
        done += static_cast<size_t>(n);
        // With O_DIRECT a read that stops inside a block has met the end as well.
        if (!acb->is_write && (n == 0 || done % acb->align != 0)) {
            qemu_iovec_memset(qiov, done, 0, qiov->size - done);
            return 0;
        }
    }
    return 0;
}

static int raw_rw_bounced(const RawPosixAIOData *acb) {
    size_t size = acb->qiov->size;
    void *buf = aligned_alloc(acb->align, size);
    if (!buf) return -ENOMEM;
    if (acb->is_write) qemu_iovec_to_buf(acb->qiov, 0, buf, size);
    QEMUIOVector bounce(buf, size);
    int ret = raw_rw_all(acb, &bounce);
    if (ret == 0 && !acb->is_write) qemu_iovec_from_buf(acb->qiov, 0, buf, size);
    free(buf);
    return ret;
}

static int handle_aiocb_rw(void *opaque) {
    auto *acb = static_cast<RawPosixAIOData *>(opaque);
    if (!qemu_iovec_is_aligned(acb->qiov, acb->align)) return raw_rw_bounced(acb);
    return raw_rw_all(acb, acb->qiov);
}

static int handle_aiocb_flush(void *opaque) {
    auto *s = static_cast<BDRVRawState *>(opaque);
    return fdatasync(s->fd) < 0 ? -errno : 0;
}

// --- requests

// Up to this size it costs less to copy than to wake a worker and be woken by it. The context's
// lock is held meanwhile.
static constexpr size_t MAX_CACHED_READ = 256 << 10;

// Reads all of it from the page cache, or nothing that counts: it would have to wait.
static bool raw_read_cached(BlockDriverState *bs, int64_t offset, const QEMUIOVector *qiov) {
    if (qiov->size > MAX_CACHED_READ || (bs->open_flags & BDRV_O_NOCACHE)) return false;
    int count = static_cast<int>(std::min<size_t>(qiov->iov.size(), IOV_MAX));
    ssize_t n = preadv2(raw_state(bs)->fd, qiov->iov.data(), count, offset, RWF_NOWAIT);
    return n >= 0 && static_cast<size_t>(n) == qiov->size;
}

static CoTask<int> raw_co_prw(BlockDriverState *bs, int64_t offset, QEMUIOVector *qiov,
                              bool is_write) {
    BDRVRawState *s = raw_state(bs);
    RawPosixAIOData acb{ s->fd, is_write, offset, qiov, bs->bl.request_alignment };
    if (s->io_uring && qemu_iovec_is_aligned(qiov, acb.align)) {
        LuringType type = is_write ? LURING_WRITE : LURING_READ;
        co_return co_await LuringCo(s->io_uring, type, s->fd, offset, qiov);
    }
    co_return co_await ThreadPoolCo(handle_aiocb_rw, &acb);
}

static CoTask<int> raw_co_preadv(BlockDriverState *bs, int64_t offset, int64_t, QEMUIOVector *qiov,
                                 int) {
    if (raw_read_cached(bs, offset, qiov)) co_return 0;
    co_return co_await raw_co_prw(bs, offset, qiov, /*is_write=*/false);
}

// Into the page cache of a regular file the kernel lets one write at a time, and hands what comes
// through a ring to a thread of its own. So our threads would only queue up at the file's lock.
static CoTask<int> raw_co_write_cached(BlockDriverState *bs, int64_t offset, QEMUIOVector *qiov) {
    BDRVRawState *s = raw_state(bs);
    auto guard = co_await s->cached_writes.lock();
    RawPosixAIOData acb{ s->fd, /*is_write=*/true, offset, qiov, bs->bl.request_alignment };
    co_return co_await ThreadPoolCo(handle_aiocb_rw, &acb);
}

static CoTask<int> raw_co_pwritev(BlockDriverState *bs, int64_t offset, int64_t, QEMUIOVector *qiov,
                                  int) {
    bool cached = !raw_state(bs)->is_block_device && !(bs->open_flags & BDRV_O_NOCACHE);
    if (cached) co_return co_await raw_co_write_cached(bs, offset, qiov);
    co_return co_await raw_co_prw(bs, offset, qiov, /*is_write=*/true);
}

static CoTask<int> raw_co_flush_to_disk(BlockDriverState *bs) {
    BDRVRawState *s = raw_state(bs);
    if (s->flush_error) co_return s->flush_error;
    int ret = s->io_uring ? co_await LuringCo(s->io_uring, LURING_FLUSH, s->fd)
                          : co_await ThreadPoolCo(handle_aiocb_flush, s);
    if (ret < 0) s->flush_error = ret;
    co_return ret;
}

// --- registration

static bool raw_parse_filename(const char *filename, BlockOptions *options, Error **) {
    bdrv_parse_filename_strip_prefix(filename, "file:", options);
    return true;
}

static bool hdev_parse_filename(const char *filename, BlockOptions *options, Error **) {
    bdrv_parse_filename_strip_prefix(filename, "host_device:", options);
    return true;
}

static int hdev_probe_device(const char *filename) {
    struct stat st;
    if (stat(filename, &st) < 0) return 0;
    return S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? 100 : 0;
}

static BlockDriver bdrv_file = {
    .format_name = "file",
    .protocol_name = "file",
    .bdrv_needs_filename = true,
    .options = raw_options,
    .bdrv_parse_filename = raw_parse_filename,
    .bdrv_file_open = raw_open,
    .bdrv_close = raw_close,
    .bdrv_getlength = raw_getlength,
    .bdrv_reopen = raw_reopen,
    .bdrv_set_perm = raw_set_perm,
    .bdrv_get_allocated_file_size = raw_get_allocated_file_size,
    .bdrv_refresh_limits = raw_refresh_limits,
    .bdrv_attach_aio_context = raw_attach_aio_context,
    .bdrv_co_preadv = raw_co_preadv,
    .bdrv_co_pwritev = raw_co_pwritev,
    .bdrv_co_flush_to_disk = raw_co_flush_to_disk,
    .bdrv_co_pwrite_zeroes = raw_co_pwrite_zeroes,
    .bdrv_co_pdiscard = raw_co_pdiscard,
    .bdrv_co_block_status = raw_co_block_status,
    .bdrv_co_truncate = raw_co_truncate,
};

static BlockDriver bdrv_host_device = {
    .format_name = "host_device",
    .protocol_name = "host_device",
    .bdrv_needs_filename = true,
    .options = raw_options,
    .bdrv_probe_device = hdev_probe_device,
    .bdrv_parse_filename = hdev_parse_filename,
    .bdrv_file_open = hdev_open,
    .bdrv_close = raw_close,
    .bdrv_getlength = raw_getlength,
    .bdrv_reopen = raw_reopen,
    .bdrv_set_perm = raw_set_perm,
    .bdrv_get_allocated_file_size = raw_get_allocated_file_size,
    .bdrv_refresh_limits = raw_refresh_limits,
    .bdrv_attach_aio_context = raw_attach_aio_context,
    .bdrv_co_preadv = raw_co_preadv,
    .bdrv_co_pwritev = raw_co_pwritev,
    .bdrv_co_flush_to_disk = raw_co_flush_to_disk,
    .bdrv_co_pwrite_zeroes = raw_co_pwrite_zeroes,
    .bdrv_co_pdiscard = raw_co_pdiscard,
    .bdrv_co_block_status = raw_co_block_status,
    .bdrv_co_truncate = raw_co_truncate,
};

void bdrv_file_init() {
    bdrv_register(&bdrv_file);
    bdrv_register(&bdrv_host_device);
}
block_init(bdrv_file_init)
