# SPDX-License-Identifier: MIT
"""The disassembly of every decode row against GNU objdump's: all 16-bit encodings, and many of each
32-bit row. Rows that this objdump does not know yet have texts made by hand."""
import collections
import re
import subprocess
import sys
import tempfile
import os

print_disas, gcc, objdump = sys.argv[1:]
PC = 0x80000000  # of every line that print-disas prints

ARCH = ("rv64imafdc_zicsr_zifencei_zba_zbb_zbc_zbs_zfhmin_zicbom_zicbop_zicboz_zawrs_zihintpause_"
        "svinval")

# Written from the manual; whatever objdump says of them must agree if it knows them.
BY_HAND = {
    # fences as programs have them
    "0ff0000f": "fence iorw,iorw", "0310000f": "fence rw,w", "0100000f": "fence w,0",
    "0000100f": "fence.i", "8330000f": "fence.tso rw,rw",
    "42058553": "fcvt.d.s fa0,fa1", "d2058553": "fcvt.d.w fa0,a1", "d2158553": "fcvt.d.wu fa0,a1",
    "42258553": "fcvt.d.h fa0,fa1", "40258553": "fcvt.s.h fa0,fa1",
    # Zacas, Zicond, Zfa, Zcb
    "28c5a52f": "amocas.w a0,a2,(a1)", "2ec5b52f": "amocas.d.aqrl a0,a2,(a1)",
    "2cc5c52f": "amocas.q.aq a0,a2,(a1)",
    "0ec5d533": "czero.eqz a0,a1,a2", "0ec5f533": "czero.nez a0,a1,a2",
    "f0100553": "fli.s fa0,-1.0", "f0108553": "fli.s fa0,min", "f0110553": "fli.s fa0,0x1p-16",
    "f2180553": "fli.d fa0,1.0", "f21f0553": "fli.d fa0,inf", "f21f8553": "fli.d fa0,nan",
    "28c5a553": "fminm.s fa0,fa1,fa2", "28c5b553": "fmaxm.s fa0,fa1,fa2",
    "2ac5a553": "fminm.d fa0,fa1,fa2", "2ac5b553": "fmaxm.d fa0,fa1,fa2",
    "4045f553": "fround.s fa0,fa1", "4055a553": "froundnx.s fa0,fa1,rdn",
    "42459553": "fround.d fa0,fa1,rtz", "4255f553": "froundnx.d fa0,fa1",
    "a0c5c553": "fleq.s a0,fa1,fa2", "a0c5d553": "fltq.s a0,fa1,fa2",
    "a2c5c553": "fleq.d a0,fa1,fa2", "a2c5d553": "fltq.d a0,fa1,fa2",
    "c2859553": "fcvtmod.w.d a0,fa1,rtz",
    "81a8": "c.lbu a0,2(a1)", "85a8": "c.lhu a0,2(a1)", "85e8": "c.lh a0,2(a1)",
    "89c8": "c.sb a0,1(a1)", "8da8": "c.sh a0,2(a1)", "9d61": "c.zext.b a0",
    "9d65": "c.sext.b a0", "9d69": "c.zext.h a0", "9d6d": "c.sext.h a0", "9d71": "c.zext.w a0",
    "9d75": "c.not a0", "9d4d": "c.mul a0,a1",
}
# Another name for some operands of a row: its name, and what is left out.
ALIASES = {"c.slli64": ("c.slli", ",0"), "c.srli64": ("c.srli", ",0"),
           "c.srai64": ("c.srai", ",0"), "pause": ("fence", "w,0"),
           "fence.tso": ("fence.tso", "rw,rw")}
# Bits that this objdump wants to be 0, and we, as the manual says, ignore.
IGNORED = {"fence": 0xf00fff80, "fence.i": 0xffff8f80, "fcvt.d.s": 0x7000, "fcvt.d.w": 0x7000,
           "fcvt.d.wu": 0x7000, "fcvt.d.h": 0x7000, "fcvt.s.h": 0x7000}


