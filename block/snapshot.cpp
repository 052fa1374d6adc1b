// SPDX-License-Identifier: MIT
/* A copy-on-write node: writes go to a temporary file, reads come from there or from the base.
 *
 * The temporary file ($TMPDIR, else /var/tmp) is as long as the disk and sparse; each byte lies
 * where it lies on the disk. It has no name any more when the guest runs, so nothing is left of it
 * when the process ends, however it ends. Which ranges have been written is kept in memory: a map
 * of extents that do not touch each other.
 *
 * The base is opened read-only; only `commit` opens it again for writing, for as long as it takes.
 *
 * In gdb: b bdrv_append_temp_snapshot     b cow_co_pwritev     b bdrv_commit */
#include "block/snapshot.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <unistd.h>

#include "block/block_int.h"

struct BDRVCowState : BDRVState {
    BdrvChild *backing = nullptr;
    std::map<int64_t, int64_t> extents; // written ranges: start -> end
};

static BDRVCowState *cow_state(const BlockDriverState *bs) {
    return static_cast<BDRVCowState *>(bs->opaque.get());
}

// --- extents

static void mark_written(BDRVCowState *s, int64_t start, int64_t end) {
    auto it = s->extents.upper_bound(start);
    if (it != s->extents.begin() && std::prev(it)->second >= start) --it;
    while (it != s->extents.end() && it->first <= end) { // touches the new one
        start = std::min(start, it->first);
        end = std::max(end, it->second);
        it = s->extents.erase(it);
    }
    s->extents.emplace(start, end);
}

static void forget_behind(BDRVCowState *s, int64_t end) {
    s->extents.erase(s->extents.lower_bound(end), s->extents.end());
    if (s->extents.empty()) return;
    auto last = std::prev(s->extents.end());
    last->second = std::min(last->second, end);
}

struct Piece {
    bool written;
    int64_t bytes;
};

// How [start, end) begins: all written, or not at all.
static Piece first_piece(const BDRVCowState *s, int64_t start, int64_t end) {
    auto next = s->extents.upper_bound(start);
    if (next != s->extents.begin()) {
        int64_t covered = std::prev(next)->second;
        if (covered > start) return { true, std::min(covered, end) - start };
    }
    if (next == s->extents.end()) return { false, end - start };
    return { false, std::min(next->first, end) - start };
}

// --- requests

static CoTask<int> cow_co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                 QEMUIOVector *qiov, int flags) {
    BDRVCowState *s = cow_state(bs);
    for (int64_t done = 0; done < bytes;) {
        Piece piece = first_piece(s, offset + done, offset + bytes);
        QEMUIOVector part;
        qemu_iovec_concat(&part, qiov, static_cast<size_t>(done), static_cast<size_t>(piece.bytes));
        BdrvChild *from = piece.written ? bs->file : s->backing;
        int ret = co_await bdrv_co_preadv(from, offset + done, piece.bytes, &part, flags);
        if (ret < 0) co_return ret;
        done += piece.bytes;
    }
    co_return 0;
}

static CoTask<int> cow_co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                  QEMUIOVector *qiov, int flags) {
    int ret = co_await bdrv_co_pwritev(bs->file, offset, bytes, qiov, flags);
    if (ret >= 0) mark_written(cow_state(bs), offset, offset + bytes);
    co_return ret;
}

static CoTask<int> cow_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        int flags) {
    int ret = co_await bdrv_co_pwrite_zeroes(bs->file, offset, bytes, flags | BDRV_REQ_MAY_UNMAP);
    if (ret >= 0) mark_written(cow_state(bs), offset, offset + bytes);
    co_return ret;
}

static CoTask<int> cow_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                       int64_t *pnum, int64_t *map, BlockDriverState **file) {
    BDRVCowState *s = cow_state(bs);
    Piece piece = first_piece(s, offset, offset + bytes);
    BlockDriverState *from = piece.written ? bs->file->bs : s->backing->bs;
    int ret = co_await bdrv_co_block_status(from, offset, piece.bytes, pnum, map, file);
    if (ret < 0 || *pnum > 0) co_return ret;
    *pnum = piece.bytes; // behind the base's end
    co_return BDRV_BLOCK_ZERO;
}

static CoTask<int> cow_co_truncate(BlockDriverState *bs, int64_t offset, Error **errp) {
    int64_t length = bdrv_getlength(bs->file->bs);
    int ret = co_await bdrv_co_truncate(bs->file, offset, errp);
    if (ret < 0) co_return ret;
    forget_behind(cow_state(bs), offset);
    // What comes back behind a shorter disk's end is zeroes, whatever the base has there.
    if (offset > length) mark_written(cow_state(bs), length, offset);
    co_return 0;
}

static int64_t cow_getlength(BlockDriverState *bs) { return bdrv_getlength(bs->file->bs); }

// Not registered: a temporary file means nothing to another process.
static BlockDriver bdrv_cow = {
    .format_name = "temporary-snapshot",
    .bdrv_getlength = cow_getlength,
    .bdrv_co_preadv = cow_co_preadv,
    .bdrv_co_pwritev = cow_co_pwritev,
    .bdrv_co_pwrite_zeroes = cow_co_pwrite_zeroes,
    .bdrv_co_block_status = cow_co_block_status,
    .bdrv_co_truncate = cow_co_truncate,
};

