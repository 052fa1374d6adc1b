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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import fp_reference as ref  # noqa: E402
from encode import BY_NAME, insn, load_constant  # noqa: E402
from fp_reference import ALL, D, H, S  # noqa: E402

DYN = 7
MODES = range(5)
CODE, DATA = 0x80000000, 0x80800000
UART, POWER = 0x10000000, 0x100000
ANSWER = 9  # bytes a case: the destination's, and fflags


# --- the instructions, and what they give

X_SOURCE, X_DEST, F_DEST = 11, 10, 4  # operands are f1, f2, f3, or a1
FIELDS = {"fs1": 1, "fs2": 2, "fs3": 3, "rs1": X_SOURCE, "rd": X_DEST, "fd": F_DEST}


class Op:
    """An instruction and what it gives of three operands in a rounding mode."""

    def __init__(self, name, source, result):
        self.name, self.source, self.result = name, source, result
        self.to_x = "rd" in BY_NAME[name].fields
        self.modes = "rm" in BY_NAME[name].fields

    def word(self, mode):
        return BY_NAME[self.name](**FIELDS, rm=mode).to_bytes(4, "little")


def both_formats():
    return (("s", S), ("d", D))


def arithmetic():
    for s, f in both_formats():
        def two(fn, f=f):
            return lambda a, b, c, m: fn(f, f.unbox(a), f.unbox(b), m)

        def minus(a, b, c, m, f=f):
            return ref.add(f, f.unbox(a), f.unbox(b) ^ f.sign, m)
        for name, fn in (("fadd", two(ref.add)), ("fsub", minus), ("fmul", two(ref.mul)),
                         ("fdiv", two(ref.div))):
            yield Op(f"{name}.{s}", s, fn)
        yield Op(f"fsqrt.{s}", s, lambda a, b, c, m, f=f: ref.sqrt(f, f.unbox(a), m))
        for name, p, q in (("fmadd", 0, 0), ("fmsub", 0, 1), ("fnmsub", 1, 0), ("fnmadd", 1, 1)):
            yield Op(f"{name}.{s}", s, lambda a, b, c, m, f=f, p=p, q=q: ref.fma(
                f, f.unbox(a) ^ p * f.sign, f.unbox(b), f.unbox(c) ^ q * f.sign, m))


def sign_injection(f, kind, a, b):
    sign = (b, ~b, a ^ b)[kind] & f.sign
    return a & ~f.sign | sign, 0


def comparisons():
    for s, f in both_formats():
        def fixed(name, fn, s=s, f=f):
            return Op(f"{name}.{s}", s, lambda a, b, c, m: fn(f, f.unbox(a), f.unbox(b)))
        for kind, name in enumerate(("fsgnj", "fsgnjn", "fsgnjx")):
            yield fixed(name, lambda f, a, b, kind=kind: sign_injection(f, kind, a, b))
        yield fixed("fmin", lambda f, a, b: ref.minmax(f, a, b, True, False))
        yield fixed("fmax", lambda f, a, b: ref.minmax(f, a, b, False, False))
        for rel in ("le", "lt", "eq"):
            yield fixed(f"f{rel}", lambda f, a, b, rel=rel: ref.compare(f, a, b, rel, rel == "eq"))
        yield fixed("fclass", lambda f, a, b: ref.classify(f, a))


INTEGERS = (("w", 32, True), ("wu", 32, False), ("l", 64, True), ("lu", 64, False))


def conversions():
    for s, f in both_formats():
        for name, bits, signed in INTEGERS:
            yield Op(f"fcvt.{name}.{s}", s, lambda a, b, c, m, f=f, i=(bits, signed): ref.to_int(
                f, f.unbox(a), *i, m))
            yield Op(f"fcvt.{s}.{name}", "x", lambda a, b, c, m, f=f, i=(bits, signed):
                     ref.from_int(f, a, *i, m))
    formats = (("s", S), ("d", D), ("h", H))
    for t, to in formats:
        for s, f in formats:
            if t != s:
                yield Op(f"fcvt.{t}.{s}", s, lambda a, b, c, m, to=to, f=f: ref.convert(
                    to, f, f.unbox(a), m))


