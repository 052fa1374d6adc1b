#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs random programs on vl and on qemu-system-riscv64 and compares all they leave behind.

    run.py --vl VL [--accel NAME] [--programs N] [--seed N] [--kinds integer,float,...]
    run.py --vl VL --seed N --only INDEX     one program alone, with all that differs

A program's registers, CSRs, every trap on the way, and its memory are compared by a digest that
the guest computes; a program whose digest differs is run again, alone, with one piece more each
time until the first piece that makes a difference."""
import argparse
import collections
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))
import image  # noqa: E402
from program import BATCH, KINDS, Program  # noqa: E402
from report import Single  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vl", default=os.environ.get("VL"), help="the program under test")
    parser.add_argument("--accel", help="vl's engine, as its option -accel has it")
    parser.add_argument("--qemu", default="qemu-system-riscv64")
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", help="of " + ",".join(KINDS))
    parser.add_argument("--only", type=int, metavar="INDEX", help="one program")
    parser.add_argument("--reports", type=int, default=5, help="how many are narrowed down")
    parser.add_argument("--timeout", type=float, default=20, help="of a batch, in seconds")
    args = parser.parse_args()
    args.kinds = args.kinds.split(",") if args.kinds else None
    if not args.vl or not shutil.which(args.vl):
        parser.error("--vl must name the program to test")
    return args


class Comparison:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.runtime = image.Runtime(folder)
        accel = ["-accel", args.accel] if args.accel else []
        self.emulators = [image.Emulator("vl", args.vl, image.VL_CPU, *accel),
                          image.Emulator("qemu", args.qemu, image.QEMU_CPU, "-smp", "2")]
        self.done, self.wrong = collections.Counter(), []

    def single(self, index):
        program = Program(self.args.seed, index, 0, self.args.kinds)
        return Single(self.runtime, self.emulators, program, self.folder)

    def digests(self, programs):
        path = os.path.join(self.folder, "batch.bin")
        with open(path, "wb") as out:
            out.write(self.runtime.image([p.slot(self.runtime.symbols) for p in programs]))
        size = image.DIGEST * len(programs)
        for e in self.emulators:
            out = e.run(path, programs[0].extended, size, self.args.timeout)
            yield [out[n:n + image.DIGEST] for n in range(0, size, image.DIGEST)]

    def batch(self, first, count):
        """The programs from `first` on. One that hangs ends its batch; the rest is run anew."""
        while count:
            programs = [Program(self.args.seed, first + n, n, self.args.kinds)
                        for n in range(count)]
            ended = 0
            for p, a, b in zip(programs, *self.digests(programs)):
                self.done[p.kind] += 1
                ended += 1
                if a != b or len(a) != image.DIGEST:
                    self.wrong.append(p)
                    self.report(p.index)
                if len(a) != image.DIGEST or len(b) != image.DIGEST:
                    break
            first, count = first + ended, count - ended

    def report(self, index):
        if len(self.wrong) <= self.args.reports:
            self.single(index).print()
        sys.stdout.flush()


def main():
    args = arguments()
    image.tool(args.qemu, "qemu-system-misc")
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(args, folder)
        if args.only is not None:
            comparison.single(args.only).print(limit=1000)
            return 0
        start = time.monotonic()
        for first in range(0, args.programs, BATCH):
            comparison.batch(first, min(BATCH, args.programs - first))
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(comparison.done.items()))
    seconds = time.monotonic() - start
    print(f"{args.programs} programs ({kinds}), seed {args.seed}, in {seconds:.0f} s: "
          f"{len(comparison.wrong)} differ")
    for p in comparison.wrong[:40]:
        print(f"    --seed {args.seed} --only {p.index}  # {p.kind}")
    return len(comparison.wrong) != 0


if __name__ == "__main__":
    sys.exit(main())
