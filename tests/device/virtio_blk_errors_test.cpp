// SPDX-License-Identifier: MIT
/* The virtio disk when the host fails: rerror and werror, and requests that are kept. */
#include <cerrno>
#include <cstring>

#include "hw/core/system.h"
#include "tests/device/virtio_blk_guest.h"
#include "util/aio.h"

static constexpr size_t DISK_SIZE = 64 << 10;

// Rules for blkdebug: requests of that type fail, once.
static BlockOptions failing(const char *iotype, int error) {
    return { { "inject-error.0.event", "none" },
             { "inject-error.0.iotype", iotype },
             { "inject-error.0.errno", std::to_string(error) },
             { "inject-error.0.once", "on" } };
}

static constexpr struct {
    const char *iotype, *property;
    uint32_t type, len;
} kinds[] = {
    { "read", "rerror", BLK_T_IN, 512 },
    { "write", "werror", BLK_T_OUT, 512 },
    { "flush", "werror", BLK_T_FLUSH, 0 },
};

// A flush is for writes.
static void write_before(BlkGuest &guest, uint32_t type) {
    if (type == BLK_T_FLUSH) {
        EXPECT_EQ(guest.request(BLK_T_OUT, 9, 512), BLK_S_OK);
    }
}

static void wait_for_stop() {
    RunState state;
    while (!qemu_vmstop_requested(&state)) aio_poll(qemu_get_aio_context(), true);
    EXPECT_EQ(state, RUN_STATE_IO_ERROR);
}

static bool stop_wanted() {
    RunState state;
    return qemu_vmstop_requested(&state);
}

TEST(VirtioBlkErrors, AreReportedOrIgnored) {
    for (const auto &kind : kinds) {
        for (const char *policy : { "report", "ignore" }) {
            Disk disk(pattern(DISK_SIZE), failing(kind.iotype, EIO));
            BlkGuest guest(VirtioGuest::Modern, { { kind.property, policy } });
            guest.start(uint64_t{ 1 } << BLK_F_FLUSH);
            write_before(guest, kind.type);
            bool reported = strcmp(policy, "report") == 0;
            EXPECT_EQ(guest.request(kind.type, 0, kind.len), reported ? BLK_S_IOERR : BLK_S_OK)
                << kind.iotype << policy;
            EXPECT_EQ(guest.request(kind.type, 0, kind.len), BLK_S_OK);
            EXPECT_FALSE(stop_wanted());
        }
    }
}

TEST(VirtioBlkErrors, StopAndAreMadeAgain) {
    for (const auto &kind : kinds) {
        Disk disk(pattern(DISK_SIZE), failing(kind.iotype, EIO));
        BlkGuest guest(VirtioGuest::Modern, { { kind.property, "stop" } });
        guest.start(uint64_t{ 1 } << BLK_F_FLUSH);
        write_before(guest, kind.type);
        uint16_t used = guest.used_idx();
        guest.put_chain(kind.type, 5, BlkGuest::BUFFER, kind.len);
        guest.submit(0);
        wait_for_stop();
        EXPECT_EQ(guest.used_idx(), used);
        EXPECT_EQ(*guest.at(BlkGuest::status()), 0xff);
        EXPECT_EQ(blk_iostatus(blk_by_name("disk0")), BLOCK_DEVICE_IO_STATUS_FAILED);
        vm_state_notify(true, RUN_STATE_RUNNING);
        guest.wait_used(static_cast<uint16_t>(used + 1));
        EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
        EXPECT_FALSE(stop_wanted());
    }
}

TEST(VirtioBlkErrors, ByDefaultOnlyWritesWithoutSpaceStop) {
    const struct {
        const char *iotype;
        uint32_t type;
        int error;
        bool stops;
    } rows[] = {
        { "read", BLK_T_IN, EIO, false },
        { "read", BLK_T_IN, ENOSPC, false },
        { "write", BLK_T_OUT, EIO, false },
        { "write", BLK_T_OUT, ENOSPC, true },
    };
    for (const auto &row : rows) {
        Disk disk(pattern(DISK_SIZE), failing(row.iotype, row.error));
        BlkGuest guest;
        guest.start(uint64_t{ 1 } << BLK_F_FLUSH);
        if (!row.stops) {
            EXPECT_EQ(guest.request(row.type, 0, 512), BLK_S_IOERR);
            continue;
        }
        guest.put_chain(row.type, 0, BlkGuest::BUFFER, 512);
        guest.submit(0);
        wait_for_stop();
        EXPECT_EQ(blk_iostatus(blk_by_name("disk0")), BLOCK_DEVICE_IO_STATUS_NOSPACE);
        blk_iostatus_reset_all();
        EXPECT_EQ(blk_iostatus(blk_by_name("disk0")), BLOCK_DEVICE_IO_STATUS_OK);
    }
}

// A reset of the device, of the machine, and of the queue alone.
TEST(VirtioBlkErrors, ResetForgetsWhatIsKept) {
    for (int way = 0; way < 3; way++) {
        Disk disk(pattern(DISK_SIZE), failing("read", EIO));
        BlkGuest guest(VirtioGuest::Modern, { { "rerror", "stop" } });
        guest.start(0);
        guest.put_chain(BLK_T_IN, 4, BlkGuest::BUFFER, 512);
        guest.submit(0);
        wait_for_stop();
        if (way == 0) guest.mmio.set("Status", 0);
        if (way == 1) guest.mmio.reset();
        if (way == 2) {
            guest.mmio.set("QueueSel", 0);
            guest.mmio.set("QueueReady", 0);
        }
        vm_state_notify(true, RUN_STATE_RUNNING);
        EXPECT_EQ(*guest.at(BlkGuest::status()), 0xff);
        guest.mmio.set("Status", 0);
        guest.start(0);
        EXPECT_EQ(guest.request(BLK_T_IN, 1, 512), BLK_S_OK);
        EXPECT_EQ(guest.buffer(512), pattern(DISK_SIZE).substr(512, 512));
    }
}
