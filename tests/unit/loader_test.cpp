// SPDX-License-Identifier: MIT
/* hw/core/loader and device_tree: what becomes of files, and of nodes. */
#include <cstring>
#include <fstream>
#include <string>

#include <elf.h>
#include <gtest/gtest.h>
#include <libfdt.h>
#include <unistd.h>

#include "hw/core/device_tree.h"
#include "hw/core/loader.h"
#include "util/error.h"

static constexpr hwaddr RAM = 0x80000000, RAM_END = RAM + (1 << 20);

class Loader : public testing::Test {
protected:
    std::string path = testing::TempDir() + "vl-image-" + std::to_string(getpid());
    LoadedImage image;

    void TearDown() override {
        rom_remove_all();
        unlink(path.c_str());
    }
    // "ok", or the error without the file's name.
    std::string load(const std::string &bytes, hwaddr flat_addr = RAM) {
        std::ofstream(path, std::ios::binary) << bytes;
        Error *err = nullptr;
        if (load_image("kernel", path, flat_addr, RAM, RAM_END, &image, &err)) return "ok";
        std::string text = error_get_pretty(err);
        error_free(err);
        std::string start = "could not load kernel '" + path + "': ";
        return text.starts_with(start) ? text.substr(start.size()) : text;
    }
};

template <typename T>
static std::string bytes_of(const T &value) {
    return std::string(reinterpret_cast<const char *>(&value), sizeof value);
}

// A program of one segment, `memsz` bytes at `addr`, four of them in the file.
static std::string make_elf(hwaddr addr, uint64_t memsz, uint16_t machine = EM_RISCV) {
    Elf64_Ehdr eh = {};
    memcpy(eh.e_ident, ELFMAG, SELFMAG);
    eh.e_ident[EI_CLASS] = ELFCLASS64;
    eh.e_ident[EI_DATA] = ELFDATA2LSB;
    eh.e_machine = machine;
    eh.e_entry = addr + 2;
    eh.e_phoff = sizeof eh;
    eh.e_phentsize = sizeof(Elf64_Phdr);
    eh.e_phnum = 1;
    Elf64_Phdr ph = {};
    ph.p_type = PT_LOAD;
    ph.p_offset = sizeof eh + sizeof ph;
    ph.p_paddr = addr;
    ph.p_filesz = 4;
    ph.p_memsz = memsz;
    return bytes_of(eh) + bytes_of(ph) + "code";
}

// The header of a Linux Image that wants `size` bytes of memory.
static std::string make_linux_image(uint64_t size) {
    std::string header(64, '\0');
    memcpy(&header[16], &size, sizeof size);
    memcpy(&header[56], "RSC\x05", 4);
    return header;
}

TEST_F(Loader, FlatFilesGoWhereTheyAreTold) {
    EXPECT_EQ(load("12345678", RAM + 0x1000), "ok");
    EXPECT_EQ(image.start, RAM + 0x1000);
    EXPECT_EQ(image.end, RAM + 0x1008);
    EXPECT_EQ(image.entry, RAM + 0x1000);
    EXPECT_FALSE(image.is_elf);
}

TEST_F(Loader, ElfFilesSayWhereTheyGo) {
    EXPECT_EQ(load(make_elf(RAM + 0x2000, 0x100)), "ok");
    EXPECT_EQ(image.start, RAM + 0x2000);
    EXPECT_EQ(image.end, RAM + 0x2100);
    EXPECT_EQ(image.entry, RAM + 0x2002);
    EXPECT_TRUE(image.is_elf);
}

TEST_F(Loader, BadElfFilesAreRefusedWithTheReason) {
    std::string elf = make_elf(RAM, 0x100);
    EXPECT_EQ(load(elf.substr(0, 20)), "The image is truncated");
    EXPECT_EQ(load(elf.substr(0, 80)), "The image is truncated: no program headers");
    EXPECT_EQ(load(elf.substr(0, elf.size() - 1)),
              "The image is truncated: a segment lies outside the file");
    EXPECT_EQ(load(make_elf(RAM, 0x100, EM_X86_64)), "The image is for another architecture");
    EXPECT_EQ(load(make_elf(RAM - 0x1000, 0x100)),
              "0x100 bytes at 0x7ffff000 do not fit into RAM (0x80000000-0x80100000)");
    EXPECT_EQ(load(make_elf(RAM, ~uint64_t{ 0 })),
              "0xffffffffffffffff bytes at 0x80000000 do not fit into RAM "
              "(0x80000000-0x80100000)");
}

TEST_F(Loader, ALinuxImageNeedsWhatItsHeaderSays) {
    EXPECT_EQ(load(make_linux_image(0x8000)), "ok");
    EXPECT_EQ(image.end, RAM + 0x8000) << "more than the file has";
    rom_remove_all();
    EXPECT_EQ(load(make_linux_image(2 << 20)),
              "0x200000 bytes at 0x80000000 do not fit into RAM (0x80000000-0x80100000)");
}

