# SPDX-License-Identifier: MIT
"""Privileged parts of a random program: traps, CSRs, changes of mode, page tables, PMP."""
import encode
import values
from encode import insn, load_constant
from pieces import FREE, KEPT, NOT_ZERO, POINTERS, RESUME, SP, TEMP, TEMP2, memory, operands

MSTATUS = {"SIE": 1 << 1, "MIE": 1 << 3, "SPIE": 1 << 5, "MPIE": 1 << 7, "SPP": 1 << 8,
           "FS": 3 << 13, "MPRV": 1 << 17, "SUM": 1 << 18, "MXR": 1 << 19,
           "TVM": 1 << 20, "TW": 1 << 21, "TSR": 1 << 22}
MPP = 3 << 11
S_BITS = ("SIE", "SPIE", "SPP", "FS", "SUM", "MXR")
STATUS_MASK = sum(MSTATUS.values())
SSTATUS_MASK = sum(MSTATUS[b] for b in S_BITS)
PBMTE = 1 << 62  # of menvcfg
ALL = values.ALL

# CSRs that are written with random values: number, the bits that both emulators treat alike (see
# "Compared with QEMU" in docs/hart.md), and whether the old value must be put back at once.
WRITABLE = {
    "sstatus": (0x100, SSTATUS_MASK, False), "sie": (0x104, 0xaaa, False),
    "stvec": (0x105, ALL & ~2, True), "scounteren": (0x106, 0xffffffff, False),
    "senvcfg": (0x10a, 1, False), "sscratch": (0x140, ALL, False), "sepc": (0x141, ALL & ~1, False),
    "scause": (0x142, ALL, False), "stval": (0x143, ALL, False), "sip": (0x144, ALL, False),
    "mstatus": (0x300, STATUS_MASK, False), "misa": (0x301, ALL, False),
    "medeleg": (0x302, 0xb3ff, True), "mideleg": (0x303, 0x222, False),
    "mie": (0x304, 0xaaa, False), "mtvec": (0x305, ALL & ~2, True),
    "mcounteren": (0x306, 0xffffffff, False), "menvcfg": (0x30a, 1, False),
    "mscratch": (0x340, ALL, False), "mepc": (0x341, ALL & ~1, False), "mcause": (0x342, ALL, False),
    "mtval": (0x343, ALL, False), "mip": (0x344, 0x222, False)}
SATP, MENVCFG = 0x180, 0x30a
# Reads that give the time, or how many instructions, are only tried for their rights.
COUNTERS = (0xb00, 0xb02, 0xc00, 0xc01, 0xc02)
# Registers that QEMU has and vl has not, or the other way round, and those above.
UNREAD = {0x181, 0x320, *range(0x323, 0x340), *range(0xb00, 0xb20), *range(0xc00, 0xc20),
          *range(0x7a0, 0x7b0), 0x141, 0x341, 0x305, 0x105, SATP}
CSR_OPS = ("csrrw", "csrrs", "csrrc")


def csr_write(p, r):
    number, mask, restore = WRITABLE[r.choice(list(WRITABLE))]
    if number in (0x144, 0x344):
        mask = p.interrupts
    value = values.integer(r) & mask
    if number in (0x100, 0x300) and value & MSTATUS["FS"]:  # Off or Dirty
        value |= MSTATUS["FS"]
    if restore:
        old = r.choice(NOT_ZERO)
        return (load_constant(TEMP, value) + insn("csrrw", csr=number, rs1=TEMP, rd=old) +
                insn("csrrw", csr=number, rs1=old, rd=TEMP) + insn("xori", rd=old, rs1=old, imm=-1))
    rd = r.choice(FREE)
    if r.randrange(4) == 0:
        op = r.choice(("csrrsi", "csrrci")) if mask & 31 != 31 else "csrrwi"
        return insn(op, csr=number, zimm=value & mask & 31, rd=rd)
    # menvcfg keeps PBMTE as the program began
    op = r.choice(CSR_OPS[1:] if number == MENVCFG else CSR_OPS)
    code = load_constant(TEMP, value) + insn(op, csr=number, rs1=TEMP, rd=rd)
    return code + (insn("xori", rd=rd, rs1=rd, imm=-1) if number in (0x141, 0x341) else b"")


