// SPDX-License-Identifier: MIT
/* virtio block device: a disk with request queues, many requests in flight, no copy on the way.
 * Spec:    virtio 1.2, section 5.2
 * Guest:   OpenSBI's payloads, U-Boot and Linux (virtio_blk)
 * Missing: secure erase, zones
 * In gdb:  b virtio_blk::handle_request     b virtio_blk::complete */
#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <utility>

#include "block/block-backend.h"
#include "block/iothread.h"
#include "hw/block/block.h"
#include "hw/block/trace.h"
#include "hw/block/virtio_blk.h"
#include "hw/core/icount.h"
#include "hw/core/system.h"
#include "hw/virtio/virtio.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

#define TYPE_VIRTIO_BLK "virtio-blk-device"

namespace virtio_blk {

// --- state

static constexpr uint16_t VIRTIO_ID_BLOCK = 2;
static constexpr uint64_t SECTOR_SIZE = 512; // the unit of the specification
static constexpr uint32_t ID_BYTES = 20;
static constexpr uint32_t MAX_SECTORS = 4194303; // of one discard; its bytes fit into 31 bits
static constexpr uint32_t MAX_QUEUES = 1024;

static constexpr unsigned F_SEG_MAX = 2, F_GEOMETRY = 4, F_RO = 5, F_BLK_SIZE = 6, F_FLUSH = 9,
                          F_TOPOLOGY = 10, F_CONFIG_WCE = 11, F_MQ = 12, F_DISCARD = 13,
                          F_WRITE_ZEROES = 14;

enum Type : uint32_t {
    T_IN = 0,
    T_OUT = 1,
    T_FLUSH = 4,
    T_GET_ID = 8,
    T_DISCARD = 11,
    T_WRITE_ZEROES = 13,
};
enum Status : uint8_t { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

struct VirtIOBlock;

// An element with its disk request. Kept for reuse, so that a busy disk allocates nothing.
struct Request : VirtQueueElement {
    VirtIOBlock *owner = nullptr;
    VirtQueue *vq = nullptr; // that it came from
    Header header = {};
    QEMUIOVector data;
    uint32_t written = 0; // bytes of `in` that hold a result if all goes well
};

// Invariants: a request is in `idle`, or popped from its queue and not yet pushed: in flight, or in
// `kept`. The disk's nodes live in the device's context, and all that requests use is under that
// context's lock.
struct VirtIOBlock : VirtIODevice, BlockConf {
    BlockBackend *blk = nullptr;
    IOThread *iothread = nullptr; // null: the main loop does its work
    std::string serial;
    uint32_t queue_size = 256, num_queues = 1;
    bool discard = true, write_zeroes = true;
    uint32_t max_discard_sectors = MAX_SECTORS, max_write_zeroes_sectors = MAX_SECTORS;
    bool share_rw = false;
    BlockdevOnError rerror = BLOCKDEV_ON_ERROR_AUTO, werror = BLOCKDEV_ON_ERROR_AUTO;
    bool original_wce = true; // the write cache as the user set it
    VMChangeStateEntry *change = nullptr;
    std::vector<std::unique_ptr<Request>> all;
    std::vector<Request *> idle;
    std::vector<Request *> kept; // failed; made again when the machine goes on
    unsigned drained = 0;        // how many wait for requests to end: no queue is looked at
    bool vm_stopped = false;     // one of them is the stopped machine

