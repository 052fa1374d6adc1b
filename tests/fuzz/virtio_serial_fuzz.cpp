// SPDX-License-Identifier: MIT
/* Fuzzes the virtio console device with a console and a port, whose other ends answer what they get
 * with the same. See tests/fuzz/virtio_fuzz.h. */
#include "tests/fuzz/virtio_fuzz.h"
#include "util/chardev.h"

struct Echo : Chardev {
    std::string waiting;

    int write(const uint8_t *buf, int size) override {
        if (waiting.size() < 4096) waiting.append(reinterpret_cast<const char *>(buf), 1);
        return size;
    }
    void accept_input() override {
        std::string text = std::move(waiting);
        waiting.clear();
        auto room = static_cast<size_t>(qemu_chr_be_can_write(this));
        int size = static_cast<int>(std::min(text.size(), room));
        if (size) qemu_chr_be_write(this, reinterpret_cast<const uint8_t *>(text.data()), size);
    }
};
static Chardev *open_echo(const QemuOpts &, Error **) { return new Echo; }
static const ChardevDriver echo = { "echo", open_echo };
static Chardev *chardevs[2][2];

static void add_ports(DeviceState *dev, int n) {
    static bool registered = (chardev_register(&echo), true);
    if (!registered) abort();
    const char *types[2] = { "virtconsole", "virtserialport" };
    for (int i = 0; i < 2; i++) {
        std::string label = std::string(types[i]) + (n ? "-legacy" : "-modern");
        chardevs[n][i] = qemu_chr_new(label, "echo", &error_abort);
        DeviceState *port = qdev_new(types[i]);
        object_property_set_assert(port, "chardev", label);
        object_property_set_assert(port, "name", "fuzz");
        if (!qdev_realize(port, dev->child_bus.at(0), &error_abort)) abort();
    }
}

// Even queues: buffers; the others: text, or a control message.
static void write_request(FuzzInput &in, unsigned q) {
    const uint16_t flags = q % 2 ? 0 : VRING_DESC_F_WRITE;
    const uint32_t len = q == 3 ? 8 : 1 + in.byte();
    const hwaddr place = FUZZ_DATA + 0x400 * q;
    const uint16_t message[4] = { static_cast<uint16_t>(in.byte() % 4), 0,
                                  static_cast<uint16_t>(in.byte() % 9),
                                  static_cast<uint16_t>(in.byte() % 2) };
    if (q % 2) memcpy(fuzz_at(place), message, sizeof(message));
    fuzz_descriptor(q, 0, { place, len, flags, 0 });
    fuzz_descriptor(q, 1, { place + 0x200, len, flags, 0 });
}

static void host_sends(FuzzInput &in, int n) {
    Chardev *chr = chardevs[n][in.byte() % 2];
    uint8_t text[64] = {};
    int size = std::min<int>(in.byte() % 64, qemu_chr_be_can_write(chr));
    if (size > 0) qemu_chr_be_write(chr, text, size);
}

const VirtioFuzz virtio_fuzz = {
    .type = "virtio-serial-device",
    .queues = 6,
    .prepare = nullptr,
    .realized = add_ports,
    .sound_request = write_request,
    .outside = host_sends,
};
