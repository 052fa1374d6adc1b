// SPDX-License-Identifier: MIT
/* Zeroes, discards, what is allocated, and resizing. */
#include "tests/unit/block_fixture.h"

#include "block/qapi.h"
#include "tests/fuzz/block_memory.h"

class BlockSpace : public BlockTest {
protected:
    static constexpr size_t SIZE = 1 << 20;

    BlockSpace() : path(make_image("d.img", SIZE)), content(read_file(path)) {
        if (!bdrv_find_format("memory")) bdrv_register(&memory_driver);
    }
    ~BlockSpace() override { memory_alignment = 1; }

    BlockBackend *open(const std::string &rest = "") {
        return open_drive("format=raw,file=" + path + rest, "d" + std::to_string(n++));
    }

    // Opens an image of dots in memory, whose driver knows neither zeroes nor discards.
    BlockBackend *open_memory(const std::string &rest = "") {
        memory_alignment = 512;
        memory_image.assign(8192, '.');
        return open_drive("format=raw,discard=unmap,file=memory:" + rest, "m");
    }

    int64_t allocated() {
        struct stat st;
        EXPECT_EQ(stat(path.c_str(), &st), 0);
        return st.st_blocks * 512;
    }

    // The content with `bytes` zeroes at `offset`.
    std::string with_zeroes(size_t offset, size_t bytes) {
        return std::string(content).replace(offset, bytes, bytes, '\0');
    }

    static std::string refusal(BlockBackend *blk, int64_t size) {
        Error *err = nullptr;
        EXPECT_LT(blk_truncate(blk, size, &err), 0);
        std::string message = err ? error_get_pretty(err) : "";
        error_free(err);
        return message;
    }

    std::string path, content;
    int n = 0;
};

// --- zeroes

