# SPDX-License-Identifier: MIT
"""Unprivileged parts of a random program. A piece is a few instructions that stand by themselves
wherever they are put; a kind of program is a list of makers and their weights."""
import encode
import values
from encode import insn, load_constant

SP, FRAME, RESUME, S0, S1, TEMP, TEMP2 = 2, 3, 4, 8, 9, 30, 31
POINTERS = (SP, S0, S1)  # always into the data; no piece writes them for good
KEPT = {*POINTERS, FRAME, RESUME, TEMP, TEMP2}
FREE = [n for n in range(32) if n not in KEPT]  # x0 too: writes to it are lost
FREE_PRIME = [n for n in range(8, 16) if n not in KEPT]
NOT_ZERO = FREE[1:]
MODES = (0, 1, 2, 3, 4, 7, 7, 7)


def operands(i, r):
    """Random fields for an instruction that only computes."""
    v = {}
    for field in i.fields:
        name = field.rstrip("'")
        if field == "rd":
            v[name] = r.choice(FREE)
        elif field == "rd'":
            v[name] = r.choice(FREE_PRIME)
        elif field in ("rs1", "rs2"):
            v[name] = r.randrange(30)
        elif field == "rs2'":
            v[name] = r.randrange(8, 16)
        elif field == "rm":
            v[name] = r.choice(MODES)
        elif field.endswith("imm"):
            v[name] = r.choice((r.getrandbits(i.imm_bits), r.getrandbits(5), -r.getrandbits(5)))
        else:  # an f register; few of them, so that results meet
            v[name] = r.randrange(32) if r.randrange(2) else r.randrange(8, 12)
    return v


def computing(insns):
    def make(p, r):
        i = r.choice(insns)
        v = operands(i, r)
        if i.name == "ctzw":  # QEMU counts on into the upper word
            value = values.integer(r) | 1 << r.randrange(32)
            return load_constant(TEMP2, value) + i(**v | {"rs1": TEMP2}).to_bytes(4, "little")
        return i(**v).to_bytes(i.size, "little")
    return make


integer, bits, floating = (computing(t) for t in (encode.INTEGER, encode.BITS, encode.FLOAT))


def fp_state(p, r):
    """Rounding mode, the two reserved ones too, and flags; new operands."""
    csr = r.choice((1, 2, 3))
    choice = r.randrange(3)
    if choice == 0:
        return insn("csrrwi", csr=2, zimm=r.randrange(8), rd=r.choice(FREE))
    if choice == 1:
        op = r.choice(("csrrw", "csrrs", "csrrc"))
        return insn(op, csr=csr, rs1=r.choice(FREE), rd=r.choice(FREE))
    return load_constant(TEMP, values.floating(r)) + insn("fmv.d.x", rs1=TEMP, fd=r.randrange(32))


def new_value(p, r):
    return load_constant(r.choice(NOT_ZERO), values.integer(r))


def offset(r, aligned):
    """A signed offset; mostly aligned, so that half of the accesses are not odd ones."""
    at = r.randrange(-2048, 2048)
    return at & -8 if aligned or r.randrange(4) else at


def memory(p, r):
    i = r.choice(encode.MEMORY)
    v = operands(i, r) | {"rs1": r.choice(POINTERS), "imm": offset(r, p.aligned)}
    return i(**v).to_bytes(4, "little")


def page_crossing(p, r):
    """Around the end of a page of the data."""
    if p.aligned:
        return memory(p, r)
    i = r.choice(encode.MEMORY)
    at = p.data_page(r) + r.choice((-7, -6, -5, -4, -3, -2, -1, 0, r.randrange(-8, 8)))
    v = operands(i, r) | {"rs1": TEMP, "imm": 0}
    return load_constant(TEMP, at) + i(**v).to_bytes(4, "little")


def atomic_address(r, align):
    """TEMP points to an aligned (mostly) place of the data."""
    at = r.randrange(-2048, 2047) & -align if r.randrange(12) else r.randrange(-2048, 2047)
    return insn("addi", rd=TEMP, rs1=r.choice(POINTERS), imm=at)


def atomic(p, r):
    i = r.choice([i for i in encode.ATOMIC if i.name[:3] not in ("lr.", "sc.")])
    v = {"rd": r.choice(FREE), "rs1": TEMP, "rs2": r.randrange(30), "aqrl": r.randrange(4)}
    return atomic_address(r, 8) + i(**v).to_bytes(4, "little")


