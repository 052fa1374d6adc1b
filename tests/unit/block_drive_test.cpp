// SPDX-License-Identifier: MIT
/* -drive: its own options, where drives are plugged in, and `info block`. */
#include "tests/unit/block_fixture.h"

#include <gmock/gmock.h>

#include "block/qapi.h"
#include "qom/object.h"
#include "tests/fuzz/block_memory.h"

using ::testing::MatchesRegex;

class Drive : public BlockTest {
protected:
    Drive() : path(make_image("d.img", 4096)), raw("format=raw,file=" + path) {}

    std::string path;
    std::string raw;
};

TEST_F(Drive, BadValues) {
    EXPECT_EQ(drive_error(raw + ",if=x"), "unsupported bus type 'x'");
    EXPECT_EQ(drive_error(raw + ",cache=x"), "invalid cache option");
    EXPECT_EQ(drive_error(raw + ",media=x"), "'x' invalid media");
    EXPECT_EQ(drive_error(raw + ",aio=native"), "invalid aio option");
    EXPECT_EQ(drive_error(raw + ",read-only=maybe"), "Parameter 'read-only' expects 'on' or 'off'");
    EXPECT_EQ(drive_error(raw + ",readonly=on,read-only=on"),
              "'read-only' and its alias 'readonly' can't be used at the same time");
    EXPECT_EQ(drive_error(raw + ",cache.direct=x"),
              "Parameter 'cache.direct' expects 'on' or 'off'");
    EXPECT_EQ(drive_error(raw + ",cache.writeback=x"),
              "Parameter 'cache.writeback' expects 'on' or 'off'");
    EXPECT_EQ(drive_error(raw + ",index=x"), "Parameter 'index' expects a number");
    EXPECT_EQ(drive_error(raw + ",index=99999999999"), "Parameter 'index' expects a number");
    EXPECT_TRUE(qmp_query_block().empty());
}

TEST_F(Drive, DuplicateId) {
    EXPECT_EQ(drive_error(raw + ",id=a"), "");
    EXPECT_EQ(drive_error(raw + ",id=a"), "Duplicate ID 'a' for drive");
    EXPECT_EQ(drive_error(raw + ",id=virtio0"), "");
    EXPECT_EQ(drive_error(raw + ",if=virtio"), "Device with id 'virtio0' already exists");
}

TEST_F(Drive, Addresses) {
    EXPECT_EQ(drive_error(raw + ",index=0,unit=1"), "index cannot be used with bus and unit");
    EXPECT_EQ(drive_error(raw + ",if=ide,unit=2"), "unit 2 too big (max is 1)");
    EXPECT_EQ(drive_error(raw + ",index=0"), "");
    EXPECT_EQ(drive_error(raw + ",index=0"), "drive with bus=0, unit=0 (index=0) exists");
    EXPECT_EQ(drive_error(raw), "");
    EXPECT_NE(drive_get(IF_NONE, 0, 1), nullptr);
    EXPECT_EQ(drive_error(raw + ",if=ide,index=3"), "");
    EXPECT_NE(drive_get(IF_IDE, 1, 1), nullptr);
    EXPECT_EQ(drive_error(raw + ",if=ide,bus=1,unit=1"),
              "drive with bus=1, unit=1 (index=3) exists");
}

TEST_F(Drive, DefaultIds) {
    for (const char *rest : { "", "", ",if=virtio", ",if=ide", ",if=ide,media=cdrom", ",if=sd" }) {
        EXPECT_EQ(drive_error(raw + rest), "");
    }
    for (const char *id : { "none0", "none1", "virtio0", "ide0-hd0", "ide0-cd1", "sd0" }) {
        EXPECT_NE(blk_by_name(id), nullptr) << id;
    }
}

TEST_F(Drive, NextOfAType) {
    EXPECT_EQ(drive_error(raw + ",if=mtd,id=m0"), "");
    EXPECT_EQ(drive_error(raw + ",if=mtd,id=m1"), "");
    EXPECT_STREQ(blk_name(blk_of_drive(drive_get_next(IF_MTD))), "m0");
    EXPECT_STREQ(blk_name(blk_of_drive(drive_get_next(IF_MTD))), "m1");
    EXPECT_EQ(drive_get_next(IF_MTD), nullptr);
}

TEST_F(Drive, VirtioAddsADevice) {
    EXPECT_EQ(drive_error(raw + ",if=virtio"), "");
    EXPECT_EQ(drive_error(raw + ",if=virtio,id=x"), "");
    EXPECT_EQ(drive_error(raw + ",if=none"), "");
    auto &devices = qemu_find_opts("device")->head;
    ASSERT_EQ(devices.size(), 2u);
    EXPECT_STREQ(qemu_opt_get(devices[0].get(), "driver"), "virtio-blk-device");
    EXPECT_STREQ(qemu_opt_get(devices[0].get(), "drive"), "virtio0");
    EXPECT_STREQ(qemu_opt_get(devices[1].get(), "drive"), "x");
}

TEST_F(Drive, EmptyDrive) {
    EXPECT_EQ(drive_error("if=none,id=e"), "");
    BlockBackend *blk = blk_by_name("e");
    EXPECT_FALSE(blk_is_inserted(blk));
    EXPECT_EQ(blk_getlength(blk), -ENOMEDIUM);
    char c;
    EXPECT_EQ(blk_pread(blk, 0, 1, &c, 0), -ENOMEDIUM);
    EXPECT_EQ(hmp_info_block(), "e: [not inserted]\n"
                                "    Removable device: not locked, tray closed\n");
}

