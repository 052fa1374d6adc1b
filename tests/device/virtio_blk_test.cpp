// SPDX-License-Identifier: MIT
/* The virtio disk with a driver that behaves: both versions of the transport. */
#include <cstring>

#include "block/qapi.h"
#include "hw/virtio/virtio.h"
#include "tests/device/virtio_blk_guest.h"
#include "util/error.h"

static constexpr size_t DISK_SIZE = 64 << 10;

class VirtioBlk : public testing::TestWithParam<VirtioGuest::Version> {
protected:
    Disk disk{ pattern(DISK_SIZE) };
    BlkGuest guest{ GetParam(), { { "serial", "SN-0123456789" } } };
};

INSTANTIATE_TEST_SUITE_P(Versions, VirtioBlk,
                         testing::Values(VirtioGuest::Modern, VirtioGuest::Legacy),
                         [](const testing::TestParamInfo<VirtioGuest::Version> &info) {
                             return info.param == VirtioGuest::Modern ? "modern" : "legacy";
                         });

TEST_P(VirtioBlk, SaysWhatItIs) {
    EXPECT_EQ(guest.mmio.get("MagicValue"), 0x74726976u);
    EXPECT_EQ(guest.mmio.get("Version"), GetParam() == VirtioGuest::Modern ? 2u : 1u);
    EXPECT_EQ(guest.mmio.get("DeviceID"), 2u);
    EXPECT_EQ(guest.mmio.get("QueueNumMax"), 256u);
    EXPECT_EQ(virtio_has_feature(guest.offered_features(), VIRTIO_F_VERSION_1),
              GetParam() == VirtioGuest::Modern);
}

TEST_P(VirtioBlk, Reads) {
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 3, 1024), BLK_S_OK);
    EXPECT_EQ(guest.buffer(1024), pattern(DISK_SIZE).substr(3 * 512, 1024));
    EXPECT_EQ(guest.used(0).id, 0u);
    EXPECT_EQ(guest.used(0).len, 1025u);
}

TEST_P(VirtioBlk, WritesAndFlushes) {
    guest.start(uint64_t{ 1 } << BLK_F_FLUSH);
    memset(guest.at(BlkGuest::BUFFER), 'w', 512);
    EXPECT_EQ(guest.request(BLK_T_OUT, 127, 512), BLK_S_OK);
    EXPECT_EQ(guest.used(0).len, 1u);
    EXPECT_EQ(guest.request(BLK_T_FLUSH, 0, 0), BLK_S_OK);
    std::string expected = pattern(DISK_SIZE);
    expected.replace(127 * 512, 512, 512, 'w');
    EXPECT_EQ(disk.content(), expected);
}

TEST_P(VirtioBlk, InterruptsAndIsAcknowledged) {
    guest.start(0);
    EXPECT_FALSE(guest.mmio.irq());
    guest.request(BLK_T_IN, 0, 512);
    EXPECT_TRUE(guest.mmio.irq());
    EXPECT_EQ(guest.mmio.get("InterruptStatus"), 1u);
    guest.mmio.set("InterruptACK", 1);
    EXPECT_FALSE(guest.mmio.irq());
    EXPECT_EQ(guest.mmio.get("InterruptStatus"), 0u);
}

TEST_P(VirtioBlk, InterruptCanBeUnwanted) {
    guest.start(0);
    hwaddr avail = GetParam() == VirtioGuest::Modern
                       ? VirtioGuest::AVAIL
                       : VirtioGuest::USED - 0x1000 + vring_desc_size(VirtioGuest::NUM);
    guest.set_word(avail, VRING_AVAIL_F_NO_INTERRUPT);
    guest.request(BLK_T_IN, 0, 512);
    EXPECT_FALSE(guest.mmio.irq());
}

TEST_P(VirtioBlk, TellsItsSerialNumber) {
    guest.start(0);
    memset(guest.at(BlkGuest::BUFFER), 0xff, 20);
    EXPECT_EQ(guest.request(BLK_T_GET_ID, 0, 20), BLK_S_OK);
    EXPECT_EQ(guest.buffer(20), std::string("SN-0123456789", 13) + std::string(7, '\0'));
    EXPECT_EQ(guest.used(0).len, 21u);
    EXPECT_EQ(guest.request(BLK_T_GET_ID, 0, 4), BLK_S_OK);
    EXPECT_EQ(guest.buffer(4), "SN-0");
}

