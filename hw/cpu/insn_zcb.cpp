// SPDX-License-Identifier: MIT
/* Zcb: more 16-bit encodings. Those that stand for another extension's instruction need that one.
 * Spec: unprivileged, chapter 29 (Zc) */
#include "hw/cpu/insn.h"

static void exec_zext_b(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint8_t>(rs1(cpu, i));
}
static void exec_not(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = ~rs1(cpu, i); }

// clang-format off
static constexpr InsnRow rows[] = {
    { "c.lbu",    "100 000 ... .. ... 00",   Format::CL_LB, exec_lbu },
    { "c.lhu",    "100 001 ... 0 . ... 00",  Format::CL_LH, exec_lhu },
    { "c.lh",     "100 001 ... 1 . ... 00",  Format::CL_LH, exec_lh },
    { "c.sb",     "100 010 ... .. ... 00",   Format::CS_SB, exec_sb },
    { "c.sh",     "100 011 ... 0 . ... 00",  Format::CS_SH, exec_sh },
    { "c.zext.b", "100 111 ... 11 000 01",   Format::CU,    exec_zext_b },
    { "c.not",    "100 111 ... 11 101 01",   Format::CU,    exec_not },
};
static constexpr InsnRow zbb_rows[] = {
    { "c.sext.b", "100 111 ... 11 001 01",   Format::CU,    exec_sext_b },
    { "c.zext.h", "100 111 ... 11 010 01",   Format::CU,    exec_zext_h },
    { "c.sext.h", "100 111 ... 11 011 01",   Format::CU,    exec_sext_h },
};
static constexpr InsnRow zba_rows[] = {
    { "c.zext.w", "100 111 ... 11 100 01",   Format::CU,    exec_add_uw }, // of x0 as rs2
};
static constexpr InsnRow m_rows[] = {
    { "c.mul",    "100 111 ... 10 ... 01",   Format::CA,    exec_mul },
};
// clang-format on
static_assert(insn_table_ok(rows) && insn_table_ok(zbb_rows) && insn_table_ok(zba_rows) &&
              insn_table_ok(m_rows));

const InsnSet insn_zcb = { "zcb", rows, isa_set({ Ext::Zcb }) };
const InsnSet insn_zcb_zbb = { "zcb_zbb", zbb_rows, isa_set({ Ext::Zcb, Ext::Zbb }) };
const InsnSet insn_zcb_zba = { "zcb_zba", zba_rows, isa_set({ Ext::Zcb, Ext::Zba }) };
const InsnSet insn_zcb_m = { "zcb_m", m_rows, isa_set({ Ext::Zcb, Ext::M }) };
