# SPDX-License-Identifier: MIT
"""Machine code from the tables of opcodes.py."""
import opcodes

FORMATS = {"s": "00", "d": "01"}
WIDTHS = {"w": "010", "d": "011"}
FIELD_BITS = {"rm": 3, "aqrl": 2, "csr": 12, "zimm": 5}
PRIME = 8  # x8 and f8 are the first of the three-bit registers


def field_bits(field):
    return 3 if field.endswith("'") else FIELD_BITS.get(field, 5)


class Insn:
    """One instruction: `fixed` bits, and of each field the parts (from bit, mask, to bit)."""

    def __init__(self, name, tokens):
        self.name, self.fixed, self.fields, self.imm_bits = name, 0, {}, 0
        self.size = 2 if tokens[-1] in ("00", "01", "10") or tokens[0] == "1001000000000010" else 4
        at = 8 * self.size
        for token in tokens:
            if token.strip("01") == "":
                at -= len(token)
                self.fixed |= int(token, 2) << at
            elif "[" in token:
                at = self.immediate(token, at)
            else:
                at -= field_bits(token)
                self.fields[token] = [(0, (1 << field_bits(token)) - 1, at)]
        assert at == 0, name

    def immediate(self, token, at):
        field, slices = token.rstrip("]").split("[")
        for part in slices.split("|"):
            high, _, low = part.partition(":")
            high, low = int(high), int(low or high)
            at -= high - low + 1
            self.fields.setdefault(field, []).append((low, (1 << (high - low + 1)) - 1, at))
            self.imm_bits = max(self.imm_bits, high + 1)
        return at

    def __call__(self, **values):
        """The word; a primed register is given by its whole number."""
        word = self.fixed
        for field, parts in self.fields.items():
            value = values[field.rstrip("'")] - (PRIME if field[-1] == "'" else 0)
            for low, mask, at in parts:
                word |= (value >> low & mask) << at
        return word


def table(text, letter=None, letters=None):
    """The instructions of a table; with `letter`, one for each of `letters` in its place."""
    insns = []
    for line in text.strip().splitlines():
        for name, bits in (letters or {"": ""}).items():
            first, *tokens = line.split()
            if letter:
                first = ".".join(name if part == letter else part for part in first.split("."))
                tokens = [bits if token == letter else token for token in tokens]
            insns.append(Insn(first, tokens))
    return insns


INTEGER, BITS, MEMORY = table(opcodes.INTEGER), table(opcodes.BITS), table(opcodes.MEMORY)
FLOAT = table(opcodes.FLOAT, "F", FORMATS) + table(opcodes.FLOAT_BETWEEN)
FLOAT_ZFA = table(opcodes.FLOAT_ZFA, "F", FORMATS) + table(opcodes.FCVTMOD)
ATOMIC = table(opcodes.ATOMIC, "W", WIDTHS)
COMPRESSED, COMPRESSED_MEMORY = table(opcodes.COMPRESSED), table(opcodes.COMPRESSED_MEMORY)
BY_NAME = {i.name: i for i in INTEGER + BITS + MEMORY + FLOAT + FLOAT_ZFA + ATOMIC + COMPRESSED +
           COMPRESSED_MEMORY + table(opcodes.FLOW)}


def insn(name, **values):
    """The bytes of one instruction; what is not given is zero."""
    i = BY_NAME[name]
    return i(**{f.rstrip("'"): 0 for f in i.fields} | values).to_bytes(i.size, "little")


def load_constant(rd, value):
    """Any 64 bits: lui and addiw, or the upper part first, then shifts and addi."""
    value = (value & (1 << 64) - 1) - ((value >> 63 & 1) << 64)
    low = (value & 0xfff) - ((value & 0x800) << 1)
    if -(1 << 31) <= value < 1 << 31:
        return (insn("lui", rd=rd, imm=value - low & 0xffffffff) +
                insn("addiw", rd=rd, rs1=rd, imm=low))
    return (load_constant(rd, value - low >> 12) + insn("slli", rd=rd, rs1=rd, imm=12) +
            insn("addi", rd=rd, rs1=rd, imm=low))
