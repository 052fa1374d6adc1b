// SPDX-License-Identifier: MIT
/* BlockBackend: what a device holds of its disk, and what `info block` lists.
 *
 * It has the name the user gave (`id=`), an image (the root node; none: an empty drive) and at most
 * one device. It checks every request against the disk's size, and makes writes stable at once
 * where the write cache is off (cache=writethrough, directsync).
 *
 * Under the big lock, but for what a device's requests need: those run in the context that the
 * nodes below live in, under its lock. "Requests of coroutines" and "of devices" say who calls with
 * that lock in his hand; everything else takes it where it must. Requests return 0 or -errno.
 *
 * In gdb: b blk_new_open     b blk_co_preadv     b blk_aio_preadv */
#pragma once

#include "block/block.h"
#include "block/throttle.h"
#include "util/coroutine.h"
#include "util/iov.h"

struct BlockBackend;

// What a device wants to be told; under the big lock and the lock of the disk's context.
struct BlockDevOps {
    void (*resize_cb)(void *opaque) = nullptr; // the disk has another length
    // Requests shall come to an end: it sends no new ones, until it is told that it may.
    void (*drained_begin)(void *opaque) = nullptr;
    void (*drained_end)(void *opaque) = nullptr;
};
struct DriveInfo;
struct Error;
struct Object;

// --- life
// An empty drive without a name. The caller owns one reference.
BlockBackend *blk_new();
// Opens an image; see bdrv_open(). Nothing is done with it, and so nothing is locked, until a
// device says what it wants (blk_set_perm).
BlockBackend *blk_new_open(const char *filename, const char *reference, BlockOptions options,
                           int flags, Error **errp);
void blk_ref(BlockBackend *blk);
void blk_unref(BlockBackend *blk);
// Puts an open node into an empty drive; takes a reference to it. False if another user of the
// node, or of its file, is against what the drive does with it.
[[nodiscard]] bool blk_insert_bs(BlockBackend *blk, BlockDriverState *bs, Error **errp);
// Takes the image out, when all requests are done.
void blk_remove_bs(BlockBackend *blk);
void blk_remove_all_bs();

// --- names
// Gives it the user's name; `info block` then lists it.
[[nodiscard]] bool monitor_add_blk(BlockBackend *blk, const std::string &name, Error **errp);
void monitor_remove_blk(BlockBackend *blk);
const char *blk_name(const BlockBackend *blk); // "": none
// The same, or its node's name.
const char *blk_display_name(const BlockBackend *blk);
BlockBackend *blk_by_name(const char *name);
// Every backend, in order of creation. `blk` null: the first. Null: no more.
BlockBackend *blk_all_next(const BlockBackend *blk);
// Those with a name, in order of naming.
BlockBackend *blk_next(const BlockBackend *blk);

// --- its device and its -drive
// The device that uses it from now on; false if it has one already. Holds no reference to it.
[[nodiscard]] bool blk_attach_dev(BlockBackend *blk, Object *dev);
void blk_detach_dev(BlockBackend *blk, Object *dev);
void blk_set_dev_ops(BlockBackend *blk, const BlockDevOps *ops, void *opaque);
// What the device does with the disk, and what others may do meanwhile (BLK_PERM_*).
[[nodiscard]] bool blk_set_perm(BlockBackend *blk, uint64_t perm, uint64_t shared_perm,
                                Error **errp);
// The same as a disk device needs it. `share_rw`: others may write too.
[[nodiscard]] bool blkconf_apply_backend_options(BlockBackend *blk, bool share_rw, Error **errp);
Object *blk_get_attached_dev(const BlockBackend *blk);
// The -drive that made it, or nullptr. The backend owns it.
DriveInfo *blk_legacy_dinfo(const BlockBackend *blk);
DriveInfo *blk_set_legacy_dinfo(BlockBackend *blk, DriveInfo *dinfo);
BlockBackend *blk_by_legacy_dinfo(const DriveInfo *dinfo);