def reserved(p, r):
    """LR and SC; between them nothing, a store to the place (of the value there or another), or
    instructions. Sometimes SC alone, which fails."""
    width = r.choice("wd")
    if r.randrange(8) == 0:  # misaligned
        return (insn("addi", rd=TEMP, rs1=r.choice(POINTERS), imm=r.randrange(1, 4)) +
                insn(f"lr.{width}", rd=r.choice(FREE), rs1=TEMP))
    code = insn("addi", rd=TEMP, rs1=r.choice(POINTERS), imm=r.randrange(-2048, 2041) & -8)
    loaded = r.choice(NOT_ZERO)
    if r.randrange(8):
        code += insn(f"lr.{width}", rd=loaded, rs1=TEMP, aqrl=r.randrange(4))
    between = r.randrange(4)
    if between == 0:
        code += insn(f"s{width}", rs1=TEMP, rs2=r.choice((loaded, r.randrange(30))))
    elif between == 1:
        code += integer(p, r)
    return code + insn(f"sc.{width}", rd=r.choice(FREE), rs1=TEMP, rs2=r.randrange(30),
                       aqrl=r.randrange(4))


def compressed(p, r):
    i = r.choice(encode.COMPRESSED)
    v = operands(i, r)
    if i.name in ("c.mv", "c.add", "c.lui"):
        v["rd"] = r.choice(NOT_ZERO)
        if "rs2" in v:
            v["rs2"] = r.randrange(1, 30)
    if i.name == "c.lui":
        v["imm"] = r.randrange(1, 64) << 12
    elif i.name == "c.addi4spn":
        v["uimm"] = r.randrange(1, 256) << 2
    return i(**v).to_bytes(2, "little")


def compressed_memory(p, r):
    i = r.choice(encode.COMPRESSED_MEMORY)
    v = operands(i, r)
    if "rd" in v:
        v["rd"] = r.choice(FREE_PRIME if "rd'" in i.fields else NOT_ZERO)
    v["rs1"] = r.choice((S0, S1))
    return i(**v).to_bytes(2, "little")


def stack_pointer(p, r):
    by = r.choice((16, -16, 496, -512, r.randrange(1, 32) * 16))
    back = -by if by != -512 else 496
    code = insn("c.addi16sp", imm=by) + compressed_memory(p, r) + insn("c.addi16sp", imm=back)
    return code + (insn("c.addi16sp", imm=16) if by == -512 else b"")


def simple(p, r):
    return r.choice((integer, integer, bits, memory, compressed))(p, r)


def branch(p, r):
    """Over some simple pieces."""
    body = b"".join(simple(p, r) for _ in range(r.randrange(4)))
    if r.randrange(3):
        name = r.choice(("beq", "bne", "blt", "bge", "bltu", "bgeu"))
        rs1, rs2 = r.randrange(30), r.choice((0, r.randrange(30)))
        return insn(name, rs1=rs1, rs2=rs2, imm=4 + len(body)) + body
    return insn(r.choice(("c.beqz", "c.bnez")), rs1=r.randrange(8, 16), imm=2 + len(body)) + body


def loop(p, r):
    """A trap in the body zeroes the counter, which ends the loop."""
    body = b"".join(simple(p, r) for _ in range(r.randrange(1, 4)))
    back = insn("addi", rd=TEMP, rs1=TEMP, imm=-1)
    return (load_constant(TEMP, r.randrange(1, 20)) + body + back +
            insn("blt", rs1=0, rs2=TEMP, imm=-len(body) - len(back)))


def jump(p, r):
    """Links are inverted at once, so that no store goes to the code."""
    body = b"".join(simple(p, r) for _ in range(r.randrange(3)))
    link = r.choice(NOT_ZERO)
    invert = insn("xori", rd=link, rs1=link, imm=-1)
    kind = r.randrange(5)
    if kind == 0:
        return insn("jal", rd=link, imm=4 + len(body)) + body + invert
    if kind == 1:
        return insn("c.j", imm=2 + len(body)) + body
    here = insn("auipc", rd=TEMP)
    if kind == 2:  # bit 0 of the sum is dropped
        target = 8 + len(body) + r.randrange(2)
        return here + insn("jalr", rd=link, rs1=TEMP, imm=target) + body + invert
    name = r.choice(("c.jr", "c.jalr"))
    code = here + insn("addi", rd=TEMP, rs1=TEMP, imm=10 + len(body)) + insn(name, rs1=TEMP)
    return code + body + insn("xori", rd=1, rs1=1, imm=-1)


def pc_relative(p, r):
    rd = r.choice(NOT_ZERO)
    return (insn("auipc", rd=rd, imm=r.getrandbits(20) << 12) +
            insn("xori", rd=rd, rs1=rd, imm=-1))


def fence(p, r):
    return insn(*r.choice((("fence",), ("fence.i",)))) + simple(p, r)
