// SPDX-License-Identifier: MIT
/* Disks, each driven by one hart: what was written is read again, and a reset takes back a request
 * that is under way: from then on the disk touches no memory. */
#include "hw/rom/virtio_blk.h"
#include "tests/stress/guest/stress.h"

enum { DISKS = 8, TURNS = 8, SECTORS = 8, WORDS = SECTORS * SECTOR_SIZE / 8 };
enum { REQUEST_IN = 0, REQUEST_OUT = 1, DESC_NEXT = 1, DESC_WRITE = 2 };
enum { QUEUE_NOTIFY = 0x50, INTERRUPT_STATUS = 0x60, INTERRUPT_ACK = 0x64 };

static struct Drive {
    struct VirtioBlk disk;
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header;
    volatile uint8_t status;
    volatile uint64_t data[WORDS];
    uint64_t after_reset[WORDS];
} drives[DISKS];
static struct VirtioQueue queues[DISKS];
static unsigned count;

static void prepare(void) {
    count = 0;
    for (unsigned i = 0; i < machine.virtio_count && count < DISKS; i++) {
        if (!virtio_blk_probe(machine.virtio[i])) continue;
        struct Drive *drive = &drives[count];
        for (unsigned n = 0; drive->disk.base && n < WORDS; n++)
            expect("memory behind a disk's reset", drive->data[n], drive->after_reset[n]);
        expect("disk opened", virtio_blk_open(&drive->disk, machine.virtio[i], &queues[count], 0),
               true);
        count++;
    }
}

static void describe(struct VirtioQueue *queue, unsigned i, volatile void *memory, uint32_t length,
                     uint16_t flags) {
    queue->desc[i].address = (uint64_t)memory;
    queue->desc[i].length = length;
    queue->desc[i].flags = flags;
    queue->desc[i].next = (uint16_t)(i + 1);
}

static void send(struct Drive *drive, uint32_t type, uint64_t sector) {
    struct VirtioQueue *queue = drive->disk.queue;
    drive->header.type = type;
    drive->header.sector = sector;
    drive->status = 0xff;
    describe(queue, 0, &drive->header, sizeof drive->header, DESC_NEXT);
    describe(queue, 1, drive->data, sizeof drive->data,
             DESC_NEXT | (type == REQUEST_IN ? DESC_WRITE : 0));
    describe(queue, 2, &drive->status, 1, DESC_WRITE);
    queue->avail.ring[queue->avail.index % VIRTIO_QUEUE_SIZE] = 0;
    fence_rw_rw();
    queue->avail.index++;
    fence_rw_iorw();
    write32(drive->disk.base + QUEUE_NOTIFY, 0);
}

// Waits by the device's register, as a driver does that takes interrupts.
static void finish(struct Drive *drive) {
    volatile uint16_t *used = &drive->disk.queue->used.index;
    do {
        while (!read32(drive->disk.base + INTERRUPT_STATUS)) {
        }
        write32(drive->disk.base + INTERRUPT_ACK, 1);
    } while (*used != drive->disk.queue->avail.index);
    fence_r_rw();
    expect("disk's status", drive->status, 0);
}

static void write_and_read(struct Drive *drive, unsigned turn) {
    uint64_t places = drive->disk.sectors / SECTORS;
    uint64_t sector = (round_number * TURNS + turn) * 7 % places * SECTORS;
    uint64_t value = (uint64_t)round_number << 32 | turn << 16;
    for (unsigned n = 0; n < WORDS; n++) drive->data[n] = value + n;
    send(drive, REQUEST_OUT, sector);
    finish(drive);
    for (unsigned n = 0; n < WORDS; n++) drive->data[n] = 0;
    send(drive, REQUEST_IN, sector);
    finish(drive);
    for (unsigned n = 0; n < WORDS; n++) expect("read from a disk", drive->data[n], value + n);
}

static void run(unsigned hart) {
    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (unsigned d = hart; d < count; d += harts) write_and_read(&drives[d], turn);
    }
    for (unsigned d = hart; d < count; d += harts) send(&drives[d], REQUEST_IN, 0);
}

static void check(void) {
    for (unsigned d = 0; d < count; d++) {
        virtio_blk_close(&drives[d].disk);
        for (unsigned n = 0; n < WORDS; n++) drives[d].after_reset[n] = drives[d].data[n];
    }
}

const struct Test disk_tests[] = {
    { "disks", prepare, run, check },
    { 0 },
};
