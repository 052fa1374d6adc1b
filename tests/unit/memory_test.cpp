// SPDX-License-Identifier: MIT
/* hw/core/memory: the flat view, rights and widths, copies, dirty pages. */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "hw/core/memory.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

static std::string events;

static MemTxResult echo_read(void *opaque, hwaddr addr, uint64_t *value, unsigned size) {
    events += "r" + std::to_string(size);
    *value = reinterpret_cast<uintptr_t>(opaque) + addr;
    return MEMTX_OK;
}
static MemTxResult echo_write(void *, hwaddr addr, uint64_t value, unsigned size) {
    events += "w" + std::to_string(size) + "@" + std::to_string(addr) + "=" + std::to_string(value);
    return MEMTX_OK;
}
static constexpr MemoryRegionOps any_width = { echo_read, echo_write };
static constexpr MemoryRegionOps words_only = { echo_read, echo_write, 4, 4 };

struct Memory : testing::Test {
    MemoryRegion root, ram, rom, io, cover;
    AddressSpace as;

    static void SetUpTestSuite() { module_call_init(MODULE_INIT_QOM); }
    void SetUp() override {
        events.clear();
        memory_region_init(&root, nullptr, "root", 1 << 30);
        ASSERT_TRUE(memory_region_init_ram(&ram, nullptr, "ram", 0x4000, &error_abort));
        ASSERT_TRUE(memory_region_init_rom(&rom, nullptr, "rom", 0x1000, &error_abort));
        memory_region_init_io(&io, nullptr, &words_only, nullptr, "io", 0x100);
        address_space_init(&as, &root, "test");
        memory_region_add_subregion(&root, 0x1000, &ram);
        memory_region_add_subregion(&root, 0x8000, &rom);
        memory_region_add_subregion(&root, 0x9000, &io);
    }
    void TearDown() override { address_space_destroy(&as); }

    MemTxResult load(hwaddr addr, unsigned size, uint64_t *value) {
        return address_space_load(&as, addr, value, size);
    }
};

TEST_F(Memory, AnswersWhereSomethingIs) {
    uint64_t value = 0;
    EXPECT_EQ(address_space_store(&as, 0x1008, 0x1122334455667788, 8), MEMTX_OK);
    EXPECT_EQ(load(0x1008, 8, &value), MEMTX_OK);
    EXPECT_EQ(value, 0x1122334455667788u);
    EXPECT_EQ(load(0x100a, 2, &value), MEMTX_OK);
    EXPECT_EQ(value, 0x5566u);
    EXPECT_EQ(load(0x0ff8, 8, &value), MEMTX_DECODE_ERROR);
    EXPECT_EQ(load(0x5000, 1, &value), MEMTX_DECODE_ERROR);
}

TEST_F(Memory, WidthsAndAlignmentAreTheBuss) {
    uint64_t value = 0;
    EXPECT_EQ(load(0x9004, 4, &value), MEMTX_OK);
    EXPECT_EQ(value, 4u);
    EXPECT_EQ(load(0x9004, 2, &value), MEMTX_ERROR);
    EXPECT_EQ(load(0x9000, 8, &value), MEMTX_ERROR);
    EXPECT_EQ(load(0x9002, 4, &value), MEMTX_ERROR);
    EXPECT_EQ(events, "r4") << "the device sees only what its data sheet allows";
}

TEST_F(Memory, RomIsWrittenByTheLoaderOnly) {
    uint64_t value = 0;
    EXPECT_EQ(address_space_store(&as, 0x8000, 1, 4), MEMTX_OK);
    EXPECT_EQ(load(0x8000, 4, &value), MEMTX_OK);
    EXPECT_EQ(value, 0u);
    uint32_t word = 7;
    EXPECT_EQ(address_space_write_rom(&as, 0x8000, &word, 4), MEMTX_OK);
    EXPECT_EQ(load(0x8000, 4, &value), MEMTX_OK);
    EXPECT_EQ(value, 7u);
}