// Where its requests run; of an empty drive the main loop.
AioContext *blk_get_aio_context(const BlockBackend *blk);
// The device's own wish. "Cannot change iothread of active block backend": another device uses one
// of its nodes too, or its limits are shared with other drives.
[[nodiscard]] bool blk_set_aio_context(BlockBackend *blk, AioContext *ctx, Error **errp);

// --- what it is
BlockDriverState *blk_bs(const BlockBackend *blk); // null: empty
bool blk_is_inserted(const BlockBackend *blk);
bool blk_is_read_only(const BlockBackend *blk);
// Under the lock of its context. In bytes, a multiple of 512; -ENOMEDIUM if it is empty.
int64_t blk_getlength(const BlockBackend *blk);
bool blk_enable_write_cache(const BlockBackend *blk);
void blk_set_enable_write_cache(BlockBackend *blk, bool wce);

// --- what becomes of requests that failed
enum BlockErrorAction {
    BLOCK_ERROR_ACTION_IGNORE,
    BLOCK_ERROR_ACTION_REPORT,
    BLOCK_ERROR_ACTION_STOP,
};
enum BlockDeviceIoStatus {
    BLOCK_DEVICE_IO_STATUS_OK,
    BLOCK_DEVICE_IO_STATUS_FAILED,
    BLOCK_DEVICE_IO_STATUS_NOSPACE,
};
// BLOCKDEV_ON_ERROR_AUTO leaves things as they are; at first as QEMU has them: reads are reported,
// writes stop if there is no space left.
void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read, BlockdevOnError on_write);
// What a device shall do about a request that failed with that errno (positive). This and the next
// are called from the request's loop.
BlockErrorAction blk_get_error_action(const BlockBackend *blk, bool is_read, int error);
// Notes that the device does so.
void blk_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error);
// The first error that stopped the machine, until it goes on.
BlockDeviceIoStatus blk_iostatus(const BlockBackend *blk);
void blk_iostatus_reset_all();

// --- limits (block/throttle.h)
// Makes the drive a member of that group, which has these limits from now on; none: of no group.
// False: members of the group are in another iothread.
[[nodiscard]] bool blk_set_io_limits(BlockBackend *blk, const std::string &group,
                                     const ThrottleConfig &config, Error **errp);
const ThrottleGroupMember *blk_throttle(const BlockBackend *blk);

// --- requests of coroutines, in the context's loop: the memory must stay until they return
CoTask<int> blk_co_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                          int flags);
CoTask<int> blk_co_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                           int flags);
CoTask<int> blk_co_flush(BlockBackend *blk);
// `flags`: BDRV_REQ_MAY_UNMAP lets the zeroes give their space back.
CoTask<int> blk_co_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags);
CoTask<int> blk_co_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes);

// --- requests of devices: cb(opaque, ret) is called from the context's loop, under its lock, never
// before the call has returned. `qiov` and its memory must stay until then.
using BlockCompletionFunc = void (*)(void *opaque, int ret);
void blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, int flags,
                    BlockCompletionFunc cb, void *opaque);
void blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, int flags,
                     BlockCompletionFunc cb, void *opaque);
void blk_aio_flush(BlockBackend *blk, BlockCompletionFunc cb, void *opaque);
void blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags,
                           BlockCompletionFunc cb, void *opaque);
void blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletionFunc cb,
                      void *opaque);

// --- synchronous requests: they poll the context until they are done
int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf, int flags);
int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf, int flags);
int blk_flush(BlockBackend *blk);
int blk_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags);
int blk_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes);
// Makes the disk `offset` bytes long, when all requests are done. Whatever is behind is lost.
int blk_truncate(BlockBackend *blk, int64_t offset, Error **errp);
// Waits until no request is in flight; their callbacks have run then. So it is not for such a
// callback to call.
void blk_drain(BlockBackend *blk);
