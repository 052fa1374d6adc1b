// SPDX-License-Identifier: MIT
/* Fuzzes the virtio disk: the input is what a hostile guest writes to registers and to RAM.
 *
 * Each step of the input is one byte that says what to do and the bytes it takes:
 *     0, 1  write a 32-bit register or configuration byte
 *     2     copy up to 64 bytes into RAM
 *     3     put a plausible descriptor there
 *     4     publish a head and kick
 *     5     reset the machine
 *     6     let the disk work
 *     7     put a sound request into descriptors 0 to 2, which other steps may then spoil
 * A driver that is well set up comes before, so that the rings are reached. */
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "block/block-backend.h"
#include "hw/core/sysbus.h"
#include "hw/virtio/virtio_ring.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"

static constexpr hwaddr MMIO = 0x10000000, RAM = 0x80000000;
static constexpr uint64_t RAM_SIZE = 64 << 10;
static constexpr unsigned NUM = 8;
static constexpr hwaddr DESC = RAM, AVAIL = RAM + 0x1000, USED = RAM + 0x2000;

static uint8_t *ram;
static SysBusDevice *transports[2]; // modern and legacy

// --- the machine

static BlockBackend *new_disk(const char *name) {
    char file[] = "/tmp/vl-fuzz-XXXXXX";
    int fd = mkstemp(file);
    if (fd < 0 || ftruncate(fd, 64 << 10) < 0) abort();
    close(fd);
    BlockBackend *blk =
        blk_new_open(file, nullptr, { { "driver", "raw" } }, BDRV_O_RDWR, &error_abort);
    unlink(file);
    if (!monitor_add_blk(blk, name, &error_abort)) abort();
    return blk;
}

static SysBusDevice *new_transport(const char *legacy, const char *drive) {
    new_disk(drive);
    auto *mmio = static_cast<SysBusDevice *>(qdev_new("virtio-mmio"));
    object_property_set_assert(mmio, "force-legacy", legacy);
    if (!sysbus_realize(mmio, &error_abort)) abort();
    DeviceState *dev = qdev_new("virtio-blk-device");
    object_property_set_assert(dev, "drive", drive);
    if (!qdev_realize(dev, mmio->child_bus.at(0), &error_abort)) abort();
    return mmio;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    bql_lock();
    bdrv_init();
    module_call_init(MODULE_INIT_QOM);
    auto *mr = new MemoryRegion;
    if (!memory_region_init_ram(mr, nullptr, "ram", RAM_SIZE, &error_abort)) abort();
    memory_region_add_subregion(get_system_memory(), RAM, mr);
    ram = mr->ram->host;
    transports[0] = new_transport("off", "modern");
    transports[1] = new_transport("on", "legacy");
    for (int i = 0; i < 2; i++) sysbus_mmio_map(transports[i], 0, MMIO + 0x1000 * i);
    return 0;
}

// --- the driver

struct Input {
    const uint8_t *data;
    size_t size;

    uint8_t byte() { return size ? (size--, *data++) : 0; }
    uint32_t word() {
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) value = value << 8 | byte();
        return value;
    }
};

static void store(hwaddr addr, uint64_t value, unsigned size = 4) {
    address_space_store(&address_space_memory, addr, value, size);
}

static void set_up_modern(hwaddr mmio) {
    store(mmio + 0x70, 3);
    store(mmio + 0x24, 0);
    store(mmio + 0x20,
          uint32_t{ 1 } << VIRTIO_RING_F_INDIRECT_DESC | 1u << VIRTIO_RING_F_EVENT_IDX);
    store(mmio + 0x24, 1);
    store(mmio + 0x20, 1);
    store(mmio + 0x70, 11);
    store(mmio + 0x30, 0);
    store(mmio + 0x38, NUM);
    store(mmio + 0x80, DESC);
    store(mmio + 0x90, AVAIL);
    store(mmio + 0xa0, USED);
    store(mmio + 0x44, 1);
    store(mmio + 0x70, 15);
}

static void set_up_legacy(hwaddr mmio) {
    store(mmio + 0x70, 3);
    store(mmio + 0x28, 0x1000);
    store(mmio + 0x30, 0);
    store(mmio + 0x38, NUM);
    store(mmio + 0x3c, 0x1000);
    store(mmio + 0x40, RAM / 0x1000);
    store(mmio + 0x70, 7);
}

static void write_ram(Input &in) {
    uint64_t offset = in.word() % RAM_SIZE;
    uint64_t n = std::min<uint64_t>({ in.byte() % 65u, in.size, RAM_SIZE - offset });
    memcpy(ram + offset, in.data, n);
    in.data += n;
    in.size -= n;
}

static void write_descriptor(Input &in, hwaddr table) {
    VRingDesc desc = { RAM + in.word() % (RAM_SIZE + 0x100), in.word() % 0x1400,
                       static_cast<uint16_t>(in.byte() % 8), static_cast<uint16_t>(in.byte() % 9) };
    memcpy(ram + (table - RAM) + sizeof(desc) * (in.byte() % NUM), &desc, sizeof(desc));
}

// Its header, its status and its data lie one behind the other.
static void write_request(Input &in) {
    constexpr hwaddr place = RAM + 0x4000;
    const uint32_t type = in.byte() % 10, sector = in.byte(), len = 512 * (in.byte() % 8);
    const uint32_t header[4] = { type, 0, sector, 0 };
    const uint16_t data_flags = VRING_DESC_F_NEXT | (type == 1 ? 0 : VRING_DESC_F_WRITE);
    const VRingDesc chain[3] = {
        { place, sizeof(header), VRING_DESC_F_NEXT, static_cast<uint16_t>(len ? 1 : 2) },
        { place + 0x100, len, data_flags, 2 },
        { place + sizeof(header), 1, VRING_DESC_F_WRITE, 0 },
    };
    memcpy(ram + (place - RAM), header, sizeof(header));
    memcpy(ram + (DESC - RAM), chain, sizeof(chain));
}

static void publish(Input &in, hwaddr mmio, hwaddr avail) {
    uint16_t head = in.byte() % (NUM + 1), idx;
    uint8_t *ring = ram + (avail - RAM);
    memcpy(&idx, ring + 2, 2);
    memcpy(ring + 4 + 2 * (idx % NUM), &head, 2);
    idx++;
    memcpy(ring + 2, &idx, 2);
    store(mmio + 0x50, 0);
}

static void step(Input &in, hwaddr mmio, hwaddr avail) {
    switch (in.byte() % 8) {
    case 0: {
        hwaddr reg = in.byte() & 0xfc;
        return store(mmio + reg, in.word());
    }
    case 1: {
        hwaddr at = 0x100 + in.byte() % 64;
        return store(mmio + at, in.byte(), 1);
    }
    case 2:
        return write_ram(in);
    case 3:
        return write_descriptor(in, DESC);
    case 4:
        return publish(in, mmio, avail);
    case 5:
        return device_cold_reset(transports[mmio != MMIO]);
    case 6:
        aio_poll(qemu_get_aio_context(), false);
        return;
    default:
        return write_request(in);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input in = { data, size };
    bool legacy = in.byte() & 1;
    hwaddr mmio = MMIO + (legacy ? 0x1000 : 0);
    hwaddr avail = legacy ? DESC + vring_desc_size(NUM) : AVAIL;
    memset(ram, 0, RAM_SIZE);
    if (legacy)
        set_up_legacy(mmio);
    else
        set_up_modern(mmio);
    while (in.size) step(in, mmio, avail);
    device_cold_reset(transports[legacy]); // waits for what is in flight
    return 0;
}
