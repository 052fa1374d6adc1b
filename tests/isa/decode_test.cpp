// SPDX-License-Identifier: MIT
/* The decode rows: their census, and which encodings are legal, against a list of the legal ones
 * that was written from the manual's opcode maps and knows nothing of the rows. */
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/isa/harness.h"

// --- the census

TEST(Decode, EveryRowDecodesToItself) {
    std::set<std::string> names;
    for (const InsnSet *set : insn_sets()) {
        for (const InsnRow &row : set->rows) {
            // every operand bit set satisfies the "not zero" fields, "not sp" included
            uint32_t ones = row.pattern.width == 16 ? 0xffff : 0xffffffff;
            uint32_t bits = row.pattern.match | (~row.pattern.mask & ones);
            EXPECT_EQ(decode_row(bits), &row) << row.name;
            EXPECT_TRUE(names.insert(row.name).second) << row.name << " stands twice";
        }
    }
}

TEST(Decode, RowsOfDifferentTablesAreDisjoint) {
    std::vector<const InsnRow *> all;
    for (const InsnSet *set : insn_sets()) {
        for (const InsnRow &row : set->rows) all.push_back(&row);
    }
    for (size_t a = 0; a < all.size(); a++) {
        for (size_t b = a + 1; b < all.size(); b++) {
            EXPECT_FALSE(all[a]->pattern.overlaps(all[b]->pattern))
                << all[a]->name << " and " << all[b]->name;
        }
    }
}

TEST(Decode, SetsHaveTheirInstructions) {
    std::map<std::string, size_t> sizes;
    for (const InsnSet *set : insn_sets()) sizes[set->name] = set->rows.size();
    std::map<std::string, size_t> expected = {
        { "rv64i", 53 }, { "m", 13 },     { "a", 22 },      { "c", 32 },       { "zicsr", 6 },
        { "priv", 4 },   { "zba", 8 },    { "zbb", 24 },    { "zbc", 3 },      { "zbs", 8 },
        { "zicond", 2 }, { "zcb", 7 },    { "zcb_zbb", 3 }, { "zcb_zba", 1 },  { "zcb_m", 1 },
        { "zicbom", 3 }, { "zicboz", 1 }, { "zacas", 3 },   { "zawrs", 2 },    { "f", 30 },
        { "d", 32 },     { "zcd", 4 },    { "zfhmin", 6 },  { "zfhmin_d", 2 }, { "zfa", 7 },
        { "zfa_d", 8 },  { "svinval", 3 }
    };
    EXPECT_EQ(sizes, expected);
}

// Without an extension, exactly its rows are gone.
TEST(Decode, ExtensionsFilterRows) {
    for (unsigned e = 0; e < static_cast<unsigned>(Ext::Count); e++) {
        IsaSet without = ISA_ALL & ~(IsaSet{ 1 } << e);
        for (const InsnSet *set : insn_sets()) {
            for (const InsnRow &row : set->rows) {
                bool there = decode_row(row.pattern.match | ~row.pattern.mask, without) == &row;
                EXPECT_EQ(there, !(set->needs >> e & 1)) << row.name << " without " << e;
            }
        }
    }
}

TEST(Decode, PatternsRefuseBadText) {
    EXPECT_FALSE(InsnPattern("0000000 ..... ..... 000 ..... 011001").ok); // 31 bits
    EXPECT_FALSE(InsnPattern("000 aabbccdd ... 00").ok);                  // too many letters
    EXPECT_FALSE(InsnPattern("000 ???????? ... 00").ok);
    EXPECT_TRUE(InsnPattern("000 aaaabbbb ... 00").ok);
}

