// SPDX-License-Identifier: MIT
/* Floating-point arithmetic on bit patterns, as RISC-V defines it.
 *
 * The host's unit computes what it rounds as the guest asks; exact integer arithmetic (fpu_exact.h)
 * does the rest: the rounding mode that x86 lacks, conversions to and from integers, half
 * precision. Each function adds the exceptions it raises to `flags`, and gives the canonical NaN
 * for any NaN.
 *
 * The host's control register (MXCSR) differs from its default only inside of host_result() in
 * fpu.cpp, so the emulator's own code always rounds to nearest.
 * Spec:   unprivileged, 20.2 to 20.7, 21 (D), 22 (Zfhmin), 23 (Zfa); IEEE 754-2019
 * In gdb: b fpu::host_result     b fpu::round_pack */
#pragma once

#include <cstdint>

namespace fpu {

// As in the rm field and in frm; 5 and 6 are reserved, 7 in rm means frm's.
enum Rounding : uint8_t { RNE, RTZ, RDN, RUP, RMM };
inline constexpr unsigned ROUNDINGS = 5, DYN = 7;

// fflags: inexact, underflow, overflow, division by zero, invalid.
inline constexpr uint64_t NX = 1, UF = 2, OF = 4, DZ = 8, NV = 16;

template <typename B, int EXP_BITS, int FRAC_BITS>
struct Binary {
    using Bits = B;
    static constexpr int FRAC = FRAC_BITS;
    static constexpr int EMAX = (1 << (EXP_BITS - 1)) - 1, EMIN = 1 - EMAX; // of normal numbers
    static constexpr Bits SIGN = static_cast<Bits>(Bits{ 1 } << (EXP_BITS + FRAC));
    static constexpr Bits FRACTION = static_cast<Bits>((Bits{ 1 } << FRAC) - 1);
    static constexpr Bits INF = static_cast<Bits>(SIGN - 1 - FRACTION);
    static constexpr Bits QUIET = static_cast<Bits>(Bits{ 1 } << (FRAC - 1));
    static constexpr Bits QNAN = INF | QUIET; // the canonical NaN
};
struct Half : Binary<uint16_t, 5, 10> {};
struct Single : Binary<uint32_t, 8, 23> {
    using Host = float;
};
struct Double : Binary<uint64_t, 11, 52> {
    using Host = double;
};

template <typename F>
using Bits = typename F::Bits;

template <typename F>
constexpr Bits<F> magnitude(Bits<F> v) {
    return v & static_cast<Bits<F>>(~F::SIGN);
}
template <typename F>
constexpr bool is_nan(Bits<F> v) {
    return magnitude<F>(v) > F::INF;
}
template <typename F>
constexpr bool is_signaling(Bits<F> v) {
    return is_nan<F>(v) && !(v & F::QUIET);
}
template <typename F>
constexpr bool is_finite(Bits<F> v) {
    return magnitude<F>(v) < F::INF;
}
template <typename F>
constexpr bool is_zero(Bits<F> v) {
    return magnitude<F>(v) == 0;
}

// --- arithmetic: Single and Double
template <typename F>
Bits<F> add(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags);
template <typename F>
Bits<F> mul(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags);
template <typename F>
Bits<F> div(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags);
template <typename F>
Bits<F> sqrt(Bits<F> a, Rounding rm, uint64_t &flags);
// a * b + c with one rounding.
template <typename F>
Bits<F> fma(Bits<F> a, Bits<F> b, Bits<F> c, Rounding rm, uint64_t &flags);

// --- comparison: what orders NaN raises invalid, what is quiet does so for signaling NaNs only
template <typename F>
bool eq(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
bool lt(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
bool le(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
bool lt_quiet(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
bool le_quiet(Bits<F> a, Bits<F> b, uint64_t &flags);
// minimumNumber and maximumNumber: a NaN loses against a number; -0 is less than +0.
template <typename F>
Bits<F> min(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
Bits<F> max(Bits<F> a, Bits<F> b, uint64_t &flags);
// minimum and maximum: a NaN wins.
template <typename F>
Bits<F> minm(Bits<F> a, Bits<F> b, uint64_t &flags);
template <typename F>
Bits<F> maxm(Bits<F> a, Bits<F> b, uint64_t &flags);
// FCLASS's mask: one bit of ten.
template <typename F>
unsigned classify(Bits<F> a);

// --- conversion
template <typename To, typename From> // any two formats
Bits<To> convert(Bits<From> a, Rounding rm, uint64_t &flags);
// I: int32_t, uint32_t, int64_t, uint64_t. Out of range: the nearest value, a NaN counts as +inf.
template <typename I, typename F>
I to_int(Bits<F> a, Rounding rm, uint64_t &flags);
template <typename F, typename I>
Bits<F> from_int(I a, Rounding rm, uint64_t &flags);
// To an integer in the same format. `flags` gets NX if the value changed.
template <typename F>
Bits<F> round_to_integral(Bits<F> a, Rounding rm, uint64_t &flags);
// FCVTMOD.W.D: truncated, modulo 2^32; flags as if it saturated.
int32_t to_int_modular(Bits<Double> a, uint64_t &flags);

} // namespace fpu