def csr_read(p, r):
    """Any number: those that exist, those that do not, those of other modes."""
    number = r.choice([n for n, _, _ in WRITABLE.values()] + list(range(0x3a0, 0x3c0)) +
                      [r.getrandbits(12) for _ in range(16)])
    rd = r.choice(NOT_ZERO)
    if number in UNREAD:
        number = r.choice(COUNTERS)
        return insn("csrrs", csr=number, rd=rd) + insn("addi", rd=rd, imm=r.getrandbits(11))
    return insn("csrrs", csr=number, rd=rd)


def read_only_write(p, r):
    """Illegal; with x0 as the source of csrrs and csrrc it is a read."""
    op, number = r.choice(CSR_OPS), r.choice((0xf11, 0xf12, 0xf13, 0xf14, 0xc00, 0xc02))
    source = SP if number < 0xf00 or op == "csrrw" else r.choice((0, SP))
    return insn(op, csr=number, rs1=source, rd=r.choice(FREE))


def status_bit(p, r):
    """One bit at a time: what a wholly random value seldom gets right."""
    m = r.randrange(2)
    bit = MSTATUS[r.choice(list(MSTATUS) if m else S_BITS)]
    op = r.choice(("csrrs", "csrrc"))
    csr = 0x300 if m else 0x100
    return load_constant(TEMP, bit) + insn(op, csr=csr, rs1=TEMP, rd=r.choice(FREE))


def call(p, r):
    return insn(r.choice(("ecall", "ecall", "ecall", "ebreak", "c.ebreak")))


def illegal(p, r):
    """Words that are no instruction: of unused major opcodes, unused functions, and 16 bits long."""
    kind = r.randrange(5)
    if kind == 0:  # custom and reserved major opcodes, and 48 bits and longer
        opcode = r.choice((0x0b, 0x2b, 0x5b, 0x7b, 0x6b, 0x77, 0x1f, 0x3f, 0x7f))
        return (r.getrandbits(25) << 7 | opcode).to_bytes(4, "little")
    if kind == 1:  # a legal one with its function bits inverted
        i = r.choice(encode.INTEGER + encode.BITS + encode.FLOAT)
        flip = r.choice((1 << 25, 3 << 26, 1 << 28, 1 << 29, 1 << 31, 1 << 12))
        word = i(**operands(i, r)) ^ flip
        return safe_word(word).to_bytes(4, "little")
    if kind == 2:
        return r.choice((0, 0x9c41, 0x9c61, 0x8000 | r.getrandbits(10) << 2 & 0x1ffc,
                         0x6001, 0x6101, 0x2001, 0x4002, 0x6002, 0x8002)).to_bytes(2, "little")
    if kind == 3:  # SYSTEM, funct3 0 and 4
        word = r.getrandbits(12) << 20 | r.getrandbits(5) << 15 | r.getrandbits(5) << 7 | 0x73
        return (word | r.choice((0, 4)) << 12 | 1 << 30).to_bytes(4, "little")
    word = r.getrandbits(32) | 3
    return safe_word(word).to_bytes(4, "little")


JUMPS, CTZW = (0x63, 0x67, 0x6f), encode.BY_NAME["ctzw"].fixed
CTZW_MASK = 0xfff0707f


def safe_word(word):
    """A random word that goes nowhere and writes to no register that is kept."""
    opcode = word & 0x7f
    if opcode in JUMPS or opcode == 0x73 or opcode & 0x1f == 0x1f or opcode & 3 != 3:
        word = word & ~0x7f | 0x33
        opcode = 0x33
    if opcode in (0x03, 0x07, 0x23, 0x27, 0x2f, 0x0f):  # its address is a pointer
        word = word & ~(31 << 15) | POINTERS[word >> 15 & 1] << 15
    if word >> 7 & 31 in KEPT:
        word &= ~(31 << 7)
    return word ^ 1 << 20 if word & CTZW_MASK == CTZW else word