// --- making one

static std::string make_temporary_file(Error **errp) {
    const char *folder = getenv("TMPDIR");
    std::string path = std::string(folder && *folder ? folder : "/var/tmp") + "/vl.XXXXXX";
    int fd = mkostemp(path.data(), O_CLOEXEC);
    if (fd < 0) {
        error_setg(errp, "Could not open temporary file '%s': %s", path.c_str(), strerror(errno));
        return "";
    }
    close(fd);
    return path;
}

// The file has no name once its node is open.
static BlockDriverState *open_temporary_file(int64_t length, Error **errp) {
    std::string path = make_temporary_file(errp);
    if (path.empty()) return nullptr;
    BlockDriverState *bs =
        bdrv_open(nullptr, nullptr,
                  { { "driver", "file" }, { "filename", path }, { "cache.no-flush", "on" } },
                  BDRV_O_RDWR | BDRV_O_UNMAP, errp);
    unlink(path.c_str());
    if (!bs) return nullptr;
    BdrvChild child{ bs, "file", &child_of_bds, nullptr };
    if (aio_wait(bdrv_co_truncate(&child, length, errp)) < 0) {
        bdrv_unref(bs);
        return nullptr;
    }
    return bs;
}

BlockDriverState *bdrv_append_temp_snapshot(BlockDriverState *base, int flags, Error **errp) {
    BlockDriverState *file = open_temporary_file(bdrv_getlength(base), errp);
    if (!file) {
        bdrv_unref(base);
        return nullptr;
    }
    BlockDriverState *bs = bdrv_new();
    auto s = std::make_unique<BDRVCowState>();
    bs->file = bdrv_add_child(bs, file, "file");
    s->backing = bdrv_add_child(bs, base, "backing");
    bs->opaque = std::move(s);
    bs->open_flags = flags | BDRV_O_RDWR;
    bs->detect_zeroes = base->detect_zeroes;
    bs->drv = &bdrv_cow;
    bs->filename = base->filename;
    bool ok = bdrv_assign_node_name(bs, {}, errp) && (bdrv_refresh_limits(bs), true) &&
              bdrv_refresh_total_sectors(bs, errp);
    if (ok) return bs;
    bdrv_unref(bs);
    return nullptr;
}

BlockDriverState *bdrv_backing(const BlockDriverState *bs) {
    return bs->drv == &bdrv_cow ? cow_state(bs)->backing->bs : nullptr;
}

// --- committing

static int copy_range(BlockDriverState *bs, int64_t start, int64_t end) {
    static constexpr int64_t step = 1 << 20;
    BlockMemory buf = block_memory_new(4096, step);
    for (int64_t at = start; at < end; at += step) {
        int64_t bytes = std::min(step, end - at);
        int ret = bdrv_pread(bs->file, at, bytes, buf.get(), 0);
        if (ret >= 0) ret = bdrv_pwrite(cow_state(bs)->backing, at, bytes, buf.get(), 0);
        if (ret < 0) return ret;
    }
    return 0;
}

static int copy_to_base(BlockDriverState *bs, Error **errp) {
    BDRVCowState *s = cow_state(bs);
    int64_t length = bdrv_getlength(bs);
    int ret = 0;
    if (bdrv_getlength(s->backing->bs) != length) {
        ret = aio_wait(bdrv_co_truncate(s->backing, length, errp));
        if (ret < 0) return ret;
    }
    for (auto it = s->extents.begin(); it != s->extents.end() && ret >= 0; ++it) {
        ret = copy_range(bs, it->first, it->second);
    }
    if (ret >= 0) ret = bdrv_flush(s->backing->bs);
    if (ret < 0) error_setg(errp, "%s", strerror(-ret));
    return ret;
}

// The base has everything: gives the temporary file's space back.
static int empty_temporary_file(BlockDriverState *bs, Error **errp) {
    int64_t length = bdrv_getlength(bs);
    cow_state(bs)->extents.clear();
    int ret = aio_wait(bdrv_co_truncate(bs->file, 0, errp));
    return ret < 0 ? ret : aio_wait(bdrv_co_truncate(bs->file, length, errp));
}

int bdrv_commit(BlockDriverState *bs, Error **errp) {
    if (bs->drv != &bdrv_cow) {
        error_setg(errp, "%s", strerror(ENOTSUP));
        return -ENOTSUP;
    }
    BdrvChild *backing = cow_state(bs)->backing;
    uint64_t perm = backing->perm, writing = perm | BLK_PERM_WRITE | BLK_PERM_RESIZE;
    if (!bdrv_reopen_set_read_only(backing->bs, false, errp)) return -EACCES;
    int ret = -EACCES;
    if (bdrv_child_try_set_perm(backing, writing, backing->shared_perm, errp)) {
        ret = copy_to_base(bs, errp);
        (void)bdrv_child_try_set_perm(backing, perm, backing->shared_perm, nullptr);
    }
    (void)bdrv_reopen_set_read_only(backing->bs, true, nullptr);
    return ret < 0 ? ret : empty_temporary_file(bs, errp);
}
