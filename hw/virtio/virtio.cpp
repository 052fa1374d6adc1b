// SPDX-License-Identifier: MIT
/* What every virtio device has. See hw/virtio/virtio.h.
 * Spec:    virtio 1.2, sections 2.1 to 2.5 and 3 */
#include "hw/virtio/virtio.h"

#include <cinttypes>
#include <cstdarg>
#include <cstring>

#include "hw/virtio/trace.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/module.h"

static VirtIOBus *virtio_bus(VirtIODevice *vdev) {
    return static_cast<VirtIOBus *>(vdev->parent_bus);
}

// --- the device's side

static bool is_running(const VirtQueue *vq) {
    return (vq->vdev->status & VIRTIO_CONFIG_S_DRIVER_OK) && vq->enabled && !vq->vdev->broken;
}

// The driver has kicked a device in an iothread, or the device had left something in the queue.
[[gnu::noinline]] static void virtio_queue_host_notifier_read(void *opaque) {
    auto *vq = static_cast<VirtQueue *>(opaque);
    if (is_running(vq)) vq->handle_output(vq->vdev, vq);
}

VirtQueue::VirtQueue(VirtIODevice *vdev)
    : vdev(vdev), host_notifier(vdev->ctx, virtio_queue_host_notifier_read, this) {}

VirtQueue *virtio_add_queue(VirtIODevice *vdev, uint32_t num_max, VirtQueueHandler handler) {
    auto vq = std::make_unique<VirtQueue>(vdev);
    vq->index = static_cast<unsigned>(vdev->queues.size());
    vq->num = vq->num_max = num_max;
    vq->handle_output = handler;
    vdev->queues.push_back(std::move(vq));
    return vdev->queues.back().get();
}

static void raise_isr(VirtIODevice *vdev, uint32_t cause) {
    vdev->isr |= cause;
    virtio_bus(vdev)->device_changed();
}

// An iothread has not got the big lock; but who waits for an iothread's requests may have it.
static bool in_iothread(const VirtIODevice *vdev) {
    return vdev->ctx != qemu_get_aio_context() && !bql_locked();
}

static void virtio_guest_notifier_read(void *opaque) {
    raise_isr(static_cast<VirtIODevice *>(opaque), VIRTIO_ISR_QUEUE);
}

void virtio_notify(VirtIODevice *vdev, VirtQueue *vq) {
    if (!virtqueue_should_notify(vq)) return;
    trace_virtio_notify(vdev, vq);
    if (in_iothread(vdev)) return vdev->guest_notifier.schedule();
    raise_isr(vdev, VIRTIO_ISR_QUEUE);
}

void virtio_notify_config(VirtIODevice *vdev) {
    if (!(vdev->status & VIRTIO_CONFIG_S_DRIVER_OK)) return;
    vdev->generation++;
    raise_isr(vdev, VIRTIO_ISR_CONFIG);
}

static void tell_needs_reset(void *opaque) {
    auto *vdev = static_cast<VirtIODevice *>(opaque);
    AioContextGuard guard(vdev->ctx);
    // a legacy driver does not know the bit (section 2.1.2)
    if (!virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1)) return;
    vdev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    virtio_notify_config(vdev);
}

VirtIODevice::VirtIODevice()
    : guest_notifier(qemu_get_aio_context(), virtio_guest_notifier_read, this),
      error_notifier(qemu_get_aio_context(), tell_needs_reset, this) {}

void virtio_error(VirtIODevice *vdev, const char *fmt, ...) {
    if (qemu_loglevel_mask(LOG_GUEST_ERROR)) {
        va_list ap;
        va_start(ap, fmt);
        std::string text = format_string_v(fmt, ap);
        va_end(ap);
        qemu_log_mask(LOG_GUEST_ERROR, "%s: %s\n", object_get_typename(vdev), text.c_str());
    }
    vdev->broken = true;
    if (in_iothread(vdev)) return vdev->error_notifier.schedule();
    tell_needs_reset(vdev);
}

// --- the transport's side

void virtio_set_features(VirtIODevice *vdev, uint64_t features) {
    if (uint64_t unknown = features & ~vdev->host_features) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: features 0x%" PRIx64 " were not offered\n",
                      object_get_typename(vdev), unknown);
    }
    AioContextGuard guard(vdev->ctx);
    vdev->guest_features = features & vdev->host_features;
}

// A modern device refuses a driver that does not speak its language (section 3.1.1, step 5).
static bool features_acceptable(const VirtIODevice *vdev) {
    return !virtio_has_feature(vdev->host_features, VIRTIO_F_VERSION_1) ||
           virtio_vdev_has_feature(vdev, VIRTIO_F_VERSION_1);
}

