# SPDX-License-Identifier: MIT
"""Register contents that tell implementations apart: the edges of integers and of floats."""

ALL = (1 << 64) - 1
EDGES = sorted({(sign * (1 << bit) + d) & ALL for bit in (0, 7, 8, 15, 16, 31, 32, 47, 62, 63)
                for sign in (1, -1) for d in (-1, 0, 1)})


def integer(r):
    kind = r.randrange(4)
    if kind == 0:
        return r.choice(EDGES)
    if kind == 1:  # of any length and sign
        return r.getrandbits(r.randrange(1, 65)) * r.choice((1, -1)) & ALL
    if kind == 2:
        return r.getrandbits(32) * 0x100000001 & ALL
    return r.getrandbits(64)


# Format: bits of the exponent and of the fraction.
HALF, SINGLE, DOUBLE = (5, 10), (8, 23), (11, 52)


def number(r, exponent, fraction):
    """Zeros, infinities, quiet and signalling NaNs, subnormals, and numbers near one another."""
    top, bias = (1 << exponent) - 1, (1 << exponent - 1) - 1
    e = r.choice((0, 0, 1, top, top, top - 1, r.randrange(top), bias, bias + r.randrange(-4, 5),
                  bias + r.randrange(-4, 5), bias + r.randrange(-fraction, fraction) // 2))
    f = r.choice((0, 1, (1 << fraction) - 1, 1 << fraction - 1, r.getrandbits(fraction),
                  r.getrandbits(fraction), r.getrandbits(8) << fraction - 8))
    return r.getrandbits(1) << exponent + fraction | max(0, min(e, top)) << fraction | f


def floating(r):
    """What an f register holds: a double, a boxed number, or a badly boxed one."""
    kind = r.randrange(16)
    if kind < 8:
        return number(r, *DOUBLE)
    if kind < 14:
        return ALL << 32 & ALL | number(r, *SINGLE)
    if kind == 14:
        return ALL << 16 & ALL | number(r, *HALF)
    return r.getrandbits(32) << 32 | number(r, *SINGLE)
