// SPDX-License-Identifier: MIT
/* Zba, Zbb, Zbc, Zbs: bit manipulation; and Zicond.
 * Spec:   unprivileged, chapter 28 (B) and chapter 12 (Zicond)
 * In gdb: b exec_clmul     p zbb_rows[3] */
#include <algorithm>
#include <bit>

#include "hw/cpu/insn.h"

static uint32_t word1(const RISCVCPU &cpu, const DecodedInsn &i) {
    return static_cast<uint32_t>(rs1(cpu, i));
}
static int shift2(const RISCVCPU &cpu, const DecodedInsn &i) {
    return static_cast<int>(rs2(cpu, i) & 63);
}
static uint64_t count(int n) { return static_cast<uint64_t>(n); }

// --- Zba: addresses
void exec_add_uw(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = word1(cpu, i) + rs2(cpu, i); }
static void exec_slli_uw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = uint64_t{ word1(cpu, i) } << i.imm;
}
template <unsigned shift>
static void exec_shadd(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = (rs1(cpu, i) << shift) + rs2(cpu, i);
}
template <unsigned shift>
static void exec_shadd_uw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = (uint64_t{ word1(cpu, i) } << shift) + rs2(cpu, i);
}

// --- Zbb: logic with a complement
static void exec_andn(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) & ~rs2(cpu, i);
}
static void exec_orn(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) | ~rs2(cpu, i);
}
static void exec_xnor(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = ~(rs1(cpu, i) ^ rs2(cpu, i));
}

// --- Zbb: counting; a value of zero has as many zeros as bits
static void exec_clz(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::countl_zero(rs1(cpu, i)));
}
static void exec_ctz(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::countr_zero(rs1(cpu, i)));
}
static void exec_cpop(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::popcount(rs1(cpu, i)));
}
static void exec_clzw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::countl_zero(word1(cpu, i)));
}
static void exec_ctzw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::countr_zero(word1(cpu, i)));
}
static void exec_cpopw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = count(std::popcount(word1(cpu, i)));
}

// --- Zbb: the larger and the smaller
static void exec_max(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(std::max(signed_rs1(cpu, i), signed_rs2(cpu, i)));
}
static void exec_maxu(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = std::max(rs1(cpu, i), rs2(cpu, i));
}
static void exec_min(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(std::min(signed_rs1(cpu, i), signed_rs2(cpu, i)));
}
static void exec_minu(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = std::min(rs1(cpu, i), rs2(cpu, i));
}

// --- Zbb: extension
void exec_sext_b(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ static_cast<int8_t>(rs1(cpu, i)) });
}
void exec_sext_h(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ static_cast<int16_t>(rs1(cpu, i)) });
}
void exec_zext_h(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint16_t>(rs1(cpu, i));
}

// --- Zbb: rotation
static void exec_rol(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = std::rotl(rs1(cpu, i), shift2(cpu, i));
}
static void exec_ror(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = std::rotr(rs1(cpu, i), shift2(cpu, i));
}
static void exec_rori(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = std::rotr(rs1(cpu, i), i.imm);
}
static void exec_rolw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(std::rotl(word1(cpu, i), shift2(cpu, i) & 31));
}
static void exec_rorw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(std::rotr(word1(cpu, i), shift2(cpu, i) & 31));
}
static void exec_roriw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(std::rotr(word1(cpu, i), i.imm));
}

// --- Zbb: bytes
// Each byte becomes 0xff, unless it is 0: bit 7 of a byte's sum says so, and the carry never
// leaves the byte.
static void exec_orc_b(RISCVCPU &cpu, const DecodedInsn &i) {
    constexpr uint64_t LOW7 = 0x7f7f7f7f7f7f7f7f;
    uint64_t v = rs1(cpu, i);
    rd(cpu, i) = ((((v & LOW7) + LOW7) | v) >> 7 & 0x0101010101010101) * 0xff;
}
static void exec_rev8(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = __builtin_bswap64(rs1(cpu, i));
}

