#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the floating point of vl, of qemu-system-riscv64, and of exact arithmetic.

    fp_diff.py --vl VL [--count N] [--seed N]

One flat program applies each instruction, in each rounding mode, to N sets of operands (edge cases
and random ones) and prints results and flags on the serial port. Both emulators run it; every
result is also computed by fp_reference.py. Zfa runs on vl alone: QEMU 7.2 lacks it.
"""
import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import fp_reference as ref
from fp_reference import ALL, D, H, S

DYN = 7
MODES = range(5)
CODE, DATA = 0x80000000, 0x80800000
UART, POWER = 0x10000000, 0x100000
ANSWER = 9  # bytes a case: the destination's, and fflags


# --- encodings, from the manual's opcode map

def enc_i(op, f3, rd, rs1, imm):
    return (imm & 0xfff) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op


def enc_s(op, f3, rs1, rs2, imm):
    return (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | (imm & 31) << 7 | op


def enc_b(f3, rs1, rs2, offset):
    return ((offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 |
            f3 << 12 | (offset >> 1 & 15) << 8 | (offset >> 11 & 1) << 7 | 0x63)


def enc_fp(f7, rs2, f3, rd, rs1=1):
    return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | 0x53


X_SOURCE, X_DEST, F_DEST = 11, 10, 4  # operands are f1, f2, f3, or a1


class Op:
    """An instruction: how it is encoded in a rounding mode, and what it gives."""

    def __init__(self, name, source, word, result, to_x=False, modes=True):
        self.name, self.source, self.word, self.result = name, source, word, result
        self.to_x, self.modes = to_x, modes


def both_formats():
    return (("s", 0, S), ("d", 1, D))


def arithmetic():
    for s, fmt, f in both_formats():
        def two(fn, f=f):
            return lambda a, b, c, m: fn(f, f.unbox(a), f.unbox(b), m)

        def minus(a, b, c, m, f=f):
            return ref.add(f, f.unbox(a), f.unbox(b) ^ f.sign, m)
        for name, f7, fn in (("fadd", 0, two(ref.add)), ("fsub", 4, minus),
                             ("fmul", 8, two(ref.mul)), ("fdiv", 12, two(ref.div))):
            yield Op(f"{name}.{s}", s, lambda m, f7=f7 + fmt: enc_fp(f7, 2, m, F_DEST), fn)
        yield Op(f"fsqrt.{s}", s, lambda m, fmt=fmt: enc_fp(44 + fmt, 0, m, F_DEST),
                 lambda a, b, c, m, f=f: ref.sqrt(f, f.unbox(a), m))
        for name, op, p, q in (("fmadd", 0x43, 0, 0), ("fmsub", 0x47, 0, 1),
                               ("fnmsub", 0x4b, 1, 0), ("fnmadd", 0x4f, 1, 1)):
            yield Op(f"{name}.{s}", s,
                     lambda m, op=op, fmt=fmt: (3 << 27 | fmt << 25 | 2 << 20 | 1 << 15 | m << 12 |
                                                F_DEST << 7 | op),
                     lambda a, b, c, m, f=f, p=p, q=q: ref.fma(
                         f, f.unbox(a) ^ p * f.sign, f.unbox(b), f.unbox(c) ^ q * f.sign, m))


def sign_injection(f, kind, a, b):
    sign = (b, ~b, a ^ b)[kind] & f.sign
    return a & ~f.sign | sign, 0


def comparisons():
    for s, fmt, f in both_formats():
        def fixed(name, f7, f3, fn, to_x=False, rs2=2, s=s, fmt=fmt, f=f):
            return Op(f"{name}.{s}", s, lambda m: enc_fp(f7 + fmt, rs2, f3, X_DEST if to_x else F_DEST),
                      lambda a, b, c, m: fn(f, f.unbox(a), f.unbox(b)), to_x, modes=False)
        for kind, name in enumerate(("fsgnj", "fsgnjn", "fsgnjx")):
            yield fixed(name, 16, kind, lambda f, a, b, kind=kind: sign_injection(f, kind, a, b))
        yield fixed("fmin", 20, 0, lambda f, a, b: ref.minmax(f, a, b, True, False))
        yield fixed("fmax", 20, 1, lambda f, a, b: ref.minmax(f, a, b, False, False))
        for f3, rel in ((0, "le"), (1, "lt"), (2, "eq")):
            yield fixed(f"f{rel}", 80, f3, lambda f, a, b, rel=rel: ref.compare(
                f, a, b, rel, rel == "eq"), to_x=True)
        yield fixed("fclass", 112, 1, lambda f, a, b: ref.classify(f, a), to_x=True, rs2=0)


INTEGERS = (("w", 32, True), ("wu", 32, False), ("l", 64, True), ("lu", 64, False))


def conversions():
    for s, fmt, f in both_formats():
        for n, (name, bits, signed) in enumerate(INTEGERS):
            yield Op(f"fcvt.{name}.{s}", s, lambda m, n=n, fmt=fmt: enc_fp(96 + fmt, n, m, X_DEST),
                     lambda a, b, c, m, f=f, i=(bits, signed): ref.to_int(f, f.unbox(a), *i, m),
                     to_x=True)
            yield Op(f"fcvt.{s}.{name}", "x",
                     lambda m, n=n, fmt=fmt: enc_fp(104 + fmt, n, m, F_DEST, X_SOURCE),
                     lambda a, b, c, m, f=f, i=(bits, signed): ref.from_int(f, a, *i, m))
    formats = (("s", 0, S), ("d", 1, D), ("h", 2, H))
    for t, to_number, to in formats:
        for s, number, f in formats:
            if t != s:
                yield Op(f"fcvt.{t}.{s}", s,
                         lambda m, t=to_number, n=number: enc_fp(32 + t, n, m, F_DEST),
                         lambda a, b, c, m, to=to, f=f: ref.convert(to, f, f.unbox(a), m))


def moves():
    for s, fmt, f in (("w", 0, S), ("d", 1, D), ("h", 2, H)):
        source = "s" if s == "w" else s
        yield Op(f"fmv.x.{s}", source, lambda m, fmt=fmt: enc_fp(112 + fmt, 0, 0, X_DEST),
                 lambda a, b, c, m, f=f: (ref.sext(a, f.width), 0), to_x=True, modes=False)
        yield Op(f"fmv.{s}.x", "x", lambda m, fmt=fmt: enc_fp(120 + fmt, 0, 0, F_DEST, X_SOURCE),
                 lambda a, b, c, m, f=f: (a & f.ones, 0), modes=False)


def zfa():
    for s, fmt, f in both_formats():
        for name, f3, smaller in (("fminm", 2, True), ("fmaxm", 3, False)):
            yield Op(f"{name}.{s}", s, lambda m, f7=20 + fmt, f3=f3: enc_fp(f7, 2, f3, F_DEST),
                     lambda a, b, c, m, f=f, w=smaller: ref.minmax(
                         f, f.unbox(a), f.unbox(b), w, True), modes=False)
        for name, rs2 in (("fround", 4), ("froundnx", 5)):
            yield Op(f"{name}.{s}", s, lambda m, f7=32 + fmt, n=rs2: enc_fp(f7, n, m, F_DEST),
                     lambda a, b, c, m, f=f, x=rs2 == 5: ref.to_integral(f, f.unbox(a), m, x))
        for rel, f3 in (("le", 4), ("lt", 5)):
            yield Op(f"f{rel}q.{s}", s, lambda m, f7=80 + fmt, f3=f3: enc_fp(f7, 2, f3, X_DEST),
                     lambda a, b, c, m, f=f, rel=rel: ref.compare(
                         f, f.unbox(a), f.unbox(b), rel, True), to_x=True, modes=False)
    yield Op("fcvtmod.w.d", "d", lambda m: enc_fp(97, 8, 1, X_DEST),
             lambda a, b, c, m: ref.to_int_modular(a), to_x=True, modes=False)


# --- operands

def edges(f):
    one = f.emax << f.frac
    values = [0, 1, 2, f.quiet, (1 << f.frac) - 1, 1 << f.frac, (1 << f.frac) + 1, one - 1, one,
              one + 1, f.inf - 1, f.inf - 2, f.inf, f.nan, f.inf | 1, f.nan | 5, f.inf | f.quiet - 1]
    for n in (0.5, 1.5, 2.5, 3, 127.5, 2 ** 31 - 0.5, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1,
              2 ** 32, 2 ** 63 - 2 ** 10, 2 ** 63, 2 ** 63 + 2 ** 11, 2 ** 64 - 2 ** 11, 2 ** 64,
              65504, 65519, 65520, 2 ** -14, 2 ** -15, 2 ** -25, 1.5 * 2 ** -25, 2 ** -126, 2 ** -150):
        values.append(ref.rounded(f, ref.Fraction(n), ref.RNE)[0])
    return values + [v | f.sign for v in values]


def random_value(f, r):
    kind = r.randrange(8)
    if kind == 0:
        return r.choice(edges(f))
    exponents = (f.inf >> f.frac) + 1
    exp = r.randrange(exponents) if kind < 3 else (f.emax + r.randrange(-8, 9)) % exponents
    if kind == 3:
        exp = r.randrange(2 + f.frac)  # around the subnormals
    frac = r.getrandbits(f.frac)
    if kind & 1:
        frac &= frac << r.randrange(f.frac)  # few bits: exact results and ties
        frac &= (1 << f.frac) - 1
    return r.getrandbits(1) * f.sign | exp << f.frac | frac


def operand_sets(source, count, r):
    if source == "x":
        limits = [v + d for v in (0, 1 << 31, 1 << 32, 1 << 63, 1 << 24, 1 << 53) for d in (-1, 0, 1)]
        numbers = [v & ALL for v in limits + [-v for v in limits]]
        while len(numbers) < count:
            numbers.append(r.getrandbits(r.randrange(1, 65)) * r.choice((1, -1)) & ALL)
        r.shuffle(numbers)
        return [(v, 0, 0) for v in numbers[:max(count, 36)]]
    f = {"h": H, "s": S, "d": D}[source]
    edge = edges(f)
    r.shuffle(edge)
    sets = []
    for n in range(max(count, len(edge))):
        a, b, c = (random_value(f, r) for _ in range(3))
        if n < len(edge):
            a, b = edge[n], r.choice((b, r.choice(edge)))
        if r.randrange(6) == 0:  # nearly cancels
            c = ref.mul(f, a, b, 0)[0] ^ f.sign ^ r.choice((0, 0, 1))
        boxed = [f.box(v) for v in (a, b, c)]
        if f is not D and r.randrange(16) == 0:
            boxed[r.randrange(3)] ^= 1 << r.randrange(f.width, 64)
        sets.append(tuple(boxed))
    return sets


# --- the guest's program

def load_constant(rd, v):
    """lui and addiw: 32 bits, and what of it is below 2^31 is not sign-extended."""
    low = (v & 0xfff) - ((v & 0x800) << 1)
    words = [((v - low) >> 12 & 0xfffff) << 12 | rd << 7 | 0x37, enc_i(0x1b, 0, rd, rd, low)]
    if v >= 1 << 31:
        words += [enc_i(0x13, 1, rd, rd, 32), enc_i(0x13, 5, rd, rd, 32)]
    return words


def loop(op, mode, static, flags, table, count):
    """s0 walks over the operands, s1 over the answers; s2 is the end of the operands."""
    body = [enc_i(0x07, 3, 1, 8, 0), enc_i(0x07, 3, 2, 8, 8), enc_i(0x07, 3, 3, 8, 16),
            enc_i(0x03, 3, X_SOURCE, 8, 0),
            enc_i(0x73, 5, 0, flags, 1),  # fsflagsi
            op.word(mode if static else DYN),
            enc_s(0x23, 3, 9, X_DEST, 0) if op.to_x else enc_s(0x27, 3, 9, F_DEST, 0),
            enc_i(0x73, 2, 5, 0, 1), enc_s(0x23, 0, 9, 5, 8),
            enc_i(0x13, 0, 8, 8, 24), enc_i(0x13, 0, 9, 9, ANSWER)]
    head = load_constant(8, table) + load_constant(18, table + 24 * count)
    return head + [enc_i(0x73, 5, 0, mode, 2)] + body + [enc_b(1, 8, 18, -4 * len(body))]


def print_answers(start):
    """Sends [start, s1) to the serial port, and powers off."""
    send = [enc_i(0x03, 4, 5, 19, 5), enc_i(0x13, 7, 5, 5, 0x20), enc_b(0, 5, 0, -8),
            enc_i(0x03, 4, 5, 8, 0), enc_s(0x23, 0, 19, 5, 0), enc_i(0x13, 0, 8, 8, 1),
            enc_b(1, 8, 9, -24)]
    off = load_constant(5, POWER) + load_constant(6, 0x5555) + [enc_s(0x23, 2, 5, 6, 0), 0x6f]
    return load_constant(8, start) + load_constant(19, UART) + send + off


class Program:
    def __init__(self, ops, count, seed):
        self.cases = []  # op, mode, flags before, operands
        r = random.Random(seed)
        tables, data = {}, b""
        for source in sorted({op.source for op in ops}):
            sets = operand_sets(source, count, r)
            tables[source] = DATA + len(data), sets
            data += b"".join(struct.pack("<3Q", *s) for s in sets)
        start = (DATA + len(data) + 7) & ~7
        words = load_constant(5, 3 << 13) + [enc_i(0x73, 2, 0, 5, 0x300)] + load_constant(9, start)
        for op in ops:
            table, sets = tables[op.source]
            for mode in MODES if op.modes else (0,):
                # once by frm, and once by the instruction's own field with NX set before
                for static, flags in ((False, 0), (True, 1)):
                    words += loop(op, mode, static, flags, table, len(sets))
                    self.cases += [(op, mode, flags, s) for s in sets]
        words += print_answers(start)
        code = b"".join(struct.pack("<I", w) for w in words)
        self.binary = code.ljust(DATA - CODE, b"\0") + data

    def run(self, emulator, path, *options):
        machine = [*options, "-M", "virt", "-bios", path, "-display", "none", "-serial", "stdio",
                   "-monitor", "none"]
        out = subprocess.run([emulator, *machine], stdin=subprocess.DEVNULL, check=True,
                             stdout=subprocess.PIPE, timeout=120).stdout
        if len(out) != ANSWER * len(self.cases):
            sys.exit(f"{emulator}: {len(out)} bytes of answers, not {ANSWER * len(self.cases)}")
        return list(struct.iter_unpack("<QB", out))

    def expected(self):
        for op, mode, flags, operands in self.cases:
            result, raised = op.result(*operands, mode)
            if not op.to_x:
                result = box_of(op.name).box(result)
            yield result, raised | flags


def box_of(name):
    """The format of the result, from the instruction's name."""
    parts = name.split(".")
    if parts[0] in ("fcvt", "fmv"):
        letter = parts[1]
    else:
        letter = parts[-1]
    return {"h": H, "s": S, "w": S, "d": D}[letter]


