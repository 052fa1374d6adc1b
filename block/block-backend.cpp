// SPDX-License-Identifier: MIT
/* BlockBackend: a device's end of the block layer. See block/block-backend.h. */
#include "block/block-backend.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "block/block_int.h"
#include "block/blockdev.h"
#include "block/trace.h"
#include "util/aio.h"
#include "util/qmp.h"

struct BlockBackend {
    std::string name;
    int refcnt = 1;
    std::unique_ptr<BdrvChild> root; // null: an empty drive
    uint64_t perm = 0;               // what is done with it
    uint64_t shared_perm = BLK_PERM_ALL;
    Object *dev = nullptr;
    const BlockDevOps *dev_ops = nullptr;
    void *dev_opaque = nullptr;
    std::unique_ptr<DriveInfo> legacy_dinfo;
    bool enable_write_cache = true;
    BlockdevOnError on_read_error = BLOCKDEV_ON_ERROR_REPORT;
    BlockdevOnError on_write_error = BLOCKDEV_ON_ERROR_ENOSPC;
    BlockDeviceIoStatus iostatus = BLOCK_DEVICE_IO_STATUS_OK;
    ThrottleGroupMember throttle;
    bool allow_aio_context_change = false; // its device asks for it
    unsigned in_flight = 0;
};

// --- life

// Every backend, named or not, in order of creation. A function, so that it exists before its first
// user does.
static std::vector<BlockBackend *> &block_backends() {
    static std::vector<BlockBackend *> all;
    return all;
}

// Those with a name, in order of naming.
static std::vector<BlockBackend *> &monitor_block_backends() {
    static std::vector<BlockBackend *> named;
    return named;
}

BlockBackend *blk_new() {
    auto *blk = new BlockBackend;
    block_backends().push_back(blk);
    return blk;
}

[[gnu::noinline]] BlockBackend *blk_new_open(const char *filename, const char *reference,
                                             BlockOptions options, int flags, Error **errp) {
    BlockDriverState *bs = bdrv_open(filename, reference, std::move(options), flags, errp);
    if (!bs) return nullptr;
    BlockBackend *blk = blk_new();
    if (!blk_insert_bs(blk, bs, errp)) blk_unref(std::exchange(blk, nullptr));
    bdrv_unref(bs);
    return blk;
}

void blk_ref(BlockBackend *blk) { blk->refcnt++; }

void blk_unref(BlockBackend *blk) {
    assert(blk->refcnt > 0);
    if (--blk->refcnt > 0) return;
    assert(!blk->dev && blk->name.empty());
    blk_remove_bs(blk);
    throttle_group_unregister(&blk->throttle);
    std::erase(block_backends(), blk);
    delete blk;
}

static void tell_dev(BdrvChild *child, void (*BlockDevOps::*callback)(void *opaque)) {
    const auto *blk = static_cast<const BlockBackend *>(child->opaque);
    if (blk->dev_ops && blk->dev_ops->*callback) (blk->dev_ops->*callback)(blk->dev_opaque);
}

static void child_root_resize(BdrvChild *child) { tell_dev(child, &BlockDevOps::resize_cb); }

static std::string child_root_get_parent_desc(const BdrvChild *child) {
    const auto *blk = static_cast<const BlockBackend *>(child->opaque);
    return blk->name.empty() ? "an unnamed block device" : "block device '" + blk->name + "'";
}

static void child_root_drained_begin(BdrvChild *c) { tell_dev(c, &BlockDevOps::drained_begin); }
static void child_root_drained_end(BdrvChild *c) { tell_dev(c, &BlockDevOps::drained_end); }

static bool child_root_can_change_aio_context(BdrvChild *child, Error **errp) {
    const auto *blk = static_cast<const BlockBackend *>(child->opaque);
    bool in_use = blk->dev && !blk->allow_aio_context_change;
    if (!in_use) return throttle_group_can_move(&blk->throttle, errp);
    error_setg(errp, "Cannot change iothread of active block backend");
    return false;
}

static void child_root_change_aio_context(BdrvChild *child, AioContext *ctx) {
    throttle_group_attach_aio_context(&static_cast<BlockBackend *>(child->opaque)->throttle, ctx);
}