TEST_P(VirtioBlk, RefusesWhatItCannotDo) {
    guest.start(0);
    uint64_t sectors = DISK_SIZE / 512;
    EXPECT_EQ(guest.request(BLK_T_IN, sectors, 512), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_IN, sectors - 1, 1024), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_OUT, ~uint64_t{ 0 }, 512), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_OUT, ~uint64_t{ 0 } / 512, 512), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 100), BLK_S_IOERR);
    EXPECT_EQ(guest.used(4).len, 1u);
    EXPECT_EQ(guest.request(BLK_T_DISCARD, 0, 16), BLK_S_UNSUPP); // not agreed on
    EXPECT_EQ(guest.request(BLK_T_WRITE_ZEROES, 0, 16), BLK_S_UNSUPP);
    EXPECT_EQ(guest.request(14, 0, 512), BLK_S_UNSUPP);
    EXPECT_EQ(guest.request(0xffffffff, 0, 0), BLK_S_UNSUPP);
    EXPECT_EQ(guest.request(BLK_T_IN, sectors - 1, 512), BLK_S_OK);
    EXPECT_EQ(disk.content(), pattern(DISK_SIZE));
}

TEST_P(VirtioBlk, HasManyRequestsInFlight) {
    guest.start(0);
    for (unsigned n = 0; n < 2; n++) {
        guest.put_chain(BLK_T_IN, 2 * n, BlkGuest::BUFFER + 512 * n, 512, 3 * n, n);
        guest.publish(static_cast<uint16_t>(3 * n));
    }
    guest.kick();
    guest.wait_used(2);
    EXPECT_EQ(*guest.at(BlkGuest::status(0)), BLK_S_OK);
    EXPECT_EQ(*guest.at(BlkGuest::status(1)), BLK_S_OK);
    std::string all = pattern(DISK_SIZE);
    EXPECT_EQ(guest.buffer(1024), all.substr(0, 512) + all.substr(1024, 512));
}

TEST_P(VirtioBlk, TheRingWrapsManyTimes) {
    guest.start(0);
    for (unsigned i = 0; i < 100; i++) {
        ASSERT_EQ(guest.request(BLK_T_IN, i, 512), BLK_S_OK);
        ASSERT_EQ(guest.buffer(512), pattern(DISK_SIZE).substr(512 * i, 512));
    }
}

// A header in pieces and a status that shares its descriptor with the data.
TEST_P(VirtioBlk, TakesAnyLayout) {
    guest.start(0);
    guest.put_header(BLK_T_IN, 5);
    guest.descriptor(0, BlkGuest::header(), 3, VRING_DESC_F_NEXT, 1);
    guest.descriptor(1, BlkGuest::header() + 3, 13, VRING_DESC_F_NEXT, 2);
    guest.descriptor(2, BlkGuest::BUFFER, 200, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 3);
    guest.descriptor(3, BlkGuest::BUFFER + 200, 313, VRING_DESC_F_WRITE, 0);
    *guest.at(BlkGuest::BUFFER + 512) = 0xff;
    guest.submit(0);
    guest.wait_used(1);
    EXPECT_EQ(guest.buffer(512), pattern(DISK_SIZE).substr(5 * 512, 512));
    EXPECT_EQ(*guest.at(BlkGuest::BUFFER + 512), BLK_S_OK);
}

TEST_P(VirtioBlk, FollowsIndirectDescriptors) {
    guest.start(uint64_t{ 1 } << VIRTIO_RING_F_INDIRECT_DESC);
    guest.put_header(BLK_T_IN, 9);
    const VRingDesc table[3] = {
        { BlkGuest::header(), 16, VRING_DESC_F_NEXT, 2 },
        { BlkGuest::status(), 1, VRING_DESC_F_WRITE, 0 },
        { BlkGuest::BUFFER, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1 },
    };
    memcpy(guest.at(BlkGuest::BUFFER + 0x1000), table, sizeof(table));
    guest.descriptor(7, BlkGuest::BUFFER + 0x1000, sizeof(table), VRING_DESC_F_INDIRECT, 0);
    guest.submit(7);
    guest.wait_used(1);
    EXPECT_EQ(guest.used(0).id, 7u);
    EXPECT_EQ(guest.buffer(512), pattern(DISK_SIZE).substr(9 * 512, 512));
}

TEST_P(VirtioBlk, EventIndexSaysWhenToInterruptAndToKick) {
    guest.start(uint64_t{ 1 } << VIRTIO_RING_F_EVENT_IDX);
    bool modern = GetParam() == VirtioGuest::Modern;
    hwaddr avail = modern ? VirtioGuest::AVAIL
                          : VirtioGuest::USED - 0x1000 + vring_desc_size(VirtioGuest::NUM);
    hwaddr used_event = avail + 4 + 2 * VirtioGuest::NUM;
    hwaddr avail_event = VirtioGuest::USED + 4 + 8 * VirtioGuest::NUM;
    guest.set_word(used_event, 2);
    for (uint16_t n = 1; n <= 4; n++) {
        guest.request(BLK_T_IN, 0, 512);
        EXPECT_EQ(guest.word(avail_event), n);
        // the first one always interrupts, then only the one that passes the event
        EXPECT_EQ(guest.mmio.irq(), n == 1 || n == 3) << n;
        guest.mmio.set("InterruptACK", 1);
    }
}

