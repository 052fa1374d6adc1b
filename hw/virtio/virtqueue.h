// SPDX-License-Identifier: MIT
/* VirtQueue: the device's side of one split ring.
 *
 * The guest is not trusted: whatever it writes into a ring, the worst is that its device is marked
 * broken (virtio_error) and does nothing more until the driver resets it. Each field of a ring is
 * read once, then checked.
 *
 * Rings and buffers must lie in RAM. A ring is looked up when the queue is enabled and used
 * through host pointers from then on; RAM is one host mapping for its whole life.
 *
 * Invariants: `inuse` counts elements popped and not yet pushed, and is at most `num`; a queue is
 * disabled only when it is 0. All of it under the lock of the device's context (vdev->ctx); what
 * the transport's registers have, and whether the queue is enabled, changes under the big lock as
 * well, so that either lock will do to read it.
 *
 * In gdb: b virtqueue_pop     b virtqueue_push     p *vq */
#pragma once

#include <cstdint>
#include <vector>

#include "hw/core/memory.h"
#include "util/aio.h"
#include "util/iov.h"

struct VirtIODevice;
struct VirtQueue;

inline constexpr unsigned VIRTQUEUE_MAX_SIZE = 1024; // descriptors in a ring, pieces in an element

// A chain of descriptors as host memory. A device derives its request from it.
struct VirtQueueElement {
    uint16_t index = 0;          // the chain's head
    QEMUIOVector out;            // what the device reads
    QEMUIOVector in;             // what the device writes
    std::vector<hwaddr> in_addr; // guest physical address of each piece of `in`
};

using VirtQueueHandler = void (*)(VirtIODevice *vdev, VirtQueue *vq);

struct VirtQueue {
    struct Ring {
        uint8_t *host = nullptr;
        RAMBlock *block = nullptr;
        uint64_t offset = 0; // of `host` in the block
    };

    VirtIODevice *vdev;
    unsigned index = 0;
    VirtQueueHandler handle_output = nullptr;
    QEMUBH host_notifier; // lets the device look at the queue, in its context
    uint32_t num_max = 0; // descriptors, at most

    // As the transport's registers have them.
    uint32_t num = 0;
    uint64_t desc_addr = 0, avail_addr = 0, used_addr = 0;
    bool enabled = false;

    Ring desc, avail, used;
    uint16_t last_avail_idx = 0; // the next element to pop
    uint16_t used_idx = 0;       // the next element to push
    uint16_t signalled_used = 0; // used_idx at the last notification
    bool signalled_used_valid = false;
    bool notification = true; // the driver shall kick
    unsigned inuse = 0;

    explicit VirtQueue(VirtIODevice *vdev);
};

// Takes the rings at desc_addr, avail_addr and used_addr into use. A wrong size, address or
// alignment breaks the device.
void virtqueue_enable(VirtQueue *vq);
// Back to the state after reset: no rings. Nothing may be in flight.
void virtqueue_disable(VirtQueue *vq);

// True if there is nothing to pop: also if the queue is off or the device broken.
bool virtio_queue_empty(VirtQueue *vq);
// Takes the next chain into `elem`, whatever was there before. False: there is none, or it was bad
// and the device is now broken.
bool virtqueue_pop(VirtQueue *vq, VirtQueueElement *elem);
// Gives the chain back, `len` bytes of `in` having been written.
void virtqueue_push(VirtQueue *vq, const VirtQueueElement *elem, uint32_t len);
// The same for several chains that the driver must see at once: the one popped first with `idx` 0
// and so on, then the number of them.
void virtqueue_fill(VirtQueue *vq, const VirtQueueElement *elem, uint32_t len, unsigned idx);
void virtqueue_flush(VirtQueue *vq, unsigned count);
// Puts back the chain popped last, as if it had never been popped.
void virtqueue_unpop(VirtQueue *vq, const VirtQueueElement *elem);
// Forgets a chain: the driver will not see it again. For a reset.
void virtqueue_detach_element(VirtQueue *vq, const VirtQueueElement *elem);
// Whether the driver shall kick when it adds to the ring. After switching it on look again: it may
// have added something just before.
void virtio_queue_set_notification(VirtQueue *vq, bool enable);
// True if the driver wants an interrupt for what was pushed since the last one.
bool virtqueue_should_notify(VirtQueue *vq);
