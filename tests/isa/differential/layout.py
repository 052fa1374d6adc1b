# SPDX-License-Identifier: MIT
"""Where a program's parts are in memory, and the state that it starts from and ends with. Python
and the guest's runtime.S (by layout_inc) read the same numbers."""

PAGE = 4096
RAM, RAM_SIZE = 0x80000000, 128 << 20
PARAMS = RAM + 0x10000
SLOTS = RAM + 0x200000        # programs, one slot each; below is the runtime
SUPERPAGE = RAM + 0x4000000   # 2 MiB that superpages show
SHARED = SUPERPAGE + 8 * PAGE # what is compared of them
SHARED_SIZE = 2 * PAGE

# Pages of a slot. What is compared is from the frame to the end of the code.
FRAME_PAGE, TABLE_PAGE, DATA_PAGE, CODE_PAGE = 1, 2, 8, 16
TABLE_PAGES, DATA_PAGES, CODE_PAGES = 6, 8, 2
SLOT_PAGES = 32
SLOT_SIZE = SLOT_PAGES * PAGE
STATE, STATE_END = FRAME_PAGE * PAGE, (CODE_PAGE + CODE_PAGES) * PAGE
MAX_SLOTS = (SUPERPAGE - SLOTS) // SLOT_SIZE

# The first page: registers to start with.
SLOT_X, SLOT_F, SLOT_CSRS = 0, 256, 512

# The frame.
COUNT, STATUS, END, SCHEDULE, CODE, CODE_END, BY_EBREAK = range(0, 56, 8)
M_SAVED, S_SAVED = 64, 96
END_X, END_FCSR, END_F, END_CSRS, LOG = 256, 504, 512, 768, 1280
LOG_ENTRIES, LOG_ENTRY = 40, 64
LOG_FIELDS = ("entry", "cause", "epc", "tval", "status", "ip", "ie", "scratch")

FRAME_SYMBOLS = {
    "COUNT": COUNT, "STATUS": STATUS, "END": END, "SCHEDULE": SCHEDULE, "CODE": CODE,
    "CODE_END": CODE_END, "BY_EBREAK": BY_EBREAK, "M_SAVED": M_SAVED, "S_SAVED": S_SAVED,
    "X": END_X, "FCSR": END_FCSR, "F": END_F, "CSRS": END_CSRS, "LOG": LOG}

# CSRs in the order in which they are set; all are compared at the end, with the read-only ones.
PMP_CSRS = [f"pmpaddr{n}" for n in range(16)] + ["pmpcfg0", "pmpcfg2"]
CSRS = PMP_CSRS + [
    "fcsr", "medeleg", "mideleg", "mtvec", "mcounteren", "menvcfg", "mscratch", "mcause", "mtval",
    "stvec", "scounteren", "senvcfg", "sscratch", "sepc", "scause", "stval", "satp", "mie", "mip",
    "mepc", "mstatus"]
READ_ONLY = ["misa", "sstatus", "sie", "sip", "mhartid", "mvendorid", "marchid", "mimpid"]
ALL_CSRS = CSRS + READ_ONLY
assert END_CSRS + 8 * len(ALL_CSRS) <= LOG and LOG + LOG_ENTRIES * LOG_ENTRY <= PAGE

# What the assembler does not know by name.
NUMBERS = {"menvcfg": 0x30a, "senvcfg": 0x10a}


def layout_inc():
    lines = [f"#define FRAME_{name} {value}" for name, value in FRAME_SYMBOLS.items()]
    for name, value in (("SLOTS", SLOTS), ("SLOT_SIZE", SLOT_SIZE), ("SHARED", SHARED),
                        ("SHARED_SIZE", SHARED_SIZE), ("SLOT_F", SLOT_F), ("SLOT_STATE", STATE),
                        ("SLOT_STATE_END", STATE_END), ("LOG_ENTRIES", LOG_ENTRIES)):
        lines.append(f"#define {name} {value:#x}")
    lines.append(".macro LOAD_CSRS")
    for n, name in enumerate(CSRS):
        lines.append(f"ld t0, {SLOT_CSRS + 8 * n}(s0)\ncsrw {NUMBERS.get(name, name)}, t0")
    lines.append(".endm\n.macro DUMP_CSRS")
    for n, name in enumerate(ALL_CSRS):
        if name != "fcsr":  # behind mstatus, which it may change
            lines.append(f"csrr t0, {NUMBERS.get(name, name)}\nsd t0, {END_CSRS + 8 * n}(s0)")
    return "\n".join([*lines, ".endm", ""])
