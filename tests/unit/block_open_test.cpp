// SPDX-License-Identifier: MIT
/* Opening images: which driver, which options, and every way in which it is refused. */
#include "tests/unit/block_fixture.h"

#include <gmock/gmock.h>

#include "block/whitelist.h"

using ::testing::MatchesRegex;

class BlockOpen : public BlockTest {
protected:
    std::string error(const std::string &file, const std::string &rest = ",format=raw") {
        return drive_error("file=" + file + rest);
    }
};

// --- files

TEST_F(BlockOpen, MissingFile) {
    std::string nope = dir + "/nope.img";
    EXPECT_EQ(error(nope), "Could not open '" + nope + "': No such file or directory");
}

// Runs `fn` as a user whom file permissions bind.
template <typename Fn>
static void as_nobody(Fn fn) {
    bool root = geteuid() == 0;
    ASSERT_EQ(root ? seteuid(65534) : 0, 0);
    fn();
    ASSERT_EQ(root ? seteuid(0) : 0, 0);
}

TEST_F(BlockOpen, NoPermission) {
    std::string path = make_image("d.img", 512);
    chmod(dir.c_str(), 0755);
    chmod(path.c_str(), 0444);
    as_nobody([&] {
        EXPECT_EQ(error(path, ",format=raw,auto-read-only=off"),
                  "Could not open '" + path + "': Permission denied");
        EXPECT_EQ(error(path, ",format=raw,read-only=on"), "");
    });
    chmod(path.c_str(), 0);
    as_nobody([&] {
        EXPECT_EQ(error(path, ",format=raw,read-only=on"),
                  "Could not open '" + path + "': Permission denied");
    });
}

TEST_F(BlockOpen, Directory) {
    EXPECT_EQ(error(dir), "'file' driver requires '" + dir + "' to be a regular file");
    EXPECT_EQ(error(dir, ",format=raw,read-only=on"),
              "'file' driver requires '" + dir + "' to be a regular file");
}

TEST_F(BlockOpen, FifoDoesNotHang) {
    std::string path = dir + "/fifo";
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(error(path), "'file' driver requires '" + path + "' to be a regular file");
}

TEST_F(BlockOpen, EmptyFileAndDevNull) {
    BlockBackend *blk = open_drive("file=" + make_file("e.img", "") + ",format=raw");
    EXPECT_EQ(blk_getlength(blk), 0);
    BlockBackend *null = open_drive("file=/dev/null,format=raw", "n");
    EXPECT_EQ(blk_getlength(null), 0);
    EXPECT_STREQ(blk_bs(null)->file->bs->drv->format_name, "host_device");
}

TEST_F(BlockOpen, DeviceUnderTheWrongProtocol) {
    EXPECT_EQ(drive_error("driver=file,filename=/dev/null"),
              "'file' driver requires '/dev/null' to be a regular file");
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(drive_error("driver=host_device,filename=" + path),
              "'host_device' driver requires '" + path +
                  "' to be either a character or block device");
}

TEST_F(BlockOpen, ProtocolPrefix) {
    std::string path = make_image("d.img", 512);
    EXPECT_STREQ(blk_bs(open_drive("file=file:" + path + ",format=raw"))->filename.c_str(),
                 path.c_str());
    EXPECT_EQ(error("foo:x"), "Unknown protocol 'foo'");
    std::string odd = make_image("a:b", 512);
    EXPECT_EQ(error(odd), "") << "a colon behind a slash is part of the name";
    EXPECT_EQ(drive_error("file.filename=foo:x,format=raw"),
              "Could not open 'foo:x': No such file or directory");
}

// --- drivers

TEST_F(BlockOpen, UnknownDriver) {
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(error(path, ",format=x"), "Unknown driver 'x'");
    EXPECT_EQ(error(path, ",driver=x"), "Unknown driver 'x'");
    EXPECT_EQ(error(path, ",file.driver=x,format=raw"), "Unknown driver 'x'");
    EXPECT_EQ(error(path, ",driver=raw,format=raw"), "Cannot specify both 'driver' and 'format'");
}

