// SPDX-License-Identifier: MIT
/* Fuzzes the virtio entropy device. See tests/fuzz/virtio_fuzz.h. */
#include "tests/fuzz/virtio_fuzz.h"
#include "util/timer.h"

static void limit(DeviceState *dev, int) {
    qemu_clock_set_manual();
    object_property_set_assert(dev, "max-bytes", "5000");
    object_property_set_assert(dev, "period", "1");
}

static void write_request(FuzzInput &in, unsigned q) {
    fuzz_descriptor(q, 0, { FUZZ_DATA, in.word() % 0x3000, VRING_DESC_F_WRITE, 0 });
}

static void let_time_pass(FuzzInput &in, int) { qemu_clock_advance_virtual(in.byte() * 10'000); }

const VirtioFuzz virtio_fuzz = {
    .type = "virtio-rng-device",
    .queues = 1,
    .prepare = limit,
    .realized = nullptr,
    .sound_request = write_request,
    .outside = let_time_pass,
};
