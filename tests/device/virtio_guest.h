// SPDX-License-Identifier: MIT
/* The guest's side of virtio-mmio, as small as a driver can be: for the tests of the devices. */
#pragma once

#include "hw/virtio/virtio_ring.h"
#include "tests/device/chip.h"

// A transport with one device on it, and queues of 8 descriptors in RAM.
class VirtioGuest {
public:
    static constexpr unsigned NUM = 8;
    static constexpr hwaddr CONFIG = 0x100;
    // Where things lie in RAM: the rings of queue 0 in a page each, those of queue n further on by
    // n times QUEUE_STEP, then room for the test.
    static constexpr hwaddr DESC = RAM_BASE + 0x1000, AVAIL = RAM_BASE + 0x2000,
                            USED = RAM_BASE + 0x3000, DATA = RAM_BASE + 0x20000;
    static constexpr unsigned QUEUES = 8; // at most
    static constexpr hwaddr QUEUE_STEP = 0x3000;
    static_assert(DESC + QUEUES * QUEUE_STEP <= DATA);

    enum Version { Modern, Legacy };
    VirtioGuest(const char *type, const Chip::Props &props, Version version = Modern);
    ~VirtioGuest() { delete_device(dev); }

    Chip mmio;
    DeviceState *dev; // on mmio's bus
    uint8_t *const ram;

    // --- the handshake
    // Everything up to DRIVER_OK. Features the device does not offer are an error of the test.
    void start(uint64_t features, unsigned queues = 1);
    void negotiate(uint64_t features);
    void set_up_queue(unsigned q = 0);
    void add_status(uint8_t bits) { mmio.set("Status", mmio.get("Status") | bits); }
    uint64_t offered_features();
    bool needs_reset() { return mmio.get("Status") & VIRTIO_CONFIG_S_NEEDS_RESET; }

    // --- queue q
    void descriptor(unsigned n, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next,
                    unsigned q = 0);
    // Makes the chain that begins at `head` available and kicks.
    void submit(uint16_t head, unsigned q = 0);
    void publish(uint16_t head, unsigned q = 0);
    void kick(unsigned q = 0) { mmio.set("QueueNotify", q); }
    uint16_t used_idx(unsigned q = 0) { return word(USED + QUEUE_STEP * q + 2); }
    VRingUsedElem used(unsigned n, unsigned q = 0);
    // Runs the event loop until the device has used `count` chains in all.
    void wait_used(uint16_t count, unsigned q = 0);

    // --- guest memory. A word is read and written whole: a device may be in another thread.
    uint8_t *at(hwaddr addr) { return ram + (addr - RAM_BASE); }
    uint16_t word(hwaddr addr);
    void set_word(hwaddr addr, uint16_t value);

private:
    struct Rings {
        hwaddr desc = 0, avail = 0;
        uint16_t avail_idx = 0;
    };
    Version version_;
    Rings rings_[QUEUES];
};

// The realize error of a virtio device with these properties; the transport stays empty.
std::string plug_error(const char *type, const Chip::Props &props);
