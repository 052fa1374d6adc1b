// SPDX-License-Identifier: MIT
/* Filter `blklogwrites`: what is written goes to its child, and to a log from which any moment can
 * be had again, for those who test what a crash leaves behind.
 * Spec: docs.kernel.org/admin-guide/device-mapper/log-writes.html, and that target's two structures
 *
 * The log is a superblock and then entries, each with what was written behind it, in the order in
 * which the child has completed them. An entry of a flush stands behind what had completed when the
 * flush began, and before all else: what a write only then turned out to have done was not the
 * flush's to keep. So whoever cuts the log anywhere finds on the disk, for certain, what stands
 * before the last flush of what is left and each write marked FUA; of the rest, any part.
 *
 * Invariant: an entry is written, and counted, under `lock`. A flush has the lock all the while
 * that the child flushes.
 *
 * Options: `file` (the child), `log`, `log-append` (off: begin a new log), `log-sector-size` (512),
 *     `log-super-update-interval` (4096): so many entries at most are in no superblock yet.
 * Missing: writes that failed are not logged, though they may have changed something; resizing is
 *     not logged either.
 *
 * A loadable module, block-blklogwrites.so.
 *
 * In gdb: b blklogwrites::log_entry, once the library is loaded */
#include <bit>
#include <cerrno>
#include <cinttypes>
#include <cstring>

#include "block/block_int.h"
#include "util/module.h"

namespace blklogwrites {

// --- the format; numbers are little-endian

static constexpr uint64_t MAGIC = 0x6a736677736872;
static constexpr uint64_t VERSION = 1;

// In the log's first sector.
struct [[gnu::packed]] Super {
    uint64_t magic;
    uint64_t version;
    uint64_t nr_entries;
    uint32_t sectorsize; // of the log, and of what its entries count
};
static_assert(sizeof(Super) == 28);

// In a sector of its own, with the data's sectors behind it.
struct Entry {
    uint64_t sector;
    uint64_t nr_sectors;
    uint64_t flags;
    uint64_t data_len; // of a mark
};
static_assert(sizeof(Entry) == 32);
static constexpr uint64_t FLUSH_FLAG = 1, FUA_FLAG = 2, DISCARD_FLAG = 4;

// --- state

// One task at a time, more or less in the order in which they came.
class Lock {
public:
    CoTask<void> lock() {
        while (held_) co_await waiters_.wait();
        held_ = true;
    }
    void unlock() {
        held_ = false;
        waiters_.restart_all();
    }

private:
    bool held_ = false;
    CoQueue waiters_;
};

struct BDRVBlkLogWritesState : BDRVState {
    BdrvChild *log = nullptr;
    uint64_t sector_size = BDRV_SECTOR_SIZE;
    uint64_t super_update_interval = 4096;
    uint64_t next_sector = 1; // of the log, free
    uint64_t nr_entries = 0;
    uint64_t nr_entries_saved = 0; // in the superblock
    Lock lock;
};
using S = BDRVBlkLogWritesState;

static S *state_of(BlockDriverState *bs) { return static_cast<S *>(bs->opaque.get()); }

// --- the log

// Writes `size` bytes as a sector of the log.
static CoTask<int> write_sector(S *s, uint64_t sector, const void *content, size_t size,
                                int flags) {
    auto bytes = static_cast<int64_t>(s->sector_size);
    BlockMemory memory = block_memory_new(bytes, bytes);
    memset(memory.get(), 0, s->sector_size);
    memcpy(memory.get(), content, size);
    QEMUIOVector qiov(memory.get(), s->sector_size);
    co_return co_await bdrv_co_pwritev(s->log, static_cast<int64_t>(sector) * bytes, bytes, &qiov,
                                       flags);
}

static CoTask<int> write_super(S *s, int flags) {
    Super super = { MAGIC, VERSION, s->nr_entries, static_cast<uint32_t>(s->sector_size) };
    uint64_t saved = s->nr_entries;
    int ret = co_await write_sector(s, 0, &super, sizeof(super), flags);
    if (ret == 0) s->nr_entries_saved = saved;
    co_return ret;
}

// What is behind an entry: `qiov`, or zeroes without memory, or with a discard nothing.
static CoTask<int> write_data(S *s, const Entry &entry, QEMUIOVector *qiov) {
    auto offset = static_cast<int64_t>((s->next_sector + 1) * s->sector_size);
    auto bytes = static_cast<int64_t>(entry.nr_sectors * s->sector_size);
    if (bytes == 0 || (entry.flags & DISCARD_FLAG)) co_return 0;
    if (qiov) co_return co_await bdrv_co_pwritev(s->log, offset, bytes, qiov, 0);
    co_return co_await bdrv_co_pwrite_zeroes(s->log, offset, bytes, BDRV_REQ_MAY_UNMAP);
}

static uint64_t sectors_of(const Entry &entry) {
    return 1 + (entry.flags & DISCARD_FLAG ? 0 : entry.nr_sectors);
}

// The caller has the lock.
static CoTask<int> log_entry(S *s, const Entry *entry, QEMUIOVector *qiov) {
    int ret = co_await write_data(s, *entry, qiov);
    if (ret < 0) co_return ret;
    ret = co_await write_sector(s, s->next_sector, entry, sizeof(*entry), 0);
    if (ret < 0) co_return ret;
    s->next_sector += sectors_of(*entry);
    s->nr_entries++;
    bool stable = entry->flags & (FLUSH_FLAG | FUA_FLAG);
    if (!stable && s->nr_entries - s->nr_entries_saved < s->super_update_interval) co_return 0;
    co_return co_await write_super(s, stable ? BDRV_REQ_FUA : 0);
}

static CoTask<int> log_request(BlockDriverState *bs, int64_t offset, int64_t bytes, uint64_t flags,
                               QEMUIOVector *qiov) {
    S *s = state_of(bs);
    Entry entry = { static_cast<uint64_t>(offset) / s->sector_size,
                    static_cast<uint64_t>(bytes) / s->sector_size, flags, 0 };
    co_await s->lock.lock();
    int ret = co_await log_entry(s, &entry, qiov);
    s->lock.unlock();
    co_return ret;
}

// --- requests

static uint64_t fua_flag(int flags) { return flags & BDRV_REQ_FUA ? FUA_FLAG : 0; }

static CoTask<int> co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                             QEMUIOVector *qiov, int flags) {
    co_return co_await bdrv_co_preadv(bs->file, offset, bytes, qiov, flags);
}

