// SPDX-License-Identifier: MIT
/* F: single precision. The rm field, or the last operand, is dots.
 * Spec:   unprivileged, chapter 20
 * In gdb: b exec_fsub<fpu::Single>     p *decode_row(0x003100d3) */
#include "hw/cpu/insn_fp.h"

using fpu::Single;

// clang-format off
static constexpr InsnRow rows[] = {
    { "flw",       "....... ..... ..... 010 ..... 0000111", Format::F_I, exec_fload<Single> },
    { "fsw",       "....... ..... ..... 010 ..... 0100111", Format::S,   exec_fstore<Single> },
    { "fmadd.s",   "..... 00 ..... ..... ... ..... 1000011", Format::F_R, exec_fmadd<Single> },
    { "fmsub.s",   "..... 00 ..... ..... ... ..... 1000111", Format::F_R, exec_fmsub<Single> },
    { "fnmsub.s",  "..... 00 ..... ..... ... ..... 1001011", Format::F_R, exec_fnmsub<Single> },
    { "fnmadd.s",  "..... 00 ..... ..... ... ..... 1001111", Format::F_R, exec_fnmadd<Single> },
    { "fadd.s",    "0000000 ..... ..... ... ..... 1010011", Format::F_R, exec_fadd<Single> },
    { "fsub.s",    "0000100 ..... ..... ... ..... 1010011", Format::F_R, exec_fsub<Single> },
    { "fmul.s",    "0001000 ..... ..... ... ..... 1010011", Format::F_R, exec_fmul<Single> },
    { "fdiv.s",    "0001100 ..... ..... ... ..... 1010011", Format::F_R, exec_fdiv<Single> },
    { "fsqrt.s",   "0101100 00000 ..... ... ..... 1010011", Format::F_R, exec_fsqrt<Single> },
    { "fsgnj.s",   "0010000 ..... ..... 000 ..... 1010011", Format::F_R, exec_fsgnj<Single> },
    { "fsgnjn.s",  "0010000 ..... ..... 001 ..... 1010011", Format::F_R, exec_fsgnjn<Single> },
    { "fsgnjx.s",  "0010000 ..... ..... 010 ..... 1010011", Format::F_R, exec_fsgnjx<Single> },
    { "fmin.s",    "0010100 ..... ..... 000 ..... 1010011", Format::F_R, exec_fmin<Single> },
    { "fmax.s",    "0010100 ..... ..... 001 ..... 1010011", Format::F_R, exec_fmax<Single> },
    { "feq.s",     "1010000 ..... ..... 010 ..... 1010011", Format::R,   exec_feq<Single> },
    { "flt.s",     "1010000 ..... ..... 001 ..... 1010011", Format::R,   exec_flt<Single> },
    { "fle.s",     "1010000 ..... ..... 000 ..... 1010011", Format::R,   exec_fle<Single> },
    { "fclass.s",  "1110000 00000 ..... 001 ..... 1010011", Format::R,   exec_fclass<Single> },
    { "fcvt.w.s",  "1100000 00000 ..... ... ..... 1010011", Format::R,   exec_to<i32, Single> },
    { "fcvt.wu.s", "1100000 00001 ..... ... ..... 1010011", Format::R,   exec_to<u32, Single> },
    { "fcvt.l.s",  "1100000 00010 ..... ... ..... 1010011", Format::R,   exec_to<i64, Single> },
    { "fcvt.lu.s", "1100000 00011 ..... ... ..... 1010011", Format::R,   exec_to<u64, Single> },
    { "fcvt.s.w",  "1101000 00000 ..... ... ..... 1010011", Format::F_R, exec_from<Single, i32> },
    { "fcvt.s.wu", "1101000 00001 ..... ... ..... 1010011", Format::F_R, exec_from<Single, u32> },
    { "fcvt.s.l",  "1101000 00010 ..... ... ..... 1010011", Format::F_R, exec_from<Single, i64> },
    { "fcvt.s.lu", "1101000 00011 ..... ... ..... 1010011", Format::F_R, exec_from<Single, u64> },
    { "fmv.x.w",   "1110000 00000 ..... 000 ..... 1010011", Format::R,   exec_fmv_to_x<Single> },
    { "fmv.w.x",   "1111000 00000 ..... 000 ..... 1010011", Format::F_R, exec_fmv_from_x<Single> },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_f = { "f", rows, isa_set({ Ext::F }) };
