// SPDX-License-Identifier: MIT
/* Requests: contents, ends of files, order, alignment, draining, closing. */
#include "tests/unit/block_fixture.h"

#include <random>

#include <fcntl.h>

#include "tests/fuzz/block_memory.h"

class BlockIO : public BlockTest {
protected:
    BlockBackend *open_raw(const std::string &path, const std::string &rest = "") {
        return open_drive("format=raw,file=" + path + rest, "d" + std::to_string(n++));
    }

    static std::string read(BlockBackend *blk, int64_t offset, size_t bytes) {
        std::string out(bytes, '?');
        EXPECT_EQ(blk_pread(blk, offset, static_cast<int64_t>(bytes), out.data(), 0), 0);
        return out;
    }

    int n = 0;
};

TEST_F(BlockIO, ScatteredMemory) {
    std::string path = make_image("d.img", 4096);
    BlockBackend *blk = open_raw(path);
    std::string a(100, '?'), b(1, '?'), c(2000, '?');
    QEMUIOVector qiov;
    for (std::string *s : { &a, &b, &c }) qemu_iovec_add(&qiov, s->data(), s->size());
    EXPECT_EQ(aio_wait(blk_co_preadv(blk, 300, 2101, &qiov, 0)), 0);
    EXPECT_EQ(a + b + c, read_file(path).substr(300, 2101));
}

// --- ends

TEST_F(BlockIO, OddSizeReadsZeroesAndGrows) {
    std::string path = make_image("odd.img", 1000);
    BlockBackend *blk = open_raw(path);
    EXPECT_EQ(blk_getlength(blk), 1024);
    EXPECT_EQ(read(blk, 0, 1024), read_file(path) + std::string(24, '\0'));
    EXPECT_EQ(read(blk, 1010, 10), std::string(10, '\0'));

    std::string sector(512, 'x');
    EXPECT_EQ(blk_pwrite(blk, 0, 512, sector.data(), 0), 0);
    EXPECT_EQ(read_file(path).size(), 1000u);
    EXPECT_EQ(blk_pwrite(blk, 512, 512, sector.data(), 0), 0);
    EXPECT_EQ(read_file(path), sector + sector);
    EXPECT_EQ(blk_getlength(blk), 1024);
}

TEST_F(BlockIO, PastTheEnd) {
    BlockBackend *blk = open_raw(make_image("odd.img", 1000));
    char buf[1024] = {};
    EXPECT_EQ(blk_pread(blk, 1024, 1, buf, 0), -EIO);
    EXPECT_EQ(blk_pread(blk, 1000, 25, buf, 0), -EIO);
    EXPECT_EQ(blk_pread(blk, -1, 1, buf, 0), -EIO);
    EXPECT_EQ(blk_pread(blk, INT64_MAX, 1, buf, 0), -EIO);
    EXPECT_EQ(blk_pwrite(blk, 512, 513, buf, 0), -EIO);
    EXPECT_EQ(blk_pread(blk, 1024, 0, buf, 0), 0);
}

TEST_F(BlockIO, OffsetAndSizeCutADiskOut) {
    std::string path = make_image("d.img", 8192);
    BlockBackend *blk = open_raw(path, ",offset=1001,size=1024");
    EXPECT_EQ(blk_getlength(blk), 1024);
    EXPECT_EQ(read(blk, 0, 1024), read_file(path).substr(1001, 1024));
    char c = 'x';
    EXPECT_EQ(blk_pread(blk, 1024, 1, &c, 0), -EIO);
    EXPECT_EQ(blk_pwrite(blk, 0, 1, &c, 0), 0);
    EXPECT_EQ(read_file(path)[1001], 'x');
    EXPECT_EQ(read_file(path)[1000], pattern(1000));
}

TEST_F(BlockIO, ReadOnly) {
    std::string path = make_image("d.img", 1024);
    BlockBackend *blk = open_raw(path, ",read-only=on");
    EXPECT_TRUE(blk_is_read_only(blk));
    EXPECT_EQ(read(blk, 0, 1024), read_file(path));
    EXPECT_EQ(blk_pwrite(blk, 0, 1, "x", 0), -EPERM);
    EXPECT_EQ(blk_flush(blk), 0);
}

