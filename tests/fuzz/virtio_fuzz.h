// SPDX-License-Identifier: MIT
/* What the fuzzers of virtio devices share: the input is what a hostile guest writes to registers
 * and to RAM, and what comes in from outside.
 *
 * Each step of the input is one byte, what to do in its low half and with which queue in its high
 * half, and the bytes that takes:
 *     0, 1        write a 32-bit register or a configuration byte
 *     2           copy up to 64 bytes into RAM
 *     3           put a plausible descriptor there
 *     4, 12 to 15 publish a head and kick
 *     5           reset the machine
 *     6           let the device work
 *     7, 10, 11   put a sound request into descriptors 0 and up, which others may then spoil
 *     8, 9        let something happen outside
 * A driver that is well set up, and has agreed to every feature, comes before. A fuzzer is one
 * `virtio_fuzz` and this header. */
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "block/block.h"
#include "hw/core/sysbus.h"
#include "hw/virtio/virtio_ring.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"

struct FuzzInput {
    const uint8_t *data;
    size_t size;

    uint8_t byte() { return size ? (size--, *data++) : 0; }
    uint32_t word() {
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) value = value << 8 | byte();
        return value;
    }
    // Takes up to `n` bytes into `to`; returns how many there were.
    uint64_t copy(uint8_t *to, uint64_t n) {
        n = std::min<uint64_t>(n, size);
        memcpy(to, data, n);
        data += n;
        size -= n;
        return n;
    }
};

inline constexpr hwaddr FUZZ_MMIO = 0x10000000, FUZZ_RAM = 0x80000000;
inline constexpr uint64_t FUZZ_RAM_SIZE = 128 << 10;
inline constexpr unsigned FUZZ_NUM = 8; // descriptors in a queue
// The rings of queue 0; each further queue's lie FUZZ_STEP behind.
inline constexpr hwaddr FUZZ_DESC = FUZZ_RAM, FUZZ_AVAIL = FUZZ_RAM + 0x1000,
                        FUZZ_USED = FUZZ_RAM + 0x2000, FUZZ_STEP = 0x3000;
inline constexpr hwaddr FUZZ_DATA = FUZZ_RAM + 0x14000;

struct VirtioFuzz {
    const char *type;
    unsigned queues;
    // Gives device `n` (0: modern, 1: legacy) what it needs to be realized.
    void (*prepare)(DeviceState *dev, int n);
    // Once device `n` is there.
    void (*realized)(DeviceState *dev, int n);
    void (*sound_request)(FuzzInput &in, unsigned q);
    void (*outside)(FuzzInput &in, int n);
};
extern const VirtioFuzz virtio_fuzz;

inline uint8_t *fuzz_ram;
inline SysBusDevice *fuzz_transports[2]; // modern and legacy

inline uint8_t *fuzz_at(hwaddr addr) { return fuzz_ram + (addr - FUZZ_RAM); }
inline void fuzz_descriptor(unsigned q, unsigned n, const VRingDesc &desc) {
    memcpy(fuzz_at(FUZZ_DESC + FUZZ_STEP * q) + sizeof(desc) * (n % FUZZ_NUM), &desc, sizeof(desc));
}

// --- the machine

inline SysBusDevice *fuzz_new_transport(int n) {
    auto *mmio = static_cast<SysBusDevice *>(qdev_new("virtio-mmio"));
    object_property_set_assert(mmio, "force-legacy", n ? "on" : "off");
    if (!sysbus_realize(mmio, &error_abort)) abort();
    DeviceState *dev = qdev_new(virtio_fuzz.type);
    if (virtio_fuzz.prepare) virtio_fuzz.prepare(dev, n);
    if (!qdev_realize(dev, mmio->child_bus.at(0), &error_abort)) abort();
    if (virtio_fuzz.realized) virtio_fuzz.realized(dev, n);
    sysbus_mmio_map(mmio, 0, FUZZ_MMIO + 0x1000 * n);
    return mmio;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    bql_lock();
    bdrv_init();
    module_call_init(MODULE_INIT_QOM);
    auto *mr = new MemoryRegion;
    if (!memory_region_init_ram(mr, nullptr, "ram", FUZZ_RAM_SIZE, &error_abort)) abort();
    memory_region_add_subregion(get_system_memory(), FUZZ_RAM, mr);
    fuzz_ram = mr->ram->host;
    for (int i = 0; i < 2; i++) fuzz_transports[i] = fuzz_new_transport(i);
    return 0;
}

// --- the driver

inline void fuzz_store(hwaddr addr, uint64_t value, unsigned size = 4) {
    address_space_store(&address_space_memory, addr, value, size);
}

inline uint32_t fuzz_load(hwaddr addr) {
    uint64_t value = 0;
    address_space_load(&address_space_memory, addr, &value, 4);
    return static_cast<uint32_t>(value);
}

