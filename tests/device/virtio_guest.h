// SPDX-License-Identifier: MIT
/* The guest's side of virtio-mmio, as small as a driver can be: for the tests of the devices. */
#pragma once

#include "hw/virtio/virtio_ring.h"
#include "tests/device/chip.h"

// A transport with one device on it, and one queue of 8 descriptors in RAM.
class VirtioGuest {
public:
    static constexpr unsigned NUM = 8;
    static constexpr hwaddr CONFIG = 0x100;
    // Where things lie in RAM: the rings in a page each, then room for the test.
    static constexpr hwaddr DESC = RAM_BASE + 0x1000, AVAIL = RAM_BASE + 0x2000,
                            USED = RAM_BASE + 0x3000, DATA = RAM_BASE + 0x10000;

    enum Version { Modern, Legacy };
    VirtioGuest(const char *type, const Chip::Props &props, Version version = Modern);
    ~VirtioGuest() { delete_device(dev); }

    Chip mmio;
    DeviceState *dev; // on mmio's bus
    uint8_t *const ram;

    // --- the handshake
    // Everything up to DRIVER_OK. Features the device does not offer are an error of the test.
    void start(uint64_t features);
    void negotiate(uint64_t features);
    void set_up_queue();
    void add_status(uint8_t bits) { mmio.set("Status", mmio.get("Status") | bits); }
    uint64_t offered_features();
    bool needs_reset() { return mmio.get("Status") & VIRTIO_CONFIG_S_NEEDS_RESET; }

    // --- the queue
    void descriptor(unsigned n, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next);
    // Makes the chain that begins at `head` available and kicks.
    void submit(uint16_t head);
    void publish(uint16_t head);
    void kick() { mmio.set("QueueNotify", 0); }
    uint16_t used_idx() { return word(USED + 2); }
    VRingUsedElem used(unsigned n);
    // Runs the event loop until the device has used `count` chains in all.
    void wait_used(uint16_t count);

    // --- guest memory
    uint8_t *at(hwaddr addr) { return ram + (addr - RAM_BASE); }
    uint16_t word(hwaddr addr);
    void set_word(hwaddr addr, uint16_t value);

private:
    Version version_;
    hwaddr desc_ = DESC, avail_ = AVAIL;
    uint16_t avail_idx_ = 0;
};
