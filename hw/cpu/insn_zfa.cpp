// SPDX-License-Identifier: MIT
/* Zfa: constants, rounding to integers, and comparisons and minima with other NaN rules, for F and
 * D (half precision would need Zfh).
 * Spec: unprivileged, chapter 23 */
#include <bit>
#include <limits>

#include "hw/cpu/insn_fp.h"

using fpu::Double;
using fpu::Single;

// Table 24's constants, by the field of rs1; three of them are the format's own.
static constexpr unsigned SMALLEST_NORMAL = 1, INFINITE = 30, CANONICAL_NAN = 31;
static constexpr float constants[32] = {
    -1.0f,   0.0f, 0x1p-16f, 0x1p-15f, 0x1p-8f, 0x1p-7f, 0.0625f,  0.125f,   0.25f, 0.3125f, 0.375f,
    0.4375f, 0.5f, 0.625f,   0.75f,    0.875f,  1.0f,    1.25f,    1.5f,     1.75f, 2.0f,    2.5f,
    3.0f,    4.0f, 8.0f,     16.0f,    128.0f,  256.0f,  32768.0f, 65536.0f, 0.0f,  0.0f,
};

template <typename F>
static void exec_fli(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    fpu::Bits<F> v = std::bit_cast<fpu::Bits<F>>(typename F::Host{ constants[i.rs1] });
    if (i.rs1 == SMALLEST_NORMAL) v = F::FRACTION + 1;
    if (i.rs1 == INFINITE) v = F::INF;
    if (i.rs1 == CANONICAL_NAN) v = F::QNAN;
    write_f<F>(cpu, i, v);
}

// Inexact is not a matter of fround's: only invalid is.
template <typename F>
static void exec_fround(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    uint64_t flags = 0;
    write_f<F>(cpu, i, fpu::round_to_integral<F>(fs1<F>(cpu, i), rm, flags));
    cpu.fflags |= flags & fpu::NV;
}
template <typename F>
static void exec_froundnx(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i, fpu::round_to_integral<F>(fs1<F>(cpu, i), rm, cpu.fflags));
}
template <typename F>
static constexpr ExecFn exec_fminm = exec_fminmax<F, fpu::minm<F>>;
template <typename F>
static constexpr ExecFn exec_fmaxm = exec_fminmax<F, fpu::maxm<F>>;
template <typename F>
static constexpr ExecFn exec_fleq = exec_fcompare<F, fpu::le_quiet<F>>;
template <typename F>
static constexpr ExecFn exec_fltq = exec_fcompare<F, fpu::lt_quiet<F>>;

static void exec_fcvtmod(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    uint64_t flags = 0;
    int32_t v = fpu::to_int_modular(fs1<Double>(cpu, i), flags);
    write_x(cpu, i, as_x(v), flags);
}

// clang-format off
static constexpr InsnRow rows[] = {
    { "fli.s",      "1111000 00001 ..... 000 ..... 1010011", Format::F_R, exec_fli<Single> },
    { "fminm.s",    "0010100 ..... ..... 010 ..... 1010011", Format::F_R, exec_fminm<Single> },
    { "fmaxm.s",    "0010100 ..... ..... 011 ..... 1010011", Format::F_R, exec_fmaxm<Single> },
    { "fround.s",   "0100000 00100 ..... ... ..... 1010011", Format::F_R, exec_fround<Single> },
    { "froundnx.s", "0100000 00101 ..... ... ..... 1010011", Format::F_R, exec_froundnx<Single> },
    { "fleq.s",     "1010000 ..... ..... 100 ..... 1010011", Format::R,   exec_fleq<Single> },
    { "fltq.s",     "1010000 ..... ..... 101 ..... 1010011", Format::R,   exec_fltq<Single> },
};
// clang-format on
static_assert(insn_table_ok(rows));

// With D.
// clang-format off
static constexpr InsnRow d_rows[] = {
    { "fli.d",       "1111001 00001 ..... 000 ..... 1010011", Format::F_R, exec_fli<Double> },
    { "fminm.d",     "0010101 ..... ..... 010 ..... 1010011", Format::F_R, exec_fminm<Double> },
    { "fmaxm.d",     "0010101 ..... ..... 011 ..... 1010011", Format::F_R, exec_fmaxm<Double> },
    { "fround.d",    "0100001 00100 ..... ... ..... 1010011", Format::F_R, exec_fround<Double> },
    { "froundnx.d",  "0100001 00101 ..... ... ..... 1010011", Format::F_R, exec_froundnx<Double> },
    { "fleq.d",      "1010001 ..... ..... 100 ..... 1010011", Format::R,   exec_fleq<Double> },
    { "fltq.d",      "1010001 ..... ..... 101 ..... 1010011", Format::R,   exec_fltq<Double> },
    { "fcvtmod.w.d", "1100001 01000 ..... 001 ..... 1010011", Format::R,   exec_fcvtmod },
};
// clang-format on
static_assert(insn_table_ok(d_rows));

const InsnSet insn_zfa = { "zfa", rows, isa_set({ Ext::Zfa }) };
const InsnSet insn_zfa_d = { "zfa_d", d_rows, isa_set({ Ext::Zfa, Ext::D }) };
