// SPDX-License-Identifier: MIT
/* Walks the register table of every chip that has one: reset values, rights, widths, holes. */
#include "tests/device/chip.h"

struct ChipCase {
    const char *type;
    Chip::Props props;
};

static std::ostream &operator<<(std::ostream &out, const ChipCase &c) { return out << c.type; }

class Registers : public testing::TestWithParam<ChipCase> {
protected:
    Chip chip{ GetParam().type, GetParam().props };
    unsigned width = chip.ops()->max_access_size;

    uint64_t ones() const { return ~uint64_t{ 0 } >> (64 - 8 * width); }
};

TEST_P(Registers, StoredOnesResetToTheirRow) {
    const RegisterNames &names = chip.registers();
    for (size_t i = 0; i < names.count; i++) {
        const RegisterName &r = names.rows[i];
        if (!(r.access & RO) || !r.plain_read) continue;
        EXPECT_EQ(chip.read(r.offset, width), r.reset) << r.name;
        if (r.access == RW && r.plain_write) {
            chip.write(r.offset, 0x5a, width);
            EXPECT_EQ(chip.read(r.offset, width), 0x5au) << r.name;
            chip.reset();
            EXPECT_EQ(chip.read(r.offset, width), r.reset) << r.name;
        }
    }
}

TEST_P(Registers, ReadOnlyOnesKeepTheirValueAndSayWhy) {
    const RegisterNames &names = chip.registers();
    for (size_t i = 0; i < names.count; i++) {
        const RegisterName &r = names.rows[i];
        if (r.access != RO) continue;
        uint64_t before = chip.read(r.offset, width);
        LogCapture log;
        chip.write(r.offset, ones() & ~before, width);
        EXPECT_EQ(log.lines(), 1u) << r.name;
        EXPECT_NE(log.text().find(r.name), std::string::npos) << log.text();
        EXPECT_EQ(chip.read(r.offset, width), before) << r.name;
    }
}

TEST_P(Registers, WriteOnlyOnesReadAsZero) {
    const RegisterNames &names = chip.registers();
    for (size_t i = 0; i < names.count; i++) {
        const RegisterName &r = names.rows[i];
        if (r.access != WO) continue;
        LogCapture log;
        EXPECT_EQ(chip.read(r.offset, width), 0u) << r.name;
        EXPECT_EQ(log.lines(), 1u) << r.name;
    }
}

TEST_P(Registers, OtherWidthsAreRefused) {
    for (unsigned size : { 1u, 2u, 4u, 8u }) {
        bool allowed = size >= chip.ops()->min_access_size && size <= width;
        MemTxResult expected = allowed ? MEMTX_OK : MEMTX_ERROR;
        hwaddr offset = chip.registers().rows[0].offset;
        EXPECT_EQ(chip.try_read(offset, size), expected) << size;
        if (allowed) continue;
        EXPECT_EQ(chip.try_write(offset, 0, size), expected) << size;
    }
}

TEST_P(Registers, HolesReadAsZero) {
    const RegisterNames &names = chip.registers();
    uint64_t size = address_space_lookup(&address_space_memory, Chip::BASE)->mr->size;
    size_t row = 0;
    for (hwaddr offset = 0; offset < std::min<uint64_t>(size, 0x200); offset += width) {
        if (row < names.count && names.rows[row].offset == offset) {
            row++;
            continue;
        }
        LogCapture log;
        EXPECT_EQ(chip.read(offset, width), 0u) << offset;
        chip.write(offset, 1, width);
        EXPECT_EQ(log.lines(), 2u) << offset;
    }
    EXPECT_EQ(row, names.count);
}

INSTANTIATE_TEST_SUITE_P(Chips, Registers,
                         testing::Values(ChipCase{ "goldfish_rtc", {} }, ChipCase{ "ns16550a", {} },
                                         ChipCase{ "riscv.sifive.test", {} },
                                         ChipCase{ "toy-fb", {} }, ChipCase{ "virtio-mmio", {} },
                                         ChipCase{ "virtio-mmio", { { "force-legacy", "on" } } }),
                         [](const testing::TestParamInfo<ChipCase> &info) {
                             std::string name =
                                 info.param.type +
                                 std::string(info.param.props.empty() ? "" : "_legacy");
                             for (char &c : name)
                                 c = isalnum(static_cast<unsigned char>(c)) ? c : '_';
                             return name;
                         });