TEST_F(Drive, AddFromABareWord) {
    Error *err = nullptr;
    QemuOpts *opts = drive_add(IF_DEFAULT, 1, path.c_str(), "format=raw,media=disk", &err);
    ASSERT_NE(opts, nullptr);
    EXPECT_STREQ(qemu_opt_get(opts, "file"), path.c_str());
    ASSERT_NE(drive_new(opts, IF_VIRTIO, &err), nullptr);
    EXPECT_NE(blk_by_name("virtio1"), nullptr);
}

TEST_F(Drive, FormatHelp) {
    Error *err = nullptr;
    QemuOpts *opts = qemu_opts_parse(qemu_find_opts("drive"), "format=help", false, &err);
    testing::internal::CaptureStdout();
    EXPECT_EQ(drive_new(opts, IF_NONE, &err), nullptr);
    EXPECT_EQ(err, nullptr);
    EXPECT_THAT(
        testing::internal::GetCapturedStdout(),
        MatchesRegex("Supported formats: blkdebug .*file host_device .*null-co .*raw throttle\n"
                     "Supported formats \\(read-only\\): blkdebug .*file .*raw throttle\n"));
}

// --- cache modes and info block

static std::string cache_line(const std::string &id) {
    std::string text = hmp_info_block(id);
    size_t at = text.find("Cache mode:       ");
    return text.substr(at + 18, text.size() - at - 19);
}

TEST_F(Drive, CacheModes) {
    const char *const modes[][2] = {
        { "writeback", "writeback" },
        { "none", "writeback, direct" },
        { "writethrough", "writethrough" },
        { "directsync", "writethrough, direct" },
        { "unsafe", "writeback, ignore flushes" },
        { "none,cache.direct=off", "writeback" },
    };
    memory_image.assign(512, 0);
    if (!bdrv_find_format("memory")) bdrv_register(&memory_driver);
    int n = 0;
    for (const auto &[option, shown] : modes) {
        std::string id = "c" + std::to_string(n++);
        open_drive(std::string("format=raw,file=memory:,cache=") + option, id);
        EXPECT_EQ(cache_line(id), shown);
    }
}

TEST_F(Drive, InfoBlock) {
    open_drive(raw, "a");
    open_drive(raw + ",read-only=on", "b");
    EXPECT_THAT(hmp_info_block(), MatchesRegex("a \\(#block[0-9]+\\): " + path +
                                               " \\(raw\\)\n"
                                               "    Removable device: not locked, tray closed\n"
                                               "    Cache mode:       writeback\n"
                                               "\n"
                                               "b \\(#block[0-9]+\\): " +
                                               path +
                                               " \\(raw, read-only\\)\n"
                                               "    Removable device: not locked, tray closed\n"
                                               "    Cache mode:       writeback\n"));
    EXPECT_EQ(hmp_info_block("nobody"), "");
}

TEST_F(Drive, NamesThatNeedMoreThanAFile) {
    BlockBackend *blk = open_drive(raw + ",size=1k,read-only=on");
    EXPECT_EQ(blk_bs(blk)->filename,
              "json:{\"driver\": \"raw\", \"size\": \"1k\", \"file\": {\"driver\": \"file\", "
              "\"filename\": \"" +
                  path + "\"}}");
}

// --- attaching

TEST_F(Drive, OneDeviceADrive) {
    BlockBackend *blk = open_drive(raw + ",if=virtio");
    Object a, b;
    EXPECT_TRUE(blk_attach_dev(blk, &a));
    EXPECT_FALSE(blk_attach_dev(blk, &b));
    EXPECT_EQ(blk_get_attached_dev(blk), &a);
    blk_detach_dev(blk, &a);
    EXPECT_EQ(blk_get_attached_dev(blk), nullptr);
}

TEST_F(Drive, OrphansAreReported) {
    open_drive(raw + ",if=ide,index=3", "x");
    open_drive(raw + ",if=none", "y");
    testing::internal::CaptureStderr();
    EXPECT_TRUE(drive_check_orphaned());
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "Warning: Orphaned drive without device: id=x,file=" + path +
                  ",if=ide,bus=1,unit=1\n");
}

TEST_F(Drive, UsedDrivesAreNoOrphans) {
    BlockBackend *blk = open_drive(raw + ",if=virtio");
    Object dev;
    ASSERT_TRUE(blk_attach_dev(blk, &dev));
    EXPECT_FALSE(drive_check_orphaned());
    blk_detach_dev(blk, &dev);
}

TEST_F(Drive, CloseAllTakesTheImagesOut) {
    BlockBackend *blk = open_drive(raw);
    ASSERT_EQ(blk_pwrite(blk, 0, 4, "data", 0), 0);
    bdrv_close_all();
    EXPECT_TRUE(bdrv_all_nodes().empty());
    EXPECT_FALSE(blk_is_inserted(blk));
    EXPECT_EQ(blk_pread(blk, 0, 0, nullptr, 0), -ENOMEDIUM);
    EXPECT_EQ(read_file(path).substr(0, 4), "data");
}