void virtio_set_status(VirtIODevice *vdev, uint8_t status) {
    trace_virtio_set_status(vdev, status);
    AioContextGuard guard(vdev->ctx);
    if (status == 0) {
        vdev->reset();
        return;
    }
    if ((status & VIRTIO_CONFIG_S_FEATURES_OK) && !features_acceptable(vdev)) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: the driver did not accept VIRTIO_F_VERSION_1\n",
                      object_get_typename(vdev));
        status &= static_cast<uint8_t>(~VIRTIO_CONFIG_S_FEATURES_OK);
    }
    uint8_t started = status & ~vdev->status & VIRTIO_CONFIG_S_DRIVER_OK;
    vdev->status = status | (vdev->status & VIRTIO_CONFIG_S_NEEDS_RESET);
    if (!started) return;
    vdev->driver_ok();
    // what was kicked too early is not lost
    for (uint32_t n = 0; n < vdev->queues.size(); n++) virtio_queue_notify(vdev, n);
}

void virtio_queue_notify(VirtIODevice *vdev, uint32_t n) {
    trace_virtio_queue_notify(vdev, n);
    if (n >= vdev->queues.size()) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: queue %" PRIu32 " does not exist\n",
                      object_get_typename(vdev), n);
        return;
    }
    VirtQueue *vq = vdev->queues[n].get();
    if (vdev->ctx != qemu_get_aio_context()) return vq->host_notifier.schedule();
    if (is_running(vq)) vq->handle_output(vdev, vq);
}

void virtio_queue_stop(VirtIODevice *vdev, VirtQueue *vq) {
    AioContextGuard guard(vdev->ctx);
    vdev->quiesce(vq);
    virtqueue_disable(vq);
}

uint64_t virtio_config_read(VirtIODevice *vdev, uint32_t addr, unsigned size) {
    if (addr + size > vdev->config_len) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: read at 0x%" PRIx32 " behind the configuration\n",
                      object_get_typename(vdev), addr);
        return 0;
    }
    AioContextGuard guard(vdev->ctx);
    std::vector<uint8_t> config(vdev->config_len);
    vdev->get_config(config.data());
    uint64_t value = 0;
    memcpy(&value, config.data() + addr, size);
    return value;
}

void virtio_config_write(VirtIODevice *vdev, uint32_t addr, uint64_t value, unsigned size) {
    if (addr + size > vdev->config_len) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write at 0x%" PRIx32 " behind the configuration\n",
                      object_get_typename(vdev), addr);
        return;
    }
    AioContextGuard guard(vdev->ctx);
    std::vector<uint8_t> config(vdev->config_len);
    vdev->get_config(config.data());
    memcpy(config.data() + addr, &value, size);
    vdev->set_config(config.data());
}

// --- life cycle and registration

bool VirtIODevice::realize(Error **errp) {
    VirtIOBus *bus = virtio_bus(this);
    if (!bus) {
        error_setg(errp, "%s: it needs a virtio bus", object_get_typename(this));
        return false;
    }
    if (!device_realize(errp)) {
        queues.clear();
        return false;
    }
    auto feature = [](bool on, unsigned bit) { return uint64_t{ on } << bit; };
    host_features = device_features() | feature(indirect_desc, VIRTIO_RING_F_INDIRECT_DESC) |
                    feature(event_idx, VIRTIO_RING_F_EVENT_IDX) |
                    feature(bus->modern(), VIRTIO_F_VERSION_1) |
                    feature(!bus->modern(), VIRTIO_F_ANY_LAYOUT);
    bus->vdev = this;
    return true;
}

void VirtIODevice::unrealize() {
    AioContextGuard guard(ctx);
    reset();
    virtio_bus(this)->vdev = nullptr;
    device_unrealize();
    queues.clear();
    ctx = qemu_get_aio_context();
}

// Section 2.4: what is in flight ends first, since it may still write to the guest's memory.
void VirtIODevice::reset() {
    AioContextGuard guard(ctx);
    quiesce(nullptr);
    device_reset();
    for (auto &vq : queues) {
        vq->host_notifier.cancel();
        virtqueue_disable(vq.get());
    }
    guest_notifier.cancel();
    error_notifier.cancel();
    guest_features = 0;
    status = 0;
    isr = 0;
    generation = 0;
    broken = false;
    virtio_bus(this)->device_changed();
}

static constexpr Property properties[] = {
    define_prop<&VirtIODevice::indirect_desc>("indirect_desc", "on",
                                              "offer indirect descriptor tables"),
    define_prop<&VirtIODevice::event_idx>("event_idx", "on",
                                          "offer to be told how far before a notification"),
};

static void virtio_device_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->bus_type = TYPE_VIRTIO_BUS;
    device_class_set_props(dc, properties);
}

static void virtio_bus_class_init(ObjectClass *klass, const void *) {
    object_class_cast<BusClass>(klass)->max_dev = 1;
}

static const TypeInfo virtio_device_info = {
    .name = TYPE_VIRTIO_DEVICE,
    .parent = TYPE_DEVICE,
    .abstract = true,
    .class_init = virtio_device_class_init,
};
static const TypeInfo virtio_bus_info = {
    .name = TYPE_VIRTIO_BUS,
    .parent = TYPE_BUS,
    .abstract = true,
    .class_init = virtio_bus_class_init,
};
static void virtio_register_types() {
    type_register_static(&virtio_device_info);
    type_register_static(&virtio_bus_info);
}
type_init(virtio_register_types)
