// SPDX-License-Identifier: MIT
/* Exact floating-point arithmetic in integers: for whatever the host's unit does not do.
 *
 * A finite number other than 0 is +-sig * 2^exp. Sums, products and quotients are formed in 128
 * bits, enough for the exact result or for a "sticky" lowest bit far below the place of rounding;
 * round_pack() then rounds once.
 * Spec: IEEE 754-2019, 4.3 (rounding) and 7 (exceptions); tininess is detected after rounding. */
#pragma once

#include <algorithm>

#include "hw/cpu/fpu.h"

namespace fpu {

__extension__ using uint128 = unsigned __int128;

struct Number {
    bool sign;
    int exp;
    uint128 sig; // not 0, below 2^127
};

inline int top_bit(uint128 v) {
    auto high = static_cast<uint64_t>(v >> 64);
    return high ? 127 - __builtin_clzll(high) : 63 - __builtin_clzll(static_cast<uint64_t>(v));
}

// Neither 0, infinite nor NaN.
template <typename F>
Number unpack(Bits<F> v) {
    int biased = static_cast<int>(magnitude<F>(v) >> F::FRAC);
    uint128 sig = v & F::FRACTION;
    if (biased) sig |= uint128{ 1 } << F::FRAC;
    return { (v & F::SIGN) != 0, std::max(biased, 1) - F::EMAX - F::FRAC, sig };
}

// What is cut off, compared with half a unit.
inline bool rounds_up(bool odd, uint128 rest, uint128 half, bool sign, Rounding rm) {
    switch (rm) {
    case RNE:
        return rest > half || (rest == half && odd);
    case RMM:
        return rest >= half;
    case RDN:
        return sign && rest;
    case RUP:
        return !sign && rest;
    default:
        return false;
    }
}

// sig / 2^n, rounded. Negative n: sig * 2^-n, which must fit.
inline uint128 shift_round(uint128 sig, int n, bool sign, Rounding rm, bool *inexact) {
    *inexact = false;
    if (n <= 0) return sig << -n;
    if (n > 127) { // all of it is cut off, and it is less than half a unit
        sig = 1;
        n = 2;
    }
    uint128 whole = sig >> n, rest = sig & ((uint128{ 1 } << n) - 1);
    *inexact = rest != 0;
    return whole + rounds_up(whole & 1, rest, uint128{ 1 } << (n - 1), sign, rm);
}

template <typename F>
Bits<F> overflow(bool sign, Rounding rm, uint64_t &flags) {
    flags |= OF | NX;
    bool to_inf = rm == RNE || rm == RMM || (rm == RDN && sign) || (rm == RUP && !sign);
    auto largest = static_cast<Bits<F>>(F::INF - 1);
    return static_cast<Bits<F>>((to_inf ? F::INF : largest) | (sign ? F::SIGN : 0));
}

// Would it be below the normal numbers if exponents had no bound?
template <typename F>
bool is_tiny(const Number &n, int top, Rounding rm) {
    if (top >= F::EMIN - 1) {
        if (top >= F::EMIN) return false;
        bool inexact;
        uint128 sig = shift_round(n.sig, top - F::FRAC - n.exp, n.sign, rm, &inexact);
        return sig >> (F::FRAC + 1) == 0;
    }
    return true;
}

template <typename F>
Bits<F> round_pack(const Number &n, Rounding rm, uint64_t &flags) {
    int top = n.exp + top_bit(n.sig);
    if (top > F::EMAX) return overflow<F>(n.sign, rm, flags);
    int scale = std::max(top, F::EMIN);
    bool inexact;
    uint128 sig = shift_round(n.sig, scale - F::FRAC - n.exp, n.sign, rm, &inexact);
    // the leading 1 adds one to the exponent, and so does a carry out of rounding
    uint64_t packed =
        static_cast<uint64_t>(sig) + (static_cast<uint64_t>(scale - F::EMIN) << F::FRAC);
    if (packed >= F::INF) return overflow<F>(n.sign, rm, flags);
    if (inexact) flags |= is_tiny<F>(n, top, rm) ? NX | UF : NX;
    return static_cast<Bits<F>>(packed | (n.sign ? F::SIGN : 0));
}

inline Number product(const Number &a, const Number &b) {
    return { a.sign != b.sign, a.exp + b.exp, a.sig * b.sig };
}

inline Number quotient(const Number &a, const Number &b) {
    int shift = 125 - top_bit(a.sig);
    uint128 dividend = a.sig << shift, q = dividend / b.sig;
    return { a.sign != b.sign, a.exp - shift - b.exp, q | (dividend % b.sig != 0) };
}

// With the leading 1 in bit 125.
inline Number normalized(const Number &n) {
    int shift = 125 - top_bit(n.sig);
    return { n.sign, n.exp - shift, n.sig << shift };
}

// What is lost on the right is remembered in the lowest bit.
inline uint128 shift_sticky(uint128 sig, int n) {
    if (n > 126) return 1;
    return sig >> n | ((sig & ((uint128{ 1 } << n) - 1)) != 0);
}

// a + b; a sum of 0 has sig = 0. Operands have at most 106 bits: if the smaller one loses any, it
// is so much smaller that the sum keeps its leading bits.
inline Number sum(const Number &x, const Number &y) {
    Number a = normalized(x), b = normalized(y);
    if (a.exp < b.exp || (a.exp == b.exp && a.sig < b.sig)) std::swap(a, b);
    uint128 small = shift_sticky(b.sig, a.exp - b.exp);
    return { a.sign, a.exp, a.sign == b.sign ? a.sig + small : a.sig - small };
}

} // namespace fpu
