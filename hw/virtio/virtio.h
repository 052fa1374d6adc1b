// SPDX-License-Identifier: MIT
/* VirtIODevice: what every virtio device has, whatever its transport and kind.
 *
 * A transport (virtio-mmio) owns a VirtIOBus with one device on it. The transport turns register
 * accesses into the calls below; the device turns queue elements into work. Neither knows the
 * other: they meet in VirtIODevice and VirtIOBus.
 *
 * A device is one file that derives from VirtIODevice: device_realize() sets its number and its
 * queues, get_config() its configuration space, and the queues' handlers do the work.
 *
 * Invariants: a device has a context (the main loop's, or an iothread's) in which its queues are
 * handled. What its queues' handlers use is under that context's lock; what the transport reads is
 * under the big lock; and what both use (status, features, whether a queue is enabled) changes
 * under both. So every function of the transport's side, called under the big lock, takes the
 * context's lock. A handler in an iothread has not got the big lock: what it has to tell the driver
 * goes through a bottom half of the main loop.
 *
 * In gdb: b virtio_set_status     b virtio_queue_notify     b virtio_error */
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "hw/core/qdev.h"
#include "hw/virtio/virtio_ring.h"
#include "hw/virtio/virtqueue.h"

#define TYPE_VIRTIO_DEVICE "virtio-device"
#define TYPE_VIRTIO_BUS    "virtio-bus"

struct VirtIODevice;

// The place a transport has for a device.
struct VirtIOBus : BusState {
    VirtIODevice *vdev = nullptr; // realized; or null

    // The device's isr or status has changed.
    virtual void device_changed() {}
    // Whether the driver will be told of VIRTIO_F_VERSION_1.
    virtual bool modern() { return true; }
};

// isr: why the device interrupts.
inline constexpr uint32_t VIRTIO_ISR_QUEUE = 1;
inline constexpr uint32_t VIRTIO_ISR_CONFIG = 2;

struct VirtIODevice : DeviceState {
    AioContext *ctx = qemu_get_aio_context(); // of its queues; set before they are added
    uint16_t device_id = 0;
    uint32_t config_len = 0;   // bytes of configuration space
    bool indirect_desc = true; // properties
    bool event_idx = true;
    uint64_t host_features = 0; // a bit a feature
    uint64_t guest_features = 0;
    uint8_t status = 0;
    uint32_t isr = 0;
    uint32_t generation = 0; // of the configuration space
    // The driver did what it must not; until reset nothing works.
    std::atomic<bool> broken = false;
    std::vector<std::unique_ptr<VirtQueue>> queues;
    QEMUBH guest_notifier, error_notifier; // what an iothread has to tell the driver

    VirtIODevice();

    bool realize(Error **errp) final;
    void unrealize() final;
    void reset() final;

    // --- the device's own part
    // Sets device_id and config_len and adds the queues. On failure it leaves nothing behind.
    [[nodiscard]] virtual bool device_realize(Error **errp) = 0;
    virtual void device_unrealize() {}
    virtual void device_reset() {}
    // The device's own feature bits, 0 to 23.
    virtual uint64_t device_features() { return 0; }
    // Fills config_len bytes; takes what the driver wrote among them.
    virtual void get_config(uint8_t *config) = 0;
    virtual void set_config(const uint8_t *) {}
    // The driver has agreed on features and starts.
    virtual void driver_ok() {}
    // Waits until nothing is in flight: every element is pushed, or (of queue `vq`; null: of all)
    // forgotten.
    virtual void quiesce(const VirtQueue *) {}
};

inline bool virtio_has_feature(uint64_t features, unsigned bit) { return features >> bit & 1; }
inline bool virtio_vdev_has_feature(const VirtIODevice *vdev, unsigned bit) {
    return virtio_has_feature(vdev->guest_features, bit);
}

// --- the device's side, in its context
VirtQueue *virtio_add_queue(VirtIODevice *vdev, uint32_t num_max, VirtQueueHandler handler);
// Interrupts if the driver wants to know of the elements pushed.
void virtio_notify(VirtIODevice *vdev, VirtQueue *vq);
// The configuration space has changed. Under the big lock.
void virtio_notify_config(VirtIODevice *vdev);
// The driver broke the rules: one line in the log, and DEVICE_NEEDS_RESET.
void virtio_error(VirtIODevice *vdev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// --- the transport's side, under the big lock
// Features the device does not have are left out.
void virtio_set_features(VirtIODevice *vdev, uint64_t features);
// 0 resets the device.
void virtio_set_status(VirtIODevice *vdev, uint8_t status);
// The driver's kick.
void virtio_queue_notify(VirtIODevice *vdev, uint32_t n);
// Stops the queue once nothing of it is in flight.
void virtio_queue_stop(VirtIODevice *vdev, VirtQueue *vq);
// `size` bytes at `addr` of the configuration space; zeroes and a line in the log beyond its end.
uint64_t virtio_config_read(VirtIODevice *vdev, uint32_t addr, unsigned size);
void virtio_config_write(VirtIODevice *vdev, uint32_t addr, uint64_t value, unsigned size);
