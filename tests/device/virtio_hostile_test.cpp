// SPDX-License-Identifier: MIT
/* Drivers that break the rules: the device gives up with one line in the log; a reset heals it. */
#include <cstring>

#include "hw/virtio/virtio.h"
#include "tests/device/virtio_blk_guest.h"

static constexpr uint16_t NEXT = VRING_DESC_F_NEXT, WRITE = VRING_DESC_F_WRITE,
                          INDIRECT = VRING_DESC_F_INDIRECT;
static constexpr hwaddr TABLE = VirtioGuest::DATA + 0x2000;

class Hostile : public testing::Test {
protected:
    static constexpr size_t DISK_SIZE = 64 << 10;
    Disk disk{ pattern(DISK_SIZE) };
    BlkGuest guest;

    Hostile() { guest.start(uint64_t{ 1 } << VIRTIO_RING_F_INDIRECT_DESC); }

    // The device is broken, has said so once in these words, and works again after a reset.
    void expect_broken(const LogCapture &log, const std::string &words) {
        EXPECT_EQ(log.text(), "virtio-blk-device: " + words + "\n");
        EXPECT_TRUE(guest.needs_reset());
        EXPECT_EQ(guest.mmio.get("InterruptStatus"), VIRTIO_ISR_CONFIG);
        EXPECT_TRUE(guest.mmio.irq());
        EXPECT_EQ(guest.used_idx(), 0);
        guest.kick(); // deaf, and silent
        EXPECT_EQ(log.lines(), 1u);
        guest.start(0);
        EXPECT_FALSE(guest.needs_reset());
        EXPECT_EQ(guest.request(BLK_T_IN, 1, 512), BLK_S_OK);
        EXPECT_EQ(disk.content(), pattern(DISK_SIZE));
    }
    // Submits the chain at descriptor 0 and expects that.
    void submit_broken(const std::string &words) {
        LogCapture log;
        guest.submit(0);
        expect_broken(log, words);
    }
    void indirect(std::initializer_list<VRingDesc> table, uint32_t len = 0) {
        memcpy(guest.at(TABLE), table.begin(), table.size() * sizeof(VRingDesc));
        auto size = static_cast<uint32_t>(table.size() * sizeof(VRingDesc));
        guest.descriptor(0, TABLE, len ? len : size, INDIRECT, 0);
    }
};

TEST_F(Hostile, ALoopOfDescriptors) {
    guest.put_header(BLK_T_OUT, 0);
    guest.descriptor(0, BlkGuest::header(), 16, NEXT, 1);
    guest.descriptor(1, BlkGuest::BUFFER, 512, NEXT, 0);
    submit_broken("queue 0: a loop of descriptors");
}

// Each sector that is read becomes the ring, with one more request in it, and its header.
TEST(HostileRing, FeedsItself) {
    constexpr uint16_t SECTORS = 600;
    constexpr hwaddr RING = VirtioGuest::AVAIL, HEADER = 64;
    std::string content(SECTORS * 512, '\0');
    for (uint16_t i = 0; i < SECTORS; i++) {
        auto idx = static_cast<uint16_t>(i + 2);
        uint64_t sector = i + 1u;
        memcpy(&content[i * 512u + 2], &idx, sizeof(idx));
        memcpy(&content[i * 512u + HEADER + 8], &sector, sizeof(sector));
    }
    Disk disk(content);
    BlkGuest guest;
    guest.start(0);
    guest.descriptor(0, RING + HEADER, 16, NEXT, 1);
    guest.descriptor(1, RING, 512, WRITE | NEXT, 2);
    guest.descriptor(2, BlkGuest::status(), 1, WRITE, 0);
    guest.submit(0);
    EXPECT_LE(guest.used_idx(), VirtioGuest::NUM); // the kick returns
    guest.wait_used(SECTORS + 1);
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_IOERR); // the sector behind the last
}

TEST_F(Hostile, ADescriptorThatDoesNotExist) {
    guest.descriptor(0, BlkGuest::header(), 16, NEXT, VirtioGuest::NUM);
    submit_broken("queue 0: descriptor 8 does not exist");
}

TEST_F(Hostile, AHeadThatDoesNotExist) {
    LogCapture log;
    guest.submit(0xffff);
    expect_broken(log, "queue 0: descriptor 65535 does not exist");
}