static CoTask<int> co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                              QEMUIOVector *qiov, int flags) {
    int ret = co_await bdrv_co_pwritev(bs->file, offset, bytes, qiov, flags);
    if (ret < 0) co_return ret;
    co_return co_await log_request(bs, offset, bytes, fua_flag(flags), qiov);
}

static CoTask<int> co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                    int flags) {
    int ret = co_await bdrv_co_pwrite_zeroes(bs->file, offset, bytes, flags);
    if (ret < 0) co_return ret;
    co_return co_await log_request(bs, offset, bytes, fua_flag(flags), nullptr);
}

static CoTask<int> co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    int ret = co_await bdrv_co_pdiscard(bs->file, offset, bytes);
    if (ret < 0) co_return ret;
    co_return co_await log_request(bs, offset, bytes, DISCARD_FLAG, nullptr);
}

// The log itself is flushed behind this, as every child is.
static CoTask<int> co_flush_to_disk(BlockDriverState *bs) {
    S *s = state_of(bs);
    Entry entry = { 0, 0, FLUSH_FLAG, 0 };
    co_await s->lock.lock();
    int ret = co_await bdrv_co_flush(bs->file->bs);
    if (ret == 0) ret = co_await log_entry(s, &entry, nullptr);
    s->lock.unlock();
    co_return ret;
}

// --- life cycle and registration

static bool check_sector_size(const S *s, Error **errp) {
    constexpr uint64_t max = 1 << 23;
    if (s->sector_size >= BDRV_SECTOR_SIZE && s->sector_size <= max &&
        std::has_single_bit(s->sector_size)) {
        return true;
    }
    error_setg(errp, "Invalid log sector size %" PRIu64, s->sector_size);
    return false;
}

static bool take_sizes(BlockOptions *options, S *s, Error **errp) {
    if (!block_options_take_size(options, "log-sector-size", &s->sector_size, errp)) return false;
    if (!check_sector_size(s, errp)) return false;
    if (!block_options_take_number(options, "log-super-update-interval", &s->super_update_interval,
                                   errp)) {
        return false;
    }
    if (s->super_update_interval > 0) return true;
    error_setg(errp, "Invalid log superblock update interval %" PRIu64, s->super_update_interval);
    return false;
}