// An Image that is an EFI program as well, with one section of `size` bytes from offset 0x100.
static std::string make_efi_image(uint32_t size) {
    std::string image = make_linux_image(0x8000);
    uint32_t pe = 64, start = 0x100;
    memcpy(&image[60], &pe, sizeof pe);
    image.append("PE\0\0", 4).resize(start + size);
    image[pe + 6] = 1;   // section
    image[pe + 20] = 32; // bytes of optional header
    memcpy(&image[pe + 24 + 32 + 16], &size, sizeof size);
    memcpy(&image[pe + 24 + 32 + 20], &start, sizeof start);
    return image;
}

TEST_F(Loader, ATruncatedLinuxImageIsRefused) {
    std::string efi = make_efi_image(0x200);
    EXPECT_EQ(load(efi), "ok");
    rom_remove_all();
    for (size_t size : { efi.size() - 1, size_t{ 0x100 } }) {
        EXPECT_EQ(load(efi.substr(0, size)),
                  "The image is truncated: a section lies outside the file");
    }
    for (size_t size = 64; size < 160; size++) (void)load(efi.substr(0, size), RAM + size * 4096);
}

TEST_F(Loader, EmptyMissingAndOverlappingFiles) {
    EXPECT_EQ(load(""), "The file is empty");
    Error *err = nullptr;
    EXPECT_FALSE(load_raw("initrd", "/nonexistent", RAM, RAM_END, &image, &err));
    EXPECT_STREQ(error_get_pretty(err), "could not load initrd '/nonexistent': Could not open "
                                        "'/nonexistent': No such file or directory");
    error_free(err);
    EXPECT_EQ(load("1234"), "ok");
    EXPECT_EQ(load("1234", RAM + 2).find("ROM regions are overlapping"), 0u);
}

// --- device trees

TEST(DeviceTree, NodesAndPropertiesKeepTheirOrder) {
    DeviceTree dt;
    dt.add_node("/b");
    dt.add_node("/a");
    dt.add_node("/b/c");
    dt.set_cell("/b/c", "x", 0x01020304);
    dt.set_strings("/b", "compatible", { "one", "two" });
    dt.set_string("/b", "name2", "old");
    dt.set_string("/b", "name2", "new");
    std::vector<uint8_t> blob = dt.blob();
    ASSERT_EQ(fdt_check_full(blob.data(), blob.size()), 0);
    int b = fdt_first_subnode(blob.data(), 0);
    EXPECT_STREQ(fdt_get_name(blob.data(), b, nullptr), "b");
    EXPECT_EQ(fdt_stringlist_search(blob.data(), b, "compatible", "two"), 1);
    EXPECT_STREQ(static_cast<const char *>(fdt_getprop(blob.data(), b, "name2", nullptr)), "new");
    auto *cell = static_cast<const fdt32_t *>(
        fdt_getprop(blob.data(), fdt_path_offset(blob.data(), "/b/c"), "x", nullptr));
    ASSERT_NE(cell, nullptr);
    EXPECT_EQ(fdt32_to_cpu(*cell), 0x01020304u);
}

TEST(DeviceTree, ACopyHasAllOfIt) {
    std::vector<uint8_t> blob(4096);
    ASSERT_EQ(fdt_create(blob.data(), 4096), 0);
    fdt_add_reservemap_entry(blob.data(), 0x80000000, 0x1000);
    fdt_finish_reservemap(blob.data());
    fdt_begin_node(blob.data(), "");
    fdt_begin_node(blob.data(), "n@1");
    fdt_property_u32(blob.data(), "phandle", 7);
    fdt_end_node(blob.data());
    fdt_end_node(blob.data());
    ASSERT_EQ(fdt_finish(blob.data()), 0);
    DeviceTree dt(blob);
    EXPECT_TRUE(dt.has_node("/n@1"));
    EXPECT_FALSE(dt.has_node("/n@2"));
    EXPECT_EQ(dt.new_phandle(), 8u) << "behind the highest";
    std::vector<uint8_t> copy = dt.blob();
    uint64_t address = 0, size = 0;
    ASSERT_EQ(fdt_num_mem_rsv(copy.data()), 1);
    fdt_get_mem_rsv(copy.data(), 0, &address, &size);
    EXPECT_EQ(address, 0x80000000u);
    EXPECT_EQ(size, 0x1000u);
}

static std::vector<uint8_t> nested(int depth) {
    std::vector<uint8_t> blob(1 << 16);
    fdt_create(blob.data(), static_cast<int>(blob.size()));
    fdt_finish_reservemap(blob.data());
    for (int i = 0; i < depth; i++) fdt_begin_node(blob.data(), i ? "n" : "");
    for (int i = 0; i < depth; i++) fdt_end_node(blob.data());
    fdt_finish(blob.data());
    return blob;
}

TEST(DeviceTree, FilesAreCheckedBeforeTheyAreCopied) {
    EXPECT_TRUE(device_tree_check(nested(20)));
    EXPECT_FALSE(device_tree_check(nested(1000))) << "nested too deeply for our stack";
    EXPECT_FALSE(device_tree_check({}));
    EXPECT_FALSE(device_tree_check(std::vector<uint8_t>(100, 0xd0)));
}
