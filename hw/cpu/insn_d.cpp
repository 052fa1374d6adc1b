// SPDX-License-Identifier: MIT
/* D: double precision; and Zcd, the 16-bit encodings that come with C and D together.
 * Spec: unprivileged, chapters 21 and 27 */
#include "hw/cpu/insn_fp.h"

using fpu::Double;
using fpu::Single;

// clang-format off
static constexpr InsnRow rows[] = {
    { "fld",       "....... ..... ..... 011 ..... 0000111", Format::F_I, exec_fload<Double> },
    { "fsd",       "....... ..... ..... 011 ..... 0100111", Format::S,   exec_fstore<Double> },
    { "fmadd.d",   "..... 01 ..... ..... ... ..... 1000011", Format::F_R, exec_fmadd<Double> },
    { "fmsub.d",   "..... 01 ..... ..... ... ..... 1000111", Format::F_R, exec_fmsub<Double> },
    { "fnmsub.d",  "..... 01 ..... ..... ... ..... 1001011", Format::F_R, exec_fnmsub<Double> },
    { "fnmadd.d",  "..... 01 ..... ..... ... ..... 1001111", Format::F_R, exec_fnmadd<Double> },
    { "fadd.d",    "0000001 ..... ..... ... ..... 1010011", Format::F_R, exec_fadd<Double> },
    { "fsub.d",    "0000101 ..... ..... ... ..... 1010011", Format::F_R, exec_fsub<Double> },
    { "fmul.d",    "0001001 ..... ..... ... ..... 1010011", Format::F_R, exec_fmul<Double> },
    { "fdiv.d",    "0001101 ..... ..... ... ..... 1010011", Format::F_R, exec_fdiv<Double> },
    { "fsqrt.d",   "0101101 00000 ..... ... ..... 1010011", Format::F_R, exec_fsqrt<Double> },
    { "fsgnj.d",   "0010001 ..... ..... 000 ..... 1010011", Format::F_R, exec_fsgnj<Double> },
    { "fsgnjn.d",  "0010001 ..... ..... 001 ..... 1010011", Format::F_R, exec_fsgnjn<Double> },
    { "fsgnjx.d",  "0010001 ..... ..... 010 ..... 1010011", Format::F_R, exec_fsgnjx<Double> },
    { "fmin.d",    "0010101 ..... ..... 000 ..... 1010011", Format::F_R, exec_fmin<Double> },
    { "fmax.d",    "0010101 ..... ..... 001 ..... 1010011", Format::F_R, exec_fmax<Double> },
    { "fcvt.s.d",  "0100000 00001 ..... ... ..... 1010011", Format::F_R, exec_cvt<Single, Double> },
    { "fcvt.d.s",  "0100001 00000 ..... ... ..... 1010011", Format::F_R, exec_cvt<Double, Single> },
    { "feq.d",     "1010001 ..... ..... 010 ..... 1010011", Format::R,   exec_feq<Double> },
    { "flt.d",     "1010001 ..... ..... 001 ..... 1010011", Format::R,   exec_flt<Double> },
    { "fle.d",     "1010001 ..... ..... 000 ..... 1010011", Format::R,   exec_fle<Double> },
    { "fclass.d",  "1110001 00000 ..... 001 ..... 1010011", Format::R,   exec_fclass<Double> },
    { "fcvt.w.d",  "1100001 00000 ..... ... ..... 1010011", Format::R,   exec_to<i32, Double> },
    { "fcvt.wu.d", "1100001 00001 ..... ... ..... 1010011", Format::R,   exec_to<u32, Double> },
    { "fcvt.l.d",  "1100001 00010 ..... ... ..... 1010011", Format::R,   exec_to<i64, Double> },
    { "fcvt.lu.d", "1100001 00011 ..... ... ..... 1010011", Format::R,   exec_to<u64, Double> },
    { "fcvt.d.w",  "1101001 00000 ..... ... ..... 1010011", Format::F_R, exec_from<Double, i32> },
    { "fcvt.d.wu", "1101001 00001 ..... ... ..... 1010011", Format::F_R, exec_from<Double, u32> },
    { "fcvt.d.l",  "1101001 00010 ..... ... ..... 1010011", Format::F_R, exec_from<Double, i64> },
    { "fcvt.d.lu", "1101001 00011 ..... ... ..... 1010011", Format::F_R, exec_from<Double, u64> },
    { "fmv.x.d",   "1110001 00000 ..... 000 ..... 1010011", Format::R,   exec_fmv_to_x<Double> },
    { "fmv.d.x",   "1111001 00000 ..... 000 ..... 1010011", Format::F_R, exec_fmv_from_x<Double> },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_d = { "d", rows, isa_set({ Ext::D }) };

// clang-format off
static constexpr InsnRow compressed_rows[] = {
    { "c.fld",   "001 ... ... .. ... 00", Format::CL_LD,    exec_fload<Double> },
    { "c.fsd",   "101 ... ... .. ... 00", Format::CS_SD,    exec_fstore<Double> },
    { "c.fldsp", "001 . ..... ..... 10", Format::CI_FLDSP, exec_fload<Double> },
    { "c.fsdsp", "101 ...... ..... 10", Format::CSS_SDSP, exec_fstore<Double> },
};
// clang-format on
static_assert(insn_table_ok(compressed_rows));

const InsnSet insn_zcd = { "zcd", compressed_rows, isa_set({ Ext::C, Ext::D }) };
