// SPDX-License-Identifier: MIT
/* The virtio disk driver: one queue, one request at a time, waited for in a loop.
 * Spec: Virtual I/O Device 1.2, sections 2.7 (split queues), 4.2 (MMIO), 5.2 (block device) */
#include "hw/rom/virtio_blk.h"

enum Register {
    MAGIC = 0x00, VERSION = 0x04, DEVICE_ID = 0x08,
    DEVICE_FEATURES = 0x10, DEVICE_FEATURES_SEL = 0x14,
    DRIVER_FEATURES = 0x20, DRIVER_FEATURES_SEL = 0x24, GUEST_PAGE_SIZE = 0x28, // version 1
    QUEUE_SEL = 0x30, QUEUE_NUM_MAX = 0x34, QUEUE_NUM = 0x38,
    QUEUE_ALIGN = 0x3c, QUEUE_PFN = 0x40, // version 1
    QUEUE_READY = 0x44,
    QUEUE_NOTIFY = 0x50, STATUS = 0x70,
    QUEUE_DESC = 0x80, QUEUE_DRIVER = 0x90, QUEUE_DEVICE = 0xa0,
    CONFIG_CAPACITY = 0x100,
};
enum Status { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { MAGIC_VALUE = 0x74726976, ID_BLOCK = 2, FEATURE_VERSION_1 = 1 /* bit 32 */ };
enum { DESC_NEXT = 1, DESC_WRITE = 2, REQUEST_IN = 0 };

bool virtio_blk_probe(uint64_t base) {
    uint32_t version = read32(base + VERSION);
    return read32(base + MAGIC) == MAGIC_VALUE && (version == 1 || version == 2) &&
           read32(base + DEVICE_ID) == ID_BLOCK;
}

uint64_t virtio_blk_sectors(uint64_t base) {
    return read32(base + CONFIG_CAPACITY) | (uint64_t)read32(base + CONFIG_CAPACITY + 4) << 32;
}

// --- handshake

// Version 2 needs VERSION_1 accepted besides.
static bool negotiate(uint64_t base, uint32_t features) {
    bool modern = read32(base + VERSION) == 2;
    write32(base + STATUS, 0);
    write32(base + STATUS, ACKNOWLEDGE);
    write32(base + STATUS, ACKNOWLEDGE | DRIVER);
    write32(base + DEVICE_FEATURES_SEL, 0);
    write32(base + DRIVER_FEATURES_SEL, 0);
    write32(base + DRIVER_FEATURES, read32(base + DEVICE_FEATURES) & features);
    if (!modern) return true;

    write32(base + DEVICE_FEATURES_SEL, 1);
    if (!(read32(base + DEVICE_FEATURES) & FEATURE_VERSION_1)) return false;
    write32(base + DRIVER_FEATURES_SEL, 1);
    write32(base + DRIVER_FEATURES, FEATURE_VERSION_1);
    write32(base + STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    return read32(base + STATUS) & FEATURES_OK;
}

static void write_address(uint64_t at, const void *memory) {
    write32(at, (uint64_t)memory);
    write32(at + 4, (uint64_t)memory >> 32);
}

static bool give_queue(uint64_t base, struct VirtioQueue *queue) {
    write32(base + QUEUE_SEL, 0);
    if (read32(base + QUEUE_NUM_MAX) < VIRTIO_QUEUE_SIZE) return false;
    write32(base + QUEUE_NUM, VIRTIO_QUEUE_SIZE);
    if (read32(base + VERSION) == 1) {
        write32(base + GUEST_PAGE_SIZE, VIRTIO_PAGE);
        write32(base + QUEUE_ALIGN, VIRTIO_PAGE);
        write32(base + QUEUE_PFN, (uint64_t)queue / VIRTIO_PAGE);
    } else {
        write_address(base + QUEUE_DESC, queue->desc);
        write_address(base + QUEUE_DRIVER, &queue->avail);
        write_address(base + QUEUE_DEVICE, &queue->used);
        write32(base + QUEUE_READY, 1);
    }
    return true;
}

bool virtio_blk_open(struct VirtioBlk *disk, uint64_t base, struct VirtioQueue *queue,
                     uint32_t features) {
    *disk = (struct VirtioBlk){ base, virtio_blk_sectors(base), queue };
    memset(queue, 0, sizeof *queue);
    if (!negotiate(base, features) || !give_queue(base, queue)) return false;
    write32(base + STATUS, read32(base + STATUS) | DRIVER_OK);
    return true;
}

void virtio_blk_close(struct VirtioBlk *disk) { write32(disk->base + STATUS, 0); }

// --- requests

static void describe(struct VirtioQueue *queue, int i, volatile void *memory, uint32_t length,
                     uint16_t flags) {
    queue->desc[i].address = (uint64_t)memory;
    queue->desc[i].length = length;
    queue->desc[i].flags = flags;
    queue->desc[i].next = i + 1;
}

// Waits until the disk has used what it was given; false if it broke instead.
static bool wait_used(struct VirtioBlk *disk) {
    volatile uint16_t *used = &disk->queue->used.index;
    while (*used != disk->queue->avail.index)
        if (read32(disk->base + STATUS) & NEEDS_RESET) return false;
    asm volatile("fence" ::: "memory");
    return true;
}

bool virtio_blk_read(struct VirtioBlk *disk, uint64_t sector, void *buffer, uint32_t sectors) {
    struct VirtioQueue *queue = disk->queue;
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header = { REQUEST_IN, 0, sector };
    volatile uint8_t status = 0xff;

    describe(queue, 0, &header, sizeof header, DESC_NEXT);
    describe(queue, 1, buffer, sectors * SECTOR_SIZE, DESC_NEXT | DESC_WRITE);
    describe(queue, 2, &status, 1, DESC_WRITE);
    queue->avail.ring[queue->avail.index % VIRTIO_QUEUE_SIZE] = 0;
    asm volatile("fence" ::: "memory"); // the disk must see the request before its number,
    queue->avail.index++;
    asm volatile("fence" ::: "memory"); // and the number before the bell rings
    write32(disk->base + QUEUE_NOTIFY, 0);
    return wait_used(disk) && status == 0;
}