TEST_F(BlockOpen, NothingToOpen) {
    EXPECT_EQ(drive_error("format=raw"), "A block device must be specified for \"file\"");
    EXPECT_EQ(drive_error("file=,format=raw"), "A block device must be specified for \"file\"");
    EXPECT_EQ(drive_error("driver=file"), "The 'file' block driver requires a file name");
    EXPECT_EQ(drive_error("format=raw,file=,file.aio=threads"),
              "Must specify either driver or file");
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(error(path, ",format=raw,file.filename=x"),
              "Can't specify 'file' and 'filename' options at the same time");
}

TEST_F(BlockOpen, LeftoverOptions) {
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(error(path, ",format=raw,bogus=1"),
              "Block format 'raw' does not support the option 'bogus'");
    EXPECT_EQ(error(path, ",format=raw,file.bogus=1"),
              "Block protocol 'file' doesn't support the option 'bogus'");
    EXPECT_EQ(error(path, ",format=raw,copy-on-read=on"),
              "Block format 'raw' does not support the option 'copy-on-read'");
    EXPECT_EQ(error(path, ",format=raw,copy-on-read=off"), "");
}

TEST_F(BlockOpen, NodeNames) {
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(error(path, ",format=raw,node-name=0x"), "Invalid node-name: '0x'");
    EXPECT_EQ(error(path, ",format=raw,node-name=a"), "");
    EXPECT_EQ(error(path, ",format=raw,node-name=a"), "Duplicate nodes with node-name='a'");
    EXPECT_EQ(error(path, ",format=raw,id=a"),
              "Device name 'a' conflicts with an existing node name");
    EXPECT_THAT(blk_bs(open_drive("file=" + path + ",format=raw"))->node_name,
                MatchesRegex("#block[0-9][0-9][0-9]+"));
}

TEST_F(BlockOpen, ChildByReference) {
    open_drive("driver=file,node-name=f,filename=" + make_image("d.img", 1024));
    Error *err = nullptr;
    BlockDriverState *bs =
        bdrv_open(nullptr, nullptr, { { "driver", "raw" }, { "file", "f" } }, BDRV_O_RDWR, &err);
    ASSERT_NE(bs, nullptr);
    EXPECT_EQ(bs->file->bs, bdrv_find_node("f"));
    EXPECT_EQ(bdrv_getlength(bs), 1024);
    bdrv_unref(bs);
    EXPECT_NE(bdrv_find_node("f"), nullptr);

    EXPECT_EQ(bdrv_open(nullptr, "nobody", {}, 0, &err), nullptr);
    EXPECT_STREQ(error_get_pretty(err), "Cannot find device='nobody' nor node-name='nobody'");
    error_free(err);
}

// What `blk` may not do, or "".
static std::string perm_error(BlockBackend *blk, uint64_t perm) {
    Error *err = nullptr;
    if (blk_set_perm(blk, perm, BLK_PERM_ALL, &err)) return "";
    std::string text = error_get_pretty(err);
    error_free(err);
    return text;
}

TEST_F(BlockOpen, ChildMustBeWritableToo) {
    std::string path = make_image("d.img", 512);
    EXPECT_EQ(error(path, ",format=raw,read-only=on,file.read-only=on"), "");
    BlockBackend *blk = open_drive("file=" + path + ",format=raw,file.read-only=on");
    EXPECT_EQ(perm_error(blk, BLK_PERM_CONSISTENT_READ), "");
    EXPECT_EQ(perm_error(blk, BLK_PERM_WRITE), "Block node is read-only");
}