TEST_P(VirtioBlk, ResetWaitsForWhatIsInFlight) {
    guest.start(0);
    guest.put_chain(BLK_T_IN, 4, BlkGuest::BUFFER, 512);
    guest.submit(0);
    guest.mmio.set("Status", 0);
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
    EXPECT_EQ(guest.buffer(512), pattern(DISK_SIZE).substr(4 * 512, 512));
    EXPECT_EQ(guest.mmio.get("Status"), 0u);
    EXPECT_FALSE(guest.mmio.irq());
    // and it can be started anew
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 1, 512), BLK_S_OK);
}

TEST_P(VirtioBlk, MachineResetWaitsToo) {
    guest.start(0);
    guest.put_chain(BLK_T_IN, 4, BlkGuest::BUFFER, 512);
    guest.submit(0);
    guest.mmio.reset();
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
    EXPECT_EQ(guest.mmio.get("Status"), 0u);
}

TEST_P(VirtioBlk, AKickBeforeDriverOkIsNotLost) {
    guest.negotiate(GetParam() == VirtioGuest::Modern ? uint64_t{ 1 } << VIRTIO_F_VERSION_1 : 0);
    guest.set_up_queue();
    guest.put_chain(BLK_T_IN, 0, BlkGuest::BUFFER, 512);
    guest.submit(0);
    EXPECT_EQ(*guest.at(BlkGuest::status()), 0xff);
    guest.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    guest.wait_used(1);
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
}

TEST_P(VirtioBlk, ConfigurationTellsTheSize) {
    Chip &mmio = guest.mmio;
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 0), DISK_SIZE / 512);
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 4), 0u);
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 12), 254u);   // seg_max
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 20), 512u);   // blk_size
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 19, 1), 63u); // sectors of the geometry
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 34, 2), 1u);  // num_queues
    EXPECT_EQ(mmio.try_read(VirtioGuest::CONFIG, 8), MEMTX_ERROR);
    EXPECT_EQ(mmio.try_read(VirtioGuest::CONFIG + 2, 4), MEMTX_ERROR);
    LogCapture log;
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG + 60), 0u);
    mmio.write(VirtioGuest::CONFIG + 60, 1);
    EXPECT_EQ(log.lines(), 2u);
    mmio.write(VirtioGuest::CONFIG, 7); // read-only: nothing happens
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG), DISK_SIZE / 512);
}

TEST_P(VirtioBlk, TellsTheDriverOfANewSize) {
    guest.start(0);
    Error *err = nullptr;
    EXPECT_TRUE(qmp_block_resize("disk0", 2 * DISK_SIZE, &err));
    EXPECT_TRUE(guest.mmio.irq());
    EXPECT_EQ(guest.mmio.get("InterruptStatus"), 2u); // the configuration
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 0), 2 * DISK_SIZE / 512);
    EXPECT_EQ(guest.request(BLK_T_IN, 2 * DISK_SIZE / 512 - 1, 512), BLK_S_OK);
    EXPECT_EQ(guest.buffer(512), std::string(512, '\0'));
}

// The write cache follows the driver: off without FLUSH, its own choice with CONFIG_WCE.
TEST_P(VirtioBlk, WriteCacheFollowsTheDriver) {
    constexpr hwaddr wce = VirtioGuest::CONFIG + 32;
    EXPECT_EQ(guest.mmio.read(wce, 1), 1u);
    guest.start(0);
    EXPECT_EQ(guest.mmio.read(wce, 1), 0u);
    guest.start(uint64_t{ 1 } << BLK_F_FLUSH);
    EXPECT_EQ(guest.mmio.read(wce, 1), 1u);
    guest.mmio.write(wce, 0, 1); // not agreed on
    EXPECT_EQ(guest.mmio.read(wce, 1), 1u);
    guest.start(uint64_t{ 1 } << BLK_F_FLUSH | uint64_t{ 1 } << BLK_F_CONFIG_WCE);
    guest.mmio.write(wce, 0, 1);
    EXPECT_EQ(guest.mmio.read(wce, 1), 0u);
    guest.mmio.set("Status", 0);
    EXPECT_EQ(guest.mmio.read(wce, 1), 1u);
}