// --- Zbc: products without carries
static uint64_t carryless_low(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    for (; b; b &= b - 1) product ^= a << std::countr_zero(b);
    return product;
}
// Bits [126:63] of the product: bits [63:0] of the reversed operands' product, reversed.
static uint64_t carryless_reversed(uint64_t a, uint64_t b) {
    uint64_t product = 0;
    for (; b; b &= b - 1) product ^= a >> (63 - std::countr_zero(b));
    return product;
}
static void exec_clmul(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = carryless_low(rs1(cpu, i), rs2(cpu, i));
}
static void exec_clmulr(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = carryless_reversed(rs1(cpu, i), rs2(cpu, i));
}
static void exec_clmulh(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = carryless_reversed(rs1(cpu, i), rs2(cpu, i)) >> 1;
}

// --- Zbs: one bit
static uint64_t bit2(const RISCVCPU &cpu, const DecodedInsn &i) {
    return uint64_t{ 1 } << shift2(cpu, i);
}
static uint64_t bit_imm(const DecodedInsn &i) { return uint64_t{ 1 } << i.imm; }

static void exec_bclr(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) & ~bit2(cpu, i);
}
static void exec_binv(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) ^ bit2(cpu, i);
}
static void exec_bset(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) | bit2(cpu, i);
}
static void exec_bext(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) >> shift2(cpu, i) & 1;
}
static void exec_bclri(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) & ~bit_imm(i);
}
static void exec_binvi(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) ^ bit_imm(i);
}
static void exec_bseti(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) | bit_imm(i);
}
static void exec_bexti(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) >> i.imm & 1;
}

// --- Zicond
static void exec_czero_eqz(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs2(cpu, i) == 0 ? 0 : rs1(cpu, i);
}
static void exec_czero_nez(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs2(cpu, i) != 0 ? 0 : rs1(cpu, i);
}