    ~VirtIOBlock() override;
    bool device_realize(Error **errp) override;
    void device_unrealize() override;
    void device_reset() override;
    uint64_t device_features() override;
    void get_config(uint8_t *config) override;
    void set_config(const uint8_t *config) override;
    void driver_ok() override;
    void quiesce(const VirtQueue *only) override;
};
using S = VirtIOBlock;

// --- behaviour: requests

static Request *request_new(S &s) {
    if (s.idle.empty()) {
        s.all.push_back(std::make_unique<Request>());
        s.all.back()->owner = &s;
        return s.all.back().get();
    }
    Request *req = s.idle.back();
    s.idle.pop_back();
    return req;
}

static void complete(Request *req, Status status) {
    S &s = *req->owner;
    trace_virtio_blk_req_complete(&s, req, status);
    uint8_t byte = status;
    qemu_iovec_from_buf(&req->in, req->in.size - 1, &byte, 1);
    virtqueue_push(req->vq, req, status == S_OK ? req->written : 1);
    s.idle.push_back(req);
    virtio_notify(&s, req->vq);
}

// What the drive's werror or rerror says.
static void handle_error(Request *req, int error) {
    S &s = *req->owner;
    bool is_read = req->header.type == T_IN;
    BlockErrorAction action = blk_get_error_action(s.blk, is_read, error);
    blk_error_action(s.blk, action, is_read, error);
    if (action != BLOCK_ERROR_ACTION_STOP) {
        return complete(req, action == BLOCK_ERROR_ACTION_IGNORE ? S_OK : S_IOERR);
    }
    s.kept.push_back(req);
    qemu_system_vmstop_request(RUN_STATE_IO_ERROR);
}

static void request_done(void *opaque, int ret) {
    auto *req = static_cast<Request *>(opaque);
    trace_virtio_blk_rw_complete(req->owner, req, ret);
    if (ret < 0) return handle_error(req, -ret);
    complete(req, S_OK);
}

static bool range_ok(const S &s, uint64_t sector, uint64_t count) {
    int64_t length = blk_getlength(s.blk);
    uint64_t block = s.logical_block_size / SECTOR_SIZE; // a power of two
    if (length < 0 || ((sector | count) & (block - 1))) return false;
    uint64_t capacity = static_cast<uint64_t>(length) / SECTOR_SIZE;
    return sector <= capacity && count <= capacity - sector;
}

static bool data_ok(const S &s, const Request *req) {
    return req->data.size % SECTOR_SIZE == 0 &&
           range_ok(s, req->header.sector, req->data.size / SECTOR_SIZE);
}

// Ends at once if the host has the bytes in memory: the driver then finds them behind its kick, and
// the guest need not sleep.
static CoDetached read_data(S &s, Request *req, int64_t offset) {
    auto bytes = static_cast<int64_t>(req->data.size);
    request_done(req, co_await blk_co_preadv(s.blk, offset, bytes, &req->data, 0));
}

static void handle_read(S &s, Request *req) {
    qemu_iovec_concat(&req->data, &req->in, 0, req->in.size - 1);
    if (!data_ok(s, req)) return complete(req, S_IOERR);
    req->written = static_cast<uint32_t>(std::min<size_t>(req->in.size, UINT32_MAX));
    trace_virtio_blk_handle_read(&s, req, req->header.sector, req->data.size / SECTOR_SIZE);
    read_data(s, req, static_cast<int64_t>(req->header.sector * SECTOR_SIZE));
}

static void handle_write(S &s, Request *req) {
    qemu_iovec_concat(&req->data, &req->out, sizeof(Header), req->out.size - sizeof(Header));
    if (!data_ok(s, req) || blk_is_read_only(s.blk)) return complete(req, S_IOERR);
    trace_virtio_blk_handle_write(&s, req, req->header.sector, req->data.size / SECTOR_SIZE);
    auto offset = static_cast<int64_t>(req->header.sector * SECTOR_SIZE);
    blk_aio_pwritev(s.blk, offset, &req->data, 0, request_done, req);
}

// The one range of the request; S_OK, or why it is refused.
static Status take_range(const S &s, const Request *req, uint32_t max_sectors, uint32_t known_flags,
                         Range *range) {
    if (req->out.size != sizeof(Header) + sizeof(Range)) return S_UNSUPP;
    qemu_iovec_to_buf(&req->out, sizeof(Header), range, sizeof(Range));
    if (range->flags & ~known_flags) return S_UNSUPP;
    bool ok = range->num_sectors <= max_sectors && range_ok(s, range->sector, range->num_sectors) &&
              !blk_is_read_only(s.blk);
    return ok ? S_OK : S_IOERR;
}

// Section 5.2.6.2: of a discard, every flag is reserved.
static void handle_discard(S &s, Request *req) {
    Range range;
    if (!virtio_vdev_has_feature(&s, F_DISCARD)) return complete(req, S_UNSUPP);
    Status status = take_range(s, req, s.max_discard_sectors, 0, &range);
    if (status != S_OK) return complete(req, status);
    blk_aio_pdiscard(s.blk, static_cast<int64_t>(range.sector * SECTOR_SIZE),
                     static_cast<int64_t>(range.num_sectors * SECTOR_SIZE), request_done, req);
}

static void handle_write_zeroes(S &s, Request *req) {
    Range range;
    if (!virtio_vdev_has_feature(&s, F_WRITE_ZEROES)) return complete(req, S_UNSUPP);
    Status status = take_range(s, req, s.max_write_zeroes_sectors, RANGE_F_UNMAP, &range);
    if (status != S_OK) return complete(req, status);
    int flags = range.flags & RANGE_F_UNMAP ? BDRV_REQ_MAY_UNMAP : 0;
    blk_aio_pwrite_zeroes(s.blk, static_cast<int64_t>(range.sector * SECTOR_SIZE),
                          static_cast<int64_t>(range.num_sectors * SECTOR_SIZE), flags,
                          request_done, req);
}

// The serial number, 20 bytes at most; a zero byte ends a shorter one.
static void handle_get_id(S &s, Request *req) {
    char id[ID_BYTES] = {};
    s.serial.copy(id, sizeof(id));
    size_t n = std::min(req->in.size - 1, sizeof(id));
    qemu_iovec_from_buf(&req->in, 0, id, n);
    req->written = static_cast<uint32_t>(n) + 1;
    complete(req, S_OK);
}

struct RequestType {
    uint32_t type;
    void (*handle)(S &s, Request *req);
};
static void handle_flush(S &s, Request *req) { blk_aio_flush(s.blk, request_done, req); }
static constexpr RequestType request_types[] = {
    { T_IN, handle_read },         { T_OUT, handle_write },
    { T_FLUSH, handle_flush },     { T_GET_ID, handle_get_id },
    { T_DISCARD, handle_discard }, { T_WRITE_ZEROES, handle_write_zeroes },
};

static void handle_request(S &s, Request *req) {
    qemu_iovec_to_buf(&req->out, 0, &req->header, sizeof(Header));
    qemu_iovec_reset(&req->data);
    req->written = 1; // the status alone
    for (const RequestType &row : request_types) {
        if (row.type == req->header.type) return row.handle(s, req);
    }
    qemu_log_mask(LOG_UNIMP, "%s: request of type %u\n", TYPE_VIRTIO_BLK, req->header.type);
    complete(req, S_UNSUPP);
}

// The next request with room for its header and its status; nullptr: none.
static Request *pop_request(S &s, VirtQueue *vq) {
    Request *req = request_new(s);
    req->vq = vq;
    if (virtqueue_pop(vq, req)) {
        if (req->out.size >= sizeof(Header) && req->in.size >= 1) return req;
        virtio_error(&s, "a request without header or status");
        virtqueue_push(vq, req, 0);
    }
    s.idle.push_back(req);
    return nullptr;
}

// A ring's worth of requests at a time: others get their turn, even if what is read lands on the
// ring and feeds it for ever.
static void handle_output(VirtIODevice *vdev, VirtQueue *vq) {
    S &s = *static_cast<S *>(vdev);
    if (s.drained) return; // drained_end() looks at it
    uint32_t left = vq->num;
    do {
        virtio_queue_set_notification(vq, false);
        while (left > 0) {
            Request *req = pop_request(s, vq);
            if (!req) break;
            handle_request(s, req);
            left--;
        }
        if (left == 0 && !virtio_queue_empty(vq)) return vq->host_notifier.schedule();
        virtio_queue_set_notification(vq, true);
    } while (!virtio_queue_empty(vq));
}

static void drained_begin(void *opaque) { static_cast<S *>(opaque)->drained++; }

// Whatever came meanwhile is in the queues.
static void drained_end(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    if (--s.drained > 0) return;
    for (const auto &vq : s.queues) vq->host_notifier.schedule();
}

// While the machine stands still, so does the disk. When it goes on, what failed is made again, in
// the order in which it failed.
static void vm_state_changed(void *opaque, bool running, RunState) {
    S &s = *static_cast<S *>(opaque);
    AioContextGuard guard(s.ctx);
    if (s.vm_stopped == running) {
        s.vm_stopped = !running;
        running ? drained_end(&s) : drained_begin(&s);
    }
    if (!running) return blk_drain(s.blk);
    for (Request *req : std::exchange(s.kept, {})) handle_request(s, req);
}

// --- the configuration space

uint64_t VirtIOBlock::device_features() {
    uint64_t features = 0;
    for (unsigned bit : { F_SEG_MAX, F_GEOMETRY, F_BLK_SIZE, F_FLUSH, F_TOPOLOGY, F_CONFIG_WCE }) {
        features |= uint64_t{ 1 } << bit;
    }
    return features | uint64_t{ blk_is_read_only(blk) } << F_RO | uint64_t{ discard } << F_DISCARD |
           uint64_t{ write_zeroes } << F_WRITE_ZEROES | uint64_t{ num_queues > 1 } << F_MQ;
}

void VirtIOBlock::get_config(uint8_t *config) {
    int64_t length = std::max<int64_t>(blk_getlength(blk), 0);
    Config c = {};
    c.capacity = static_cast<uint64_t>(length) / SECTOR_SIZE;
    c.seg_max = queue_size - 2; // the header and the status take one each
    c.cylinders = static_cast<uint16_t>(cyls);
    c.heads = static_cast<uint8_t>(heads);
    c.sectors = static_cast<uint8_t>(secs);
    // what follows counts logical blocks
    c.blk_size = logical_block_size;
    c.physical_block_exp =
        static_cast<uint8_t>(std::countr_zero(physical_block_size / logical_block_size));
    c.min_io_size = static_cast<uint16_t>(min_io_size / logical_block_size);
    c.opt_io_size = opt_io_size / logical_block_size;
    c.writeback = blk_enable_write_cache(blk);
    c.num_queues = static_cast<uint16_t>(num_queues);
    if (discard) {
        c.max_discard_sectors = max_discard_sectors;
        c.max_discard_seg = 1;
        c.discard_sector_alignment = discard_granularity / uint32_t{ SECTOR_SIZE };
    }
    if (write_zeroes) {
        c.max_write_zeroes_sectors = max_write_zeroes_sectors;
        c.max_write_zeroes_seg = 1;
        c.write_zeroes_may_unmap = 1;
    }
    memcpy(config, &c, sizeof(c));
}

// Only the cache mode may be written, and only by a driver that agreed on it.
void VirtIOBlock::set_config(const uint8_t *config) {
    if (!virtio_vdev_has_feature(this, F_CONFIG_WCE)) return;
    Config c;
    memcpy(&c, config, sizeof(c));
    blk_set_enable_write_cache(blk, c.writeback & 1);
}

// A driver that cannot flush gets a disk without write cache (section 5.2.5.2).
void VirtIOBlock::driver_ok() {
    bool can_flush =
        virtio_vdev_has_feature(this, F_FLUSH) || virtio_vdev_has_feature(this, F_CONFIG_WCE);
    if (!can_flush) blk_set_enable_write_cache(blk, false);
}

// The driver reads the new capacity and tells its users.
static void resized(void *opaque) { virtio_notify_config(static_cast<S *>(opaque)); }

static constexpr BlockDevOps block_ops = {
    .resize_cb = resized,
    .drained_begin = drained_begin,
    .drained_end = drained_end,
};

// --- life cycle and registration

static bool limit_ok(bool on, const char *name, uint32_t sectors, Error **errp) {
    if (!on || (sectors >= 1 && sectors <= MAX_SECTORS)) return true;
    error_setg(errp, "invalid %s property (%u), must be between 1 and %u", name, sectors,
               MAX_SECTORS);
    return false;
}

// The disk's nodes come along.
static bool enter_context(S &s, Error **errp) {
    if (s.iothread && icount_enabled()) {
        // how long a disk takes would show
        error_setg(errp, "iothread is not supported with -icount");
        return false;
    }
    if (s.iothread) s.ctx = s.iothread->ctx;
    bool ok = blk_set_aio_context(s.blk, s.ctx, errp);
    if (!ok) s.ctx = qemu_get_aio_context();
    if (ok && s.iothread) s.iothread->users++;
    return ok;
}

static void leave_context(S &s) {
    // another device may use the nodes, in the same iothread
    (void)blk_set_aio_context(s.blk, qemu_get_aio_context(), nullptr);
    if (s.iothread) s.iothread->users--;
}

static bool queues_ok(uint32_t queue_size, uint32_t num_queues, Error **errp) {
    bool power_of_2 = (queue_size & (queue_size - 1)) == 0;
    if (queue_size < 4 || queue_size > VIRTQUEUE_MAX_SIZE || !power_of_2) {
        error_setg(errp, "invalid queue-size property (%u), must be a power of 2 (4 to %u)",
                   queue_size, VIRTQUEUE_MAX_SIZE);
        return false;
    }
    if (num_queues == 0) {
        error_setg(errp, "num-queues property must be larger than 0");
        return false;
    }
    if (num_queues > MAX_QUEUES) {
        error_setg(errp, "invalid num-queues property (%u), must be at most %u", num_queues,
                   MAX_QUEUES);
        return false;
    }
    return true;
}

bool VirtIOBlock::device_realize(Error **errp) {
    if (!blk) {
        error_setg(errp, "drive property not set");
        return false;
    }
    if (!blk_is_inserted(blk)) {
        error_setg(errp, "Device needs media, but drive is empty");
        return false;
    }
    if (!queues_ok(queue_size, num_queues, errp)) return false;
    if (!limit_ok(discard, "max-discard-sectors", max_discard_sectors, errp) ||
        !limit_ok(write_zeroes, "max-write-zeroes-sectors", max_write_zeroes_sectors, errp)) {
        return false;
    }
    if (!blkconf_geometry(this, blk, 65535, 255, 255, errp) || !blkconf_blocksizes(this, errp)) {
        return false;
    }
    if (!enter_context(*this, errp)) return false;
    if (!blkconf_apply_backend_options(blk, share_rw, errp)) {
        leave_context(*this);
        return false;
    }
    blk_set_on_error(blk, rerror, werror);
    device_id = VIRTIO_ID_BLOCK;
    config_len = sizeof(Config);
    original_wce = blk_enable_write_cache(blk);
    blk_set_dev_ops(blk, &block_ops, this);
    change = qemu_add_vm_change_state_handler(vm_state_changed, this);
    for (uint32_t n = 0; n < num_queues; n++) virtio_add_queue(this, queue_size, handle_output);
    return true;
}

void VirtIOBlock::device_unrealize() {
    qemu_del_vm_change_state_handler(change);
    leave_context(*this);
}

VirtIOBlock::~VirtIOBlock() {
    if (blk) blk_detach_dev(blk, this);
}

void VirtIOBlock::device_reset() { blk_set_enable_write_cache(blk, original_wce); }

// What fails only now is kept as well, until it is forgotten here.
void VirtIOBlock::quiesce(const VirtQueue *only) {
    blk_drain(blk);
    std::erase_if(kept, [this, only](Request *req) {
        if (only && req->vq != only) return false;
        virtqueue_detach_element(req->vq, req);
        idle.push_back(req);
        return true;
    });
}

static constexpr Property properties[] = {
    define_prop<&S::blk>("drive", nullptr, "ID of the drive"),
    define_prop<&S::iothread>("iothread", nullptr, "the thread that handles the disk's requests"),
    define_prop<&S::serial>("serial", nullptr, "what the guest sees as its serial number"),
    define_prop<&S::share_rw>("share-rw", "off", "let others write to the image too"),
    define_prop<&S::rerror>("rerror", "auto", nullptr),
    define_prop<&S::werror>("werror", "auto", nullptr),
    define_prop<&BlockConf::logical_block_size, S>("logical_block_size", "0", nullptr),
    define_prop<&BlockConf::physical_block_size, S>("physical_block_size", "0", nullptr),
    define_prop<&BlockConf::min_io_size, S>("min_io_size", "0", "what is good to write at least"),
    define_prop<&BlockConf::opt_io_size, S>("opt_io_size", "0", "what is best to write at a time"),
    define_prop<&BlockConf::discard_granularity, S>("discard_granularity", "4294967295",
                                                    "what is discarded as one"),
    define_prop<&BlockConf::cyls, S>("cyls", "0", "cylinders of its geometry"),
    define_prop<&BlockConf::heads, S>("heads", "0", "heads of its geometry"),
    define_prop<&BlockConf::secs, S>("secs", "0", "sectors of its geometry"),
    define_prop<&S::queue_size>("queue-size", "256", "descriptors in a request queue"),
    define_prop<&S::num_queues>("num-queues", "1", "request queues"),
    define_prop<&S::discard>("discard", "on", "offer discards"),
    define_prop<&S::write_zeroes>("write-zeroes", "on", "offer writes of zeroes"),
    define_prop<&S::max_discard_sectors>("max-discard-sectors", "4194303",
                                         "sectors in one discard"),
    define_prop<&S::max_write_zeroes_sectors>("max-write-zeroes-sectors", "4194303",
                                              "sectors in one write of zeroes"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->category = DEVICE_CATEGORY_STORAGE;
    dc->desc = "virtio disk";
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_VIRTIO_BLK,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void virtio_blk_register_types() { type_register_static(&info); }
type_init(virtio_blk_register_types)

} // namespace virtio_blk