// The entry at s->next_sector of a log that has so many sectors; -errno.
static int read_entry(S *s, uint64_t sectors, Entry *entry) {
    if (s->next_sector >= sectors) return -EINVAL;
    auto offset = static_cast<int64_t>(s->next_sector * s->sector_size);
    int ret = bdrv_pread(s->log, offset, sizeof(*entry), entry, 0);
    if (ret < 0) return ret;
    bool nothing = entry->nr_sectors == 0 && entry->flags == 0; // a hole in the file
    return nothing || sectors_of(*entry) - 1 > sectors ? -EINVAL : 0;
}

// Goes through the log from entry to entry, to where it ends.
static bool find_end(S *s, Error **errp) {
    uint64_t sectors = static_cast<uint64_t>(bdrv_getlength(s->log->bs)) / s->sector_size;
    for (uint64_t n = 0; n < s->nr_entries; n++) {
        Entry entry;
        int ret = read_entry(s, sectors, &entry);
        if (ret < 0) {
            error_setg(errp, "Failed to read log entry %" PRIu64 ": %s", n, strerror(-ret));
            return false;
        }
        s->next_sector += sectors_of(entry);
    }
    return true;
}

static bool append(S *s, Error **errp) {
    Super super = {};
    int ret = bdrv_pread(s->log, 0, sizeof(super), &super, 0);
    if (ret < 0) {
        error_setg(errp, "Could not read log superblock: %s", strerror(-ret));
        return false;
    }
    if (super.magic != MAGIC) {
        error_setg(errp, "Invalid log superblock magic");
        return false;
    }
    if (super.version != VERSION) {
        error_setg(errp, "Unsupported log version %" PRIu64, uint64_t{ super.version });
        return false;
    }
    s->sector_size = super.sectorsize;
    if (!check_sector_size(s, errp)) return false;
    s->nr_entries = s->nr_entries_saved = super.nr_entries;
    return find_end(s, errp);
}

static bool begin(S *s, Error **errp) {
    int ret = aio_wait(write_super(s, 0));
    if (ret < 0) error_setg(errp, "Could not write log superblock: %s", strerror(-ret));
    return ret >= 0;
}

static bool open(BlockDriverState *bs, BlockOptions *options, int flags, Error **errp) {
    auto s = std::make_unique<S>();
    bool log_append = false, sized = options->contains("log-sector-size");
    if (!block_options_take_bool(options, "log-append", &log_append, errp)) return false;
    if (log_append && sized) {
        error_setg(errp, "log-append and log-sector-size are mutually exclusive");
        return false;
    }
    if (!take_sizes(options, s.get(), errp)) return false;
    bs->file = bdrv_open_child(nullptr, options, "file", bs, flags, errp);
    if (!bs->file) return false;
    // A log that cannot be written is of no use to anybody.
    s->log = bdrv_open_child(nullptr, options, "log", bs, flags & ~BDRV_O_AUTO_RDONLY, errp);
    if (!s->log) return false;
    if (!bdrv_is_read_only(bs) && !(log_append ? append(s.get(), errp) : begin(s.get(), errp))) {
        return false;
    }
    bs->supported_write_flags = bs->supported_zero_flags = BDRV_REQ_FUA;
    bs->opaque = std::move(s);
    return true;
}

static void close(BlockDriverState *bs) {
    S *s = state_of(bs);
    if (s->nr_entries != s->nr_entries_saved) (void)aio_wait(write_super(s, 0));
}

static void refresh_limits(BlockDriverState *bs) {
    bs->bl.request_alignment = static_cast<uint32_t>(state_of(bs)->sector_size);
}

static constexpr BlockOption driver_options[] = {
    { "file", BLOCK_OPT_NODE, BLOCK_OPT_REQUIRED },
    { "log", BLOCK_OPT_NODE, BLOCK_OPT_REQUIRED },
    { "log-sector-size", BLOCK_OPT_UINT32 },
    { "log-append", BLOCK_OPT_BOOL },
    { "log-super-update-interval", BLOCK_OPT_UINT64 },
};

static BlockDriver driver = {
    .format_name = "blklogwrites",
    .is_filter = true,
    .options = driver_options,
    .bdrv_file_open = open,
    .bdrv_close = close,
    .bdrv_refresh_limits = refresh_limits,
    .bdrv_co_preadv = co_preadv,
    .bdrv_co_pwritev = co_pwritev,
    .bdrv_co_flush_to_disk = co_flush_to_disk,
    .bdrv_co_pwrite_zeroes = co_pwrite_zeroes,
    .bdrv_co_pdiscard = co_pdiscard,
};

static void bdrv_blklogwrites_init() { bdrv_register(&driver); }
block_init(bdrv_blklogwrites_init)

} // namespace blklogwrites