TEST(Decode, PatternsProveDisjointness) {
    constexpr InsnPattern zero("000 00000000 ... 00"), nonzero("000 nnnnnnnn ... 00"),
        any("000 ........ ... 00"), other("001 ........ ... 00");
    static_assert(!zero.overlaps(nonzero) && !nonzero.overlaps(zero));
    static_assert(zero.overlaps(any) && any.overlaps(nonzero));
    static_assert(!any.overlaps(other));
    static_assert(!InsnPattern("011 n dddDd nnnnn 01").overlaps("011 n 00010 nnnnn 01"));
    static_assert(InsnPattern("011 n dddDd nnnnn 01").overlaps("011 n 00011 nnnnn 01"));
}

// --- the 32-bit space: what opcode, funct3 and funct7 say, with the other fields given

static bool legal_load(uint32_t f3) { return f3 <= 6; }
static bool legal_store(uint32_t f3) { return f3 <= 3; }
static bool legal_branch(uint32_t f3) { return f3 != 2 && f3 != 3; }
// Shifts: bclri, binvi, bseti and bexti, rori; rows of one operand: counts and extensions, orc.b,
// rev8.
static bool legal_op_imm(uint32_t f3, uint32_t f7, uint32_t rs2) {
    uint32_t f6 = f7 >> 1;
    if (f3 == 1) {
        if (f7 == 0x30) return rs2 <= 2 || rs2 == 4 || rs2 == 5;
        return f6 == 0 || f6 == 0x12 || f6 == 0x1a || f6 == 0x0a;
    }
    if (f3 != 5) return true;
    if ((f7 << 5 | rs2) == 0x287 || (f7 << 5 | rs2) == 0x6b8) return true;
    return f6 == 0 || f6 == 0x10 || f6 == 0x12 || f6 == 0x18;
}
static bool legal_op_imm_32(uint32_t f3, uint32_t f7, uint32_t rs2) {
    if (f3 == 0) return true;
    if (f3 == 1) return f7 == 0 || f7 >> 1 == 2 || (f7 == 0x30 && rs2 <= 2);
    return f3 == 5 && (f7 == 0 || f7 == 0x20 || f7 == 0x30);
}
static bool legal_op(uint32_t f3, uint32_t f7) {
    switch (f7) {
    case 0x00:
    case 0x01:
        return true;
    case 0x05:
        return f3 != 0; // clmul, clmulr, clmulh; min, minu, max, maxu
    case 0x07:
        return f3 == 5 || f3 == 7;
    case 0x10:
        return f3 == 2 || f3 == 4 || f3 == 6;
    case 0x14: // bset
    case 0x34: // binv
        return f3 == 1;
    case 0x20:
        return f3 == 0 || f3 >= 4;
    case 0x24: // bclr, bext
    case 0x30: // rol, ror
        return f3 == 1 || f3 == 5;
    default:
        return false;
    }
}
static bool legal_op_32(uint32_t f3, uint32_t f7, uint32_t rs2) {
    switch (f7) {
    case 0x00:
        return f3 == 0 || f3 == 1 || f3 == 5;
    case 0x01:
        return f3 == 0 || f3 >= 4;
    case 0x04:
        return f3 == 0 || (f3 == 4 && rs2 == 0); // add.uw, zext.h
    case 0x10:
        return f3 == 2 || f3 == 4 || f3 == 6;
    case 0x20:
        return f3 == 0 || f3 == 5;
    case 0x30:
        return f3 == 1 || f3 == 5;
    default:
        return false;
    }
}
static bool legal_amo(uint32_t f3, uint32_t f7, uint32_t rd, uint32_t rs2) {
    uint32_t f5 = f7 >> 2;
    if (f3 == 4) return f5 == 5 && !(rd & 1) && !(rs2 & 1); // amocas.q
    if (f3 != 2 && f3 != 3) return false;
    if (f5 == 2) return rs2 == 0;
    return f5 <= 5 || (f5 % 4 == 0); // 0, 1, 3, 4, 5 and 8, 12, ... 28
}
// fence, fence.i, cbo.inval, .clean, .flush and .zero
static bool legal_misc_mem(uint32_t bits, uint32_t f3) {
    uint32_t imm = bits >> 20;
    return f3 <= 1 || (f3 == 2 && (bits >> 7 & 31) == 0 && (imm <= 2 || imm == 4));
}
static bool legal_system(uint32_t bits, uint32_t f3, uint32_t f7) {
    if (f3 != 0) return f3 != 4;
    if (f7 == 0x09 || f7 == 0x0b) return (bits >> 7 & 31) == 0; // sfence.vma, sinval.vma
    if (bits == 0x18000073 || bits == 0x18100073) return true;  // sfence.w.inval, .inval.ir
    return bits == 0x00000073 || bits == 0x00100073 || bits == 0x10200073 || bits == 0x30200073 ||
           bits == 0x10500073 || bits == 0x00d00073 || bits == 0x01d00073;
}
// fcvt between formats, fround and froundnx: the lowest bits of funct7 are the format's number
// (single, double, half), rs2 is the other format's.
static bool legal_fcvt(uint32_t format, uint32_t rs2) {
    if (rs2 == 4 || rs2 == 5) return format < 2;
    return format < 3 && rs2 < 3 && rs2 != format;
}
static bool legal_fp(uint32_t f3, uint32_t f7, uint32_t rs2) {
    uint32_t format = f7 & 3;
    if (f7 >> 2 == 8) return legal_fcvt(format, rs2);
    if (format == 2) return (f7 >> 2 == 28 || f7 >> 2 == 30) && rs2 == 0 && f3 == 0; // fmv
    if (format == 3) return false;
    switch (f7 >> 2) {
    case 0:
    case 1:
    case 2:
    case 3:
        return true;
    case 4: // fsgnj
        return f3 <= 2;
    case 5: // fmin, fmax, fminm, fmaxm
        return f3 <= 3;
    case 11:
        return rs2 == 0; // fsqrt
    case 20:             // fle, flt, feq, fleq, fltq
        return f3 <= 2 || f3 == 4 || f3 == 5;
    case 24: // to an integer, and fcvtmod.w.d
        return rs2 <= 3 || (format == 1 && rs2 == 8 && f3 == 1);
    case 26:
        return rs2 <= 3;
    case 28: // fmv, fclass
        return rs2 == 0 && f3 <= 1;
    case 30: // fmv, fli
        return rs2 <= 1 && f3 == 0;
    default:
        return false;
    }
}
static bool legal(uint32_t bits) {
    uint32_t f3 = bits >> 12 & 7, f7 = bits >> 25, rs2 = bits >> 20 & 31, rd = bits >> 7 & 31;
    switch (bits & 0x7f) {
    case 0x03:
        return legal_load(f3);
    case 0x07:
    case 0x27:
        return f3 >= 1 && f3 <= 3;
    case 0x0f:
        return legal_misc_mem(bits, f3);
    case 0x13:
        return legal_op_imm(f3, f7, rs2);
    case 0x17:
    case 0x37:
    case 0x6f:
        return true;
    case 0x1b:
        return legal_op_imm_32(f3, f7, rs2);
    case 0x23:
        return legal_store(f3);
    case 0x2f:
        return legal_amo(f3, f7, rd, rs2);
    case 0x33:
        return legal_op(f3, f7);
    case 0x3b:
        return legal_op_32(f3, f7, rs2);
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f:
        return (f7 & 3) < 2;
    case 0x53:
        return legal_fp(f3, f7, rs2);
    case 0x63:
        return legal_branch(f3);
    case 0x67:
        return f3 == 0;
    case 0x73:
        return legal_system(bits, f3, f7);
    default:
        return false;
    }
}