def ours(words):
    out = subprocess.run([print_disas, *words], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


def theirs(words):
    with tempfile.TemporaryDirectory() as folder:
        source, binary = os.path.join(folder, "a.S"), os.path.join(folder, "a.o")
        with open(source, "w") as file:
            file.write(".option arch, %s\n" % ARCH)
            file.writelines(".insn %d, 0x%s\n" % (len(word) // 2, word) for word in words)
        subprocess.run([gcc, "-c", "-march=rv64gc", source, "-o", binary], check=True)
        out = subprocess.run([objdump, "-d", "-M", "no-aliases", binary], check=True,
                             capture_output=True, text=True).stdout
    rows = re.findall(r"^ *([0-9a-f]+):\t([0-9a-f]+) *\t(\S+)\t?(.*)$", out, re.M)
    return [(int(address, 16), word, name, operands) for address, word, name, operands in rows]


def numbers(operands):
    """Numbers in decimal, whichever way they are written."""
    return ",".join(str(int(part, 0)) if re.fullmatch(r"-?(0x[0-9a-f]+|\d+)", part) else part
                    for part in operands.split(","))


def our_operands(operands, address):
    """A jump's target where objdump, which saw the word elsewhere, has it; no other remarks."""
    jump = re.fullmatch(r"(?P<first>|.*,)-?\d+ # 0x(?P<target>[0-9a-f]+)", operands)
    if jump:
        return "%s%x" % (jump["first"], (int(jump["target"], 16) - PC + address) % (1 << 64))
    return numbers(operands.split(" #")[0])


def their_operands(operands):
    return numbers(re.sub(r",dyn$| <.*>|\s*#.*", "", operands))


def same(word, row, our, their):
    """(name, operands) of both."""
    if their[0].endswith("byte") and row != "-":
        return row in IGNORED and int(word, 16) & IGNORED[row] != 0
    name, rest = ALIASES.get(their[0], (their[0], ""))
    if row == "-":
        return their[0].endswith("byte") or word in ("0000", "6101")  # c.unimp; an increment of 0
    if our == (name, their[1] + rest):
        return True
    # a CSR that we do not have is a number, not one of our names
    number = re.search(r",(\d+),", our[1])
    return bool(row.startswith("csrr") and number and our[0] == name and
                re.fullmatch(re.escape(our[1]).replace(number[1], r"[a-z]\w+", 1), their[1]))


def main():
    rows = ours(BY_HAND)
    compared, unknown, wrong = collections.Counter(), collections.Counter(), []
    for (word, row, text), (address, _, *their) in zip(rows, theirs(w for w, _, _ in rows),
                                                       strict=True):
        name, _, operands = text.partition(" ")
        our = (name, our_operands(operands.strip(), address))
        if their[0].endswith("byte") and row not in IGNORED and row != "-":
            unknown[row] += 1
        elif same(word, row, our, (their[0], their_operands(their[1]))):
            compared[row] += 1
        else:
            wrong.append("%s: ours %s, theirs %s" % (word, text, " ".join(their)))
    for word, row, text in rows[-len(BY_HAND):]:
        if " ".join(text.split(" #")[0].split()) != BY_HAND[word]:
            wrong.append("%s: ours %s, by hand %s" % (word, text, BY_HAND[word]))
    by_hand = {row for _, row, _ in rows[-len(BY_HAND):]}
    wrong += ["%s: objdump does not know it, and no text is made by hand" % row
              for row in unknown if row not in by_hand]
    print("%d encodings of %d rows agree with objdump; it does not know %s" % (
        sum(compared.values()), len(compared), " ".join(sorted(unknown)) or "none"))
    print("\n".join(wrong[:40]))
    sys.exit(1 if wrong or sum(compared.values()) < 50000 else 0)


if __name__ == "__main__":
    main()