TEST_F(BlockSpace, ZeroesAnyByteRange) {
    EXPECT_EQ(blk_pwrite_zeroes(open(), 1000, 300'001, 0), 0);
    EXPECT_EQ(read_file(path), with_zeroes(1000, 300'001));
}

TEST_F(BlockSpace, ZeroesKeepTheirSpace) {
    int64_t before = allocated();
    EXPECT_EQ(blk_pwrite_zeroes(open(",discard=unmap"), 0, SIZE, 0), 0);
    EXPECT_GE(allocated(), before);
    EXPECT_EQ(read_file(path), std::string(SIZE, '\0'));
}

TEST_F(BlockSpace, ZeroesGiveTheirSpaceBackIfBothSidesAgree) {
    int64_t before = allocated();
    EXPECT_EQ(blk_pwrite_zeroes(open(), 0, SIZE, BDRV_REQ_MAY_UNMAP), 0);
    EXPECT_GE(allocated(), before) << "discard=ignore";
    EXPECT_EQ(blk_pwrite_zeroes(open(",discard=unmap"), 0, SIZE, BDRV_REQ_MAY_UNMAP), 0);
    EXPECT_EQ(allocated(), 0);
    EXPECT_EQ(read_file(path), std::string(SIZE, '\0'));
}

TEST_F(BlockSpace, ZeroesAtAnOddEndLetTheFileGrow) {
    path = make_image("odd.img", 1000);
    content = read_file(path) + std::string(24, '\0');
    EXPECT_EQ(blk_pwrite_zeroes(open(), 512, 512, 0), 0);
    EXPECT_EQ(read_file(path), with_zeroes(512, 512));
}

TEST_F(BlockSpace, ZeroesAreWrittenWhereNothingElseHelps) {
    BlockBackend *blk = open_memory();
    EXPECT_EQ(blk_pwrite_zeroes(blk, 512, 1024, BDRV_REQ_NO_FALLBACK), -ENOTSUP);
    EXPECT_EQ(std::count(memory_image.begin(), memory_image.end(), '.'), 8192);
    EXPECT_EQ(blk_pwrite_zeroes(blk, 700, 2000, BDRV_REQ_MAY_UNMAP), 0);
    for (size_t i = 0; i < 8192; i++) {
        EXPECT_EQ(memory_image[i], i >= 700 && i < 2700 ? 0 : '.') << i;
    }
    EXPECT_EQ(blk_pwrite_zeroes(blk, 5000, 7, 0), 0) << "inside one block";
    EXPECT_EQ(memory_image[4999], '.');
    EXPECT_EQ(memory_image[5006], 0);
    EXPECT_EQ(memory_image[5007], '.');
}

TEST_F(BlockSpace, ZeroesAreWritesToo) {
    EXPECT_EQ(blk_pwrite_zeroes(open(), SIZE - 512, 1024, 0), -EIO);
    EXPECT_EQ(blk_pwrite_zeroes(open(",read-only=on"), 0, 512, 0), -EPERM);
    EXPECT_EQ(blk_pdiscard(open(",read-only=on,discard=unmap"), 0, 512), -EPERM);
    EXPECT_EQ(blk_pdiscard(open(), SIZE, 512), -EIO);
    EXPECT_EQ(read_file(path), content);
}

// --- detect-zeroes

TEST_F(BlockSpace, DetectsZeroes) {
    std::string zeroes(SIZE / 2, '\0');
    EXPECT_EQ(blk_pwrite(open(), 0, SIZE / 2, zeroes.data(), 0), 0);
    EXPECT_GE(allocated(), int64_t{ SIZE });
    BlockBackend *blk = open(",discard=unmap,detect-zeroes=unmap");
    EXPECT_EQ(blk_pwrite(blk, 0, SIZE / 2, zeroes.data(), 0), 0);
    EXPECT_EQ(allocated(), SIZE / 2);
    zeroes.back() = 1;
    EXPECT_EQ(blk_pwrite(blk, 0, SIZE / 2, zeroes.data(), 0), 0);
    EXPECT_GE(allocated(), int64_t{ SIZE });
    EXPECT_EQ(read_file(path), zeroes + content.substr(SIZE / 2));
}

TEST_F(BlockSpace, ZeroesInAnyMemory) {
    std::string memory(5000, '\0');
    for (size_t len : { 0, 1, 63, 64, 65, 4096, 5000 }) {
        EXPECT_TRUE(qemu_iovec_is_zero(std::make_unique<QEMUIOVector>(memory.data(), len).get()));
        for (size_t at : { size_t{ 0 }, len / 2, len - 1 }) {
            if (len == 0) continue;
            memory[at] = 1;
            QEMUIOVector qiov(memory.data(), len);
            EXPECT_FALSE(qemu_iovec_is_zero(&qiov)) << len << " " << at;
            memory[at] = 0;
        }
    }
}

TEST_F(BlockSpace, BadModes) {
    std::string raw = "format=raw,file=" + path;
    EXPECT_EQ(drive_error(raw + ",discard=x"), "Invalid discard option");
    EXPECT_EQ(drive_error(raw + ",detect-zeroes=x"), "invalid parameter value: x");
    EXPECT_EQ(drive_error("format=raw,file.driver=file,file.detect-zeroes=unmap,"
                          "file.discard=ignore,file.filename=" +
                          path),
              "setting detect-zeroes to unmap is not allowed without setting discard operation to "
              "unmap");
    for (const char *rest :
         { "discard=off", "discard=ignore", "discard=on,detect-zeroes=unmap",
           "discard=unmap,detect-zeroes=on", "detect-zeroes=off", "detect-zeroes=unmap" }) {
        EXPECT_EQ(drive_error(raw + "," + rest), "") << rest;
    }
}

// --- discard

TEST_F(BlockSpace, DiscardsIfToldTo) {
    EXPECT_EQ(blk_pdiscard(open(), 0, SIZE), 0);
    EXPECT_EQ(read_file(path), content);
    EXPECT_EQ(blk_pdiscard(open(",discard=unmap"), 4096, SIZE / 2), 0);
    EXPECT_EQ(read_file(path), with_zeroes(4096, SIZE / 2));
    EXPECT_EQ(allocated(), SIZE / 2);
}

TEST_F(BlockSpace, ADiscardIsAHint) {
    BlockBackend *blk = open_memory();
    EXPECT_EQ(blk_pdiscard(blk, 0, 8192), 0);
    EXPECT_EQ(memory_image[0], '.');
}

// --- what is allocated

struct Extent {
    int64_t offset, bytes;
    int flags;
    bool operator==(const Extent &) const = default;
};

static std::vector<Extent> extents(BlockBackend *blk) {
    std::vector<Extent> all;
    BlockDriverState *bs = blk_bs(blk), *file = nullptr;
    for (int64_t at = 0, n = 0, map = 0; at < bdrv_getlength(bs); at += n) {
        int flags =
            aio_wait(bdrv_co_block_status(bs, at, bdrv_getlength(bs) - at, &n, &map, &file));
        EXPECT_GT(n, 0);
        if (flags & BDRV_BLOCK_OFFSET_VALID) {
            EXPECT_EQ(map, at);
        }
        all.push_back({ at, n, flags & (BDRV_BLOCK_DATA | BDRV_BLOCK_ZERO) });
        if (n <= 0) break;
    }
    return all;
}

TEST_F(BlockSpace, ShowsHoles) {
    BlockBackend *blk = open(",discard=unmap");
    EXPECT_EQ(extents(blk), (std::vector<Extent>{ { 0, SIZE, BDRV_BLOCK_DATA } }));
    EXPECT_EQ(blk_pdiscard(blk, 65536, 65536), 0);
    EXPECT_EQ(blk_pdiscard(blk, SIZE - 65536, 65536), 0);
    EXPECT_EQ(extents(blk), (std::vector<Extent>{
                                { 0, 65536, BDRV_BLOCK_DATA },
                                { 65536, 65536, BDRV_BLOCK_ZERO },
                                { 131072, SIZE - 65536 - 131072, BDRV_BLOCK_DATA },
                                { SIZE - 65536, 65536, BDRV_BLOCK_ZERO },
                            }));
    EXPECT_EQ(extents(open_memory()), (std::vector<Extent>{ { 0, 8192, BDRV_BLOCK_DATA } }));
}

// --- resizing

static int resizes;
static void count_resize(void *) { resizes++; }
static constexpr BlockDevOps counting_ops = { .resize_cb = count_resize };

TEST_F(BlockSpace, GrowsAndShrinks) {
    resizes = 0;
    BlockBackend *blk = open();
    blk_set_dev_ops(blk, &counting_ops, nullptr);
    EXPECT_EQ(blk_truncate(blk, 2 * SIZE, nullptr), 0);
    EXPECT_EQ(blk_getlength(blk), 2 * int64_t{ SIZE });
    EXPECT_EQ(read_file(path), content + std::string(SIZE, '\0'));
    char c = 'x';
    EXPECT_EQ(blk_pwrite(blk, 2 * SIZE - 1, 1, &c, 0), 0);
    EXPECT_EQ(blk_truncate(blk, 512, nullptr), 0);
    EXPECT_EQ(read_file(path), content.substr(0, 512));
    EXPECT_EQ(blk_pread(blk, 512, 1, &c, 0), -EIO);
    EXPECT_EQ(resizes, 2);
    EXPECT_EQ(blk_truncate(blk, 512, nullptr), 0);
    EXPECT_EQ(resizes, 2) << "no other size, no news";
}

TEST_F(BlockSpace, ResizesBehindAnOffset) {
    BlockBackend *blk = open(",offset=4096");
    EXPECT_EQ(blk_truncate(blk, 1024, nullptr), 0);
    EXPECT_EQ(blk_getlength(blk), 1024);
    EXPECT_EQ(read_file(path), content.substr(0, 5120));
}

TEST_F(BlockSpace, RefusesToResize) {
    EXPECT_EQ(refusal(open(",size=4096"), 8192), "Cannot resize fixed-size raw disks");
    EXPECT_EQ(refusal(open(",read-only=on"), 8192), "Image is read-only");
    EXPECT_EQ(refusal(open(), -1), "Image size cannot be negative");
    EXPECT_EQ(refusal(open(",offset=512"), BDRV_MAX_LENGTH),
              "Disk size too large for the chosen offset");
    EXPECT_EQ(refusal(open_memory(), 4096), "Image format driver does not support resize");
    EXPECT_EQ(refusal(open_drive("file=/dev/null,format=raw", "n"), 512),
              "Cannot grow device files");
    EXPECT_EQ(drive_error("if=none,id=e"), "");
    EXPECT_EQ(refusal(blk_by_name("e"), 512), "No medium inserted");

    Error *err = nullptr;
    EXPECT_FALSE(qmp_block_resize("nobody", 512, &err));
    EXPECT_STREQ(error_get_pretty(err), "Cannot find device='nobody' nor node-name=''");
    error_free(err);
    EXPECT_EQ(read_file(path), content);
}