// All of opcode, funct3 and funct7; rd, rs1 and rs2 at values that matter to some encoding.
TEST(Decode, MajorOpcodeSpace) {
    static constexpr uint32_t fields[][3] = {
        // rd, rs1, rs2
        { 0, 0, 0 }, { 1, 2, 3 },  { 31, 31, 31 }, { 0, 0, 1 },  { 0, 0, 2 }, { 0, 0, 5 },
        { 1, 0, 0 }, { 0, 1, 0 },  { 0, 7, 9 },    { 4, 5, 6 },  { 5, 6, 7 }, { 0, 0, 4 },
        { 0, 0, 7 }, { 0, 0, 24 }, { 0, 0, 13 },   { 0, 0, 29 }, { 0, 0, 8 },
    };
    unsigned wrong = 0;
    for (uint32_t key = 0; key < 1 << 17; key++) {
        for (const auto &f : fields) {
            uint32_t bits = (key & 0x7f) | (key >> 7 & 7) << 12 | (key >> 10) << 25 | f[0] << 7 |
                            f[1] << 15 | f[2] << 20;
            if (insn_is_compressed(bits)) continue;
            bool decoded = decode_row(bits) != nullptr;
            if (decoded != legal(bits) && wrong++ < 10) {
                ADD_FAILURE() << std::hex << bits << (decoded ? " is no" : " is an")
                              << " instruction";
            }
        }
    }
    EXPECT_EQ(wrong, 0u);
}