TEST_F(BlockIO, TruncatedUnderUs) {
    std::string path = make_image("d.img", 4096);
    BlockBackend *blk = open_raw(path);
    ASSERT_EQ(truncate(path.c_str(), 512), 0);
    EXPECT_EQ(read(blk, 0, 4096), read_file(path) + std::string(3584, '\0'));
}

TEST_F(BlockIO, FullDisk) {
    BlockBackend *blk = open_raw("/dev/full");
    EXPECT_EQ(blk_getlength(blk), 0);
    QEMUIOVector qiov;
    std::string data(512, 'x');
    qemu_iovec_add(&qiov, data.data(), data.size());
    // Below the backend, which knows that the device is empty.
    EXPECT_EQ(aio_wait(bdrv_co_pwritev(blk_bs(blk)->file, 0, 512, &qiov, 0)), -ENOSPC);
}

// --- cache=none

// A directory whose file system knows O_DIRECT, which one in memory may not; or "".
static std::string find_direct_dir() {
    for (const char *dir : { "/var/tmp", ".", "/tmp" }) {
        int fd = open(dir, O_TMPFILE | O_RDWR | O_DIRECT, 0600);
        if (fd < 0) continue;
        close(fd);
        return dir;
    }
    return "";
}

class BlockDirect : public BlockIO {
protected:
    // Opens an image with cache=none, or sees that it is refused with the right words.
    BlockBackend *open_direct(size_t size) {
        std::string image = make_image("d.img", size), where = find_direct_dir();
        if (where.empty()) {
            EXPECT_EQ(drive_error("format=raw,cache=none,file=" + image),
                      "Could not open '" + image + "': filesystem does not support O_DIRECT");
            return nullptr;
        }
        path = where + "/vl-block-test-" + std::to_string(getpid());
        std::filesystem::copy_file(image, path);
        return open_raw(path, ",cache=none");
    }

    ~BlockDirect() override { std::filesystem::remove(path); }

    std::string path;
};

TEST_F(BlockDirect, AnyByteRangeAndMemory) {
    BlockBackend *blk = open_direct(64 << 10);
    if (!blk) return;
    EXPECT_GE(blk_bs(blk)->file->bs->bl.request_alignment, 512u);
    std::string model = read_file(path);
    std::mt19937 random(2);
    std::string memory(64 << 10, '?');
    for (int i = 0; i < 200; i++) {
        size_t offset = random() % model.size(), bytes = random() % 5000;
        bytes = std::min(bytes, model.size() - offset);
        char *buf = memory.data() + random() % 1000;
        if (i % 2) {
            EXPECT_EQ(blk_pread(blk, offset, bytes, buf, 0), 0);
            EXPECT_EQ(std::string(buf, bytes), model.substr(offset, bytes));
        } else {
            memset(buf, i, bytes);
            model.replace(offset, bytes, bytes, static_cast<char>(i));
            EXPECT_EQ(blk_pwrite(blk, offset, bytes, buf, 0), 0);
        }
    }
    EXPECT_EQ(read_file(path), model);
}

TEST_F(BlockDirect, OddSize) {
    BlockBackend *blk = open_direct(1000);
    if (!blk) return;
    EXPECT_EQ(blk_getlength(blk), 1024);
    EXPECT_EQ(read(blk, 0, 1024), read_file(path) + std::string(24, '\0'));
}

// --- drivers that want whole blocks

struct Completion {
    int ret = 1;
};

static void completed(void *opaque, int ret) { static_cast<Completion *>(opaque)->ret = ret; }

class BlockAligned : public BlockIO {
protected:
    BlockAligned() {
        if (!bdrv_find_format("memory")) bdrv_register(&memory_driver);
        memory_alignment = 512;
        memory_image.assign(4096, '.');
    }

    ~BlockAligned() override { memory_alignment = 1; }
};

// Writes to different bytes of one block: each reads the block, changes it and writes it back.
TEST_F(BlockAligned, OverlappingPaddedWritesDoNotLoseBytes) {
    BlockBackend *blk = open_raw("memory:");
    constexpr int count = 64;
    Completion done[count];
    char bytes[count];
    QEMUIOVector qiov[count];
    for (int i = 0; i < count; i++) {
        bytes[i] = static_cast<char>('A' + i % 26);
        qemu_iovec_add(&qiov[i], &bytes[i], 1);
        blk_aio_pwritev(blk, i * 13, &qiov[i], 0, completed, &done[i]);
    }
    blk_drain(blk);
    for (int i = 0; i < count; i++) {
        EXPECT_EQ(done[i].ret, 0);
        EXPECT_EQ(memory_image[static_cast<size_t>(i) * 13], bytes[i]) << i;
        EXPECT_EQ(memory_image[static_cast<size_t>(i) * 13 + 1], '.') << i;
    }
}

