// SPDX-License-Identifier: MIT
/* The same requests by each aio= engine: the thread pool, the kernel's ring. */
#include "tests/unit/block_fixture.h"

#include <fcntl.h>
#include <random>

#include "block/io_uring.h"
#include "block/trace.h"

class BlockEngine : public BlockTest, public testing::WithParamInterface<const char *> {
protected:
    BlockBackend *open(const std::string &path) {
        return open_drive("format=raw,aio=" + std::string(GetParam()) + ",file=" + path);
    }
};

INSTANTIATE_TEST_SUITE_P(aio, BlockEngine, testing::Values("threads", "io_uring"),
                         [](const auto &engine) { return engine.param; });

TEST_P(BlockEngine, IsTheOneThatWasAskedFor) {
    bool ring = blk_bs(open(make_image("d.img", 512)))->file->bs->open_flags & BDRV_O_IO_URING;
    EXPECT_EQ(ring, GetParam() == std::string("io_uring"));
}

TEST_P(BlockEngine, ReadsAndWritesAnyByteRange) {
    std::string path = make_image("d.img", 100'000);
    BlockBackend *blk = open(path);
    std::string model = read_file(path), buf(100'000, '?');
    std::mt19937 random(5);
    for (int i = 0; i < 300; i++) {
        size_t offset = random() % 100'000, bytes = random() % (100'000 - offset);
        auto at = static_cast<int64_t>(offset), n = static_cast<int64_t>(bytes);
        if (i % 2) {
            EXPECT_EQ(blk_pread(blk, at, n, buf.data(), 0), 0);
            EXPECT_EQ(buf.substr(0, bytes), model.substr(offset, bytes));
        } else {
            model.replace(offset, bytes, bytes, static_cast<char>(i));
            EXPECT_EQ(blk_pwrite(blk, at, n, model.data() + offset, 0), 0);
        }
    }
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(read_file(path), model);
}

TEST_P(BlockEngine, MorePiecesThanOneRequestTakes) {
    std::string path = make_image("d.img", 8192);
    BlockBackend *blk = open(path);
    std::string data(3000, '?');
    QEMUIOVector qiov;
    for (char &c : data) qemu_iovec_add(&qiov, &c, 1);
    EXPECT_EQ(aio_wait(blk_co_preadv(blk, 10, 3000, &qiov, 0)), 0);
    EXPECT_EQ(data, read_file(path).substr(10, 3000));
    EXPECT_EQ(aio_wait(blk_co_pwritev(blk, 5000, 3000, &qiov, 0)), 0);
    EXPECT_EQ(read_file(path).substr(5000, 3000), data);
}

TEST_P(BlockEngine, EndsOfFiles) {
    std::string path = make_image("odd.img", 1000);
    BlockBackend *blk = open(path);
    std::string buf(1024, '?');
    EXPECT_EQ(blk_pread(blk, 0, 1024, buf.data(), 0), 0);
    EXPECT_EQ(buf, read_file(path) + std::string(24, '\0'));
    ASSERT_EQ(truncate(path.c_str(), 100), 0);
    EXPECT_EQ(blk_pread(blk, 512, 512, buf.data(), 0), 0);
    EXPECT_EQ(buf.substr(0, 512), std::string(512, '\0'));
}

TEST_P(BlockEngine, FullDisk) {
    BlockBackend *blk = open("/dev/full");
    std::string data(512, 'x');
    QEMUIOVector qiov(data.data(), data.size());
    EXPECT_EQ(aio_wait(bdrv_co_pwritev(blk_bs(blk)->file, 0, 512, &qiov, 0)), -ENOSPC);
}

static void count_ok(void *opaque, int ret) { *static_cast<int *>(opaque) += ret == 0; }

// More than the ring or the pool takes at once, some of them flushes; and the last reference goes
// meanwhile.
TEST_P(BlockEngine, ManyInFlightAtTheEnd) {
    constexpr int count = 500;
    std::string path = make_image("d.img", count * 512);
    BlockBackend *blk = open(path);
    std::vector<std::string> data(count, std::string(512, '?'));
    std::vector<QEMUIOVector> qiov(count);
    int done = 0;
    for (int i = 0; i < count; i++) {
        data[i].assign(512, static_cast<char>(i));
        qemu_iovec_add(&qiov[i], data[i].data(), 512);
        blk_aio_pwritev(blk, i * 512, &qiov[i], 0, count_ok, &done);
        if (i % 50 == 0) blk_aio_flush(blk, count_ok, &done);
    }
    EXPECT_TRUE(aio_is_busy(qemu_get_aio_context()));
    monitor_remove_blk(blk);
    blk_unref(blk);
    EXPECT_EQ(done, count + count / 50);
    std::string content = read_file(path);
    for (int i = 0; i < count; i++) EXPECT_EQ(content.substr(i * 512, 512), data[i]);
}

// --- what the ring tells of itself

static std::vector<std::string> told;

// An event with its numbers, without addresses.
static void tell(const TraceRecord &record) {
    std::string text = record.event->name;
    for (const TraceValue &value : record.values) {
        if (value.kind != TraceValue::Pointer)
            text += " " + std::to_string(static_cast<int64_t>(value.number));
    }
    told.push_back(text);
}

static CoTask<int> ask_ring(LuringState *ring, LuringType type, int fd, QEMUIOVector *qiov) {
    co_return co_await LuringCo(ring, type, fd, 0, qiov);
}

// A file ends in the middle of what is read: the kernel has less than was asked for.
TEST_F(BlockTest, TheRingsTraceEvents) {
    TraceEventRow *const rows[] = {
        &trace_luring_cleanup_state,      &trace_luring_co_submit,
        &trace_luring_do_submit,          &trace_luring_io_uring_submit,
        &trace_luring_process_completion, &trace_luring_resubmit_short_read,
    };
    for (TraceEventRow *row : rows) row->enabled = TRACE_SINK_TIMELINE;
    trace_set_timeline(tell);
    int fd = open(make_image("short.img", 700).c_str(), O_RDWR);
    char data[1024];
    QEMUIOVector qiov(data, sizeof data);
    AioContext *ctx = aio_context_new();
    {
        AioContextGuard own(ctx);
        LuringState *ring = luring_init(ctx, nullptr);
        ASSERT_TRUE(ring);
        EXPECT_EQ(aio_wait(ask_ring(ring, LURING_READ, fd, &qiov)), 0);
        EXPECT_EQ(aio_wait(ask_ring(ring, LURING_FLUSH, fd, nullptr)), 0);
        luring_cleanup(ctx);
    }
    trace_set_timeline(nullptr);
    for (TraceEventRow *row : rows) row->enabled = 0;
    aio_context_unref(ctx);
    close(fd);
    std::vector<std::string> way = {
        "luring_co_submit " + std::to_string(fd) + " 0 1024 0",
        "luring_do_submit 1 0",
        "luring_io_uring_submit 1",
        "luring_process_completion 700",
        "luring_resubmit_short_read 700",
        "luring_io_uring_submit 1",
        "luring_process_completion 0",
        "luring_co_submit " + std::to_string(fd) + " 0 0 2",
        "luring_do_submit 1 0",
        "luring_io_uring_submit 1",
        "luring_process_completion 0",
        "luring_cleanup_state",
    };
    // a turn of the loop that has nothing to submit
    std::erase(told, "luring_io_uring_submit 0");
    EXPECT_EQ(told, way);
}