static const BdrvChildClass child_root = {
    .resize = child_root_resize,
    .get_parent_desc = child_root_get_parent_desc,
    .drained_begin = child_root_drained_begin,
    .drained_end = child_root_drained_end,
    .can_change_aio_context = child_root_can_change_aio_context,
    .change_aio_context = child_root_change_aio_context,
};

AioContext *blk_get_aio_context(const BlockBackend *blk) {
    return blk->root ? blk->root->bs->aio_context : qemu_get_aio_context();
}

bool blk_set_aio_context(BlockBackend *blk, AioContext *ctx, Error **errp) {
    if (!blk->root) return true;
    blk->allow_aio_context_change = true;
    bool ok = bdrv_try_change_aio_context(blk->root->bs, ctx, errp);
    blk->allow_aio_context_change = false;
    return ok;
}

bool blk_insert_bs(BlockBackend *blk, BlockDriverState *bs, Error **errp) {
    assert(!blk->root);
    AioContextGuard guard(bs->aio_context);
    bdrv_ref(bs);
    blk->root = bdrv_attach_child(bs, "root", &child_root, blk);
    if (bdrv_child_try_set_perm(blk->root.get(), blk->perm, blk->shared_perm, errp)) return true;
    bdrv_detach_child(std::move(blk->root));
    return false;
}

void blk_remove_bs(BlockBackend *blk) {
    AioContextGuard guard(blk_get_aio_context(blk));
    blk_drain(blk);
    if (blk->root) bdrv_detach_child(std::move(blk->root));
}

void blk_remove_all_bs() {
    for (BlockBackend *blk : block_backends()) blk_remove_bs(blk);
}

// --- names

bool monitor_add_blk(BlockBackend *blk, const std::string &name, Error **errp) {
    assert(blk->name.empty() && !name.empty());
    if (blk_by_name(name.c_str())) {
        error_setg(errp, "Device with id '%s' already exists", name.c_str());
        return false;
    }
    if (bdrv_find_node(name.c_str())) {
        error_setg(errp, "Device name '%s' conflicts with an existing node name", name.c_str());
        return false;
    }
    blk->name = name;
    monitor_block_backends().push_back(blk);
    return true;
}

void monitor_remove_blk(BlockBackend *blk) {
    std::erase(monitor_block_backends(), blk);
    blk->name.clear();
}

const char *blk_name(const BlockBackend *blk) { return blk->name.c_str(); }

const char *blk_display_name(const BlockBackend *blk) {
    return blk->name.empty() && blk->root ? blk->root->bs->node_name.c_str() : blk_name(blk);
}

BlockBackend *blk_by_name(const char *name) {
    for (BlockBackend *blk : monitor_block_backends()) {
        if (blk->name == name) return blk;
    }
    return nullptr;
}

static BlockBackend *next_in(const std::vector<BlockBackend *> &all, const BlockBackend *blk) {
    auto it = blk ? std::find(all.begin(), all.end(), blk) + 1 : all.begin();
    return it == all.end() ? nullptr : *it;
}

BlockBackend *blk_all_next(const BlockBackend *blk) { return next_in(block_backends(), blk); }

BlockBackend *blk_next(const BlockBackend *blk) { return next_in(monitor_block_backends(), blk); }

// --- its device and its -drive

bool blk_attach_dev(BlockBackend *blk, Object *dev) {
    if (blk->dev) return false;
    blk_ref(blk);
    blk->dev = dev;
    return true;
}

void blk_detach_dev(BlockBackend *blk, [[maybe_unused]] Object *dev) {
    assert(blk->dev == dev);
    blk->dev = nullptr;
    blk->dev_ops = nullptr;
    (void)blk_set_perm(blk, 0, BLK_PERM_ALL, nullptr);
    blk_unref(blk);
}

bool blk_set_perm(BlockBackend *blk, uint64_t perm, uint64_t shared_perm, Error **errp) {
    AioContextGuard guard(blk_get_aio_context(blk));
    if (blk->root && !bdrv_child_try_set_perm(blk->root.get(), perm, shared_perm, errp)) {
        return false;
    }
    blk->perm = perm;
    blk->shared_perm = shared_perm;
    return true;
}