TEST_F(BlockAligned, AReadWaitsForAnOlderPaddedWrite) {
    BlockBackend *blk = open_raw("memory:");
    char written = 'x', seen = '?';
    QEMUIOVector out(&written, 1), in(&seen, 1);
    Completion write, read;
    blk_aio_pwritev(blk, 1000, &out, 0, completed, &write);
    blk_aio_preadv(blk, 1000, &in, 0, completed, &read);
    blk_drain(blk);
    EXPECT_EQ(seen, 'x');
}

// --- asynchronous requests

TEST_F(BlockIO, CallbacksComeFromTheLoop) {
    BlockBackend *blk = open_raw(make_image("d.img", 4096));
    std::string data(512, '?');
    QEMUIOVector qiov(data.data(), data.size());
    Completion read, beyond, flush;
    blk_aio_preadv(blk, 512, &qiov, 0, completed, &read);
    blk_aio_preadv(blk, 4096, &qiov, 0, completed, &beyond);
    blk_aio_flush(blk, completed, &flush);
    EXPECT_EQ(read.ret, 1);
    EXPECT_EQ(beyond.ret, 1) << "not even one that fails at once";
    EXPECT_EQ(flush.ret, 1);
    blk_drain(blk);
    EXPECT_EQ(read.ret, 0);
    EXPECT_EQ(beyond.ret, -EIO);
    EXPECT_EQ(flush.ret, 0);
    EXPECT_EQ(data[0], pattern(512));
}

TEST_F(BlockIO, ManyInFlight) {
    std::string path = make_image("d.img", 1 << 20);
    BlockBackend *blk = open_raw(path);
    constexpr size_t count = 256, size = 4096;
    std::vector<std::string> data(count, std::string(size, '?'));
    std::vector<QEMUIOVector> qiov(count);
    std::vector<Completion> done(count);
    for (size_t i = 0; i < count; i++) {
        qemu_iovec_add(&qiov[i], data[i].data(), size);
        blk_aio_preadv(blk, static_cast<int64_t>(i * size), &qiov[i], 0, completed, &done[i]);
    }
    blk_drain(blk);
    std::string content = read_file(path);
    for (size_t i = 0; i < count; i++) {
        ASSERT_EQ(done[i].ret, 0);
        EXPECT_EQ(data[i], content.substr(i * size, size));
    }
}

// A chain of writes, each submitted by the callback of the one before, then a flush.
struct Chain {
    BlockBackend *blk;
    QEMUIOVector qiov;
    int written = 0;
    bool flushed = false;

    static void next(void *opaque, int ret) {
        auto *chain = static_cast<Chain *>(opaque);
        ASSERT_EQ(ret, 0);
        if (chain->written < 100) {
            blk_aio_pwritev(chain->blk, chain->written++ * 16, &chain->qiov, 0, next, chain);
        } else {
            blk_aio_flush(chain->blk, last, chain);
        }
    }

    static void last(void *opaque, int ret) {
        EXPECT_EQ(ret, 0);
        static_cast<Chain *>(opaque)->flushed = true;
    }
};

TEST_F(BlockIO, DrainWaitsForWhatCallbacksSubmit) {
    std::string path = make_image("d.img", 4096);
    BlockBackend *blk = open_raw(path);
    char data[16] = "0123456789abcde";
    Chain chain{ blk, QEMUIOVector(data, sizeof data) };
    Chain::next(&chain, 0);
    blk_drain(blk);
    EXPECT_TRUE(chain.flushed);
    EXPECT_EQ(read_file(path).substr(99 * 16, 15), "0123456789abcde");
}

TEST_F(BlockIO, CloseWithRequestsInFlight) {
    std::string path = make_image("d.img", 1 << 20);
    BlockBackend *blk = open_raw(path);
    std::string data(1 << 16, 'z');
    QEMUIOVector qiov(data.data(), data.size());
    Completion done[16];
    for (int i = 0; i < 16; i++) {
        blk_aio_pwritev(blk, i << 16, &qiov, 0, completed, &done[i]);
    }
    monitor_remove_blk(blk);
    blk_unref(blk);
    for (const Completion &c : done) EXPECT_EQ(c.ret, 0);
    EXPECT_EQ(read_file(path), std::string(1 << 20, 'z'));
}

