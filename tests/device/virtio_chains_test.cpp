// SPDX-License-Identifier: MIT
/* Chains that no driver may make, on a queue of every virtio device: the device gives up with one
 * line in the log, and a reset heals it. */
#include <cstring>

#include "tests/device/virtio_blk_guest.h"

static constexpr uint16_t NEXT = VRING_DESC_F_NEXT, WRITE = VRING_DESC_F_WRITE,
                          INDIRECT = VRING_DESC_F_INDIRECT;
static constexpr hwaddr TABLE = VirtioGuest::DATA, BUFFER = VirtioGuest::DATA + 0x1000;
static constexpr hwaddr END = RAM_BASE + RAM_SIZE;

struct DeviceCase {
    const char *type;
    Chip::Props props;
    unsigned queue; // that the driver fills with what the device takes at once
    unsigned queues;
};

struct ChainCase {
    const char *words;              // of the log line, behind "queue N: "
    VRingDesc first;                // descriptor 0
    std::vector<VRingDesc> rest{};  // the next ones
    std::vector<VRingDesc> table{}; // at TABLE
    uint16_t head = 0;
};

static const ChainCase chains[] = {
    { "a loop of descriptors", { BUFFER, 16, NEXT, 1 }, { { BUFFER, 16, NEXT, 0 } } },
    { "a loop of descriptors", { BUFFER, 16, NEXT, 0 } },
    { "descriptor 8 does not exist", { BUFFER, 16, NEXT, 8 } },
    { "descriptor 65535 does not exist", {}, {}, {}, 0xffff },
    { "no RAM for the buffer at 0x80100000", { END - 16, 32, WRITE, 0 } },
    { "no RAM for the buffer at 0x80100000", { BUFFER, 0xffffffff, WRITE, 0 } },
    { "no RAM for the buffer at 0xfffffffffffffff0", { ~uint64_t{ 15 }, 32, WRITE, 0 } },
    { "no RAM for the buffer at 0x10000000", { Chip::BASE, 16, WRITE, 0 } },
    { "a buffer of 0 bytes", { BUFFER, 0, WRITE, 0 } },
    { "a readable buffer behind a writable one",
      { BUFFER, 16, WRITE | NEXT, 1 },
      { { BUFFER, 16, 0, 0 } } },
    { "an indirect descriptor table inside another one",
      { TABLE, 16, INDIRECT, 0 },
      {},
      { { TABLE, 16, INDIRECT, 0 } } },
    { "an indirect descriptor table of a bad length", { TABLE, 17, INDIRECT, 0 } },
    { "an indirect descriptor table with a successor", { TABLE, 16, INDIRECT | NEXT, 1 } },
    { "an indirect descriptor table outside RAM", { END - 16, 32, INDIRECT, 0 } },
    { "a loop of descriptors",
      { TABLE, 32, INDIRECT, 0 },
      {},
      { { BUFFER, 16, NEXT, 1 }, { BUFFER, 16, NEXT, 0 } } },
    { "descriptor 1 does not exist", { TABLE, 16, INDIRECT, 0 }, {}, { { BUFFER, 16, NEXT, 1 } } },
};

class HostileChains : public testing::TestWithParam<DeviceCase> {
protected:
    Disk disk{ pattern(4096) };
    VirtioGuest guest{ GetParam().type, GetParam().props };

    void start() { guest.start(uint64_t{ 1 } << VIRTIO_RING_F_INDIRECT_DESC, GetParam().queues); }
    void put(const ChainCase &c) {
        unsigned q = GetParam().queue, n = 0;
        guest.descriptor(n++, c.first.addr, c.first.len, c.first.flags, c.first.next, q);
        for (const VRingDesc &d : c.rest) {
            guest.descriptor(n++, d.addr, d.len, d.flags, d.next, q);
        }
        if (!c.table.empty()) {
            memcpy(guest.at(TABLE), c.table.data(), c.table.size() * sizeof(VRingDesc));
        }
    }
};

TEST_P(HostileChains, BreakTheDeviceWithOneLine) {
    unsigned q = GetParam().queue;
    for (const ChainCase &c : chains) {
        start();
        ASSERT_FALSE(guest.needs_reset());
        put(c);
        LogCapture log;
        guest.submit(c.head, q);
        std::string where = std::string(GetParam().type) + ": queue " + std::to_string(q) + ": ";
        EXPECT_EQ(log.text(), where + c.words + "\n");
        EXPECT_TRUE(guest.needs_reset()) << c.words;
        EXPECT_EQ(guest.used_idx(q), 0) << c.words;
        guest.kick(q); // deaf, and silent
        EXPECT_EQ(log.lines(), 1u);
    }
}

TEST_P(HostileChains, AnIndexThatJumps) {
    unsigned q = GetParam().queue;
    start();
    for (unsigned i = 0; i <= VirtioGuest::NUM; i++) guest.publish(0, q);
    LogCapture log;
    guest.kick(q);
    EXPECT_NE(log.text().find("available index moved from 0 to 9"), std::string::npos);
    EXPECT_TRUE(guest.needs_reset());
}

static const DeviceCase devices[] = {
    { "virtio-blk-device", { { "drive", "disk0" } }, 0, 1 },
    { "virtio-rng-device", {}, 0, 1 },
    { "virtio-net-device", {}, 2, 3 },
    { "virtio-serial-device", {}, 3, 4 },
};

INSTANTIATE_TEST_SUITE_P(Devices, HostileChains, testing::ValuesIn(devices),
                         [](const testing::TestParamInfo<DeviceCase> &info) {
                             std::string name = info.param.type;
                             std::erase(name, '-');
                             return name + std::to_string(info.param.queue);
                         });