TEST_F(BlockOpen, AWriterOpensAgain) {
    std::string path = make_image("d.img", 512);
    chmod(dir.c_str(), 0755);
    chmod(path.c_str(), 0444);
    BlockBackend *blk = nullptr;
    char byte = 'x';
    as_nobody([&] {
        blk = open_drive("file=" + path + ",format=raw,file.locking=on");
        EXPECT_EQ(perm_error(blk, BLK_PERM_CONSISTENT_READ), "");
        EXPECT_EQ(perm_error(blk, BLK_PERM_WRITE),
                  "Could not open '" + path + "': Permission denied");
    });
    chmod(path.c_str(), 0666);
    as_nobody([&] { EXPECT_EQ(perm_error(blk, BLK_PERM_WRITE), ""); });
    EXPECT_EQ(blk_pwrite(blk, 5, 1, &byte, 0), 0);
    EXPECT_EQ(blk_pread(blk, 5, 1, &byte, 0), 0);
    EXPECT_EQ(byte, 'x');
}

// --- raw's options

TEST_F(BlockOpen, OffsetAndSize) {
    std::string path = make_image("d.img", 1 << 20);
    EXPECT_EQ(error(path, ",format=raw,offset=2M"),
              "Offset (2097152) cannot be greater than size of the containing file (1048576)");
    EXPECT_EQ(error(path, ",format=raw,offset=1k,size=1M"),
              "The sum of offset (1024) and size (1048576) has to be smaller or equal to the  "
              "actual size of the containing file (1048576)");
    EXPECT_EQ(error(path, ",format=raw,size=1000"), "Specified size is not multiple of 512");
    EXPECT_EQ(error(path, ",format=raw,offset=18446744073709551615"),
              "Offset (18446744073709551615) cannot be greater than size of the containing file "
              "(1048576)");
    EXPECT_EQ(blk_getlength(open_drive("format=raw,offset=4k,size=8k,file=" + path)), 8192);
    EXPECT_EQ(blk_getlength(open_drive("format=raw,offset=4k,file=" + path, "e")),
              (1 << 20) - 4096);
}

// --- probing

static int magic_probe(const uint8_t *buf, int size, const char *) {
    return size >= 5 && !memcmp(buf, "MAGIC", 5) ? 100 : 0;
}

static bool magic_open(BlockDriverState *, BlockOptions *, int, Error **) { return true; }

static int64_t magic_getlength(BlockDriverState *) { return 512; }

static BlockDriver magic = {
    .format_name = "magic",
    .bdrv_probe = magic_probe,
    .bdrv_open = magic_open,
    .bdrv_getlength = magic_getlength,
};

static void register_magic() {
    if (bdrv_find_format("magic") != &magic) bdrv_register(&magic);
}

TEST_F(BlockOpen, RegistersAtTheHead) {
    register_magic();
    EXPECT_EQ(bdrv_first_driver(), &magic);
}

TEST_F(BlockOpen, ProbingTakesTheHighestScore) {
    register_magic();
    std::string path = make_file("m.img", "MAGIC" + std::string(1000, 'x'));
    EXPECT_EQ(blk_bs(open_drive("file=" + path))->drv, &magic);
    EXPECT_STREQ(blk_bs(open_drive("format=raw,file=" + path, "r"))->drv->format_name, "raw");
}

