# SPDX-License-Identifier: MIT
"""RISC-V's floating point on exact fractions: slow, and independent of the emulator's code.

Each function takes register bits and the rounding mode, and returns register bits and fflags.
Spec: unprivileged, 20 to 23; IEEE 754-2019
"""
from fractions import Fraction
from math import isqrt

NX, UF, OF, DZ, NV = 1, 2, 4, 8, 16
RNE, RTZ, RDN, RUP, RMM = range(5)
ALL = (1 << 64) - 1


class Binary:
    def __init__(self, width, exp, frac):
        self.width, self.frac = width, frac
        self.emax = (1 << (exp - 1)) - 1
        self.emin = 1 - self.emax
        self.sign = 1 << (width - 1)
        self.inf = ((1 << exp) - 1) << frac
        self.quiet = 1 << (frac - 1)
        self.nan = self.inf | self.quiet
        self.ones = (1 << width) - 1

    def unbox(self, v):
        return v & self.ones if v >> self.width == ALL >> self.width else self.nan

    def box(self, v):
        return v | (ALL & ~self.ones)


H, S, D = Binary(16, 5, 10), Binary(32, 8, 23), Binary(64, 11, 52)


def is_nan(f, v):
    return v & ~f.sign > f.inf


def is_snan(f, v):
    return is_nan(f, v) and not v & f.quiet


def is_inf(f, v):
    return v & ~f.sign == f.inf


def negative(f, v):
    return bool(v & f.sign)


def power(n):
    return Fraction(1 << n) if n >= 0 else Fraction(1, 1 << -n)


def value(f, v):
    exp, frac = (v & ~f.sign) >> f.frac, v & ((1 << f.frac) - 1)
    m = (frac if not exp else frac | 1 << f.frac) * power(max(exp, 1) - f.emax - f.frac)
    return -m if negative(f, v) else m


def to_whole(x, rm):
    """A fraction as an integer, rounded."""
    n = x.numerator // x.denominator
    rest = x - n
    if rm == RTZ:
        return n + 1 if x < 0 and rest else n
    if rm == RDN:
        return n
    if rm == RUP:
        return n + (rest > 0)
    if rest * 2 != 1:
        return n + (rest * 2 > 1)
    return n + (n & 1 if rm == RNE else x > 0)


def log2(x):
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if x >= power(e) else e - 1


def rounded(f, x, rm, zero_sign=False):
    """The format's bits for an exact value, and the flags of rounding it."""
    if not x:
        return f.sign if zero_sign else 0, 0
    sign = f.sign if x < 0 else 0
    exp = log2(abs(x))
    unit = power(max(exp, f.emin) - f.frac)
    r = abs(to_whole(x / unit, rm) * unit)
    if r >= power(f.emax + 1):
        away = rm in (RNE, RMM) or rm == (RDN if sign else RUP)
        return sign | (f.inf if away else f.inf - 1), OF | NX
    flags = 0
    if r != abs(x):
        unbounded = power(exp - f.frac)
        tiny = abs(to_whole(x / unbounded, rm) * unbounded) < power(f.emin)
        flags = NX | UF if tiny else NX
    if not r:
        return sign, flags
    exp = max(log2(r), f.emin)
    sig = int(r / power(exp - f.frac))
    return sign | (sig + ((exp - f.emin) << f.frac)), flags


def nan_result(f, *operands):
    return f.nan, NV if any(is_snan(f, v) for v in operands) else 0


def fma(f, a, b, c, rm):
    zero_inf = any(is_inf(f, x) and not y & ~f.sign for x, y in ((a, b), (b, a)))
    if any(is_nan(f, v) for v in (a, b, c)) or zero_inf:
        nan, flags = nan_result(f, a, b, c)
        return nan, flags | (NV if zero_inf else 0)
    sign = negative(f, a) != negative(f, b)
    if is_inf(f, a) or is_inf(f, b):
        if is_inf(f, c) and negative(f, c) != sign:
            return f.nan, NV
        return f.inf | (f.sign if sign else 0), 0
    if is_inf(f, c):
        return c, 0
    product = value(f, a) * value(f, b)
    both = sign == negative(f, c)
    zero_sign = sign if both and not product else rm == RDN
    return rounded(f, product + value(f, c), rm, zero_sign)


