// SPDX-License-Identifier: MIT
/* virtio entropy device: random bytes from a backend, a limited number in a period if wanted.
 * Spec:    virtio 1.2, section 5.4
 * Guest:   U-Boot and Linux (virtio_rng: /dev/hwrng)
 * Missing: nothing a guest uses
 * In gdb:  b virtio_rng::process     b virtio_rng::received     b virtio_rng::period_over */
#include <algorithm>
#include <utility>

#include "hw/core/rng.h"
#include "hw/virtio/virtio.h"
#include "util/error.h"
#include "util/module.h"
#include "util/timer.h"

#define TYPE_VIRTIO_RNG "virtio-rng-device"

namespace virtio_rng {

// --- state

static constexpr uint16_t VIRTIO_ID_RNG = 4;
static constexpr uint32_t QUEUE_SIZE = 8;
static constexpr int64_t NANOSECONDS_PER_MILLISECOND = 1'000'000;

static void received(void *opaque, const uint8_t *bytes, size_t n);

// Invariant: while `waiting`, `elem` is popped and not yet pushed, and the backend has `request`.
struct VirtIORNG : VirtIODevice {
    RngBackend *rng = nullptr;      // without one it gets an rng-builtin of its own
    uint64_t max_bytes = INT64_MAX; // in a period
    uint32_t period_ms = 65536;
    uint64_t quota = 0; // left in this period
    QEMUTimer period;   // pending: bytes were given in this one
    VirtQueue *vq = nullptr;
    VirtQueueElement elem; // the one at hand; kept, so that nothing is allocated
    RngRequest request{ received, this };
    bool waiting = false;

    bool device_realize(Error **errp) override;
    void device_unrealize() override;
    void device_reset() override;
    void get_config(uint8_t *) override {}
    void quiesce(const VirtQueue *) override;
};
using S = VirtIORNG;

// --- behaviour

static void start_period(S &s) {
    int64_t ns = s.period_ms * NANOSECONDS_PER_MILLISECOND;
    timer_mod(&s.period, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns);
}

// One buffer at a time. A driver gets less than it has room for (section 5.4.6.1), so that a
// hostile one cannot keep us busy.
static void process(S &s) {
    while (!s.waiting && s.quota > 0 && virtqueue_pop(s.vq, &s.elem)) {
        size_t n = std::min({ s.elem.in.size, RNG_MAX_BYTES, static_cast<size_t>(s.quota) });
        s.waiting = n > 0;
        if (s.waiting) {
            rng_backend_request_entropy(s.rng, &s.request, n);
        } else {
            virtio_error(&s, "a request without a buffer to fill");
            virtqueue_push(s.vq, &s.elem, 0);
        }
    }
}

static void received(void *opaque, const uint8_t *bytes, size_t n) {
    S &s = *static_cast<S *>(opaque);
    s.waiting = false;
    qemu_iovec_from_buf(&s.elem.in, 0, bytes, n);
    virtqueue_push(s.vq, &s.elem, static_cast<uint32_t>(n));
    virtio_notify(&s, s.vq);
    s.quota -= n;
    bool limited = s.max_bytes != INT64_MAX;
    if (limited && !timer_pending(&s.period)) start_period(s);
    process(s);
}

static void handle_output(VirtIODevice *vdev, VirtQueue *) { process(*static_cast<S *>(vdev)); }

// Whoever waits is served from the next period's bytes.
static void period_over(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.quota = s.max_bytes;
    process(s);
}

// --- life cycle and registration

bool VirtIORNG::device_realize(Error **errp) {
    if (period_ms == 0) {
        error_setg(errp, "'period' parameter expects a positive integer");
        return false;
    }
    if (max_bytes > INT64_MAX) {
        error_setg(errp, "'max-bytes' parameter must be non-negative, and less than 2^63");
        return false;
    }
    if (!rng) {
        rng = static_cast<RngBackend *>(object_new(TYPE_RNG_BUILTIN));
        object_property_add_child(this, "default-backend", rng);
        object_unref(rng); // the tree has its own reference
    }
    rng->users++;
    device_id = VIRTIO_ID_RNG;
    quota = max_bytes;
    timer_init_ns(&period, QEMU_CLOCK_VIRTUAL, period_over, this);
    vq = virtio_add_queue(this, QUEUE_SIZE, handle_output);
    return true;
}

void VirtIORNG::device_unrealize() {
    rng->users--;
    vq = nullptr;
}

void VirtIORNG::quiesce(const VirtQueue *) {
    if (!std::exchange(waiting, false)) return;
    rng_backend_cancel_request(rng, &request);
    virtqueue_detach_element(vq, &elem);
}

void VirtIORNG::device_reset() {
    timer_del(&period);
    quota = max_bytes;
}

static constexpr Property properties[] = {
    define_prop<&S::rng>("rng", nullptr, "an rng-builtin or rng-random of -object"),
    define_prop<&S::max_bytes>("max-bytes", "9223372036854775807", "given in a period at most"),
    define_prop<&S::period_ms>("period", "65536", "milliseconds that max-bytes is for"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->category = DEVICE_CATEGORY_MISC;
    dc->desc = "virtio source of random numbers";
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_VIRTIO_RNG,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void virtio_rng_register_types() { type_register_static(&info); }
type_init(virtio_rng_register_types)

} // namespace virtio_rng