TEST_F(Memory, TheHigherPriorityCovers) {
    memory_region_init_io(&cover, nullptr, &any_width, nullptr, "cover", 0x1000);
    memory_region_add_subregion_overlap(&root, 0x2000, &cover, 1);
    ASSERT_EQ(as.view->ranges.size(), 5u);
    EXPECT_EQ(address_space_lookup(&as, 0x1fff)->mr, &ram);
    EXPECT_EQ(address_space_lookup(&as, 0x2000)->mr, &cover);
    const FlatRange *behind = address_space_lookup(&as, 0x3000);
    EXPECT_EQ(behind->mr, &ram);
    EXPECT_EQ(behind->offset, 0x2000u) << "the RAM goes on where it would have been";
    memory_region_del_subregion(&root, &cover);
    EXPECT_EQ(as.view->ranges.size(), 3u);
}

TEST_F(Memory, CopiesCrossRegionsInWidthsTheyTake) {
    uint8_t data[8] = { 1, 0, 0, 0, 2, 0, 0, 0 };
    EXPECT_EQ(address_space_write(&as, 0x9008, data, 8), MEMTX_OK);
    EXPECT_EQ(events, "w4@8=1w4@12=2");
    EXPECT_EQ(address_space_write(&as, 0x4ffc, data, 8), MEMTX_DECODE_ERROR)
        << "the end of RAM; nothing behind it";
}

TEST_F(Memory, DmaMapsRamAndOnlyRam) {
    uint64_t len = 0x10000;
    auto *host = static_cast<uint8_t *>(address_space_map(&as, 0x1800, &len, true));
    ASSERT_NE(host, nullptr);
    EXPECT_EQ(len, 0x4000u - 0x800u) << "to the end of the region";
    EXPECT_EQ(host, ram.ram->host + 0x800);
    len = 4;
    EXPECT_EQ(address_space_map(&as, 0x9000, &len, false), nullptr);
    EXPECT_EQ(address_space_map(&as, 0x8000, &len, true), nullptr);
    EXPECT_NE(address_space_map(&as, 0x8000, &len, false), nullptr);
}

TEST_F(Memory, DirtyPagesAreTheWrittenOnes) {
    memory_region_set_log(&ram, true);
    EXPECT_FALSE(memory_region_snapshot_and_clear_dirty(&ram, 0, 0x4000));
    address_space_store(&as, 0x2ffc, 1, 4);
    EXPECT_FALSE(memory_region_snapshot_and_clear_dirty(&ram, 0, 0x1000));
    EXPECT_TRUE(memory_region_snapshot_and_clear_dirty(&ram, 0x1ff0, 0x10));
    EXPECT_FALSE(memory_region_snapshot_and_clear_dirty(&ram, 0, 0x4000)) << "it was cleared";
    uint64_t len = 1;
    void *host = address_space_map(&as, 0x4000, &len, true);
    address_space_unmap(&as, host, 0x4000, len, true);
    EXPECT_TRUE(memory_region_snapshot_and_clear_dirty(&ram, 0x3000, 0x1000)) << "by DMA";
}

static void code_written(void *opaque, RAMBlock *, uint64_t offset, uint64_t) {
    *static_cast<uint64_t *>(opaque) = offset;
}

TEST_F(Memory, WritesToCodeAreTold) {
    uint64_t seen = 0;
    memory_set_code_write_notify(code_written, &seen);
    address_space_store(&as, 0x1010, 1, 4);
    EXPECT_EQ(seen, 0u) << "no code there";
    ram.ram->page_flags[0] = RAMBlock::CODE;
    address_space_store(&as, 0x1010, 1, 4);
    EXPECT_EQ(seen, 0x10u);
    memory_set_code_write_notify(nullptr, nullptr);
}

TEST(MemoryErrors, TooMuchRamIsASentence) {
    module_call_init(MODULE_INIT_QOM);
    MemoryRegion mr;
    Error *err = nullptr;
    EXPECT_FALSE(memory_region_init_ram(&mr, nullptr, "huge", uint64_t{ 1 } << 60, &err));
    EXPECT_EQ(std::string(error_get_pretty(err)).find("cannot set up guest memory 'huge': "), 0u);
    error_free(err);
}