def add(f, a, b, rm):
    return fma(f, a, rounded(f, Fraction(1), RNE)[0], b, rm)


def mul(f, a, b, rm):
    # a zero of the product's sign adds nothing, not even to a zero's sign
    return fma(f, a, b, (a ^ b) & f.sign, rm)


def div(f, a, b, rm):
    sign = (a ^ b) & f.sign
    if is_nan(f, a) or is_nan(f, b):
        return nan_result(f, a, b)
    if is_inf(f, a):
        return (f.nan, NV) if is_inf(f, b) else (f.inf | sign, 0)
    if is_inf(f, b):
        return sign, 0
    if not value(f, b):
        return (f.inf | sign, DZ) if value(f, a) else (f.nan, NV)
    return rounded(f, value(f, a) / value(f, b), rm, bool(sign))


def sqrt(f, a, rm):
    if is_nan(f, a):
        return nan_result(f, a)
    if not a & ~f.sign:
        return a, 0
    if negative(f, a):
        return f.nan, NV
    if is_inf(f, a):
        return a, 0
    x = value(f, a)
    root = isqrt(int(x * power(2400)))  # 1200 bits behind the point: exact, or far from a tie
    exact = root * root == x * power(2400)
    return rounded(f, (root if exact else root + Fraction(1, 2)) * power(-1200), rm)


def less(f, a, b):
    """-0 is less than +0."""
    if negative(f, a) != negative(f, b):
        return negative(f, a)
    return a > b if negative(f, a) else a < b


def minmax(f, a, b, smaller, nan_wins):
    nan, flags = nan_result(f, a, b)
    if is_nan(f, a) or is_nan(f, b):
        if nan_wins or (is_nan(f, a) and is_nan(f, b)):
            return nan, flags
        return b if is_nan(f, a) else a, flags
    return (a if less(f, a, b) == smaller else b), flags


def compare(f, a, b, relation, quiet):
    if is_nan(f, a) or is_nan(f, b):
        return 0, nan_result(f, a, b)[1] if quiet else NV
    # infinities compare as values beyond all numbers do
    x, y = (value(f, v) for v in (a, b))
    return int({"eq": x == y, "lt": x < y, "le": x <= y}[relation]), 0


def classify(f, a):
    sign, m = negative(f, a), a & ~f.sign
    if m > f.inf:
        return 1 << (8 if is_snan(f, a) else 9), 0
    if m == f.inf:
        return 1 << (0 if sign else 7), 0
    kind = 2 if m >> f.frac else 1 if m else 0
    return 1 << (3 - kind if sign else 4 + kind), 0


def convert(to, f, a, rm):
    if is_nan(f, a):
        return to.nan, nan_result(f, a)[1]
    if is_inf(f, a):
        return to.inf | (to.sign if negative(f, a) else 0), 0
    return rounded(to, value(f, a), rm, negative(f, a))


def to_int(f, a, bits, signed, rm):
    low, high = (-1 << (bits - 1), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if is_nan(f, a) or (is_inf(f, a) and not negative(f, a)):
        n, flags = high, NV
    elif is_inf(f, a):
        n, flags = low, NV
    else:
        n = to_whole(value(f, a), rm)
        flags = NX if n != value(f, a) else 0
        if n < low or n > high:
            n, flags = (low if n < low else high), NV
    return sext(n, bits), flags


def sext(n, bits):
    n &= (1 << bits) - 1
    return (n - (1 << bits) if n >> (bits - 1) else n) & ALL


def from_int(f, v, bits, signed, rm):
    n = v & ((1 << bits) - 1)
    if signed and n >> (bits - 1):
        n -= 1 << bits
    return rounded(f, Fraction(n), rm)


def to_int_modular(a):
    if is_nan(D, a) or is_inf(D, a):
        return 0, NV
    n = to_whole(value(D, a), RTZ)
    return sext(n, 32), to_int(D, a, 32, True, RTZ)[1]


def to_integral(f, a, rm, exact):
    if is_nan(f, a):
        return nan_result(f, a)
    if is_inf(f, a):
        return a, 0
    n = to_whole(value(f, a), rm)
    return rounded(f, Fraction(n), rm, negative(f, a))[0], NX if exact and n != value(f, a) else 0
