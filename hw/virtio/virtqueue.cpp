// SPDX-License-Identifier: MIT
/* The split virtqueue, the device's side. See hw/virtio/virtqueue.h.
 * Spec:    virtio 1.2, section 2.7
 * Missing: packed rings */
#include "hw/virtio/virtqueue.h"

#include <atomic>
#include <bit>
#include <cassert>
#include <cinttypes>
#include <cstring>

#include "hw/core/memory.h"
#include "hw/virtio/virtio.h"

// --- the rings in guest memory

static bool ring_map(VirtQueue::Ring *ring, hwaddr addr, uint64_t len, uint64_t align,
                     bool is_write) {
    if (addr % align) return false;
    uint64_t mapped = len;
    void *host = address_space_map(&address_space_memory, addr, &mapped, is_write);
    if (!host || mapped < len) return false;
    const FlatRange *range = address_space_lookup(&address_space_memory, addr);
    *ring = { static_cast<uint8_t *>(host), range->mr->ram.get(),
              range->offset + (addr - range->start) };
    return true;
}

// 16-bit words of the available and used rings: flags is 0, idx is 1, ring[i] starts at 2.
static uint16_t ring_load(const VirtQueue::Ring &ring, unsigned word) {
    return __atomic_load_n(reinterpret_cast<uint16_t *>(ring.host) + word, __ATOMIC_ACQUIRE);
}

static void ring_store(const VirtQueue::Ring &ring, unsigned word, uint16_t value) {
    __atomic_store_n(reinterpret_cast<uint16_t *>(ring.host) + word, value, __ATOMIC_RELEASE);
    ram_block_written(ring.block, ring.offset + 2 * word, 2);
}

static uint16_t avail_idx(const VirtQueue *vq) { return ring_load(vq->avail, 1); }
static uint16_t used_event(const VirtQueue *vq) { return ring_load(vq->avail, 2 + vq->num); }
static void set_avail_event(VirtQueue *vq) {
    ring_store(vq->used, 2 + 4 * vq->num, vq->last_avail_idx);
}

static bool has_event_idx(const VirtQueue *vq) {
    return virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_EVENT_IDX);
}

// --- on and off

void virtqueue_enable(VirtQueue *vq) {
    AioContextGuard guard(vq->vdev->ctx);
    if (vq->num == 0 || vq->num > vq->num_max || !std::has_single_bit(vq->num)) {
        virtio_error(vq->vdev, "queue %u: %" PRIu32 " is no size for it", vq->index, vq->num);
        return;
    }
    // alignments: section 2.7
    if (!ring_map(&vq->desc, vq->desc_addr, vring_desc_size(vq->num), 16, false) ||
        !ring_map(&vq->avail, vq->avail_addr, vring_avail_size(vq->num), 2, false) ||
        !ring_map(&vq->used, vq->used_addr, vring_used_size(vq->num), 4, true)) {
        virtio_error(vq->vdev,
                     "queue %u: rings at 0x%" PRIx64 ", 0x%" PRIx64 " and 0x%" PRIx64
                     " are not aligned or not in RAM",
                     vq->index, vq->desc_addr, vq->avail_addr, vq->used_addr);
        return;
    }
    vq->enabled = true;
}

void virtqueue_disable(VirtQueue *vq) {
    assert(vq->inuse == 0);
    vq->num = vq->num_max;
    vq->desc_addr = vq->avail_addr = vq->used_addr = 0;
    vq->enabled = false;
    vq->desc = vq->avail = vq->used = {};
    vq->last_avail_idx = vq->used_idx = vq->signalled_used = 0;
    vq->signalled_used_valid = false;
    vq->notification = true;
}

// --- popping

bool virtio_queue_empty(VirtQueue *vq) {
    if (!vq->enabled || vq->vdev->broken) return true;
    uint16_t idx = avail_idx(vq);
    auto ahead = static_cast<uint16_t>(idx - vq->last_avail_idx);
    if (ahead > vq->num) {
        virtio_error(vq->vdev, "queue %u: available index moved from %u to %u", vq->index,
                     vq->last_avail_idx, idx);
        return true;
    }
    return ahead == 0;
}

// Adds the host memory of one descriptor's buffer; RAM in several regions gives several pieces.
static bool add_buffer(VirtQueue *vq, VirtQueueElement *elem, const VRingDesc &desc) {
    bool is_write = desc.flags & VRING_DESC_F_WRITE;
    QEMUIOVector *qiov = is_write ? &elem->in : &elem->out;
    if (!is_write && !elem->in.iov.empty()) {
        virtio_error(vq->vdev, "queue %u: a readable buffer behind a writable one", vq->index);
        return false;
    }
    if (desc.len == 0) {
        virtio_error(vq->vdev, "queue %u: a buffer of 0 bytes", vq->index);
        return false;
    }
    hwaddr addr = desc.addr;
    for (uint64_t left = desc.len, n; left; left -= n, addr += n) {
        n = left;
        void *host = address_space_map(&address_space_memory, addr, &n, is_write);
        if (!host || elem->in.iov.size() + elem->out.iov.size() >= VIRTQUEUE_MAX_SIZE) {
            virtio_error(vq->vdev, "queue %u: %s at 0x%" PRIx64, vq->index,
                         host ? "too many buffers" : "no RAM for the buffer", addr);
            return false;
        }
        qemu_iovec_add(qiov, host, n);
        if (is_write) elem->in_addr.push_back(addr);
    }
    return true;
}

// The table that the chain goes through: the queue's own, then perhaps an indirect one.
struct DescTable {
    const uint8_t *host;
    uint32_t count;
    bool indirect;
};

