// SPDX-License-Identifier: MIT
/* Zfhmin: half precision as a format to keep values in, not to compute in.
 * Spec: unprivileged, chapter 22 */
#include "hw/cpu/insn_fp.h"

using fpu::Double;
using fpu::Half;
using fpu::Single;

// clang-format off
static constexpr InsnRow rows[] = {
    { "flh",      "....... ..... ..... 001 ..... 0000111", Format::F_I, exec_fload<Half> },
    { "fsh",      "....... ..... ..... 001 ..... 0100111", Format::S,   exec_fstore<Half> },
    { "fcvt.s.h", "0100000 00010 ..... ... ..... 1010011", Format::F_R, exec_cvt<Single, Half> },
    { "fcvt.h.s", "0100010 00000 ..... ... ..... 1010011", Format::F_R, exec_cvt<Half, Single> },
    { "fmv.x.h",  "1110010 00000 ..... 000 ..... 1010011", Format::R,   exec_fmv_to_x<Half> },
    { "fmv.h.x",  "1111010 00000 ..... 000 ..... 1010011", Format::F_R, exec_fmv_from_x<Half> },
};
// clang-format on
static_assert(insn_table_ok(rows));

// With D.
// clang-format off
static constexpr InsnRow d_rows[] = {
    { "fcvt.d.h", "0100001 00010 ..... ... ..... 1010011", Format::F_R, exec_cvt<Double, Half> },
    { "fcvt.h.d", "0100010 00001 ..... ... ..... 1010011", Format::F_R, exec_cvt<Half, Double> },
};
// clang-format on
static_assert(insn_table_ok(d_rows));

const InsnSet insn_zfhmin = { "zfhmin", rows, isa_set({ Ext::Zfhmin }) };
const InsnSet insn_zfhmin_d = { "zfhmin_d", d_rows, isa_set({ Ext::Zfhmin, Ext::D }) };
