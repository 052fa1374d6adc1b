// SPDX-License-Identifier: MIT
/* Writes numbered records to its disk for ever, many at a time, and says what it has flushed. A
 * flush is under way together with the writes behind it, which it does not cover.
 *
 * Record n lies at place n * STRIDE % RECORDS. Each of its sectors begins with a number of its own,
 * which all that follows is computed from: a checksum of a kind that shows old, new and torn. */
#include "hw/rom/console.h"
#include "hw/rom/machine.h"
#include "hw/rom/virtio_blk.h"

enum { SECTORS = 8, WORDS = SECTOR_SIZE / 8, RECORDS = 64, STRIDE = 37, DEPTH = 8 };
enum { REQUEST_IN = 0, REQUEST_OUT = 1, REQUEST_FLUSH = 4, FEATURE_FLUSH = 1 << 9 };
enum { DESC_NEXT = 1, DESC_WRITE = 2, DESCRIPTORS = 3 /* a request */, QUEUE_NOTIFY = 0x50 };

static struct Machine machine;
static struct VirtioQueue queue;
static struct VirtioBlk disk;
static struct Request {
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } header;
    volatile uint8_t status;
    uint64_t data[SECTORS][WORDS];
} requests[DEPTH + 1];

void hart_main(unsigned hart, uint64_t tree);
uint64_t trap(uint64_t cause, uint64_t epc, uint64_t tval);

_Noreturn static void fail(const char *what, uint64_t value) {
    say("records: %s %lx", what, value);
    machine_power(&machine, 1 << 16 | POWER_FAIL);
}

uint64_t trap(uint64_t cause, uint64_t epc, uint64_t tval) {
    (void)cause, (void)tval;
    fail("trap", epc);
}

// --- requests

static void describe(unsigned i, volatile void *memory, uint32_t length, uint16_t flags) {
    queue.desc[i].address = (uint64_t)memory;
    queue.desc[i].length = length;
    queue.desc[i].flags = flags;
    queue.desc[i].next = (uint16_t)(i + 1);
}

// Puts requests[n] into the ring, without a kick.
static void post(unsigned n, uint32_t type, uint64_t sector) {
    struct Request *request = &requests[n];
    unsigned i = n * DESCRIPTORS, last = i + 1;
    request->header.type = type;
    request->header.sector = sector;
    request->status = 0xff;
    describe(i, &request->header, sizeof request->header, DESC_NEXT);
    if (type != REQUEST_FLUSH)
        describe(last++, request->data, sizeof request->data,
                 DESC_NEXT | (type == REQUEST_IN ? DESC_WRITE : 0));
    describe(last, &request->status, 1, DESC_WRITE);
    queue.avail.ring[queue.avail.index % VIRTIO_QUEUE_SIZE] = (uint16_t)i;
    asm volatile("fence" ::: "memory");
    queue.avail.index++;
}

// Kicks, and waits until the first `count` requests are done.
static void finish(unsigned count) {
    asm volatile("fence" ::: "memory");
    write32(disk.base + QUEUE_NOTIFY, 0);
    volatile uint16_t *used = &queue.used.index;
    while (*used != queue.avail.index) {
    }
    asm volatile("fence" ::: "memory");
    for (unsigned n = 0; n < count; n++)
        if (requests[n].status != 0) fail("status", requests[n].status);
}

// --- records

static uint64_t sector_of(uint64_t record) { return record * STRIDE % RECORDS * SECTORS; }

static void fill(struct Request *request, uint64_t record) {
    for (unsigned s = 0; s < SECTORS; s++) {
        uint64_t x = record * SECTORS + s;
        for (unsigned n = 0; n < WORDS; n++, x = x * 6364136223846793005 + 1442695040888963407)
            request->data[s][n] = x;
    }
}

// The number behind the highest that is on the disk.
static uint64_t first_record(void) {
    uint64_t first = 1;
    for (unsigned place = 0; place < RECORDS; place++) {
        post(0, REQUEST_IN, place * SECTORS);
        finish(1);
        uint64_t record = requests[0].data[0][0] / SECTORS;
        if (record >= first) first = record + 1;
    }
    return first;
}

_Noreturn static void write_records(uint64_t next) {
    for (;;) {
        uint64_t before = next - 1, count = 1 + next * STRIDE % DEPTH;
        post(0, REQUEST_FLUSH, 0);
        for (unsigned n = 1; n <= count; n++, next++) {
            fill(&requests[n], next);
            post(n, REQUEST_OUT, sector_of(next));
        }
        finish((unsigned)count + 1);
        say("flushed %lu", before);
    }
}

void hart_main(unsigned hart, uint64_t tree) {
    (void)hart;
    machine_read(&machine, tree);
    console_open(machine.uart);
    for (unsigned n = 0; n < machine.virtio_count && !disk.base; n++) {
        if (!virtio_blk_probe(machine.virtio[n])) continue;
        if (!virtio_blk_open(&disk, machine.virtio[n], &queue, FEATURE_FLUSH)) break;
    }
    if (disk.sectors < RECORDS * SECTORS) fail("disk of sectors", disk.sectors);
    uint64_t first = first_record();
    say("begins with %lu", first);
    write_records(first);
}
