// SPDX-License-Identifier: MIT
/* Limits of drives: the buckets by a clock of the test's own, and requests that wait. */
#include "block/qapi.h"
#include "block/throttle.h"
#include "tests/unit/block_fixture.h"
#include "util/aio.h"
#include "util/main-loop.h"
#include "util/timer.h"

static constexpr int64_t SECOND = NANOSECONDS_PER_SECOND;

static ThrottleConfig limit(BucketType bucket, LeakyBucketLimit values) {
    ThrottleConfig config;
    config.limits[bucket] = values;
    return config;
}

// How many requests of that size may begin in `seconds` if each begins as soon as it may.
static int64_t requests_in(const ThrottleConfig &config, int64_t seconds, uint64_t bytes,
                           bool is_write = false) {
    ThrottleState state;
    state.configure(config, 0);
    int64_t now = 0, count = 0;
    for (;; count++) {
        now += state.wait_ns(is_write, now);
        if (now >= seconds * SECOND) return count;
        state.account(is_write, bytes);
    }
}

TEST(Throttle, KeepsTheRate) {
    // and a tenth of a second's worth at once
    EXPECT_EQ(requests_in(limit(THROTTLE_OPS_TOTAL, { 100 }), 10, 512), 1000 + 10);
    EXPECT_EQ(requests_in(limit(THROTTLE_BPS_TOTAL, { 51200 }), 10, 512), 1000 + 10);
}

TEST(Throttle, AllowsBursts) {
    EXPECT_EQ(requests_in(limit(THROTTLE_OPS_TOTAL, { 100, 1000 }), 10, 512), 1000 + 1000);
    // 1000 a second for five seconds: not all at once
    ThrottleConfig burst = limit(THROTTLE_OPS_TOTAL, { 100, 1000, 5 });
    EXPECT_EQ(requests_in(burst, 1, 512), 1000 + 100);
    EXPECT_NEAR(static_cast<double>(requests_in(burst, 20, 512)), 5000 + 2000, 2);
}

TEST(Throttle, CountsLargeRequestsAsSeveral) {
    ThrottleConfig config = limit(THROTTLE_OPS_TOTAL, { 100 });
    config.op_size = 4096;
    EXPECT_NEAR(static_cast<double>(requests_in(config, 10, 8192)), 1010 / 2, 1);
    EXPECT_EQ(requests_in(config, 10, 4096), 1000 + 10);
}

TEST(Throttle, KnowsReadsFromWrites) {
    ThrottleState state;
    state.configure(limit(THROTTLE_OPS_WRITE, { 1 }), 0);
    state.account(/*is_write=*/true, 512);
    EXPECT_GT(state.wait_ns(true, 0), 0);
    EXPECT_EQ(state.wait_ns(false, 0), 0);
    state.configure(limit(THROTTLE_OPS_TOTAL, { 1 }), 0);
    state.account(false, 512);
    EXPECT_GT(state.wait_ns(true, 0), 0);
}

class ThrottledDrive : public BlockTest {
protected:
    static void done(void *opaque, int ret) {
        EXPECT_EQ(ret, 0);
        ++*static_cast<int *>(opaque);
    }

    // Submits three reads, of which the limit lets one pass.
    void read_three(BlockBackend *blk) {
        for (QEMUIOVector &qiov : qiovs) {
            qiov = QEMUIOVector(buf, sizeof buf);
            blk_aio_preadv(blk, 0, &qiov, 0, done, &completed);
        }
        while (completed == 0) aio_poll(qemu_get_aio_context(), true);
        while (aio_is_busy(qemu_get_aio_context())) aio_poll(qemu_get_aio_context(), true);
    }

    std::string path = make_image("disk.img", 4096);
    // A read counts as a thousand: the next one may begin a thousand seconds later.
    std::string drive = "file=" + path +
                        ",format=raw,throttling.iops-total=1,"
                        "throttling.iops-size=1";
    char buf[1000];
    QEMUIOVector qiovs[3];
    int completed = 0;
};

TEST_F(ThrottledDrive, DrainLetsAllPass) {
    BlockBackend *blk = open_drive(drive);
    read_three(blk);
    EXPECT_EQ(completed, 1);
    blk_drain(blk);
    EXPECT_EQ(completed, 3);
}

TEST_F(ThrottledDrive, ClosingLetsAllPass) {
    BlockBackend *blk = open_drive(drive);
    read_three(blk);
    EXPECT_EQ(completed, 1);
    monitor_remove_blk(blk);
    blk_unref(blk);
    EXPECT_EQ(completed, 3);
}

TEST_F(ThrottledDrive, NoLimitLetsAllPass) {
    read_three(open_drive(drive));
    EXPECT_EQ(completed, 1);
    Error *err = nullptr;
    EXPECT_TRUE(qmp_block_set_io_throttle("d", "", ThrottleConfig(), "", &err));
    while (completed < 3) aio_poll(qemu_get_aio_context(), true);
    EXPECT_EQ(blk_throttle(blk_by_name("d"))->group, nullptr);
}

TEST_F(ThrottledDrive, SynchronousRequestsPass) {
    BlockBackend *blk = open_drive(drive);
    for (int i = 0; i < 3; i++) EXPECT_EQ(blk_pread(blk, 0, sizeof buf, buf, 0), 0);
}

// Two drives of a group share its buckets; the timer lets the waiting go on.
TEST_F(ThrottledDrive, AGroupSharesItsLimit) {
    std::string other = make_image("other.img", 4096);
    BlockBackend *a = open_drive("file=" + path + ",format=raw,iops=1000,iops_size=10,group=g");
    BlockBackend *b =
        open_drive("file=" + other + ",format=raw,iops=1000,iops_size=10,group=g", "e");
    EXPECT_EQ(blk_throttle(a)->group, blk_throttle(b)->group);
    read_three(a); // 100 operations each: a tenth of a second's worth, and then twice that to wait
    blk_drain(a);
    int on_b = 0;
    QEMUIOVector qiov(buf, sizeof buf);
    blk_aio_preadv(b, 0, &qiov, 0, done, &on_b);
    while (aio_is_busy(qemu_get_aio_context())) aio_poll(qemu_get_aio_context(), true);
    EXPECT_EQ(on_b, 0);
    while (on_b == 0) main_loop_wait(true);
}

TEST_F(ThrottledDrive, InfoBlockSaysSo) {
    open_drive("file=" + path +
               ",format=raw,throttling.bps-read=5000,throttling.bps-read-max=6000,"
               "throttling.iops-total=7,throttling.iops-size=8");
    EXPECT_NE(hmp_info_block().find(
                  "    I/O throttling:   bps=0 bps_rd=5000 bps_wr=0 bps_max=0 bps_rd_max=6000 "
                  "bps_wr_max=0 iops=7 iops_rd=0 iops_wr=0 iops_max=0 iops_rd_max=0 iops_wr_max=0 "
                  "iops_size=8 group=d\n"),
              std::string::npos)
        << hmp_info_block();
}
