// SPDX-License-Identifier: MIT
/* snapshot=on: the base stays as it is until `commit`. */
#include "tests/unit/block_fixture.h"

#include <random>

#include "block/qapi.h"
#include "block/snapshot.h"

class BlockSnapshot : public BlockTest {
protected:
    static constexpr size_t SIZE = 1 << 20;

    BlockSnapshot() : path(make_image("d.img", SIZE)), model(read_file(path)) {
        setenv("TMPDIR", dir.c_str(), 1);
        original = model;
        blk = open_drive("format=raw,snapshot=on,file=" + path, "s");
    }
    ~BlockSnapshot() override { unsetenv("TMPDIR"); }

    std::string all() {
        std::string out(static_cast<size_t>(blk_getlength(blk)), '?');
        EXPECT_EQ(blk_pread(blk, 0, blk_getlength(blk), out.data(), 0), 0);
        return out;
    }

    void write(size_t offset, size_t bytes, char c) {
        std::string data(bytes, c);
        EXPECT_EQ(blk_pwrite(blk, static_cast<int64_t>(offset), static_cast<int64_t>(bytes),
                             data.data(), 0),
                  0);
        model.replace(offset, bytes, data);
    }

    static std::string commit_error(const std::string &device) {
        Error *err = nullptr;
        if (hmp_do_commit(device, &err)) return "";
        std::string message = error_get_pretty(err);
        error_free(err);
        return message;
    }

    std::string path, model, original;
    BlockBackend *blk;
};

TEST_F(BlockSnapshot, AnySequenceOfWrites) {
    std::mt19937 random(3);
    for (int i = 0; i < 400; i++) {
        size_t offset = random() % SIZE, bytes = random() % std::min<size_t>(SIZE - offset, 20000);
        if (i % 5 == 0) {
            EXPECT_EQ(blk_pwrite_zeroes(blk, static_cast<int64_t>(offset),
                                        static_cast<int64_t>(bytes), 0),
                      0);
            model.replace(offset, bytes, bytes, '\0');
        } else {
            write(offset, bytes, static_cast<char>('a' + i % 26));
        }
        if (i % 20 == 0) {
            ASSERT_EQ(all(), model);
        }
        if (i % 150 == 149) {
            ASSERT_EQ(commit_error("s"), "");
        }
    }
    EXPECT_EQ(all(), model);
    EXPECT_NE(read_file(path), model) << "the last writes are not in the base";
    EXPECT_EQ(commit_error("all"), "");
    EXPECT_EQ(read_file(path), model);
    EXPECT_EQ(all(), model);
}

TEST_F(BlockSnapshot, LeavesTheBaseAndNoFile) {
    write(0, SIZE, 'x');
    EXPECT_EQ(blk_flush(blk), 0);
    EXPECT_EQ(read_file(path), original);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir), {}), 1);
    EXPECT_TRUE(bdrv_is_read_only(bdrv_backing(blk_bs(blk))));
    EXPECT_FALSE(blk_is_read_only(blk));
}

TEST_F(BlockSnapshot, Resizes) {
    write(0, 1000, 'x');
    EXPECT_EQ(blk_truncate(blk, 512, nullptr), 0);
    EXPECT_EQ(blk_truncate(blk, 4096, nullptr), 0);
    model = std::string(512, 'x') + std::string(4096 - 512, '\0');
    EXPECT_EQ(all(), model);
    EXPECT_EQ(read_file(path), original);
    EXPECT_EQ(commit_error("s"), "");
    EXPECT_EQ(read_file(path), model);
}

TEST_F(BlockSnapshot, ReadersNeedNone) {
    BlockBackend *reader = open_drive("format=raw,snapshot=on,read-only=on,file=" + path, "r");
    EXPECT_EQ(bdrv_backing(blk_bs(reader)), nullptr);
    EXPECT_TRUE(blk_is_read_only(reader));
}

TEST_F(BlockSnapshot, Refusals) {
    open_drive("format=raw,file=" + make_image("e.img", 512), "plain");
    EXPECT_EQ(commit_error("plain"), "'commit' error for 'plain': Operation not supported");
    EXPECT_EQ(commit_error("nobody"), "Device 'nobody' not found");
    EXPECT_EQ(commit_error("all"), "") << "of those that can be";
    EXPECT_EQ(drive_error("if=none,id=empty"), "");
    EXPECT_EQ(commit_error("empty"), "'commit' error for 'empty': No medium found");
    EXPECT_EQ(drive_error("format=raw,snapshot=maybe,file=" + path),
              "Parameter 'snapshot' expects 'on' or 'off'");
    setenv("TMPDIR", "/nowhere", 1);
    EXPECT_EQ(drive_error("format=raw,snapshot=on,file=" + path).substr(0, 43),
              "Could not open temporary file '/nowhere/vl.");
}

// Somebody else reads the base and counts on it.
TEST_F(BlockSnapshot, CommitAsksTheOthers) {
    write(0, 512, 'x');
    BlockBackend *other = open_drive("format=raw,snapshot=on,file=" + path, "o");
    EXPECT_TRUE(blkconf_apply_backend_options(other, false, nullptr));
    EXPECT_TRUE(blkconf_apply_backend_options(blk, false, nullptr)) << "readers are many";
    EXPECT_EQ(commit_error("s"), "'commit' error for 's': Failed to get \"write\" lock");
    EXPECT_EQ(read_file(path), original);
    EXPECT_EQ(all(), model);
    EXPECT_TRUE(blk_set_perm(other, 0, BLK_PERM_ALL, nullptr));
    EXPECT_EQ(commit_error("s"), "");
    EXPECT_EQ(read_file(path), model);
}
