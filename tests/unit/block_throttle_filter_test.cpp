// SPDX-License-Identifier: MIT
/* The filter `throttle` and its groups: what passes, what waits, and for whom. */
#include <cerrno>

#include "block/throttle.h"
#include "tests/unit/block_fixture.h"
#include "util/aio.h"

static ThrottleConfig limit(BucketType bucket, uint64_t avg, uint64_t op_size = 0) {
    ThrottleConfig config;
    config.limits[bucket].avg = avg;
    config.op_size = op_size;
    return config;
}

class ThrottleFilter : public BlockTest {
protected:
    static constexpr int SIZE = 8192;

    struct Request {
        ThrottleFilter *test;
        char name;
        QEMUIOVector qiov;
    };
    static void done(void *opaque, int ret) {
        auto *request = static_cast<Request *>(opaque);
        EXPECT_EQ(ret, 0);
        request->test->ended += request->name;
    }

    std::string options(const std::string &rest = "") const {
        return "driver=throttle,throttle-group=g,file=" + path + rest;
    }
    Request *request(char name) {
        requests.push_back(
            std::make_unique<Request>(Request{ this, name, QEMUIOVector(buf, sizeof buf) }));
        return requests.back().get();
    }
    void read(BlockBackend *blk, char name) {
        Request *r = request(name);
        blk_aio_preadv(blk, 0, &r->qiov, 0, done, r);
    }
    void write(BlockBackend *blk, char name) {
        Request *r = request(name);
        blk_aio_pwritev(blk, 0, &r->qiov, 0, done, r);
    }
    // Until only limits are in the way of what has not ended, if `count` have.
    std::string settle(size_t count = 0) {
        while (ended.size() < count) aio_poll(qemu_get_aio_context(), true);
        while (aio_is_busy(qemu_get_aio_context())) aio_poll(qemu_get_aio_context(), true);
        return ended;
    }
    static std::string pretty(Error *err) {
        std::string text = err ? error_get_pretty(err) : "";
        error_free(err);
        return text;
    }

    std::string path = make_image("disk.img", SIZE);
    std::string content = read_file(path);
    // A request of 1000 bytes counts as a thousand: the next one waits for a thousand seconds.
    ThrottleConfig strict = limit(THROTTLE_OPS_TOTAL, 1, 1);
    std::shared_ptr<ThrottleGroup> group = throttle_group_new("g", strict, nullptr);
    std::vector<std::unique_ptr<Request>> requests;
    std::string ended; // names, in order
    char buf[1000] = {};
};

TEST_F(ThrottleFilter, PassesEveryKindOfRequest) {
    throttle_group_set_config(group.get(), ThrottleConfig());
    BlockBackend *blk = open_drive(options(",discard=unmap,node-name=t"));
    std::string data(512, 'x');
    EXPECT_EQ(blk_getlength(blk), SIZE);
    EXPECT_EQ(blk_pread(blk, 700, sizeof buf, buf, 0), 0);
    EXPECT_EQ(std::string(buf, sizeof buf), content.substr(700, sizeof buf));
    EXPECT_EQ(blk_pwrite(blk, 100, 512, data.data(), 0), 0);
    EXPECT_EQ(blk_pwrite_zeroes(blk, 1024, 1024, 0), 0);
    EXPECT_EQ(blk_pdiscard(blk, 4096, 4096), 0);
    EXPECT_EQ(blk_flush(blk), 0);
    content.replace(100, 512, data).replace(1024, 1024, 1024, '\0').replace(4096, 4096, 4096, '\0');
    EXPECT_EQ(read_file(path), content);

    int64_t n = 0, map = 0;
    BlockDriverState *file = nullptr;
    int flags = aio_wait(bdrv_co_block_status(blk_bs(blk), 4096, 4096, &n, &map, &file));
    EXPECT_EQ(flags & (BDRV_BLOCK_DATA | BDRV_BLOCK_ZERO), BDRV_BLOCK_ZERO);
    EXPECT_EQ(n, 4096);
    EXPECT_EQ(blk_truncate(blk, SIZE * 2, nullptr), 0);
    EXPECT_EQ(blk_getlength(blk), SIZE * 2);
    EXPECT_EQ(std::filesystem::file_size(path), size_t{ SIZE } * 2);
    EXPECT_EQ(blk_bs(blk)->filename.substr(0, 49),
              R"(json:{"driver": "throttle", "throttle-group": "g")");
}

TEST_F(ThrottleFilter, DrainLetsAllPass) {
    BlockBackend *blk = open_drive(options());
    for (char name : { 'a', 'b', 'c' }) read(blk, name);
    EXPECT_EQ(settle(1), "a");
    blk_drain(blk);
    EXPECT_EQ(ended.size(), 3u);
    // and then limits hold again
    write(blk, 'd');
    EXPECT_EQ(settle().size(), 3u);
    bdrv_drain_all();
    EXPECT_EQ(settle(4).back(), 'd');
}

TEST_F(ThrottleFilter, ClosingLetsAllPass) {
    BlockBackend *blk = open_drive(options());
    read(blk, 'a');
    write(blk, 'b');
    EXPECT_EQ(settle(1), "a");
    EXPECT_TRUE(throttle_group_in_use(group.get()));
    monitor_remove_blk(blk);
    blk_unref(blk);
    EXPECT_EQ(ended, "ab");
    EXPECT_FALSE(throttle_group_in_use(group.get()));
}