bool blkconf_apply_backend_options(BlockBackend *blk, bool share_rw, Error **errp) {
    uint64_t perm = BLK_PERM_CONSISTENT_READ | (blk_is_read_only(blk) ? 0 : BLK_PERM_WRITE);
    uint64_t shared_perm = BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE_UNCHANGED | BLK_PERM_RESIZE |
                           (share_rw ? BLK_PERM_WRITE : 0);
    return blk_set_perm(blk, perm, shared_perm, errp);
}

void blk_set_dev_ops(BlockBackend *blk, const BlockDevOps *ops, void *opaque) {
    blk->dev_ops = ops;
    blk->dev_opaque = opaque;
}

Object *blk_get_attached_dev(const BlockBackend *blk) { return blk->dev; }

DriveInfo *blk_legacy_dinfo(const BlockBackend *blk) { return blk->legacy_dinfo.get(); }

DriveInfo *blk_set_legacy_dinfo(BlockBackend *blk, DriveInfo *dinfo) {
    assert(!blk->legacy_dinfo);
    blk->legacy_dinfo.reset(dinfo);
    return dinfo;
}

BlockBackend *blk_by_legacy_dinfo(const DriveInfo *dinfo) {
    for (BlockBackend *blk : block_backends()) {
        if (blk->legacy_dinfo.get() == dinfo) return blk;
    }
    return nullptr;
}

// --- what it is

BlockDriverState *blk_bs(const BlockBackend *blk) { return blk->root ? blk->root->bs : nullptr; }

bool blk_is_inserted(const BlockBackend *blk) { return blk->root != nullptr; }

bool blk_is_read_only(const BlockBackend *blk) {
    return blk->root && bdrv_is_read_only(blk->root->bs);
}

int64_t blk_getlength(const BlockBackend *blk) {
    return blk->root ? bdrv_getlength(blk->root->bs) : -ENOMEDIUM;
}

bool blk_enable_write_cache(const BlockBackend *blk) { return blk->enable_write_cache; }

void blk_set_enable_write_cache(BlockBackend *blk, bool wce) { blk->enable_write_cache = wce; }

// --- what becomes of requests that failed

void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read, BlockdevOnError on_write) {
    if (on_read != BLOCKDEV_ON_ERROR_AUTO) blk->on_read_error = on_read;
    if (on_write != BLOCKDEV_ON_ERROR_AUTO) blk->on_write_error = on_write;
}

BlockErrorAction blk_get_error_action(const BlockBackend *blk, bool is_read, int error) {
    switch (is_read ? blk->on_read_error : blk->on_write_error) {
    case BLOCKDEV_ON_ERROR_IGNORE:
        return BLOCK_ERROR_ACTION_IGNORE;
    case BLOCKDEV_ON_ERROR_ENOSPC:
        return error == ENOSPC ? BLOCK_ERROR_ACTION_STOP : BLOCK_ERROR_ACTION_REPORT;
    case BLOCKDEV_ON_ERROR_STOP:
        return BLOCK_ERROR_ACTION_STOP;
    default:
        return BLOCK_ERROR_ACTION_REPORT;
    }
}

static void send_io_error(void *opaque) {
    std::unique_ptr<nlohmann::json> data(static_cast<nlohmann::json *>(opaque));
    qapi_event_send("BLOCK_IO_ERROR", *data);
}

// From the main loop, which owns the monitors.
static void tell_io_error(BlockBackend *blk, const char *action, bool is_read, int error) {
    auto *data = new nlohmann::json{ { "device", blk->name },
                                     { "node-name", blk->root ? blk_bs(blk)->node_name : "" },
                                     { "operation", is_read ? "read" : "write" },
                                     { "action", action },
                                     { "nospace", error == ENOSPC },
                                     { "reason", strerror(error) } };
    aio_bh_schedule_oneshot(qemu_get_aio_context(), send_io_error, data);
}