// --- the 16-bit space, whole

static std::string legal_zcb_memory(uint32_t bits) {
    bool bit6 = bits >> 6 & 1;
    switch (bits >> 10 & 7) {
    case 0:
        return "c.lbu";
    case 1:
        return bit6 ? "c.lh" : "c.lhu";
    case 2:
        return "c.sb";
    case 3:
        return bit6 ? "" : "c.sh";
    default:
        return "";
    }
}
static std::string legal_c0(uint32_t f3, uint32_t bits) {
    if (f3 == 0) return bits >> 5 & 0xff ? "c.addi4spn" : "";
    if (f3 == 4) return legal_zcb_memory(bits);
    const char *const names[] = { "", "c.fld", "c.lw", "c.ld", "", "c.fsd", "c.sw", "c.sd" };
    return names[f3];
}
static std::string legal_c1_alu(uint32_t bits) {
    static const char *const shifts[] = { "c.srli", "c.srai", "c.andi" };
    static const char *const arithmetic[] = { "c.sub",  "c.xor",  "c.or",  "c.and",
                                              "c.subw", "c.addw", "c.mul", "" };
    static const char *const unary[] = { "c.zext.b", "c.sext.b", "c.zext.h", "c.sext.h",
                                         "c.zext.w", "c.not",    "",         "" };
    uint32_t kind = bits >> 10 & 3;
    if ((bits >> 10 & 7) == 7 && (bits >> 5 & 3) == 3) return unary[bits >> 2 & 7];
    return kind < 3 ? shifts[kind] : arithmetic[(bits >> 12 & 1) * 4 + (bits >> 5 & 3)];
}
static std::string legal_c1(uint32_t f3, uint32_t bits) {
    uint32_t rd = bits >> 7 & 31;
    bool imm = bits & 0x107c;
    switch (f3) {
    case 0:
        return "c.addi";
    case 1:
        return rd ? "c.addiw" : "";
    case 2:
        return "c.li";
    case 3:
        return !imm ? "" : rd == 2 ? "c.addi16sp" : "c.lui";
    case 4:
        return legal_c1_alu(bits);
    case 5:
        return "c.j";
    case 6:
        return "c.beqz";
    default:
        return "c.bnez";
    }
}
static std::string legal_c2(uint32_t f3, uint32_t bits) {
    uint32_t rd = bits >> 7 & 31, rs2 = bits >> 2 & 31;
    bool bit12 = bits >> 12 & 1;
    switch (f3) {
    case 0:
        return "c.slli";
    case 1:
        return "c.fldsp";
    case 5:
        return "c.fsdsp";
    case 2:
        return rd ? "c.lwsp" : "";
    case 3:
        return rd ? "c.ldsp" : "";
    case 4:
        if (rs2) return bit12 ? "c.add" : "c.mv";
        if (!rd) return bit12 ? "c.ebreak" : "";
        return bit12 ? "c.jalr" : "c.jr";
    case 6:
        return "c.swsp";
    case 7:
        return "c.sdsp";
    default:
        return "";
    }
}

