// SPDX-License-Identifier: MIT
/* Fuzzes the virtio network card, its peer being one that answers each frame with another. See
 * tests/fuzz/virtio_fuzz.h. */
#include "hw/net/net.h"
#include "tests/fuzz/virtio_fuzz.h"

static constexpr NetClientInfo peer_info = { .type = "test",
                                             .takes_large_segments = true,
                                             .sends_good_checksums = true };

// What it gets is looked at, so that a sanitizer sees each byte.
struct Echo : NetClientState {
    uint8_t seen = 0;
    ssize_t receive(const uint8_t *buf, size_t size) override {
        for (size_t i = 0; i < size; i++) seen ^= buf[i];
        qemu_send_packet(this, buf, std::min<size_t>(size, 2000));
        return static_cast<ssize_t>(size);
    }
};
static Echo peers[2];

static void give_peer(DeviceState *dev, int n) {
    const char *name = n ? "legacy" : "modern";
    qemu_new_net_client(&peers[n], &peer_info, "test", name);
    object_property_set_assert(dev, "netdev", name);
}

// Queue 0: buffers; queue 1: a frame with any header; queue 2: a command.
static void write_request(FuzzInput &in, unsigned q) {
    const uint16_t flags = q == 0 ? VRING_DESC_F_WRITE : 0;
    const uint32_t len = q == 0 ? 64 + in.byte() * 8 : in.word() % 0x4000;
    const hwaddr place = FUZZ_DATA + 0x1000 * q;
    uint8_t front[32] = {};
    in.copy(front, in.byte() % sizeof(front));
    if (q == 2) front[0] %= 3, front[1] %= 3;
    if (q != 0) memcpy(fuzz_at(place), front, sizeof(front));
    fuzz_descriptor(q, 0, { place, len, static_cast<uint16_t>(flags | VRING_DESC_F_NEXT), 1 });
    fuzz_descriptor(q, 1, { place + 0x800, 32, VRING_DESC_F_WRITE, 0 });
    if (q == 1) fuzz_descriptor(q, 1, { place + 0x800, in.byte() + 1u, 0, 0 });
}

static void frame_comes_in(FuzzInput &in, int n) {
    uint8_t frame[4096] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    size_t size = in.word() % sizeof(frame);
    in.copy(frame, in.byte() % 16);
    qemu_send_packet(&peers[n], frame, size);
}

const VirtioFuzz virtio_fuzz = {
    .type = "virtio-net-device",
    .queues = 3,
    .prepare = give_peer,
    .realized = nullptr,
    .sound_request = write_request,
    .outside = frame_comes_in,
};