void blk_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error) {
    static constexpr const char *names[] = { "ignore", "report", "stop" };
    trace_blk_error_action(blk_display_name(blk), names[action], is_read, strerror(error));
    tell_io_error(blk, names[action], is_read, error);
    if (action != BLOCK_ERROR_ACTION_STOP || blk->iostatus != BLOCK_DEVICE_IO_STATUS_OK) return;
    blk->iostatus =
        error == ENOSPC ? BLOCK_DEVICE_IO_STATUS_NOSPACE : BLOCK_DEVICE_IO_STATUS_FAILED;
}

BlockDeviceIoStatus blk_iostatus(const BlockBackend *blk) {
    AioContextGuard guard(blk_get_aio_context(blk));
    return blk->iostatus;
}

void blk_iostatus_reset_all() {
    for (BlockBackend *blk : block_backends()) {
        AioContextGuard guard(blk_get_aio_context(blk));
        blk->iostatus = BLOCK_DEVICE_IO_STATUS_OK;
    }
}

// --- limits

bool blk_set_io_limits(BlockBackend *blk, const std::string &group, const ThrottleConfig &config,
                       Error **errp) {
    AioContextGuard guard(blk_get_aio_context(blk));
    if (config.enabled()) return throttle_group_register(&blk->throttle, group, config, errp);
    throttle_group_unregister(&blk->throttle);
    return true;
}

const ThrottleGroupMember *blk_throttle(const BlockBackend *blk) { return &blk->throttle; }

// --- requests of coroutines

// Counts a request of a backend for as long as it lives, its callback included.
class BlkInFlight {
public:
    explicit BlkInFlight(BlockBackend *blk) : blk_(blk) { blk_->in_flight++; }
    ~BlkInFlight() { blk_->in_flight--; }
    BlkInFlight(const BlkInFlight &) = delete;
    BlkInFlight &operator=(const BlkInFlight &) = delete;

private:
    BlockBackend *blk_;
};

static int blk_check_byte_request(BlockBackend *blk, int64_t offset, int64_t bytes) {
    int64_t length = blk_getlength(blk);
    if (length < 0) return static_cast<int>(length);
    if (offset < 0 || bytes < 0 || offset > length || bytes > length - offset) return -EIO;
    return 0;
}

CoTask<int> blk_co_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                          int flags) {
    BlkInFlight in_flight(blk);
    int ret = blk_check_byte_request(blk, offset, bytes);
    if (ret < 0) co_return ret;
    if (blk->throttle.group) {
        co_await throttle_group_co_io_limits_intercept(&blk->throttle, bytes, /*is_write=*/false);
    }
    trace_blk_co_preadv(blk, blk_bs(blk), offset, bytes, flags);
    co_return co_await bdrv_co_preadv(blk->root.get(), offset, bytes, qiov, flags);
}

CoTask<int> blk_co_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                           int flags) {
    BlkInFlight in_flight(blk);
    int ret = blk_check_byte_request(blk, offset, bytes);
    if (ret < 0) co_return ret;
    if (blk->throttle.group) {
        co_await throttle_group_co_io_limits_intercept(&blk->throttle, bytes, /*is_write=*/true);
    }
    if (!blk->enable_write_cache) flags |= BDRV_REQ_FUA;
    trace_blk_co_pwritev(blk, blk_bs(blk), offset, bytes, flags);
    co_return co_await bdrv_co_pwritev(blk->root.get(), offset, bytes, qiov, flags);
}

CoTask<int> blk_co_flush(BlockBackend *blk) {
    BlkInFlight in_flight(blk);
    if (!blk->root) co_return -ENOMEDIUM;
    co_return co_await bdrv_co_flush(blk->root->bs);
}

CoTask<int> blk_co_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags) {
    BlkInFlight in_flight(blk);
    int ret = blk_check_byte_request(blk, offset, bytes);
    if (ret < 0) co_return ret;
    if (blk->throttle.group) {
        co_await throttle_group_co_io_limits_intercept(&blk->throttle, bytes, /*is_write=*/true);
    }
    if (!blk->enable_write_cache) flags |= BDRV_REQ_FUA;
    co_return co_await bdrv_co_pwrite_zeroes(blk->root.get(), offset, bytes, flags);
}