TEST(VirtioBlkDrive, ReadOnlyOnesSaySo) {
    Disk disk(pattern(4096), true);
    BlkGuest guest;
    EXPECT_TRUE(virtio_has_feature(guest.offered_features(), BLK_F_RO));
    guest.start(uint64_t{ 1 } << BLK_F_RO);
    EXPECT_EQ(guest.request(BLK_T_OUT, 0, 512), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
    EXPECT_EQ(disk.content(), pattern(4096));
}

TEST(VirtioBlkDrive, OddSizesAreRoundedUp) {
    Disk disk(std::string(1000, 'x'));
    BlkGuest guest;
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG), 2u);
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 1, 512), BLK_S_OK);
    EXPECT_EQ(guest.buffer(512), std::string(488, 'x') + std::string(24, '\0'));
}

TEST(VirtioBlkDrive, TellsOfBlockSizes) {
    Disk disk(pattern(64 << 10));
    BlkGuest guest(VirtioGuest::Modern, { { "logical_block_size", "4k" },
                                          { "physical_block_size", "16k" },
                                          { "min_io_size", "32k" },
                                          { "opt_io_size", "1M" },
                                          { "discard_granularity", "8k" },
                                          { "cyls", "1000" },
                                          { "heads", "5" },
                                          { "secs", "17" } });
    auto config = [&guest](hwaddr at, unsigned size) {
        return guest.mmio.read(VirtioGuest::CONFIG + at, size);
    };
    EXPECT_EQ(config(0, 4), 128u); // still in sectors of 512 bytes (5.2.4)
    EXPECT_EQ(config(16, 2), 1000u);
    EXPECT_EQ(config(18, 1), 5u);
    EXPECT_EQ(config(19, 1), 17u);
    EXPECT_EQ(config(20, 4), 4096u);
    EXPECT_EQ(config(24, 1), 2u);   // physical_block_exp
    EXPECT_EQ(config(26, 2), 8u);   // min_io_size, in logical blocks
    EXPECT_EQ(config(28, 4), 256u); // opt_io_size, likewise
    EXPECT_EQ(config(44, 4), 16u);  // discard_sector_alignment, in sectors
    // requests are for whole logical blocks
    guest.start(uint64_t{ 1 } << BLK_F_DISCARD);
    EXPECT_EQ(guest.request(BLK_T_IN, 8, 4096), BLK_S_OK);
    EXPECT_EQ(guest.request(BLK_T_IN, 1, 4096), BLK_S_IOERR);
    EXPECT_EQ(guest.request(BLK_T_OUT, 8, 512), BLK_S_IOERR);
    EXPECT_EQ(disk.content(), pattern(64 << 10));
}

TEST(VirtioBlkDrive, PropertiesAreChecked) {
    Disk disk(pattern(4096));
    EXPECT_EQ(plug_error("virtio-blk-device", {}), "drive property not set");
    EXPECT_EQ(plug_error("virtio-blk-device", { { "drive", "disk0" }, { "queue-size", "3" } }),
              "invalid queue-size property (3), must be a power of 2 (4 to 1024)");
    EXPECT_EQ(plug_error("virtio-blk-device", { { "drive", "disk0" }, { "queue-size", "2048" } }),
              "invalid queue-size property (2048), must be a power of 2 (4 to 1024)");
}

TEST(VirtioBlkDrive, LimitsAreChecked) {
    Disk disk(pattern(4096));
    const struct {
        const char *name, *value, *message;
    } rows[] = {
        { "num-queues", "0", "num-queues property must be larger than 0" },
        { "num-queues", "1025", "invalid num-queues property (1025), must be at most 1024" },
        { "max-discard-sectors", "0",
          "invalid max-discard-sectors property (0), must be between 1 and 4194303" },
        { "max-write-zeroes-sectors", "4194304",
          "invalid max-write-zeroes-sectors property (4194304), must be between 1 and 4194303" },
    };
    for (const auto &row : rows) {
        EXPECT_EQ(
            plug_error("virtio-blk-device", { { "drive", "disk0" }, { row.name, row.value } }),
            row.message);
    }
}

TEST(VirtioBlkDrive, FeaturesCanBeSwitchedOff) {
    Disk disk(pattern(4096));
    BlkGuest guest(VirtioGuest::Modern, { { "indirect_desc", "off" }, { "event_idx", "off" } });
    uint64_t features = guest.offered_features();
    EXPECT_FALSE(virtio_has_feature(features, VIRTIO_RING_F_INDIRECT_DESC));
    EXPECT_FALSE(virtio_has_feature(features, VIRTIO_RING_F_EVENT_IDX));
}