static bool enter_indirect(VirtQueue *vq, const VRingDesc &desc, DescTable *table) {
    const char *wrong = nullptr;
    uint64_t mapped = desc.len;
    void *host = address_space_map(&address_space_memory, desc.addr, &mapped, false);
    if (table->indirect) {
        wrong = "inside another one";
    } else if (!virtio_vdev_has_feature(vq->vdev, VIRTIO_RING_F_INDIRECT_DESC)) {
        wrong = "although they were not agreed on";
    } else if (desc.flags & VRING_DESC_F_NEXT) {
        wrong = "with a successor";
    } else if (desc.len == 0 || desc.len % sizeof(VRingDesc)) {
        wrong = "of a bad length";
    } else if (!host || mapped < desc.len) {
        wrong = "outside RAM";
    }
    if (wrong) {
        virtio_error(vq->vdev, "queue %u: an indirect descriptor table %s", vq->index, wrong);
        return false;
    }
    *table = { static_cast<uint8_t *>(host), desc.len / uint32_t{ sizeof(VRingDesc) }, true };
    return true;
}

static bool read_chain(VirtQueue *vq, VirtQueueElement *elem) {
    DescTable table = { vq->desc.host, vq->num, false };
    uint32_t i = elem->index;
    for (uint32_t seen = 0;;) {
        VRingDesc desc; // a copy: the guest may change it under our eyes
        memcpy(&desc, table.host + uint64_t{ sizeof(desc) } * i, sizeof(desc));
        if (desc.flags & VRING_DESC_F_INDIRECT) {
            if (!enter_indirect(vq, desc, &table)) return false;
            i = seen = 0;
            continue;
        }
        if (++seen > table.count) {
            virtio_error(vq->vdev, "queue %u: a loop of descriptors", vq->index);
            return false;
        }
        if (!add_buffer(vq, elem, desc)) return false;
        if (!(desc.flags & VRING_DESC_F_NEXT)) return true;
        i = desc.next;
        if (i >= table.count) {
            virtio_error(vq->vdev, "queue %u: descriptor %" PRIu32 " does not exist", vq->index, i);
            return false;
        }
    }
}

bool virtqueue_pop(VirtQueue *vq, VirtQueueElement *elem) {
    if (virtio_queue_empty(vq)) return false;
    uint16_t head = ring_load(vq->avail, 2 + vq->last_avail_idx % vq->num);
    if (head >= vq->num) {
        virtio_error(vq->vdev, "queue %u: descriptor %u does not exist", vq->index, head);
        return false;
    }
    if (vq->inuse >= vq->num) {
        virtio_error(vq->vdev, "queue %u: more requests than descriptors", vq->index);
        return false;
    }
    elem->index = head;
    qemu_iovec_reset(&elem->out);
    qemu_iovec_reset(&elem->in);
    elem->in_addr.clear();
    vq->last_avail_idx++;
    if (vq->notification && has_event_idx(vq)) set_avail_event(vq);
    if (!read_chain(vq, elem)) return false;
    vq->inuse++;
    return true;
}

// --- pushing

static void element_unmap(const VirtQueueElement *elem) {
    for (size_t i = 0; i < elem->in_addr.size(); i++) {
        const iovec &piece = elem->in.iov[i];
        address_space_unmap(&address_space_memory, piece.iov_base, elem->in_addr[i], piece.iov_len,
                            true);
    }
}

void virtqueue_fill(VirtQueue *vq, const VirtQueueElement *elem, uint32_t len, unsigned idx) {
    assert(vq->inuse > idx);
    element_unmap(elem);
    if (vq->vdev->broken) return;

    VRingUsedElem used = { elem->index, len };
    uint64_t at = 4 + sizeof(used) * ((vq->used_idx + idx) % vq->num);
    memcpy(vq->used.host + at, &used, sizeof(used));
    ram_block_written(vq->used.block, vq->used.offset + at, sizeof(used));
}

void virtqueue_flush(VirtQueue *vq, unsigned count) {
    assert(vq->inuse >= count);
    vq->inuse -= count;
    if (vq->vdev->broken) return;
    vq->used_idx = static_cast<uint16_t>(vq->used_idx + count);
    ring_store(vq->used, 1, vq->used_idx);
}

void virtqueue_push(VirtQueue *vq, const VirtQueueElement *elem, uint32_t len) {
    virtqueue_fill(vq, elem, len, 0);
    virtqueue_flush(vq, 1);
}

void virtqueue_detach_element(VirtQueue *vq, const VirtQueueElement *elem) {
    assert(vq->inuse > 0);
    element_unmap(elem);
    vq->inuse--;
}

void virtqueue_unpop(VirtQueue *vq, const VirtQueueElement *elem) {
    virtqueue_detach_element(vq, elem);
    vq->last_avail_idx--;
}

void virtio_queue_set_notification(VirtQueue *vq, bool enable) {
    vq->notification = enable;
    if (!vq->enabled || vq->vdev->broken) return;
    if (!has_event_idx(vq))
        ring_store(vq->used, 0, enable ? 0 : VRING_USED_F_NO_NOTIFY);
    else if (enable)
        set_avail_event(vq);
    // what the driver sees must be there before we look at its index again
    if (enable) memory_fence();
}

bool virtqueue_should_notify(VirtQueue *vq) {
    if (!vq->enabled || vq->vdev->broken) return false;
    // the driver must see the used index before we look whether it waits for it
    memory_fence();
    if (!has_event_idx(vq)) return !(ring_load(vq->avail, 0) & VRING_AVAIL_F_NO_INTERRUPT);
    bool first = !vq->signalled_used_valid;
    uint16_t old = vq->signalled_used;
    vq->signalled_used = vq->used_idx;
    vq->signalled_used_valid = true;
    return first || vring_need_event(used_event(vq), vq->used_idx, old);
}