TEST(Decode, CompressedSpace) {
    unsigned wrong = 0;
    for (uint32_t bits = 0; bits < 1 << 16; bits++) {
        if (!insn_is_compressed(bits)) continue;
        uint32_t quadrant = bits & 3, f3 = bits >> 13;
        std::string want = quadrant == 0   ? legal_c0(f3, bits)
                           : quadrant == 1 ? legal_c1(f3, bits)
                                           : legal_c2(f3, bits);
        const InsnRow *row = decode_row(bits);
        std::string got = row ? row->name : "";
        if (got != want && wrong++ < 10) {
            ADD_FAILURE() << std::hex << bits << " is '" << got << "', not '" << want << "'";
        }
    }
    EXPECT_EQ(wrong, 0u);
}

// --- illegal encodings trap

// Every 16-bit word that is no instruction, and a 32-bit one of each major opcode that is none.
TEST(Decode, IllegalEncodingsTrapWithTheirBits) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    std::vector<uint32_t> words;
    for (uint32_t bits = 0; bits < 1 << 16; bits += 3) words.push_back(bits);
    for (uint32_t op = 3; op < 128; op += 4) words.push_back(0xfe00f000 | op | 0xfff << 7);
    unsigned tried = 0;
    for (uint32_t bits : words) {
        if (decode_row(bits)) continue;
        bench.load({ bits });
        ASSERT_EQ(bench.step(), 1u);
        ASSERT_EQ(cpu.mcause, CAUSE_ILLEGAL_INSTRUCTION) << std::hex << bits;
        ASSERT_EQ(cpu.mtval, bits);
        ASSERT_EQ(cpu.mepc, RAM_BASE);
        tried++;
    }
    EXPECT_GT(tried, 2000u);
}

// --- operands: immediates from the assembler's point of view

static DecodedInsn decoded(uint32_t bits) {
    DecodedInsn i;
    decode_insn(bits, &i);
    return i;
}

TEST(Decode, Immediates) {
    EXPECT_EQ(decoded(0x80000537).imm, INT32_MIN); // lui a0, 0x80000
    EXPECT_EQ(decoded(0x80050513).imm, -2048);     // addi a0, a0, -2048
    EXPECT_EQ(decoded(0x7ff50513).imm, 2047);
    EXPECT_EQ(decoded(0xfea53fa3).imm, -1);    // sd a0, -1(a0)
    EXPECT_EQ(decoded(0x7ea53fa3).imm, 2047);  // sd a0, 2047(a0)
    EXPECT_EQ(decoded(0x80000063).imm, -4096); // beq zero, zero, .-4096
    EXPECT_EQ(decoded(0x7e000fe3).imm, 4094);
    EXPECT_EQ(decoded(0x8000006f).imm, -1048576); // j .-1048576
    EXPECT_EQ(decoded(0x7ffff06f).imm, 1048574);
    EXPECT_EQ(decoded(0x03f51513).imm, 63);    // slli a0, a0, 63
    EXPECT_EQ(decoded(0xfff02573).imm, 0xfff); // csrr a0, 0xfff
    EXPECT_EQ(decoded(0xb001).imm, -2048);     // c.j .-2048
    EXPECT_EQ(decoded(0xaffd).imm, 2046);
    EXPECT_EQ(decoded(0xd101).imm, -256); // c.beqz a0, .-256
    EXPECT_EQ(decoded(0xcd7d).imm, 254);
}

TEST(Decode, WritesToX0GoToTheSink) {
    EXPECT_EQ(decoded(0x00000013).rd, REG_SINK);
    EXPECT_EQ(decoded(0x0001).rd, REG_SINK);
    EXPECT_EQ(decoded(0x00000513).rd, 10);
}
