// SPDX-License-Identifier: MIT
/* The virtio disk with an iothread: its requests, and everything that the main thread does with
 * such a disk while they are under way. */
#include <cerrno>
#include <cstring>

#include "block/block_int.h"
#include "block/iothread.h"
#include "block/qapi.h"
#include "hw/core/system.h"
#include "tests/device/virtio_blk_guest.h"
#include "util/error.h"
#include "util/option.h"

static constexpr size_t DISK_SIZE = 64 << 10;

class VirtioBlkIOThread : public testing::Test {
protected:
    VirtioBlkIOThread() {
        EXPECT_TRUE(
            user_creatable_add({ { "qom-type", "iothread" }, { "id", "io0" } }, &error_abort));
    }
    // The disk is the last one's that goes: its device has given the iothread back.
    ~VirtioBlkIOThread() override { EXPECT_TRUE(user_creatable_del("io0", &error_abort)); }
    static Chip::Props with_iothread(Chip::Props props = {}) {
        props.push_back({ "iothread", "io0" });
        return props;
    }
    static AioContext *context() {
        return object_cast<IOThread>(object_resolve_path("/objects/io0"), TYPE_IOTHREAD)->ctx;
    }
    static BlockBackend *blk() { return blk_by_name("disk0"); }
    // An interrupt comes by way of the main loop.
    static void wait_irq(BlkGuest &guest) {
        while (!guest.mmio.irq()) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    }
    // Requests n = 0, 1: writes of a sector each; the second one's chain begins at descriptor 3.
    static void put_two_writes(BlkGuest &guest) {
        for (unsigned n : { 0u, 1u }) {
            memset(guest.at(BlkGuest::BUFFER + 512 * n), 'a' + static_cast<int>(n), 512);
            guest.put_chain(BLK_T_OUT, n, BlkGuest::BUFFER + 512 * n, 512, 3 * n, n);
            guest.publish(static_cast<uint16_t>(3 * n));
        }
    }
    static void limit(uint64_t iops) {
        Error *err = nullptr;
        ThrottleConfig config;
        config.limits[THROTTLE_OPS_TOTAL].avg = iops;
        EXPECT_TRUE(qmp_block_set_io_throttle("disk0", "", config, "", &err))
            << error_get_pretty(err);
    }
};

TEST_F(VirtioBlkIOThread, ReadsAndWrites) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    EXPECT_EQ(blk_get_aio_context(blk()), context());
    EXPECT_EQ(blk_bs(blk())->file->bs->aio_context, context());
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 3, 1024), BLK_S_OK);
    EXPECT_EQ(guest.buffer(1024), pattern(DISK_SIZE).substr(1536, 1024));
    wait_irq(guest);
    memset(guest.at(BlkGuest::BUFFER), 'x', 512);
    EXPECT_EQ(guest.request(BLK_T_OUT, 5, 512), BLK_S_OK);
    EXPECT_EQ(disk.content().substr(2560, 512), std::string(512, 'x'));
    EXPECT_EQ(guest.request(BLK_T_IN, 1 << 20, 512), BLK_S_IOERR);
}

TEST_F(VirtioBlkIOThread, GivesTheNodesBack) {
    Disk disk(pattern(DISK_SIZE));
    {
        BlkGuest guest(VirtioGuest::Modern, with_iothread());
        guest.start(0);
        EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
        Error *err = nullptr;
        EXPECT_FALSE(user_creatable_del("io0", &err));
        EXPECT_STREQ(error_get_pretty(err), "object 'io0' is in use, can not be deleted");
        error_free(err);
    }
    EXPECT_EQ(blk_get_aio_context(blk()), qemu_get_aio_context());
    BlkGuest guest;
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
}

TEST_F(VirtioBlkIOThread, TheMainThreadUsesTheDiskToo) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    guest.start(0);
    uint16_t used = 0;
    for (int round = 0; round < 50; round++) {
        put_two_writes(guest);
        guest.kick();
        char buf[512];
        EXPECT_EQ(blk_pread(blk(), 4096, sizeof buf, buf, 0), 0);
        EXPECT_EQ(memcmp(buf, pattern(DISK_SIZE).data() + 4096, sizeof buf), 0);
        EXPECT_EQ(blk_flush(blk()), 0);
        EXPECT_NE(hmp_info_block("disk0", true).find("64 KiB"), std::string::npos);
        if (round % 10 == 0) bdrv_drain_all();
        guest.wait_used(used = static_cast<uint16_t>(used + 2));
    }
    EXPECT_EQ(disk.content().substr(0, 1024), std::string(512, 'a') + std::string(512, 'b'));
}

TEST_F(VirtioBlkIOThread, ResizingTellsTheDriver) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    guest.start(0);
    put_two_writes(guest);
    guest.kick();
    uint32_t generation = guest.mmio.get("ConfigGeneration");
    EXPECT_TRUE(qmp_block_resize("disk0", 2 * DISK_SIZE, &error_abort));
    EXPECT_EQ(guest.mmio.get("ConfigGeneration"), generation + 1);
    guest.wait_used(2);
    EXPECT_EQ(disk.content().size(), 2 * DISK_SIZE);
}