// clang-format off
static constexpr InsnRow zba_rows[] = {
    { "add.uw",    "0000100 ..... ..... 000 ..... 0111011", Format::R,     exec_add_uw },
    { "slli.uw",   "000010 ...... ..... 001 ..... 0011011", Format::Shift, exec_slli_uw },
    { "sh1add",    "0010000 ..... ..... 010 ..... 0110011", Format::R,     exec_shadd<1> },
    { "sh2add",    "0010000 ..... ..... 100 ..... 0110011", Format::R,     exec_shadd<2> },
    { "sh3add",    "0010000 ..... ..... 110 ..... 0110011", Format::R,     exec_shadd<3> },
    { "sh1add.uw", "0010000 ..... ..... 010 ..... 0111011", Format::R,     exec_shadd_uw<1> },
    { "sh2add.uw", "0010000 ..... ..... 100 ..... 0111011", Format::R,     exec_shadd_uw<2> },
    { "sh3add.uw", "0010000 ..... ..... 110 ..... 0111011", Format::R,     exec_shadd_uw<3> },
};
static constexpr InsnRow zbb_rows[] = {
    { "andn",   "0100000 ..... ..... 111 ..... 0110011", Format::R,     exec_andn },
    { "orn",    "0100000 ..... ..... 110 ..... 0110011", Format::R,     exec_orn },
    { "xnor",   "0100000 ..... ..... 100 ..... 0110011", Format::R,     exec_xnor },
    { "clz",    "0110000 00000 ..... 001 ..... 0010011", Format::R,     exec_clz },
    { "ctz",    "0110000 00001 ..... 001 ..... 0010011", Format::R,     exec_ctz },
    { "cpop",   "0110000 00010 ..... 001 ..... 0010011", Format::R,     exec_cpop },
    { "clzw",   "0110000 00000 ..... 001 ..... 0011011", Format::R,     exec_clzw },
    { "ctzw",   "0110000 00001 ..... 001 ..... 0011011", Format::R,     exec_ctzw },
    { "cpopw",  "0110000 00010 ..... 001 ..... 0011011", Format::R,     exec_cpopw },
    { "max",    "0000101 ..... ..... 110 ..... 0110011", Format::R,     exec_max },
    { "maxu",   "0000101 ..... ..... 111 ..... 0110011", Format::R,     exec_maxu },
    { "min",    "0000101 ..... ..... 100 ..... 0110011", Format::R,     exec_min },
    { "minu",   "0000101 ..... ..... 101 ..... 0110011", Format::R,     exec_minu },
    { "sext.b", "0110000 00100 ..... 001 ..... 0010011", Format::R,     exec_sext_b },
    { "sext.h", "0110000 00101 ..... 001 ..... 0010011", Format::R,     exec_sext_h },
    { "zext.h", "0000100 00000 ..... 100 ..... 0111011", Format::R,     exec_zext_h },
    { "rol",    "0110000 ..... ..... 001 ..... 0110011", Format::R,     exec_rol },
    { "ror",    "0110000 ..... ..... 101 ..... 0110011", Format::R,     exec_ror },
    { "rori",   "011000 ...... ..... 101 ..... 0010011", Format::Shift, exec_rori },
    { "rolw",   "0110000 ..... ..... 001 ..... 0111011", Format::R,     exec_rolw },
    { "rorw",   "0110000 ..... ..... 101 ..... 0111011", Format::R,     exec_rorw },
    { "roriw",  "0110000 ..... ..... 101 ..... 0011011", Format::Shift, exec_roriw },
    { "orc.b",  "001010000111  ..... 101 ..... 0010011", Format::R,     exec_orc_b },
    { "rev8",   "011010111000  ..... 101 ..... 0010011", Format::R,     exec_rev8 },
};
static constexpr InsnRow zbc_rows[] = {
    { "clmul",  "0000101 ..... ..... 001 ..... 0110011", Format::R, exec_clmul },
    { "clmulr", "0000101 ..... ..... 010 ..... 0110011", Format::R, exec_clmulr },
    { "clmulh", "0000101 ..... ..... 011 ..... 0110011", Format::R, exec_clmulh },
};
static constexpr InsnRow zbs_rows[] = {
    { "bclr",  "0100100 ..... ..... 001 ..... 0110011", Format::R,     exec_bclr },
    { "bclri", "010010 ...... ..... 001 ..... 0010011", Format::Shift, exec_bclri },
    { "bext",  "0100100 ..... ..... 101 ..... 0110011", Format::R,     exec_bext },
    { "bexti", "010010 ...... ..... 101 ..... 0010011", Format::Shift, exec_bexti },
    { "binv",  "0110100 ..... ..... 001 ..... 0110011", Format::R,     exec_binv },
    { "binvi", "011010 ...... ..... 001 ..... 0010011", Format::Shift, exec_binvi },
    { "bset",  "0010100 ..... ..... 001 ..... 0110011", Format::R,     exec_bset },
    { "bseti", "001010 ...... ..... 001 ..... 0010011", Format::Shift, exec_bseti },
};
static constexpr InsnRow zicond_rows[] = {
    { "czero.eqz", "0000111 ..... ..... 101 ..... 0110011", Format::R, exec_czero_eqz },
    { "czero.nez", "0000111 ..... ..... 111 ..... 0110011", Format::R, exec_czero_nez },
};
// clang-format on
static_assert(insn_table_ok(zba_rows) && insn_table_ok(zbb_rows) && insn_table_ok(zbc_rows) &&
              insn_table_ok(zbs_rows) && insn_table_ok(zicond_rows));

const InsnSet insn_zba = { "zba", zba_rows, isa_set({ Ext::Zba }) };
const InsnSet insn_zbb = { "zbb", zbb_rows, isa_set({ Ext::Zbb }) };
const InsnSet insn_zbc = { "zbc", zbc_rows, isa_set({ Ext::Zbc }) };
const InsnSet insn_zbs = { "zbs", zbs_rows, isa_set({ Ext::Zbs }) };
const InsnSet insn_zicond = { "zicond", zicond_rows, isa_set({ Ext::Zicond }) };
