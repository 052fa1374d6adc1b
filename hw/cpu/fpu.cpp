// SPDX-License-Identifier: MIT
/* Floating-point arithmetic: what the host's unit computes, and what is done beside it. */
#include "hw/cpu/fpu.h"

#include <bit>
#include <limits>
#include <type_traits>

#include "hw/cpu/fpu_exact.h"

namespace fpu {

// --- the host's unit

static constexpr uint32_t MXCSR_DEFAULT = 0x1f80; // to nearest, every exception masked
static constexpr uint32_t MXCSR_IE = 1, MXCSR_ZE = 4, MXCSR_OE = 8, MXCSR_UE = 16, MXCSR_PE = 32;
// By Rounding. To nearest, ties away, does not exist: it only comes here if nothing is rounded.
static constexpr uint32_t mxcsr_rounding[ROUNDINGS] = { 0, 0x6000, 0x2000, 0x4000, 0 };

static inline void load_mxcsr(uint32_t v) { asm volatile("ldmxcsr %0" : : "m"(v)); }
static inline uint32_t store_mxcsr() {
    uint32_t v;
    asm volatile("stmxcsr %0" : "=m"(v));
    return v;
}
// The compiler cannot move arithmetic on the value across this, nor this across a change of MXCSR.
template <typename T>
static inline T opaque(T v) {
    asm volatile("" : "+x"(v));
    return v;
}

static uint64_t flags_of(uint32_t mxcsr) {
    uint64_t flags = 0;
    if (mxcsr & MXCSR_PE) flags |= NX;
    if (mxcsr & MXCSR_UE) flags |= UF; // tiny after rounding, and inexact: as here
    if (mxcsr & MXCSR_OE) flags |= OF;
    if (mxcsr & MXCSR_ZE) flags |= DZ;
    if (mxcsr & MXCSR_IE) flags |= NV;
    return flags;
}

template <typename F>
static typename F::Host host(Bits<F> v) {
    return std::bit_cast<typename F::Host>(v);
}
template <typename F>
static Bits<F> canonical(Bits<F> v) {
    return is_nan<F>(v) ? F::QNAN : v;
}

// No inlining: nothing of a caller's can get between the changes of MXCSR.
template <typename F, auto operation, typename... T>
[[gnu::noinline]] static Bits<F> host_result(Rounding rm, uint64_t &flags, T... operands) {
    load_mxcsr(MXCSR_DEFAULT | mxcsr_rounding[rm]);
    typename F::Host result = opaque(operation(opaque(operands)...));
    uint32_t mxcsr = store_mxcsr();
    load_mxcsr(MXCSR_DEFAULT);
    flags |= flags_of(mxcsr);
    return canonical<F>(std::bit_cast<Bits<F>>(result));
}

// A result amid the normal numbers can only have been inexact. Once that flag is up, nothing is
// left to be found out.
template <typename F>
static bool raises_nothing_new(Bits<F> result, Rounding rm, uint64_t flags) {
    constexpr Bits<F> smallest_normal = F::FRACTION + 1;
    Bits<F> m = magnitude<F>(result);
    return rm == RNE && (flags & NX) && m > smallest_normal && m < F::INF;
}

template <typename F, auto operation, typename... T>
static Bits<F> compute(Rounding rm, uint64_t &flags, T... operands) {
    if (rm == RNE && (flags & NX)) {
        auto result = std::bit_cast<Bits<F>>(operation(operands...));
        if (raises_nothing_new<F>(result, rm, flags)) return result;
    }
    return host_result<F, operation>(rm, flags, operands...);
}

template <typename T>
static T host_add(T a, T b) {
    return a + b;
}
template <typename T>
static T host_mul(T a, T b) {
    return a * b;
}
template <typename T>
static T host_div(T a, T b) {
    return a / b;
}
// In assembly, since the compiler may call the library for what sets errno.
static float host_sqrt_single(float a) {
    float r;
    asm volatile("sqrtss %1, %0" : "=x"(r) : "x"(a));
    return r;
}
static double host_sqrt_double(double a) {
    double r;
    asm volatile("sqrtsd %1, %0" : "=x"(r) : "x"(a));
    return r;
}
static float host_fma_single(float a, float b, float c) {
    asm volatile("vfmadd231ss %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
    return c;
}
static double host_fma_double(double a, double b, double c) {
    asm volatile("vfmadd231sd %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
    return c;
}
static float host_narrow(double a) { return static_cast<float>(a); }

static bool host_has_fma() {
    static const bool has = __builtin_cpu_supports("fma");
    return has;
}

// --- arithmetic

template <typename F, typename... T>
static bool all_numbers(T... v) { // neither 0 nor infinite nor NaN
    return ((is_finite<F>(v) && !is_zero<F>(v)) && ...);
}

template <typename F>
Bits<F> exact_sum(const Number &a, const Number &b, Rounding rm, uint64_t &flags) {
    Number n = sum(a, b);
    if (!n.sig) return rm == RDN ? F::SIGN : 0; // 6.3: the sign of an exact zero
    return round_pack<F>(n, rm, flags);
}

template <typename F>
Bits<F> add(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags) {
    if (rm == RMM && all_numbers<F>(a, b))
        return exact_sum<F>(unpack<F>(a), unpack<F>(b), rm, flags);
    return compute<F, host_add<typename F::Host>>(rm, flags, host<F>(a), host<F>(b));
}

template <typename F>
Bits<F> mul(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags) {
    if (rm == RMM && all_numbers<F>(a, b))
        return round_pack<F>(product(unpack<F>(a), unpack<F>(b)), rm, flags);
    return compute<F, host_mul<typename F::Host>>(rm, flags, host<F>(a), host<F>(b));
}

template <typename F>
Bits<F> div(Bits<F> a, Bits<F> b, Rounding rm, uint64_t &flags) {
    if (rm == RMM && all_numbers<F>(a, b))
        return round_pack<F>(quotient(unpack<F>(a), unpack<F>(b)), rm, flags);
    return compute<F, host_div<typename F::Host>>(rm, flags, host<F>(a), host<F>(b));
}

// RMM is as RNE here: a root is never halfway between two numbers, since the square of such a
// value has more digits than any number.
template <>
Bits<Single> sqrt<Single>(Bits<Single> a, Rounding rm, uint64_t &flags) {
    return compute<Single, host_sqrt_single>(rm, flags, host<Single>(a));
}
template <>
Bits<Double> sqrt<Double>(Bits<Double> a, Rounding rm, uint64_t &flags) {
    return compute<Double, host_sqrt_double>(rm, flags, host<Double>(a));
}

// All finite, a and b not 0.
template <typename F>
static Bits<F> exact_fma(Bits<F> a, Bits<F> b, Bits<F> c, Rounding rm, uint64_t &flags) {
    Number ab = product(unpack<F>(a), unpack<F>(b));
    if (is_zero<F>(c)) return round_pack<F>(ab, rm, flags);
    return exact_sum<F>(ab, unpack<F>(c), rm, flags);
}

// Nothing is rounded where an infinity, a NaN, or a product of 0 takes part. A product of numbers
// does not show beside an infinity or a NaN, nor do its exceptions; infinity times 0 is invalid
// whatever is added (20.6), which the host's FMA sees otherwise.
template <typename F>
static Bits<F> special_fma(Bits<F> a, Bits<F> b, Bits<F> c, Rounding rm, uint64_t &flags) {
    using T = typename F::Host;
    Bits<F> ab = 0;
    if (!all_numbers<F>(a, b)) ab = host_result<F, host_mul<T>>(rm, flags, host<F>(a), host<F>(b));
    return host_result<F, host_add<T>>(rm, flags, host<F>(ab), host<F>(c));
}

template <typename F>
Bits<F> fma(Bits<F> a, Bits<F> b, Bits<F> c, Rounding rm, uint64_t &flags) {
    if (!all_numbers<F>(a, b) || !is_finite<F>(c)) return special_fma<F>(a, b, c, rm, flags);
    if (rm == RMM || !host_has_fma()) return exact_fma<F>(a, b, c, rm, flags);
    if constexpr (std::is_same_v<F, Single>)
        return compute<F, host_fma_single>(rm, flags, host<F>(a), host<F>(b), host<F>(c));
    else
        return compute<F, host_fma_double>(rm, flags, host<F>(a), host<F>(b), host<F>(c));
}

// --- comparison

template <typename F>
static bool any_nan(Bits<F> a, Bits<F> b) {
    return is_nan<F>(a) || is_nan<F>(b);
}
template <typename F>
static void check_signaling(Bits<F> a, Bits<F> b, uint64_t &flags) {
    if (is_signaling<F>(a) || is_signaling<F>(b)) flags |= NV;
}
template <typename F>
static void check_ordered(Bits<F> a, Bits<F> b, uint64_t &flags) {
    if (any_nan<F>(a, b)) flags |= NV;
}
// A number that is ordered as the value is, -0 below +0.
template <typename F>
static int64_t order(Bits<F> v) {
    auto m = static_cast<int64_t>(magnitude<F>(v));
    return v & F::SIGN ? -m - 1 : m;
}

template <typename F>
bool eq(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_signaling<F>(a, b, flags);
    return host<F>(a) == host<F>(b);
}
template <typename F>
bool lt_quiet(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_signaling<F>(a, b, flags);
    return host<F>(a) < host<F>(b);
}
template <typename F>
bool le_quiet(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_signaling<F>(a, b, flags);
    return host<F>(a) <= host<F>(b);
}
template <typename F>
bool lt(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_ordered<F>(a, b, flags);
    return host<F>(a) < host<F>(b);
}
template <typename F>
bool le(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_ordered<F>(a, b, flags);
    return host<F>(a) <= host<F>(b);
}

template <typename F>
Bits<F> min(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_signaling<F>(a, b, flags);
    if (is_nan<F>(a)) return canonical<F>(b);
    return is_nan<F>(b) || order<F>(a) < order<F>(b) ? a : b;
}
template <typename F>
Bits<F> max(Bits<F> a, Bits<F> b, uint64_t &flags) {
    check_signaling<F>(a, b, flags);
    if (is_nan<F>(a)) return canonical<F>(b);
    return is_nan<F>(b) || order<F>(a) > order<F>(b) ? a : b;
}
template <typename F>
Bits<F> minm(Bits<F> a, Bits<F> b, uint64_t &flags) {
    Bits<F> r = min<F>(a, b, flags);
    return any_nan<F>(a, b) ? F::QNAN : r;
}
template <typename F>
Bits<F> maxm(Bits<F> a, Bits<F> b, uint64_t &flags) {
    Bits<F> r = max<F>(a, b, flags);
    return any_nan<F>(a, b) ? F::QNAN : r;
}

template <typename F>
unsigned classify(Bits<F> a) {
    bool negative = a & F::SIGN;
    Bits<F> m = magnitude<F>(a);
    if (m > F::INF) return a & F::QUIET ? 1u << 9 : 1u << 8;
    if (m == F::INF) return negative ? 1u << 0 : 1u << 7;
    if (m > F::FRACTION) return negative ? 1u << 1 : 1u << 6;
    if (m) return negative ? 1u << 2 : 1u << 5;
    return negative ? 1u << 3 : 1u << 4;
}

// --- conversion

template <typename To, typename From>
Bits<To> convert(Bits<From> a, Rounding rm, uint64_t &flags) {
    if constexpr (std::is_same_v<To, Single> && std::is_same_v<From, Double>) {
        if (rm != RMM) return compute<Single, host_narrow>(rm, flags, host<Double>(a));
    }
    if (is_signaling<From>(a)) flags |= NV;
    if (is_nan<From>(a)) return To::QNAN;
    if (all_numbers<From>(a)) return round_pack<To>(unpack<From>(a), rm, flags);
    Bits<To> sign = a & From::SIGN ? To::SIGN : 0;
    return sign | (is_zero<From>(a) ? Bits<To>{ 0 } : To::INF);
}

// The value rounded to an integer, in units of 1; 2^64 and more come as 2^64.
template <typename F>
static uint128 rounded_magnitude(const Number &n, Rounding rm, bool *inexact) {
    *inexact = false;
    if (n.exp + top_bit(n.sig) >= 64) return uint128{ 1 } << 64;
    return shift_round(n.sig, -n.exp, n.sign, rm, inexact);
}

template <typename I>
static I saturated(bool negative, uint64_t &flags) {
    flags |= NV;
    return negative ? std::numeric_limits<I>::min() : std::numeric_limits<I>::max();
}

template <typename I, typename F>
I to_int(Bits<F> a, Rounding rm, uint64_t &flags) {
    if (is_zero<F>(a)) return 0;
    if (!is_finite<F>(a)) return saturated<I>(!is_nan<F>(a) && (a & F::SIGN), flags);
    Number n = unpack<F>(a);
    bool inexact;
    uint128 m = rounded_magnitude<F>(n, rm, &inexact);
    constexpr auto largest = static_cast<uint64_t>(std::numeric_limits<I>::max());
    uint64_t limit = !n.sign ? largest : std::is_signed_v<I> ? largest + 1 : 0;
    if (m > limit) return saturated<I>(n.sign, flags);
    if (inexact) flags |= NX;
    auto v = static_cast<uint64_t>(m);
    return static_cast<I>(n.sign ? 0 - v : v);
}

template <typename F, typename I>
Bits<F> from_int(I a, Rounding rm, uint64_t &flags) {
    if (!a) return 0;
    auto v = static_cast<uint64_t>(a);
    bool negative = std::is_signed_v<I> && static_cast<int64_t>(v) < 0;
    return round_pack<F>({ negative, 0, negative ? 0 - v : v }, rm, flags);
}

template <typename F>
Bits<F> round_to_integral(Bits<F> a, Rounding rm, uint64_t &flags) {
    if (is_signaling<F>(a)) flags |= NV;
    if (is_nan<F>(a)) return F::QNAN;
    if (!all_numbers<F>(a)) return a;
    Number n = unpack<F>(a);
    if (n.exp >= 0) return a; // has no fraction
    bool inexact;
    uint128 m = rounded_magnitude<F>(n, rm, &inexact);
    if (inexact) flags |= NX;
    if (!m) return a & F::SIGN;
    return round_pack<F>({ n.sign, 0, m }, rm, flags);
}

int32_t to_int_modular(Bits<Double> a, uint64_t &flags) {
    (void)to_int<int32_t, Double>(a, RTZ, flags);
    if (!all_numbers<Double>(a)) return 0;
    Number n = unpack<Double>(a);
    if (n.exp >= 32) return 0;
    bool inexact;
    auto m = static_cast<uint32_t>(shift_round(n.sig, -n.exp, n.sign, RTZ, &inexact));
    return static_cast<int32_t>(n.sign ? 0 - m : m);
}

// --- what the bodies use

template Bits<Single> add<Single>(Bits<Single>, Bits<Single>, Rounding, uint64_t &);
template Bits<Single> mul<Single>(Bits<Single>, Bits<Single>, Rounding, uint64_t &);
template Bits<Single> div<Single>(Bits<Single>, Bits<Single>, Rounding, uint64_t &);
template Bits<Single> fma<Single>(Bits<Single>, Bits<Single>, Bits<Single>, Rounding, uint64_t &);
template bool eq<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template bool lt<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template bool le<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template bool lt_quiet<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template bool le_quiet<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template Bits<Single> min<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template Bits<Single> max<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template Bits<Single> minm<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template Bits<Single> maxm<Single>(Bits<Single>, Bits<Single>, uint64_t &);
template unsigned classify<Single>(Bits<Single>);
template Bits<Single> round_to_integral<Single>(Bits<Single>, Rounding, uint64_t &);
template int32_t to_int<int32_t, Single>(Bits<Single>, Rounding, uint64_t &);
template Bits<Single> from_int<Single, int32_t>(int32_t, Rounding, uint64_t &);
template uint32_t to_int<uint32_t, Single>(Bits<Single>, Rounding, uint64_t &);
template Bits<Single> from_int<Single, uint32_t>(uint32_t, Rounding, uint64_t &);
template int64_t to_int<int64_t, Single>(Bits<Single>, Rounding, uint64_t &);
template Bits<Single> from_int<Single, int64_t>(int64_t, Rounding, uint64_t &);
template uint64_t to_int<uint64_t, Single>(Bits<Single>, Rounding, uint64_t &);
template Bits<Single> from_int<Single, uint64_t>(uint64_t, Rounding, uint64_t &);
template Bits<Double> add<Double>(Bits<Double>, Bits<Double>, Rounding, uint64_t &);
template Bits<Double> mul<Double>(Bits<Double>, Bits<Double>, Rounding, uint64_t &);
template Bits<Double> div<Double>(Bits<Double>, Bits<Double>, Rounding, uint64_t &);
template Bits<Double> fma<Double>(Bits<Double>, Bits<Double>, Bits<Double>, Rounding, uint64_t &);
template bool eq<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template bool lt<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template bool le<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template bool lt_quiet<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template bool le_quiet<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template Bits<Double> min<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template Bits<Double> max<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template Bits<Double> minm<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template Bits<Double> maxm<Double>(Bits<Double>, Bits<Double>, uint64_t &);
template unsigned classify<Double>(Bits<Double>);
template Bits<Double> round_to_integral<Double>(Bits<Double>, Rounding, uint64_t &);
template int32_t to_int<int32_t, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Double> from_int<Double, int32_t>(int32_t, Rounding, uint64_t &);
template uint32_t to_int<uint32_t, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Double> from_int<Double, uint32_t>(uint32_t, Rounding, uint64_t &);
template int64_t to_int<int64_t, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Double> from_int<Double, int64_t>(int64_t, Rounding, uint64_t &);
template uint64_t to_int<uint64_t, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Double> from_int<Double, uint64_t>(uint64_t, Rounding, uint64_t &);
template Bits<Half> convert<Half, Single>(Bits<Single>, Rounding, uint64_t &);
template Bits<Half> convert<Half, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Single> convert<Single, Half>(Bits<Half>, Rounding, uint64_t &);
template Bits<Single> convert<Single, Double>(Bits<Double>, Rounding, uint64_t &);
template Bits<Double> convert<Double, Half>(Bits<Half>, Rounding, uint64_t &);
template Bits<Double> convert<Double, Single>(Bits<Single>, Rounding, uint64_t &);

} // namespace fpu