TEST_F(VirtioBlkIOThread, AResetEndsWhatIsUnderWay) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    for (int round = 0; round < 20; round++) {
        limit(1); // the second write would wait for a second
        guest.start(0);
        put_two_writes(guest);
        guest.kick();
        if (round % 2) guest.wait_used(1);
        guest.mmio.set("Status", 0);
        EXPECT_FALSE(guest.mmio.irq());
        aio_poll(qemu_get_aio_context(), /*blocking=*/false);
        EXPECT_FALSE(guest.mmio.irq()); // nor does one come late
    }
    limit(0);
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
}

TEST_F(VirtioBlkIOThread, LimitsWorkInTheIOThread) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    limit(50); // holds five at once
    guest.start(0);
    for (uint16_t n = 1; n <= 10; n++) EXPECT_EQ(guest.request(BLK_T_IN, n, 512), BLK_S_OK);
    EXPECT_NE(hmp_info_block("disk0").find("iops=50"), std::string::npos);
}

TEST_F(VirtioBlkIOThread, AStoppedMachineHasAQuietDisk) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    guest.start(0);
    vm_state_notify(false, RUN_STATE_PAUSED);
    put_two_writes(guest);
    guest.kick();
    for (int i = 0; i < 20; i++) bdrv_drain_all(); // the iothread has its turn
    EXPECT_EQ(guest.used_idx(), 0);
    EXPECT_EQ(disk.content(), pattern(DISK_SIZE));
    vm_state_notify(true, RUN_STATE_RUNNING);
    guest.wait_used(2);
}

TEST_F(VirtioBlkIOThread, AnErrorStopsTheMachine) {
    Disk disk(pattern(DISK_SIZE), { { "inject-error.0.event", "none" },
                                    { "inject-error.0.iotype", "read" },
                                    { "inject-error.0.errno", std::to_string(EIO) },
                                    { "inject-error.0.once", "on" } });
    BlkGuest guest(VirtioGuest::Modern, with_iothread({ { "rerror", "stop" } }));
    guest.start(0);
    guest.put_chain(BLK_T_IN, 5, BlkGuest::BUFFER, 512);
    guest.submit(0);
    RunState state;
    while (!qemu_vmstop_requested(&state)) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    EXPECT_EQ(state, RUN_STATE_IO_ERROR);
    vm_state_notify(false, state);
    EXPECT_EQ(blk_iostatus(blk()), BLOCK_DEVICE_IO_STATUS_FAILED);
    EXPECT_EQ(guest.used_idx(), 0);
    vm_state_notify(true, RUN_STATE_RUNNING);
    guest.wait_used(1);
    EXPECT_EQ(*guest.at(BlkGuest::status()), BLK_S_OK);
}

TEST_F(VirtioBlkIOThread, ABadRequestBreaksTheDevice) {
    Disk disk(pattern(DISK_SIZE));
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    guest.start(0);
    guest.descriptor(0, 0x1000, 16, 0, 0); // no RAM is there
    guest.submit(0);
    while (!guest.needs_reset()) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    guest.start(0);
    EXPECT_EQ(guest.request(BLK_T_IN, 0, 512), BLK_S_OK);
}

TEST_F(VirtioBlkIOThread, RequestsGoByARingOfItsOwn) {
    TempFile file(pattern(DISK_SIZE));
    BlockBackend *ring = blk_new_open(file.path().c_str(), nullptr,
                                      { { "driver", "raw" }, { "file.aio", "io_uring" } },
                                      BDRV_O_RDWR, &error_abort);
    ASSERT_TRUE(monitor_add_blk(ring, "disk0", &error_abort));
    {
        BlkGuest guest(VirtioGuest::Modern, with_iothread());
        guest.start(0);
        put_two_writes(guest);
        guest.kick();
        EXPECT_EQ(blk_flush(ring), 0);
        guest.wait_used(2);
    }
    EXPECT_EQ(blk_flush(ring), 0); // by the main loop's ring again
    monitor_remove_blk(ring);
    blk_unref(ring);
    EXPECT_EQ(file.content().substr(0, 1024), std::string(512, 'a') + std::string(512, 'b'));
}

TEST_F(VirtioBlkIOThread, AnotherUserOfTheNodesIsAgainstIt) {
    Disk disk(pattern(DISK_SIZE), /*read_only=*/true);
    BlkGuest guest;
    BlockBackend *other = blk_new();
    ASSERT_TRUE(blk_insert_bs(other, blk_bs(blk()), &error_abort));
    Error *err = nullptr;
    EXPECT_FALSE(blk_set_aio_context(other, context(), &err));
    EXPECT_STREQ(error_get_pretty(err), "Cannot change iothread of active block backend");
    error_free(err);
    EXPECT_EQ(blk_get_aio_context(other), qemu_get_aio_context());
    blk_unref(other);
}

TEST_F(VirtioBlkIOThread, NoNodeIsOpenedOnOneThatIsInUse) {
    Disk disk(pattern(DISK_SIZE), /*read_only=*/true);
    BlkGuest guest(VirtioGuest::Modern, with_iothread());
    Error *err = nullptr;
    EXPECT_FALSE(bdrv_open(nullptr, nullptr,
                           { { "driver", "raw" }, { "file", blk_bs(blk())->file->bs->node_name } },
                           0, &err));
    EXPECT_STREQ(error_get_pretty(err), "Cannot change iothread of active block backend");
    error_free(err);
}