// --- flushing

struct FlushCounter : BDRVState {
    int flushes = 0;
    int fail_with = 0;
};
static FlushCounter *counter;

static bool counter_open(BlockDriverState *bs, BlockOptions *options, int, Error **) {
    options->erase("filename");
    bs->opaque = std::make_unique<FlushCounter>();
    counter = static_cast<FlushCounter *>(bs->opaque.get());
    return true;
}
static int64_t counter_getlength(BlockDriverState *) { return 4096; }
static CoTask<int> counter_co_rw(BlockDriverState *, int64_t, int64_t, QEMUIOVector *, int) {
    co_return 0;
}
static CoTask<int> counter_co_flush(BlockDriverState *) {
    counter->flushes++;
    co_await CoReschedule();
    co_return counter->fail_with;
}

static BlockDriver counter_driver = {
    .format_name = "flush-counter",
    .protocol_name = "flush-counter",
    .bdrv_file_open = counter_open,
    .bdrv_getlength = counter_getlength,
    .bdrv_co_preadv = counter_co_rw,
    .bdrv_co_pwritev = counter_co_rw,
    .bdrv_co_flush_to_disk = counter_co_flush,
};

class BlockFlush : public BlockIO {
protected:
    BlockFlush() {
        if (!bdrv_find_format("flush-counter")) bdrv_register(&counter_driver);
    }
};

TEST_F(BlockFlush, OnlyIfSomethingWasWritten) {
    BlockBackend *blk = open_raw("flush-counter:");
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(counter->flushes, 0);
    EXPECT_EQ(blk_pwrite(blk, 0, 1, "x", 0), 0);
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(counter->flushes, 1);
}

TEST_F(BlockFlush, AFailedFlushIsTriedAgain) {
    BlockBackend *blk = open_raw("flush-counter:");
    EXPECT_EQ(blk_pwrite(blk, 0, 1, "x", 0), 0);
    counter->fail_with = -EIO;
    EXPECT_EQ(blk_flush(blk), -EIO);
    counter->fail_with = 0;
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(counter->flushes, 2);
}

TEST_F(BlockFlush, AWriteDuringAFlushNeedsAnother) {
    BlockBackend *blk = open_raw("flush-counter:");
    EXPECT_EQ(blk_pwrite(blk, 0, 1, "x", 0), 0);
    Completion flush;
    blk_aio_flush(blk, completed, &flush);
    EXPECT_EQ(counter->flushes, 1);
    EXPECT_EQ(aio_wait(blk_co_flush(blk)), 0) << "one under way does not count as done";
    EXPECT_EQ(counter->flushes, 2);
    blk_drain(blk);

    char c = 'x';
    QEMUIOVector qiov(&c, 1);
    Completion write;
    EXPECT_EQ(blk_pwrite(blk, 0, 1, "x", 0), 0);
    blk_aio_flush(blk, completed, &flush);
    blk_aio_pwritev(blk, 0, &qiov, 0, completed, &write);
    blk_drain(blk);
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(counter->flushes, 4);
}

TEST_F(BlockFlush, CacheModes) {
    BlockBackend *through = open_raw("flush-counter:", ",cache=writethrough");
    EXPECT_EQ(blk_pwrite(through, 0, 1, "x", 0), 0);
    EXPECT_EQ(counter->flushes, 1);
    blk_set_enable_write_cache(through, true);
    EXPECT_EQ(blk_pwrite(through, 0, 1, "x", 0), 0);
    EXPECT_EQ(counter->flushes, 1);
    EXPECT_EQ(blk_pwrite(through, 0, 1, "x", BDRV_REQ_FUA), 0);
    EXPECT_EQ(counter->flushes, 2);

    BlockBackend *unsafe = open_raw("flush-counter:", ",cache=unsafe");
    EXPECT_EQ(blk_pwrite(unsafe, 0, 1, "x", 0), 0);
    EXPECT_EQ(blk_flush(unsafe), 0);
    EXPECT_EQ(counter->flushes, 0);
}