TEST_F(Hostile, AnIndexThatJumps) {
    LogCapture log;
    guest.set_word(VirtioGuest::AVAIL + 2, VirtioGuest::NUM + 1);
    guest.kick();
    expect_broken(log, "queue 0: available index moved from 0 to 9");
}

TEST_F(Hostile, ABufferBeyondRam) {
    guest.put_chain(BLK_T_IN, 0, RAM_BASE + RAM_SIZE - 256, 512);
    submit_broken("queue 0: no RAM for the buffer at 0x80100000");
}

TEST_F(Hostile, ABufferLargerThanRam) {
    guest.put_chain(BLK_T_IN, 0, BlkGuest::BUFFER, 0xffffffff);
    submit_broken("queue 0: no RAM for the buffer at 0x80100000");
}

TEST_F(Hostile, ABufferAtTheEndOfTheWorld) {
    guest.put_chain(BLK_T_OUT, 0, ~uint64_t{ 0 } - 15, 512);
    submit_broken("queue 0: no RAM for the buffer at 0xfffffffffffffff0");
}

TEST_F(Hostile, ABufferInTheDevicesOwnRegisters) {
    guest.put_chain(BLK_T_IN, 0, Chip::BASE, 0x100);
    submit_broken("queue 0: no RAM for the buffer at 0x10000000");
}

TEST_F(Hostile, AnEmptyBuffer) {
    guest.put_header(BLK_T_IN, 0);
    guest.descriptor(0, BlkGuest::header(), 0, NEXT, 1);
    guest.descriptor(1, BlkGuest::status(), 1, WRITE, 0);
    submit_broken("queue 0: a buffer of 0 bytes");
}

TEST_F(Hostile, AReadableBufferBehindAWritableOne) {
    guest.put_header(BLK_T_IN, 0);
    guest.descriptor(0, BlkGuest::status(), 1, WRITE | NEXT, 1);
    guest.descriptor(1, BlkGuest::header(), 16, 0, 0);
    submit_broken("queue 0: a readable buffer behind a writable one");
}

TEST_F(Hostile, NoHeader) {
    guest.descriptor(0, BlkGuest::header(), 15, NEXT, 1);
    guest.descriptor(1, BlkGuest::status(), 1, WRITE, 0);
    submit_broken("a request without header or status");
}

TEST_F(Hostile, NoStatus) {
    guest.put_header(BLK_T_OUT, 0);
    guest.descriptor(0, BlkGuest::header(), 16, NEXT, 1);
    guest.descriptor(1, BlkGuest::BUFFER, 512, 0, 0);
    submit_broken("a request without header or status");
}

TEST_F(Hostile, IndirectInsideIndirect) {
    indirect({ { TABLE, 16, INDIRECT, 0 } });
    submit_broken("queue 0: an indirect descriptor table inside another one");
}

TEST_F(Hostile, IndirectOfABadLength) {
    indirect({ { BlkGuest::header(), 16, 0, 0 } }, 17);
    submit_broken("queue 0: an indirect descriptor table of a bad length");
}

TEST_F(Hostile, IndirectOutsideRam) {
    guest.descriptor(0, RAM_BASE + RAM_SIZE - 16, 32, INDIRECT, 0);
    submit_broken("queue 0: an indirect descriptor table outside RAM");
}

TEST_F(Hostile, IndirectWithASuccessor) {
    guest.descriptor(0, TABLE, 16, INDIRECT | NEXT, 1);
    submit_broken("queue 0: an indirect descriptor table with a successor");
}

TEST_F(Hostile, IndirectLoop) {
    indirect({ { BlkGuest::header(), 16, NEXT, 1 }, { BlkGuest::BUFFER, 512, NEXT, 0 } });
    submit_broken("queue 0: a loop of descriptors");
}

TEST_F(Hostile, IndirectBeyondItsTable) {
    indirect({ { BlkGuest::header(), 16, NEXT, 1 } });
    submit_broken("queue 0: descriptor 1 does not exist");
}

TEST_F(Hostile, IndirectWithoutAnAgreement) {
    guest.start(0);
    indirect({ { BlkGuest::header(), 16, 0, 0 } });
    submit_broken("queue 0: an indirect descriptor table although they were not agreed on");
}

