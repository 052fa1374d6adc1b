// SPDX-License-Identifier: MIT
/* Booting from a disk: the boot sector and the payload behind it.
 * Spec: docs/specs/boot-sector.md */
#pragma once
#include "hw/rom/machine.h"
#include "hw/rom/virtio_blk.h"

struct BootSector {
    char magic[8]; // "TOYBOOT" and a NUL
    uint32_t version;
    uint32_t start, sectors; // the payload's place on the disk
    uint32_t checksum;       // sum of the payload's 32-bit little-endian words
    uint64_t load, entry;    // addresses in RAM
    char name[32];           // ends with a NUL unless it fills the field
    uint8_t reserved[438];
    uint8_t signature[2]; // 0x55 0xaa
};
_Static_assert(sizeof(struct BootSector) == SECTOR_SIZE, "a boot sector fills one sector");

/* Reads the boot sector and its payload. Returns NULL when the payload is in place and right, else
 * what is wrong. The disk is not trusted: nothing is written outside RAM, nor over the ROM's own
 * memory or the device tree. */
const char *boot_load(struct VirtioBlk *disk, const struct Machine *machine,
                      struct BootSector *sector);
