# SPDX-License-Identifier: MIT
"""What differs between two runs of a program, and where it began."""
import os
import struct
import subprocess

import image
import layout as at

X_NAMES = ("zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 "
           "t3 t4 t5 t6").split()


def word_name(offset):
    """What the 8 bytes at an offset of the state are."""
    if offset >= at.STATE_END - at.STATE:
        return f"superpage+{offset - at.STATE_END + at.STATE:#x}"
    page, offset = at.FRAME_PAGE + offset // at.PAGE, offset % at.PAGE
    if page >= at.CODE_PAGE:
        return f"code+{(page - at.CODE_PAGE) * at.PAGE + offset:#x}"
    if page >= at.DATA_PAGE:
        return f"data+{(page - at.DATA_PAGE) * at.PAGE + offset:#x}"
    if page >= at.TABLE_PAGE:
        return f"table {page - at.TABLE_PAGE} entry {offset // 8}"
    return frame_name(offset)


def frame_name(offset):
    if offset >= at.LOG:
        entry, field = divmod(offset - at.LOG, at.LOG_ENTRY)
        return f"trap {entry} {at.LOG_FIELDS[field // 8]}"
    if offset >= at.END_CSRS:
        return at.ALL_CSRS[(offset - at.END_CSRS) // 8]
    if offset >= at.END_F:
        return f"f{(offset - at.END_F) // 8}"
    if offset == at.END_FCSR:
        return "fcsr"
    if offset >= at.END_X:
        return X_NAMES[(offset - at.END_X) // 8]
    return {at.COUNT: "number of traps", at.STATUS: "status at the last trap"}.get(offset, "frame")


def differences(a, b):
    """(name, a's, b's) of each word that differs."""
    words = len(a) // 8
    pairs = zip(struct.unpack(f"<{words}Q", a), struct.unpack(f"<{words}Q", b))
    return [(word_name(8 * n), p, q) for n, (p, q) in enumerate(pairs) if p != q]


class Single:
    """One program, alone in its image, as often as it takes."""

    def __init__(self, runtime, emulators, program, folder):
        self.runtime, self.emulators, self.program = runtime, emulators, program
        self.path = os.path.join(folder, "single.bin")

    def states(self, count=None):
        slot = self.program.slot(self.runtime.symbols, count)
        with open(self.path, "wb") as out:
            out.write(self.runtime.image([slot], verbose=True))
        return [e.run(self.path, self.program.extended, image.STATE_SIZE, timeout=3) for e in self.emulators]

    def first_difference(self):
        """How many pieces it takes, and the states behind them; None if they agree."""
        for count in range(len(self.program.pieces) + 1):
            a, b = self.states(count)
            if a != b or len(a) != image.STATE_SIZE:
                return count, a, b
        return None

    def disassembly(self, piece, address):
        with open(self.path, "wb") as out:
            out.write(piece)
        text = subprocess.run(
            [image.tool("riscv64-unknown-elf-objdump", "binutils-riscv64-unknown-elf"), "-D", "-b",
             "binary", "-m", "riscv:rv64", f"--adjust-vma={address:#x}", self.path],
            check=True, capture_output=True, text=True).stdout
        return [line for line in text.splitlines() if ":\t" in line]

    def print(self, limit=12):
        p = self.program
        print(f"seed {p.seed} program {p.index} ({p.kind}, mode {p.mode}):")
        found = self.first_difference()
        if not found:
            print("    alone it does not differ")
            return
        count, a, b = found
        if count:
            before = sum(map(len, p.pieces[:count - 1]))
            print(f"    piece {count} of {len(p.pieces)}:")
            address = p.page(at.CODE_PAGE) + p.offset + before
            for line in self.disassembly(p.pieces[count - 1], address):
                print("    " + line)
        names = [e.name for e in self.emulators]
        for name, state in zip(names, (a, b)):
            if len(state) != image.STATE_SIZE:
                print(f"    {name} did not come to the end: {len(state)} bytes")
        if len(a) == len(b):
            wrong = differences(a, b)
            for name, x, y in wrong[:limit]:
                print(f"    {name:24} {names[0]} {x:016x}  {names[1]} {y:016x}")
            if len(wrong) > limit:
                print(f"    and {len(wrong) - limit} words more")