TEST_F(BlockOpen, ProbedRawWarnsInThreeLines) {
    std::string path = make_image("d.img", 1024);
    testing::internal::CaptureStderr();
    EXPECT_EQ(error(path, ""), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "WARNING: Image format was not specified for '" + path +
                  "' and probing guessed raw.\n"
                  "         Automatically detecting the format is dangerous for raw images, write "
                  "operations on block 0 will be restricted.\n"
                  "         Specify the 'raw' format explicitly to remove the restrictions.\n");
    testing::internal::CaptureStderr();
    EXPECT_EQ(error(path, ",read-only=on"), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(BlockOpen, ProbedRawProtectsSector0) {
    register_magic();
    std::string path = make_image("d.img", 4096);
    testing::internal::CaptureStderr();
    BlockBackend *blk = open_drive("file=" + path);
    testing::internal::GetCapturedStderr();

    char sectors[1024] = "MAGIC";
    EXPECT_EQ(blk_pwrite(blk, 0, 512, sectors, 0), -EPERM);
    EXPECT_EQ(blk_pwrite(blk, 0, 1024, sectors, 0), -EPERM);
    EXPECT_EQ(blk_pwrite(blk, 0, 5, sectors, 0), -EPERM);
    EXPECT_EQ(blk_pwrite(blk, 512, 1024, sectors, 0), 0);
    strcpy(sectors, "plain");
    EXPECT_EQ(blk_pwrite(blk, 0, 1024, sectors, 0), 0);
    EXPECT_EQ(blk_pwrite(blk, 3, 2, "xx", 0), 0);
    EXPECT_EQ(read_file(path).substr(0, 5), "plaxx");

    // In pieces as well: the whole sector counts.
    EXPECT_EQ(blk_pwrite(blk, 0, 3, "MAG", 0), 0);
    EXPECT_EQ(blk_pwrite(blk, 3, 2, "IC", 0), -EPERM);
}

TEST_F(BlockOpen, NamedRawMayWriteSector0) {
    register_magic();
    BlockBackend *blk = open_drive("format=raw,file=" + make_image("d.img", 4096));
    char sector[512] = "MAGIC";
    EXPECT_EQ(blk_pwrite(blk, 0, 512, sector, 0), 0);
}

// --- whitelists

TEST(Whitelist, BothEmptyAllowEverything) {
    const char *const none[] = { nullptr };
    EXPECT_TRUE(whitelist_allows(none, none, "raw", false));
    EXPECT_TRUE(whitelist_allows(none, none, "raw", true));
}

TEST(Whitelist, ReadWriteListAllowsReadingToo) {
    const char *const rw[] = { "raw", "file", nullptr };
    const char *const ro[] = { "vmdk", nullptr };
    EXPECT_TRUE(whitelist_allows(rw, ro, "file", false));
    EXPECT_TRUE(whitelist_allows(rw, ro, "file", true));
    EXPECT_TRUE(whitelist_allows(rw, ro, "vmdk", true));
    EXPECT_FALSE(whitelist_allows(rw, ro, "vmdk", false));
    EXPECT_FALSE(whitelist_allows(rw, ro, "nbd", true));
    EXPECT_FALSE(whitelist_allows(rw, ro, "fil", true));
}

TEST(Whitelist, ReadOnlyListAloneForbidsWriting) {
    const char *const rw[] = { nullptr };
    const char *const ro[] = { "raw", nullptr };
    EXPECT_FALSE(whitelist_allows(rw, ro, "raw", false));
    EXPECT_TRUE(whitelist_allows(rw, ro, "raw", true));
    EXPECT_FALSE(whitelist_allows(rw, ro, "file", true));
}

TEST(Whitelist, SaysWhyNot) {
    const char *const rw[] = { "raw", nullptr };
    const char *const ro[] = { "vmdk", nullptr };
    Error *err = nullptr;
    EXPECT_TRUE(whitelist_check(rw, ro, "raw", false, &err));
    EXPECT_TRUE(whitelist_check(rw, ro, "vmdk", true, &err));
    EXPECT_EQ(err, nullptr);
    EXPECT_FALSE(whitelist_check(rw, ro, "vmdk", false, &err));
    EXPECT_STREQ(error_get_pretty(err), "Driver 'vmdk' can only be used for read-only devices");
    error_free(err);
    err = nullptr;
    EXPECT_FALSE(whitelist_check(rw, ro, "file", true, &err));
    EXPECT_STREQ(error_get_pretty(err), "Driver 'file' is not whitelisted");
    error_free(err);
}

TEST_F(BlockOpen, FormatNamesIncludeModules) {
    std::vector<std::string> names = bdrv_format_names(false);
    for (const char *name : { "file", "host_device", "null-co", "raw" }) {
        EXPECT_THAT(names, ::testing::Contains(name));
    }
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}
