// SPDX-License-Identifier: MIT
/* A virtio disk, read by polling, over virtio-mmio in version 2 or the legacy version 1. */
#pragma once
#include "hw/rom/lib.h"

enum { SECTOR_SIZE = 512, VIRTIO_QUEUE_SIZE = 32, VIRTIO_PAGE = 4096 };

// Laid out as version 1 demands (the used ring on a page of its own); version 2 takes it as well.
struct VirtioQueue {
    struct {
        uint64_t address;
        uint32_t length;
        uint16_t flags, next;
    } desc[VIRTIO_QUEUE_SIZE];
    struct {
        uint16_t flags, index, ring[VIRTIO_QUEUE_SIZE];
    } avail;
    _Alignas(VIRTIO_PAGE) struct {
        uint16_t flags, index;
        struct {
            uint32_t id, length;
        } ring[VIRTIO_QUEUE_SIZE];
    } used;
};

struct VirtioBlk {
    uint64_t base;
    uint64_t sectors;
    struct VirtioQueue *queue;
};

// Is there a disk in the slot? Touches nothing but the identification.
bool virtio_blk_probe(uint64_t base);

// The disk's size; valid without virtio_blk_open().
uint64_t virtio_blk_sectors(uint64_t base);

// Resets the disk and gives it the queue (page-aligned); false if it does not take it. `features`:
// those of the low 32 bits that the driver makes use of, where the disk has them.
bool virtio_blk_open(struct VirtioBlk *disk, uint64_t base, struct VirtioQueue *queue,
                     uint32_t features);
bool virtio_blk_read(struct VirtioBlk *disk, uint64_t sector, void *buffer, uint32_t sectors);

// Takes the queue away from the disk: from here on it touches no memory.
void virtio_blk_close(struct VirtioBlk *disk);