// All that changes the image waits as writes do; reads and flushes go on.
TEST_F(ThrottleFilter, KnowsReadsFromWrites) {
    throttle_group_set_config(group.get(), limit(THROTTLE_OPS_WRITE, 1, 1));
    BlockBackend *blk = open_drive(options(",discard=unmap"));
    write(blk, 'a');
    write(blk, 'b');
    blk_aio_pwrite_zeroes(blk, 0, 512, 0, done, request('c'));
    blk_aio_pdiscard(blk, 0, 512, done, request('d'));
    EXPECT_EQ(settle(1), "a");
    read(blk, 'e');
    blk_aio_flush(blk, done, request('f'));
    EXPECT_EQ(settle(3).size(), 3u);
    EXPECT_EQ(ended.find_first_of("bcd"), std::string::npos);
    blk_drain(blk);
    EXPECT_EQ(ended.size(), 6u);
}

// Requests of two nodes go on in the order in which they came. Nothing is below that could end them
// in another one.
TEST_F(ThrottleFilter, NodesOfAGroupTakeTurns) {
    throttle_group_set_config(group.get(), limit(THROTTLE_OPS_TOTAL, 20000, 1));
    qemu_init_exec_dir(""); // null-co is a loadable module
    std::string null = "driver=throttle,throttle-group=g,file.driver=null-co,file.size=8192";
    BlockBackend *one = open_drive(null);
    BlockBackend *two = open_drive(null, "e");
    for (char name = 'a'; name <= 'j'; name++) write(name % 2 ? one : two, name);
    EXPECT_LT(settle().size(), 10u);
    EXPECT_EQ(settle(10), "abcdefghij");
}

// The group of an object and that of -drive are of one kind.
TEST_F(ThrottleFilter, DrivesJoinTheGroup) {
    BlockBackend *node = open_drive(options());
    BlockBackend *drive =
        open_drive("format=raw,throttling.group=g,throttling.iops-total=1,throttling.iops-size=2,"
                   "file=" +
                       make_image("other.img", SIZE),
                   "e");
    EXPECT_EQ(throttle_group_config(group.get()).op_size, 2u);
    EXPECT_EQ(blk_throttle(drive)->group, group);
    read(node, 'a');
    EXPECT_EQ(settle(1), "a");
    read(drive, 'b');
    EXPECT_EQ(settle(), "a");
    // other limits hold for those that wait already
    throttle_group_set_config(group.get(), limit(THROTTLE_OPS_READ, 1000));
    EXPECT_EQ(settle(2), "ab");
}

TEST_F(ThrottleFilter, AGroupHasToBeThere) {
    std::string rest = "file=" + path;
    EXPECT_EQ(drive_error("driver=throttle,throttle-group=x," + rest),
              "Throttle group 'x' does not exist");
    EXPECT_EQ(drive_error("driver=throttle," + rest), "Please specify a throttle group");
    EXPECT_EQ(drive_error(options(",bogus=1")),
              "Block format 'throttle' does not support the option 'bogus'");
    Error *err = nullptr;
    EXPECT_EQ(throttle_group_new("g", strict, &err), nullptr);
    EXPECT_EQ(pretty(err), "A group with this name already exists");
    // a drive's group, which ends with it
    BlockBackend *blk = open_drive("format=raw,iops=1," + rest, "other");
    err = nullptr;
    EXPECT_EQ(throttle_group_new("other", strict, &err), nullptr);
    EXPECT_EQ(pretty(err), "A group with this name already exists");
    monitor_remove_blk(blk);
    blk_unref(blk);
    EXPECT_NE(throttle_group_new("other", strict, nullptr), nullptr);
}

TEST_F(ThrottleFilter, MovesToAnotherLoopIfAlone) {
    BlockBackend *blk = open_drive(options());
    AioContext *ctx = aio_context_new();
    Error *err = nullptr;
    read(blk, 'a');
    read(blk, 'b');
    EXPECT_EQ(settle(1), "a");
    EXPECT_TRUE(blk_set_aio_context(blk, ctx, &err)); // lets all pass
    EXPECT_EQ(ended, "ab");
    {
        AioContextGuard guard(ctx);
        read(blk, 'c');
        blk_drain(blk);
        EXPECT_EQ(ended, "abc");
    }
    EXPECT_EQ(drive_error("driver=throttle,throttle-group=g,file=" + make_image("x.img", SIZE)),
              "Throttle group 'g' is used in another iothread");
    throttle_group_set_config(group.get(), ThrottleConfig());
    EXPECT_TRUE(blk_set_aio_context(blk, qemu_get_aio_context(), &err));

    open_drive("driver=throttle,throttle-group=g,file=" + make_image("other.img", SIZE), "e");
    EXPECT_FALSE(blk_set_aio_context(blk, ctx, &err));
    EXPECT_EQ(pretty(err), "Throttle group 'g' is used in another iothread");
    EXPECT_EQ(blk_get_aio_context(blk), qemu_get_aio_context());
    EXPECT_EQ(blk_pread(blk, 0, sizeof buf, buf, 0), 0);
    aio_context_unref(ctx);
}
