// SPDX-License-Identifier: MIT
/* The bodies of floating-point instructions, for any format: F, D and Zfhmin share them, and their
 * tables say which of them they have.
 *
 * Every body begins with a check that raises the illegal-instruction exception: mstatus.FS is Off,
 * or the rounding mode is a reserved one. Nothing of the hart has changed then.
 * Spec: unprivileged, chapters 20 and 21; privileged, 3.1.6.6 (FS) */
#pragma once

#include <type_traits>

#include "hw/cpu/fpu.h"
#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

using i32 = int32_t;
using u32 = uint32_t;
using i64 = int64_t;
using u64 = uint64_t;

// --- checks

inline void check_fp(RISCVCPU &cpu, const DecodedInsn &i) {
    if (!(cpu.mstatus & MSTATUS_FS)) [[unlikely]]
        raise_illegal(cpu, i);
}
// The same, and the mode that results are rounded in.
inline fpu::Rounding check_rounding(RISCVCPU &cpu, const DecodedInsn &i) {
    uint64_t rm = i.bits >> 12 & 7;
    if (rm == fpu::DYN) rm = cpu.frm;
    if (!(cpu.mstatus & MSTATUS_FS) || rm >= fpu::ROUNDINGS) [[unlikely]]
        raise_illegal(cpu, i);
    return static_cast<fpu::Rounding>(rm);
}

// --- registers

// A narrow value sits below ones; what does not is read as a NaN (21.2).
template <typename F>
inline fpu::Bits<F> read_f(const RISCVCPU &cpu, unsigned n) {
    constexpr uint64_t box = ~uint64_t{ static_cast<fpu::Bits<F>>(~fpu::Bits<F>{ 0 }) };
    uint64_t v = cpu.f[n];
    return (v & box) == box ? static_cast<fpu::Bits<F>>(v) : F::QNAN;
}
template <typename F>
inline fpu::Bits<F> fs1(const RISCVCPU &cpu, const DecodedInsn &i) {
    return read_f<F>(cpu, i.rs1);
}
template <typename F>
inline fpu::Bits<F> fs2(const RISCVCPU &cpu, const DecodedInsn &i) {
    return read_f<F>(cpu, i.rs2);
}
template <typename F>
inline fpu::Bits<F> fs3(const RISCVCPU &cpu, const DecodedInsn &i) {
    return read_f<F>(cpu, i.bits >> 27);
}
template <typename F>
inline void write_f(RISCVCPU &cpu, const DecodedInsn &i, fpu::Bits<F> v) {
    constexpr uint64_t box = ~uint64_t{ static_cast<fpu::Bits<F>>(~fpu::Bits<F>{ 0 }) };
    cpu.f[i.rd] = box | v;
    cpu.mstatus |= MSTATUS_FS; // dirty
}
// A result in x: only new flags make the state dirty.
inline void write_x(RISCVCPU &cpu, const DecodedInsn &i, uint64_t v, uint64_t flags) {
    rd(cpu, i) = v;
    if (!(flags & ~cpu.fflags)) return;
    cpu.fflags |= flags;
    cpu.mstatus |= MSTATUS_FS;
}
template <typename I>
inline uint64_t as_x(I v) { // 32-bit values are sign-extended, unsigned ones too
    return static_cast<uint64_t>(int64_t{ static_cast<std::make_signed_t<I>>(v) });
}

// --- memory and moves: bits, whatever they mean

template <typename F>
void exec_fload(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, load<fpu::Bits<F>>(cpu, i, address(cpu, i)));
}
template <typename F>
void exec_fstore(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    store<fpu::Bits<F>>(cpu, i, address(cpu, i), static_cast<fpu::Bits<F>>(cpu.f[i.rs2]));
}
template <typename F>
void exec_fmv_to_x(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    rd(cpu, i) = as_x(static_cast<fpu::Bits<F>>(cpu.f[i.rs1]));
}
template <typename F>
void exec_fmv_from_x(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, static_cast<fpu::Bits<F>>(rs1(cpu, i)));
}

// --- arithmetic

