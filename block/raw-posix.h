// SPDX-License-Identifier: MIT
/* What the parts of `file` and `host_device` share: block/raw-posix.cpp opens, reads, writes and
 * flushes; block/raw-lock.cpp locks the image; block/raw-space.cpp deals with holes and sizes. */
#pragma once

#include <atomic>

#include "block/block_int.h"
#include "block/io_uring.h"
#include "util/coroutine.h"

struct BDRVRawState : BDRVState {
    int fd = -1;
    bool is_block_device = false;
    CoMutex cached_writes;
    LuringState *io_uring = nullptr; // aio=io_uring; else worker threads
    bool use_lock = false;
    uint64_t locked_perm = 0;     // BLK_PERM_*: the bytes at 100 that are locked
    uint64_t locked_unshared = 0; // those at 200
    // Set by a failed fdatasync. The kernel forgets the pages it could not write, so a later one
    // would succeed although data is lost: from then on every flush fails.
    int flush_error = 0;

    // What the host's file system has not refused yet. Worker threads clear them.
    std::atomic<bool> has_write_zeroes{ true }; // FALLOC_FL_ZERO_RANGE, BLKZEROOUT
    std::atomic<bool> has_discard{ true };      // FALLOC_FL_PUNCH_HOLE, BLKDISCARD
    std::atomic<bool> has_fallocate{ true };
};

enum RawLocking { RAW_LOCKING_AUTO, RAW_LOCKING_ON, RAW_LOCKING_OFF };
inline constexpr const char *raw_locking_modes[] = { "auto", "on", "off" };

inline BDRVRawState *raw_state(BlockDriverState *bs) {
    return static_cast<BDRVRawState *>(bs->opaque.get());
}

int64_t raw_getlength(BlockDriverState *bs);
// Somebody wants to write. A file that BDRV_O_AUTO_RDONLY has opened for reading is opened again,
// or that fails with the host's reason; its locks are then to be taken anew.
[[nodiscard]] bool raw_make_writable(BlockDriverState *bs, Error **errp);

// --- block/raw-lock.cpp
// Option "locking".
[[nodiscard]] bool raw_take_locking(BDRVRawState *s, BlockOptions *options, Error **errp);
[[nodiscard]] bool raw_set_perm(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm,
                                Error **errp);

// --- block/raw-space.cpp
int64_t raw_get_allocated_file_size(BlockDriverState *bs);
CoTask<int> raw_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes, int flags);
CoTask<int> raw_co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes);
CoTask<int> raw_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes, int64_t *pnum,
                                int64_t *map, BlockDriverState **file);
CoTask<int> raw_co_truncate(BlockDriverState *bs, int64_t offset, Error **errp);