TEST_F(Hostile, MoreBuffersThanARequestMayHave) {
    std::vector<VRingDesc> table(VIRTQUEUE_MAX_SIZE + 1);
    for (size_t i = 0; i < table.size(); i++) {
        table[i] = { BlkGuest::BUFFER, 1, NEXT, static_cast<uint16_t>(i + 1) };
    }
    memcpy(guest.at(TABLE), table.data(), table.size() * sizeof(VRingDesc));
    guest.descriptor(0, TABLE, static_cast<uint32_t>(table.size() * sizeof(VRingDesc)), INDIRECT,
                     0);
    LogCapture log;
    guest.submit(0);
    EXPECT_NE(log.text().find("too many buffers"), std::string::npos) << log.text();
    EXPECT_TRUE(guest.needs_reset());
}

// The same chain again and again while the first is in flight.
TEST_F(Hostile, MoreRequestsThanDescriptors) {
    guest.put_chain(BLK_T_IN, 0, BlkGuest::BUFFER, 512);
    LogCapture log;
    for (unsigned i = 0; i < 2 * VirtioGuest::NUM; i++) guest.submit(0);
    EXPECT_LE(log.lines(), 1u);
    guest.mmio.set("Status", 0);
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 1, 512), BLK_S_OK);
}

// --- the transport's registers

class HostileSetUp : public testing::Test {
protected:
    Disk disk{ pattern(4096) };
    BlkGuest guest;
    Chip &mmio = guest.mmio;

    HostileSetUp() { guest.negotiate(uint64_t{ 1 } << VIRTIO_F_VERSION_1); }

    void enable(uint32_t num, uint64_t desc, uint64_t avail, uint64_t used) {
        mmio.set("QueueNum", num);
        for (auto [name, addr] : { std::pair{ "QueueDesc", desc },
                                   { "QueueDriver", avail },
                                   { "QueueDevice", used } }) {
            mmio.set(std::string(name) + "Low", static_cast<uint32_t>(addr));
            mmio.set(std::string(name) + "High", static_cast<uint32_t>(addr >> 32));
        }
        mmio.set("QueueReady", 1);
    }
};

TEST_F(HostileSetUp, BadSizesAndPlacesOfRings) {
    const struct {
        uint32_t num;
        uint64_t desc, avail, used;
    } bad[] = {
        { 0, VirtioGuest::DESC, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 3, VirtioGuest::DESC, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 512, VirtioGuest::DESC, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 0xffffffff, VirtioGuest::DESC, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 8, VirtioGuest::DESC + 8, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 8, VirtioGuest::DESC, VirtioGuest::AVAIL + 1, VirtioGuest::USED },
        { 8, VirtioGuest::DESC, VirtioGuest::AVAIL, VirtioGuest::USED + 2 },
        { 8, 0, VirtioGuest::AVAIL, VirtioGuest::USED },
        { 8, VirtioGuest::DESC, Chip::BASE, VirtioGuest::USED },
        { 8, VirtioGuest::DESC, VirtioGuest::AVAIL, ~uint64_t{ 3 } },
        { 8, RAM_BASE + RAM_SIZE - 16, VirtioGuest::AVAIL, VirtioGuest::USED },
    };
    for (const auto &b : bad) {
        guest.negotiate(uint64_t{ 1 } << VIRTIO_F_VERSION_1);
        LogCapture log;
        enable(b.num, b.desc, b.avail, b.used);
        EXPECT_EQ(log.lines(), 1u);
        EXPECT_EQ(mmio.get("QueueReady"), 0u);
        EXPECT_TRUE(guest.needs_reset());
        guest.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
        guest.kick();
    }
}

TEST_F(HostileSetUp, QueuesThatDoNotExist) {
    mmio.set("QueueSel", 1);
    EXPECT_EQ(mmio.get("QueueNumMax"), 0u);
    LogCapture log;
    mmio.set("QueueNum", 8);
    mmio.set("QueueReady", 1);
    EXPECT_EQ(mmio.get("QueueReady"), 0u);
    mmio.set("QueueNotify", 1);
    mmio.set("QueueNotify", 0xffffffff);
    EXPECT_EQ(log.lines(), 3u);
    EXPECT_FALSE(guest.needs_reset());
}

