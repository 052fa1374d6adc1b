// SPDX-License-Identifier: MIT
/* Zicbom and Zicboz: operations on a cache block. There is no cache, so managing one checks the
 * rights to it and does nothing. (Zicbop's prefetches are hints: encodings of ori to x0.)
 * Spec: unprivileged, chapter 19 (CMO); its table of exceptions by menvcfg and senvcfg */
#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

static constexpr uint64_t BLOCK_OFFSET = CACHE_BLOCK_SIZE - 1;

// Below M mode the machine must allow it, in U mode the supervisor too.
static void check_enabled(RISCVCPU &cpu, const DecodedInsn &i, uint64_t field) {
    bool m_lets = cpu.priv == PRV_M || (cpu.menvcfg & field);
    bool s_lets = cpu.priv != PRV_U || (cpu.senvcfg & field);
    if (!m_lets || !s_lets) raise_illegal(cpu, i);
}

template <uint64_t field> // of envcfg
static void exec_manage(RISCVCPU &cpu, const DecodedInsn &i) {
    check_enabled(cpu, i, field);
    check_cache_block(cpu, i, rs1(cpu, i) & ~BLOCK_OFFSET);
}
// Stores of 8 bytes: other harts may see some of the block before the rest (19.3).
static void exec_zero(RISCVCPU &cpu, const DecodedInsn &i) {
    check_enabled(cpu, i, ENVCFG_CBZE);
    uint64_t block = rs1(cpu, i) & ~BLOCK_OFFSET;
    for (uint64_t n = 0; n < CACHE_BLOCK_SIZE; n += 8) store<uint64_t>(cpu, i, block + n, 0);
}

// clang-format off
static constexpr InsnRow zicbom_rows[] = {
    { "cbo.inval", "000000000000 ..... 010 00000 0001111", Format::R, exec_manage<ENVCFG_CBIE> },
    { "cbo.clean", "000000000001 ..... 010 00000 0001111", Format::R, exec_manage<ENVCFG_CBCFE> },
    { "cbo.flush", "000000000010 ..... 010 00000 0001111", Format::R, exec_manage<ENVCFG_CBCFE> },
};
static constexpr InsnRow zicboz_rows[] = {
    { "cbo.zero",  "000000000100 ..... 010 00000 0001111", Format::R, exec_zero },
};
// clang-format on
static_assert(insn_table_ok(zicbom_rows) && insn_table_ok(zicboz_rows));

const InsnSet insn_zicbom = { "zicbom", zicbom_rows, isa_set({ Ext::Zicbom }) };
const InsnSet insn_zicboz = { "zicboz", zicboz_rows, isa_set({ Ext::Zicboz }) };