def wild_access(p, r):
    """To where there is nothing, or to no canonical address."""
    at = r.choice((0x1000_0000_0000, 0x7fff_ffff_f000, 1 << 38, -1 << 38, 1 << 47, -1 << 47, 1 << 55,
                   -1 << 55, -8, 1 << 63, 0x88000000, 0x87fffff8)) + r.choice((0, 0, 8, -8))
    i = r.choice(encode.MEMORY)
    return load_constant(TEMP, at) + i(**operands(i, r) | {"rs1": TEMP, "imm": 0}).to_bytes(
        4, "little")


def wild_jump(p, r):
    """The trap handler goes on at RESUME, behind the jump."""
    at = r.choice((1 << 44, 1 << 40, -1 << 39, -4096, values.ALL >> 1, 0x88000000, 2, 0x9000_0000))
    code = load_constant(TEMP2, at)
    tail = insn("addi", rd=RESUME, rs1=RESUME, imm=12) + insn("jalr", rd=0, rs1=TEMP2)
    return code + insn("auipc", rd=RESUME) + tail


def return_from_trap(p, r):
    """To the next instruction, in a random mode. From a mode with too few rights, it is illegal."""
    m = r.randrange(3)
    status, epc = (0x300, 0x341) if m else (0x100, 0x141)
    field, mode = (MPP, r.choice((0, 1 << 11, 3 << 11))) if m else (0x100, r.choice((0, 0x100)))
    code = load_constant(TEMP, field) + insn("csrrc", csr=status, rs1=TEMP)
    code += load_constant(TEMP, MSTATUS["MPRV"]) + insn("csrrc", csr=0x300, rs1=TEMP)
    code += load_constant(TEMP, mode) + insn("csrrs", csr=status, rs1=TEMP)
    code += insn("auipc", rd=TEMP) + insn("addi", rd=TEMP, rs1=TEMP, imm=16)
    return code + insn("csrrw", csr=epc, rs1=TEMP) + insn("mret" if m else "sret")


def interrupt(p, r):
    """Software makes one pending and enables it, in any order."""
    steps = [load_constant(TEMP, r.choice((2, 0x20, 0x22, 0x200)) & p.interrupts) +
             insn("csrrs", csr=r.choice((0x344, 0x344, 0x144)), rs1=TEMP),
             load_constant(TEMP, r.choice((2, 0x20, 0x200, 0x222))) +
             insn("csrrs", csr=r.choice((0x304, 0x304, 0x104)), rs1=TEMP)]
    if r.randrange(2):
        steps.append(insn("csrrsi", csr=r.choice((0x300, 0x100)), zimm=r.choice((2, 8, 10))))
    r.shuffle(steps)
    return b"".join(steps)


def wait(p, r):
    """With something pending and enabled WFI ends; in U mode, or with TW, it is illegal."""
    pend = (load_constant(TEMP, p.interrupts) + insn("csrrs", csr=0x344, rs1=TEMP) +
            insn("csrrs", csr=0x304, rs1=TEMP))
    # a trap on the way has zeroed TEMP: then nothing would end it
    return insn("csrrci", csr=0x300, zimm=8) + pend + insn("beq", rs1=TEMP, imm=8) + insn("wfi")


def fence_vma(p, r):
    """Svinval's only where satp may be read, too: else TEMP is zeroed by the trap."""
    name = r.choice(("sfence.vma", "sfence.vma", "sinval.vma", "sfence.w.inval", "sfence.inval.ir"))
    fields = {f: r.choice((0, r.choice(POINTERS))) for f in encode.BY_NAME[name].fields}
    if name == "sfence.vma":
        return insn(name, **fields)
    return (insn("addi", rd=TEMP, imm=1) + insn("csrrs", csr=SATP, rd=0) +
            insn("beq", rs1=TEMP, imm=8) + insn(name, **fields))