TEST_F(HostileSetUp, AQueueInUseCannotBeMoved) {
    guest.set_up_queue();
    guest.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    LogCapture log;
    mmio.set("QueueNum", 4);
    mmio.set("QueueDescLow", 0);
    EXPECT_EQ(log.lines(), 2u);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
}

TEST_F(HostileSetUp, StoppingAQueueWaits) {
    guest.set_up_queue();
    guest.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    guest.put_chain(BLK_T_IN, 2, BlkGuest::BUFFER, 512);
    guest.submit(0);
    mmio.set("QueueReady", 0);
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
    EXPECT_EQ(mmio.get("QueueReady"), 0u);
}

TEST_F(HostileSetUp, FeaturesAreSettledOnce) {
    LogCapture log;
    mmio.set("DriverFeaturesSel", 0);
    mmio.set("DriverFeatures", 0);
    EXPECT_EQ(log.lines(), 1u);
}

TEST_F(HostileSetUp, UnknownFeaturesAreLeftOut) {
    mmio.set("Status", 0);
    LogCapture log;
    mmio.set("DriverFeaturesSel", 0);
    mmio.set("DriverFeatures", 1); // barriers, long gone
    EXPECT_EQ(log.lines(), 1u);
    mmio.set("DriverFeaturesSel", 2);
    mmio.set("DriverFeatures", 0xffffffff);
    mmio.set("DeviceFeaturesSel", 2);
    EXPECT_EQ(mmio.get("DeviceFeatures"), 0u);
    EXPECT_EQ(log.lines(), 1u);
}

TEST_F(HostileSetUp, ADriverMustSpeakVersionOne) {
    LogCapture log;
    guest.negotiate(0);
    EXPECT_EQ(mmio.get("Status"), VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
    EXPECT_EQ(log.lines(), 1u);
}

TEST(HostileLegacy, PagesAndAlignments) {
    Disk disk(pattern(4096));
    BlkGuest guest(VirtioGuest::Legacy);
    Chip &mmio = guest.mmio;
    guest.negotiate(0);
    LogCapture log;
    mmio.set("QueuePFN", 0x80001); // page size and alignment are not known yet
    EXPECT_EQ(mmio.get("QueuePFN"), 0u);
    mmio.set("GuestPageSize", 0);
    mmio.set("GuestPageSize", 4097);
    mmio.set("QueueAlign", 3);
    EXPECT_EQ(log.lines(), 4u);
    mmio.set("GuestPageSize", 0x1000);
    mmio.set("QueueAlign", 1u << 31);
    mmio.set("QueuePFN", 0xffffffff);
    EXPECT_EQ(log.lines(), 5u);
    EXPECT_EQ(mmio.get("QueuePFN"), 0u);
    EXPECT_FALSE(guest.needs_reset()); // a legacy driver does not know the bit
    guest.start(0);
    EXPECT_EQ(mmio.get("QueuePFN"), (VirtioGuest::USED - 0x1000) / 0x1000);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
    mmio.set("QueuePFN", 0);
    EXPECT_EQ(mmio.get("QueuePFN"), 0u);
}

TEST(EmptyTransport, HasNoDevice) {
    Chip mmio("virtio-mmio");
    LogCapture log;
    EXPECT_EQ(mmio.get("MagicValue"), 0x74726976u);
    EXPECT_EQ(mmio.get("DeviceID"), 0u);
    EXPECT_EQ(mmio.get("Status"), 0u);
    mmio.set("Status", 1);
    mmio.set("DriverFeatures", 1);
    mmio.set("QueueNotify", 0);
    mmio.set("InterruptACK", 1);
    mmio.set("QueueReady", 1);
    EXPECT_EQ(mmio.get("Status"), 0u);
    EXPECT_EQ(mmio.get("QueueNumMax"), 0u);
    EXPECT_EQ(mmio.get("InterruptStatus"), 0u);
    EXPECT_EQ(mmio.get("ConfigGeneration"), 0u);
    EXPECT_EQ(mmio.read(VirtioGuest::CONFIG), 0u);
    mmio.write(VirtioGuest::CONFIG, 1);
    EXPECT_EQ(log.lines(), 0u);
}
