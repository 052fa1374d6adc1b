// SPDX-License-Identifier: MIT
/* Booting from a disk: check the sector, load the payload, check its sum. */
#include "hw/rom/boot.h"

enum { BOOT_VERSION = 1, CHUNK_SECTORS = 128 };

// From rom.ld: where the ROM runs and where it works.
extern const char rom_start[], rom_end[];
extern const uint64_t work_start, work_end;

static bool apart(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
    return a + a_size <= b || b + b_size <= a;
}

// A payload may lie anywhere in RAM but over the ROM, its working memory or the device tree.
static bool has_room(const struct Machine *m, uint64_t base, uint64_t size) {
    return base >= m->ram.base && size <= m->ram.size && base - m->ram.base <= m->ram.size - size &&
           apart(base, size, (uint64_t)rom_start, rom_end - rom_start) &&
           apart(base, size, work_start, work_end - work_start) &&
           apart(base, size, m->tree.base, m->tree.size);
}

static const char *check(const struct BootSector *sector, const struct VirtioBlk *disk,
                         const struct Machine *machine) {
    uint64_t size = (uint64_t)sector->sectors * SECTOR_SIZE;
    if (memcmp(sector->magic, "TOYBOOT", 8) != 0) return "no boot sector";
    if (sector->signature[0] != 0x55 || sector->signature[1] != 0xaa)
        return "the boot sector does not end with 55 aa";
    if (sector->version != BOOT_VERSION) return "the boot sector's version is not 1";
    if (sector->start == 0 || sector->sectors == 0 ||
        (uint64_t)sector->start + sector->sectors > disk->sectors)
        return "the payload does not lie on the disk";
    if (sector->load % 8 != 0 || !has_room(machine, sector->load, size))
        return "the payload does not fit at its load address";
    if (sector->entry % 2 != 0 || sector->entry - sector->load >= size)
        return "the entry does not lie in the payload";
    return NULL;
}

static bool load(struct VirtioBlk *disk, const struct BootSector *sector) {
    uint8_t *to = (uint8_t *)sector->load;
    for (uint32_t done = 0; done < sector->sectors;) {
        uint32_t left = sector->sectors - done;
        uint32_t count = left < CHUNK_SECTORS ? left : CHUNK_SECTORS;
        if (!virtio_blk_read(disk, (uint64_t)sector->start + done, to, count)) return false;
        to += count * SECTOR_SIZE;
        done += count;
    }
    return true;
}

static uint32_t sum_of(const struct BootSector *sector) {
    const uint32_t *word = (const uint32_t *)sector->load;
    uint32_t sum = 0;
    for (uint64_t n = (uint64_t)sector->sectors * SECTOR_SIZE / 4; n > 0; n--) sum += *word++;
    return sum;
}

const char *boot_load(struct VirtioBlk *disk, const struct Machine *machine,
                      struct BootSector *sector) {
    if (disk->sectors == 0 || !virtio_blk_read(disk, 0, sector, 1)) return "cannot be read";
    const char *wrong = check(sector, disk, machine);
    if (wrong) return wrong;
    if (!load(disk, sector)) return "the payload cannot be read";
    return sum_of(sector) == sector->checksum ? NULL : "the payload's checksum is wrong";
}
