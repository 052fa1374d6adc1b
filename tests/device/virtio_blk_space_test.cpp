// SPDX-License-Identifier: MIT
/* The virtio disk's discards, its writes of zeroes, and several queues. */
#include <cstring>

#include "tests/device/virtio_blk_guest.h"

static constexpr size_t DISK_SIZE = 64 << 10;
static constexpr uint64_t FEATURES = uint64_t{ 1 } << BLK_F_DISCARD |
                                     uint64_t{ 1 } << BLK_F_WRITE_ZEROES |
                                     uint64_t{ 1 } << BLK_F_FLUSH;
static constexpr uint32_t UNMAP = 1;

struct Range {
    uint64_t sector;
    uint32_t num_sectors, flags;
};

static uint8_t request(BlkGuest &guest, uint32_t type, const Range &range,
                       uint32_t len = sizeof(Range)) {
    memcpy(guest.at(BlkGuest::BUFFER), &range, sizeof(range));
    return guest.request(type, 0, len);
}

static std::string with_zeroes(size_t first, size_t count) {
    return pattern(DISK_SIZE).replace(first * 512, count * 512, count * 512, '\0');
}

TEST(VirtioBlkSpace, ConfigurationTellsTheLimits) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, { { "max-discard-sectors", "100" } });
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 36), 100u);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 40), 1u); // ranges in a discard
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 44), 1u); // its alignment
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 48), 4194303u);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 52), 1u);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 56, 1), 1u); // zeroes may unmap
}

TEST(VirtioBlkSpace, DiscardsReachTheImageIfTheDriveLetsThem) {
    for (const char *mode : { "ignore", "unmap" }) {
        Disk disk(pattern(DISK_SIZE), false, mode);
        BlkGuest guest;
        guest.start(FEATURES);
        EXPECT_EQ(request(guest, BLK_T_DISCARD, { 16, 8, 0 }), BLK_S_OK);
        EXPECT_EQ(guest.used(0).len, 1u);
        bool ignored = strcmp(mode, "ignore") == 0;
        EXPECT_EQ(disk.content(), ignored ? pattern(DISK_SIZE) : with_zeroes(16, 8)) << mode;
    }
}

TEST(VirtioBlkSpace, WritesZeroes) {
    for (uint32_t flags : { 0u, UNMAP }) {
        Disk disk(pattern(DISK_SIZE));
        BlkGuest guest;
        guest.start(FEATURES);
        EXPECT_EQ(request(guest, BLK_T_WRITE_ZEROES, { 3, 50, flags }), BLK_S_OK);
        EXPECT_EQ(request(guest, BLK_T_FLUSH, {}, 0), BLK_S_OK);
        EXPECT_EQ(disk.content(), with_zeroes(3, 50));
        EXPECT_EQ(request(guest, BLK_T_WRITE_ZEROES, { 0, DISK_SIZE / 512, flags }), BLK_S_OK);
        EXPECT_EQ(disk.content(), std::string(DISK_SIZE, '\0'));
    }
}

TEST(VirtioBlkSpace, RefusesBadRanges) {
    Disk disk(pattern(DISK_SIZE), false, "unmap");
    BlkGuest guest(VirtioGuest::Modern,
                   { { "max-discard-sectors", "10" }, { "max-write-zeroes-sectors", "10" } });
    guest.start(FEATURES);
    for (uint32_t type : { BLK_T_DISCARD, BLK_T_WRITE_ZEROES }) {
        EXPECT_EQ(request(guest, type, { DISK_SIZE / 512, 1, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { DISK_SIZE / 512 - 1, 2, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { ~uint64_t{ 0 }, 1, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { ~uint64_t{ 0 } / 512, 8, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { 0, 11, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { 0, 0xffffffff, 0 }), BLK_S_IOERR);
        EXPECT_EQ(request(guest, type, { 0, 1, 2 }), BLK_S_UNSUPP); // a flag from the future
        EXPECT_EQ(request(guest, type, { 0, 1, 0 }, 15), BLK_S_UNSUPP);
        EXPECT_EQ(request(guest, type, { 0, 1, 0 }, 32), BLK_S_UNSUPP); // two ranges
        EXPECT_EQ(request(guest, type, {}, 0), BLK_S_UNSUPP);
    }
    EXPECT_EQ(request(guest, BLK_T_DISCARD, { 0, 1, UNMAP }), BLK_S_UNSUPP);
    EXPECT_EQ(disk.content(), pattern(DISK_SIZE));
    EXPECT_FALSE(guest.needs_reset());
}

TEST(VirtioBlkSpace, AReadOnlyDiskKeepsItsContent) {
    Disk disk(pattern(DISK_SIZE), true, "unmap");
    BlkGuest guest;
    guest.start(FEATURES | uint64_t{ 1 } << BLK_F_RO);
    EXPECT_EQ(request(guest, BLK_T_DISCARD, { 0, 1, 0 }), BLK_S_IOERR);
    EXPECT_EQ(request(guest, BLK_T_WRITE_ZEROES, { 0, 1, 0 }), BLK_S_IOERR);
    EXPECT_EQ(disk.content(), pattern(DISK_SIZE));
}

TEST(VirtioBlkSpace, FeaturesCanBeSwitchedOff) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, { { "discard", "off" }, { "write-zeroes", "off" } });
    EXPECT_EQ(guest.offered_features() & FEATURES, uint64_t{ 1 } << BLK_F_FLUSH);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 36), 0u);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 48), 0u);
}

// A read on each of three queues, all in flight at once; each answers on its own.
TEST(VirtioBlkQueues, WorkSideBySide) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, { { "num-queues", "3" } });
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 34, 2), 3u);
    guest.start(uint64_t{ 1 } << BLK_F_MQ, 3);
    for (unsigned q = 0; q < 3; q++) {
        guest.put_header(BLK_T_IN, 10 * q, q);
        guest.descriptor(0, BlkGuest::header(q), 16, VRING_DESC_F_NEXT, 1, q);
        guest.descriptor(1, BlkGuest::BUFFER + 512 * q, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,
                         2, q);
        guest.descriptor(2, BlkGuest::status(q), 1, VRING_DESC_F_WRITE, 0, q);
        guest.submit(0, q);
    }
    for (unsigned q = 0; q < 3; q++) {
        guest.wait_used(1, q);
        EXPECT_EQ(*guest.at(BlkGuest::status(q)), BLK_S_OK);
        EXPECT_EQ(guest.buffer(1536).substr(512 * q, 512),
                  pattern(DISK_SIZE).substr(5120 * q, 512));
    }
}

TEST(VirtioBlkQueues, OneIsTheDefault) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest;
    EXPECT_FALSE(guest.offered_features() >> BLK_F_MQ & 1);
    guest.mmio.set("QueueSel", 1);
    EXPECT_EQ(guest.mmio.get("QueueNumMax"), 0u);
}