def show_difference(case, who, got, want):
    op, mode, flags, operands = case
    a, b, c = operands
    print(f"{op.name} mode {mode} fflags {flags}: {a:016x} {b:016x} {c:016x}\n"
          f"    vl {got[0]:016x} flags {got[1]:02x}, {who} {want[0]:016x} flags {want[1]:02x}")


def compare(program, who, got, want):
    wrong = 0
    for case, g, w in zip(program.cases, got, want):
        if g != w:
            wrong += 1
            if wrong <= 10:
                show_difference(case, who, g, w)
    print(f"{len(program.cases)} cases against {who}: {wrong} differ")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vl", required=True)
    parser.add_argument("--qemu", default="qemu-system-riscv64")
    parser.add_argument("--count", type=int, default=100, help="sets of operands (edges at least)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    common = [*arithmetic(), *comparisons(), *conversions(), *moves()]
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "fp.bin")
        for ops, has_qemu in ((common, True), ([*zfa()], False)):
            program = Program(ops, args.count, args.seed)
            with open(path, "wb") as f:
                f.write(program.binary)
            got = program.run(args.vl, path)
            wrong += compare(program, "the reference", got, program.expected())
            if has_qemu and shutil.which(args.qemu):
                wrong += compare(program, "QEMU", got, program.run(args.qemu, path, "-cpu", "rv64,Zfhmin=true"))
            elif has_qemu:
                print(f"{args.qemu} is not installed: compared with the reference only")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