CoTask<int> blk_co_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes) {
    BlkInFlight in_flight(blk);
    int ret = blk_check_byte_request(blk, offset, bytes);
    if (ret < 0) co_return ret;
    co_return co_await bdrv_co_pdiscard(blk->root.get(), offset, bytes);
}

// --- requests of devices

static CoDetached blk_aio_run(BlockBackend *blk, CoTask<int> request, BlockCompletionFunc cb,
                              void *opaque) {
    BlkInFlight in_flight(blk);
    int ret = co_await request;
    // A device does not expect its callback while it is still in blk_aio_preadv().
    if (!request.slept()) co_await CoReschedule();
    cb(opaque, ret);
}

void blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, int flags,
                    BlockCompletionFunc cb, void *opaque) {
    auto bytes = static_cast<int64_t>(qiov->size);
    blk_aio_run(blk, blk_co_preadv(blk, offset, bytes, qiov, flags), cb, opaque);
}

void blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov, int flags,
                     BlockCompletionFunc cb, void *opaque) {
    auto bytes = static_cast<int64_t>(qiov->size);
    blk_aio_run(blk, blk_co_pwritev(blk, offset, bytes, qiov, flags), cb, opaque);
}

void blk_aio_flush(BlockBackend *blk, BlockCompletionFunc cb, void *opaque) {
    blk_aio_run(blk, blk_co_flush(blk), cb, opaque);
}

void blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags,
                           BlockCompletionFunc cb, void *opaque) {
    blk_aio_run(blk, blk_co_pwrite_zeroes(blk, offset, bytes, flags), cb, opaque);
}

void blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletionFunc cb,
                      void *opaque) {
    blk_aio_run(blk, blk_co_pdiscard(blk, offset, bytes), cb, opaque);
}

// --- synchronous requests: of the monitor and of ourselves, for whom no limits are meant

int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf, int flags) {
    AioContextGuard guard(blk_get_aio_context(blk));
    ThrottleDisabled pass(&blk->throttle);
    QEMUIOVector qiov(buf, static_cast<size_t>(bytes));
    return aio_wait(blk_co_preadv(blk, offset, bytes, &qiov, flags));
}

int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf, int flags) {
    AioContextGuard guard(blk_get_aio_context(blk));
    ThrottleDisabled pass(&blk->throttle);
    QEMUIOVector qiov(const_cast<void *>(buf), static_cast<size_t>(bytes));
    return aio_wait(blk_co_pwritev(blk, offset, bytes, &qiov, flags));
}

int blk_flush(BlockBackend *blk) {
    AioContextGuard guard(blk_get_aio_context(blk));
    return blk_bs(blk) ? bdrv_flush(blk_bs(blk)) : -ENOMEDIUM;
}

int blk_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, int flags) {
    AioContextGuard guard(blk_get_aio_context(blk));
    ThrottleDisabled pass(&blk->throttle);
    return aio_wait(blk_co_pwrite_zeroes(blk, offset, bytes, flags));
}

int blk_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes) {
    AioContextGuard guard(blk_get_aio_context(blk));
    return aio_wait(blk_co_pdiscard(blk, offset, bytes));
}

int blk_truncate(BlockBackend *blk, int64_t offset, Error **errp) {
    if (!blk->root) {
        error_setg(errp, "No medium inserted");
        return -ENOMEDIUM;
    }
    AioContextGuard guard(blk_get_aio_context(blk));
    BdrvDrainedSection drained(blk_bs(blk));
    blk_drain(blk);
    uint64_t perm = blk->perm;
    if (!blk_set_perm(blk, perm | BLK_PERM_RESIZE, blk->shared_perm, errp)) return -EPERM;
    int ret = aio_wait(bdrv_co_truncate(blk->root.get(), offset, errp));
    (void)blk_set_perm(blk, perm, blk->shared_perm, nullptr);
    return ret;
}

void blk_drain(BlockBackend *blk) {
    AioContextGuard guard(blk_get_aio_context(blk));
    if (blk->in_flight == 0) return;
    ThrottleDisabled pass(&blk->throttle);
    BdrvDrainedSection drained(blk_bs(blk));
    while (blk->in_flight > 0) aio_poll(qemu_get_current_aio_context(), /*blocking=*/true);
}