def moves():
    for s, f in (("w", S), ("d", D), ("h", H)):
        source = "s" if s == "w" else s
        yield Op(f"fmv.x.{s}", source, lambda a, b, c, m, f=f: (ref.sext(a, f.width), 0))
        yield Op(f"fmv.{s}.x", "x", lambda a, b, c, m, f=f: (a & f.ones, 0))


def zfa():
    for s, f in both_formats():
        for name, smaller in (("fminm", True), ("fmaxm", False)):
            yield Op(f"{name}.{s}", s, lambda a, b, c, m, f=f, w=smaller: ref.minmax(
                f, f.unbox(a), f.unbox(b), w, True))
        for name in ("fround", "froundnx"):
            yield Op(f"{name}.{s}", s, lambda a, b, c, m, f=f, x=name == "froundnx":
                     ref.to_integral(f, f.unbox(a), m, x))
        for rel in ("le", "lt"):
            yield Op(f"f{rel}q.{s}", s, lambda a, b, c, m, f=f, rel=rel: ref.compare(
                f, f.unbox(a), f.unbox(b), rel, True))
    yield Op("fcvtmod.w.d", "d", lambda a, b, c, m: ref.to_int_modular(a))


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

S0, S1, S2, S3, T0, T1 = 8, 9, 18, 19, 5, 6


def loop(op, mode, static, flags, table, count):
    """s0 walks over the operands, s1 over the answers; s2 is the end of the operands."""
    body = b"".join([
        *(insn("fld", fd=n, rs1=S0, imm=8 * n - 8) for n in (1, 2, 3)),
        insn("ld", rd=X_SOURCE, rs1=S0), insn("csrrwi", csr=1, zimm=flags),
        op.word(mode if static else DYN),
        insn("sd", rs1=S1, rs2=X_DEST) if op.to_x else insn("fsd", rs1=S1, fs2=F_DEST),
        insn("csrrs", csr=1, rd=T0), insn("sb", rs1=S1, rs2=T0, imm=8),
        insn("addi", rd=S0, rs1=S0, imm=24), insn("addi", rd=S1, rs1=S1, imm=ANSWER)])
    head = load_constant(S0, table) + load_constant(S2, table + 24 * count)
    return (head + insn("csrrwi", csr=2, zimm=mode) + body +
            insn("bne", rs1=S0, rs2=S2, imm=-len(body)))


def print_answers(start):
    """Sends [start, s1) to the serial port, and powers off."""
    send = [insn("lbu", rd=T0, rs1=S3, imm=5), insn("andi", rd=T0, rs1=T0, imm=0x20),
            insn("beq", rs1=T0, imm=-8), insn("lbu", rd=T0, rs1=S0), insn("sb", rs1=S3, rs2=T0),
            insn("addi", rd=S0, rs1=S0, imm=1), insn("bne", rs1=S0, rs2=S1, imm=-24)]
    off = [load_constant(T0, POWER), load_constant(T1, 0x5555), insn("sw", rs1=T0, rs2=T1),
           insn("jal")]
    return load_constant(S0, start) + load_constant(S3, UART) + b"".join(send + off)


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
        code = load_constant(T0, 3 << 13) + insn("csrrs", csr=0x300, rs1=T0)
        code += load_constant(S1, start)
        for op in ops:
            table, sets = tables[op.source]
            for mode in MODES if op.modes else (0,):
                # once by frm, and once by the instruction's own field with NX set before
                for static, flags in ((False, 0), (True, 1)):
                    code += loop(op, mode, static, flags, table, len(sets))
                    self.cases += [(op, mode, flags, s) for s in sets]
        code += print_answers(start)
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
