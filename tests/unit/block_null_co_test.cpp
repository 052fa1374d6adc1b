// SPDX-License-Identifier: MIT
/* The loadable driver null-co: it comes in when somebody asks for it. */
#include "tests/unit/block_fixture.h"

#include <chrono>

class NullCo : public BlockTest {
protected:
    // The library lies beside the program under test, or one directory higher.
    NullCo() { qemu_init_exec_dir("block_null_co_test"); }
};

TEST_F(NullCo, LoadsByProtocolAndByName) {
    EXPECT_EQ(drive_error("file=null-co://,format=raw,id=a"), "");
    EXPECT_EQ(drive_error("driver=null-co,id=b"), "");
    EXPECT_EQ(blk_getlength(blk_by_name("a")), 1 << 30);
    EXPECT_EQ(blk_bs(blk_by_name("a"))->filename, "null-co://");
    EXPECT_EQ(blk_bs(blk_by_name("b"))->filename, "null-co://");
}

TEST_F(NullCo, Options) {
    BlockBackend *blk = open_drive("driver=null-co,size=12345,read-zeroes=on");
    EXPECT_EQ(blk_getlength(blk), 12800);
    char buf[8] = "1234567";
    EXPECT_EQ(blk_pread(blk, 12792, 8, buf, 0), 0);
    EXPECT_EQ(std::string(buf, 8), std::string(8, '\0'));
    EXPECT_EQ(blk_pwrite(blk, 0, 8, buf, 0), 0);
    EXPECT_EQ(blk_flush(blk), 0);
}

TEST_F(NullCo, WithoutReadZeroesMemoryStays) {
    BlockBackend *blk = open_drive("driver=null-co");
    char buf[8] = "1234567";
    EXPECT_EQ(blk_pread(blk, 0, 8, buf, 0), 0);
    EXPECT_STREQ(buf, "1234567");
}

TEST_F(NullCo, LatenciesPassAtTheSameTime) {
    BlockBackend *blk = open_drive("driver=null-co,latency-ns=50000000");
    char buf[4][512];
    QEMUIOVector qiov[4];
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; i++) {
        qemu_iovec_add(&qiov[i], buf[i], 512);
        blk_aio_preadv(
            blk, 0, &qiov[i], 0, [](void *, int ret) { EXPECT_EQ(ret, 0); }, nullptr);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
    blk_drain(blk);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
}

TEST_F(NullCo, AioTakesATurnOfTheLoop) {
    BlockBackend *blk = open_drive("file=null-aio://,format=raw,file.read-zeroes=on");
    char buf[512] = "text";
    QEMUIOVector qiov(buf, sizeof buf);
    CoTask<int> task = bdrv_co_preadv(blk_bs(blk)->file, 0, 512, &qiov, 0);
    bool done = false;
    co_run_then_set(&task, &done);
    EXPECT_FALSE(done);
    while (!done) aio_poll(qemu_get_aio_context(), true);
    EXPECT_STREQ(buf, "");
    EXPECT_EQ(blk_pwrite(blk, 0, 512, buf, 0), 0);
    EXPECT_EQ(blk_flush(blk), 0);
}

TEST_F(NullCo, Refusals) {
    EXPECT_EQ(drive_error("file=null-aio://x,format=raw"),
              "The only allowed filename for this driver is 'null-aio://'");
    EXPECT_EQ(drive_error("file=null-co://x,format=raw"),
              "The only allowed filename for this driver is 'null-co://'");
    EXPECT_EQ(drive_error("driver=null-co,latency-ns=18446744073709551615"),
              "latency-ns is invalid");
    EXPECT_EQ(drive_error("driver=null-co,bogus=1"),
              "Block protocol 'null-co' doesn't support the option 'bogus'");
}