template <typename F, auto operation> // fpu::add<F>, ...
void exec_fbinary(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i, operation(fs1<F>(cpu, i), fs2<F>(cpu, i), rm, cpu.fflags));
}
template <typename F>
inline constexpr ExecFn exec_fadd = exec_fbinary<F, fpu::add<F>>;
template <typename F>
inline constexpr ExecFn exec_fmul = exec_fbinary<F, fpu::mul<F>>;
template <typename F>
inline constexpr ExecFn exec_fdiv = exec_fbinary<F, fpu::div<F>>;
template <typename F>
void exec_fsub(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i, fpu::add<F>(fs1<F>(cpu, i), fs2<F>(cpu, i) ^ F::SIGN, rm, cpu.fflags));
}
template <typename F>
void exec_fsqrt(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i, fpu::sqrt<F>(fs1<F>(cpu, i), rm, cpu.fflags));
}
// The product's and the addend's sign: + or -.
template <typename F, fpu::Bits<F> product, fpu::Bits<F> addend>
void exec_fma_signed(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i,
               fpu::fma<F>(fs1<F>(cpu, i) ^ product, fs2<F>(cpu, i), fs3<F>(cpu, i) ^ addend, rm,
                           cpu.fflags));
}
template <typename F>
inline constexpr ExecFn exec_fmadd = exec_fma_signed<F, 0, 0>;
template <typename F>
inline constexpr ExecFn exec_fmsub = exec_fma_signed<F, 0, F::SIGN>;
template <typename F>
inline constexpr ExecFn exec_fnmsub = exec_fma_signed<F, F::SIGN, 0>;
template <typename F>
inline constexpr ExecFn exec_fnmadd = exec_fma_signed<F, F::SIGN, F::SIGN>;

template <typename F, auto operation> // fpu::min<F>, ...
void exec_fminmax(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, operation(fs1<F>(cpu, i), fs2<F>(cpu, i), cpu.fflags));
}
template <typename F>
inline constexpr ExecFn exec_fmin = exec_fminmax<F, fpu::min<F>>;
template <typename F>
inline constexpr ExecFn exec_fmax = exec_fminmax<F, fpu::max<F>>;

// --- signs, comparison, class

template <typename F>
void exec_fsgnj(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, fpu::magnitude<F>(fs1<F>(cpu, i)) | (fs2<F>(cpu, i) & F::SIGN));
}
template <typename F>
void exec_fsgnjn(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, fpu::magnitude<F>(fs1<F>(cpu, i)) | (~fs2<F>(cpu, i) & F::SIGN));
}
template <typename F>
void exec_fsgnjx(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    write_f<F>(cpu, i, fs1<F>(cpu, i) ^ (fs2<F>(cpu, i) & F::SIGN));
}
template <typename F, auto comparison> // fpu::lt<F>, ...
void exec_fcompare(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    uint64_t flags = 0;
    bool holds = comparison(fs1<F>(cpu, i), fs2<F>(cpu, i), flags);
    write_x(cpu, i, holds, flags);
}
template <typename F>
inline constexpr ExecFn exec_feq = exec_fcompare<F, fpu::eq<F>>;
template <typename F>
inline constexpr ExecFn exec_flt = exec_fcompare<F, fpu::lt<F>>;
template <typename F>
inline constexpr ExecFn exec_fle = exec_fcompare<F, fpu::le<F>>;
template <typename F>
void exec_fclass(RISCVCPU &cpu, const DecodedInsn &i) {
    check_fp(cpu, i);
    rd(cpu, i) = fpu::classify<F>(fs1<F>(cpu, i));
}

// --- conversion

template <typename To, typename From>
void exec_cvt(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<To>(cpu, i, fpu::convert<To, From>(fs1<From>(cpu, i), rm, cpu.fflags));
}
template <typename I, typename F>
void exec_to(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    uint64_t flags = 0;
    I v = fpu::to_int<I, F>(fs1<F>(cpu, i), rm, flags);
    write_x(cpu, i, as_x(v), flags);
}
template <typename F, typename I>
void exec_from(RISCVCPU &cpu, const DecodedInsn &i) {
    fpu::Rounding rm = check_rounding(cpu, i);
    write_f<F>(cpu, i, fpu::from_int<F, I>(static_cast<I>(rs1(cpu, i)), rm, cpu.fflags));
}