def satp_write(p, r):
    """The program's own tables, or none."""
    value = r.choice((0, p.satp, p.satp, p.satp ^ r.getrandbits(16) << 44)) if p.paged else 0
    return load_constant(TEMP, value) + insn("csrrw", csr=SATP, rs1=TEMP, rd=r.choice(FREE))


def satp_illegal(p, r):
    """A mode that does not exist: nothing is written."""
    value = r.choice((1, 7, 11, 12, 15)) << 60 | r.getrandbits(60)
    return load_constant(TEMP, value) + insn("csrrw", csr=SATP, rs1=TEMP, rd=r.choice(FREE))


def window_access(p, r):
    """By way of the random page-table entries."""
    i = r.choice(encode.MEMORY + encode.ATOMIC)
    at = p.window(r, i in encode.ATOMIC)
    if i in encode.ATOMIC:
        v = {"rd": r.choice(FREE), "rs1": TEMP, "rs2": r.randrange(30), "aqrl": 0}
        if i.name.startswith(("lr.", "sc.")):
            i = encode.BY_NAME["amoadd." + i.name[-1]]
        return load_constant(TEMP, at & -8) + i(**v).to_bytes(4, "little")
    v = operands(i, r) | {"rs1": TEMP, "imm": 0}
    return load_constant(TEMP, at) + i(**v).to_bytes(4, "little")


def fetch(p, r):
    """Jumps into the page of breakpoints; what the fetch is allowed decides on the trap."""
    return (load_constant(TEMP2, p.fetchable(r)) + insn("auipc", rd=RESUME) +
            insn("addi", rd=RESUME, rs1=RESUME, imm=12) + insn("jalr", rd=0, rs1=TEMP2))


def entry_change(p, r):
    """M mode flips bits of an entry, and forgets the old one."""
    change = r.choice((1, 2, 4, 8, 16, 64, 128, 192, 255))
    return (load_constant(TEMP, p.entry_address(r)) + insn("ld", rd=TEMP2, rs1=TEMP) +
            insn("xori", rd=TEMP2, rs1=TEMP2, imm=change) +
            insn("sd", rs1=TEMP, rs2=TEMP2) + insn("sfence.vma"))


def through_mprv(p, r):
    """M mode with another mode's eyes."""
    bits = MSTATUS["MPRV"] | r.choice((0, 1 << 11, 3 << 11))
    code = load_constant(TEMP, MPP) + insn("csrrc", csr=0x300, rs1=TEMP)
    code += load_constant(TEMP, bits) + insn("csrrs", csr=0x300, rs1=TEMP)
    code += b"".join(r.choice((memory, window_access))(p, r) for _ in range(r.randrange(1, 3)))
    return code + load_constant(TEMP, MSTATUS["MPRV"]) + insn("csrrc", csr=0x300, rs1=TEMP)


def pmp_write(p, r):
    """A region of the data, or rights; never the entries that let the program itself be reached."""
    entry = r.randrange(1, 7)
    refresh = (insn("csrrs", csr=0x3a0, rd=TEMP2) + insn("csrrw", csr=0x3a0, rs1=TEMP2) +
               insn("sfence.vma"))
    if r.randrange(2):
        return load_constant(TEMP, p.pmp_address(r)) + insn(
            "csrrw", csr=0x3b0 + entry, rs1=TEMP, rd=r.choice(FREE)) + refresh
    shift = 8 * entry
    code = load_constant(TEMP, 0xff << shift) + insn("csrrc", csr=0x3a0, rs1=TEMP)
    return code + load_constant(TEMP, p.pmp_config(r) << shift) + insn(
        "csrrs", csr=0x3a0, rs1=TEMP, rd=r.choice(FREE)) + refresh