inline void fuzz_accept_features(hwaddr mmio) {
    for (uint32_t half : { 0u, 1u }) {
        fuzz_store(mmio + 0x14, half);
        fuzz_store(mmio + 0x24, half);
        fuzz_store(mmio + 0x20, fuzz_load(mmio + 0x10));
    }
}

inline void fuzz_set_up_modern(hwaddr mmio) {
    fuzz_store(mmio + 0x70, 3);
    fuzz_accept_features(mmio);
    fuzz_store(mmio + 0x70, 11);
    for (unsigned q = 0; q < virtio_fuzz.queues; q++) {
        fuzz_store(mmio + 0x30, q);
        fuzz_store(mmio + 0x38, FUZZ_NUM);
        fuzz_store(mmio + 0x80, FUZZ_DESC + FUZZ_STEP * q);
        fuzz_store(mmio + 0x90, FUZZ_AVAIL + FUZZ_STEP * q);
        fuzz_store(mmio + 0xa0, FUZZ_USED + FUZZ_STEP * q);
        fuzz_store(mmio + 0x44, 1);
    }
    fuzz_store(mmio + 0x70, 15);
}

inline void fuzz_set_up_legacy(hwaddr mmio) {
    fuzz_store(mmio + 0x70, 3);
    fuzz_accept_features(mmio);
    fuzz_store(mmio + 0x28, 0x1000);
    for (unsigned q = 0; q < virtio_fuzz.queues; q++) {
        fuzz_store(mmio + 0x30, q);
        fuzz_store(mmio + 0x38, FUZZ_NUM);
        fuzz_store(mmio + 0x3c, 0x1000);
        fuzz_store(mmio + 0x40, (FUZZ_DESC + FUZZ_STEP * q) / 0x1000);
    }
    fuzz_store(mmio + 0x70, 7);
}

inline void fuzz_write_ram(FuzzInput &in) {
    uint64_t offset = in.word() % FUZZ_RAM_SIZE;
    in.copy(fuzz_ram + offset, std::min<uint64_t>(in.byte() % 65u, FUZZ_RAM_SIZE - offset));
}

inline void fuzz_write_descriptor(FuzzInput &in, unsigned q) {
    VRingDesc desc = { FUZZ_RAM + in.word() % (FUZZ_RAM_SIZE + 0x100), in.word() % 0x1400,
                       static_cast<uint16_t>(in.byte() % 8), static_cast<uint16_t>(in.byte() % 9) };
    fuzz_descriptor(q, in.byte(), desc);
}

inline void fuzz_publish(FuzzInput &in, unsigned q, bool legacy) {
    hwaddr first = legacy ? FUZZ_DESC + vring_desc_size(FUZZ_NUM) : FUZZ_AVAIL;
    uint8_t *ring = fuzz_at(first + FUZZ_STEP * q);
    uint16_t head = in.byte() % (FUZZ_NUM + 1), idx;
    memcpy(&idx, ring + 2, 2);
    memcpy(ring + 4 + 2 * (idx % FUZZ_NUM), &head, 2);
    idx++;
    memcpy(ring + 2, &idx, 2);
    fuzz_store(FUZZ_MMIO + 0x1000 * legacy + 0x50, q);
}

inline void fuzz_step(FuzzInput &in, bool legacy) {
    hwaddr mmio = FUZZ_MMIO + 0x1000 * legacy;
    uint8_t what = in.byte();
    unsigned q = what / 16 % virtio_fuzz.queues;
    switch (what % 16) {
    case 0: {
        hwaddr reg = in.byte() & 0xfc;
        return fuzz_store(mmio + reg, in.word());
    }
    case 1: {
        hwaddr at = 0x100 + in.byte() % 64;
        return fuzz_store(mmio + at, in.byte(), 1);
    }
    case 2:
        return fuzz_write_ram(in);
    case 3:
        return fuzz_write_descriptor(in, q);
    case 5:
        return device_cold_reset(fuzz_transports[legacy]);
    case 6:
        aio_poll(qemu_get_aio_context(), false);
        return;
    case 8:
    case 9:
        return virtio_fuzz.outside ? virtio_fuzz.outside(in, legacy) : void();
    case 7:
    case 10:
    case 11:
        return virtio_fuzz.sound_request(in, q);
    default:
        return fuzz_publish(in, q, legacy);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    FuzzInput in = { data, size };
    bool legacy = in.byte() & 1;
    memset(fuzz_ram, 0, FUZZ_RAM_SIZE);
    if (legacy)
        fuzz_set_up_legacy(FUZZ_MMIO + 0x1000);
    else
        fuzz_set_up_modern(FUZZ_MMIO);
    while (in.size) fuzz_step(in, legacy);
    device_cold_reset(fuzz_transports[legacy]); // waits for what is in flight
    return 0;
}
