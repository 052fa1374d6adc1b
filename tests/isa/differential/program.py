# SPDX-License-Identifier: MIT
"""One random program: its kind, its pieces, and the slot of memory that it starts from."""
import random
import struct

import layout as at
import pieces as u
import system as s
import values
from encode import insn

# Kinds: how often, and their makers with weights. All get some of COMMON.
COMMON = {u.integer: 4, u.memory: 2, u.new_value: 1, u.branch: 1, u.loop: 0.3, u.jump: 0.5,
          s.call: 0.3}
KINDS = {
    "integer": (2, {u.integer: 8, u.new_value: 3, u.branch: 2, u.pc_relative: 1, u.jump: 2}),
    "bits": (2, {u.bits: 12, u.new_value: 3}),
    "memory": (1, {u.memory: 6, u.page_crossing: 4, u.fence: 1, s.wild_access: 1}),
    "float": (3, {u.floating: 16, u.fp_state: 4, u.memory: 1, s.status_bit: 0.2}),
    "atomic": (1, {u.atomic: 6, u.reserved: 4, u.new_value: 1}),
    "compressed": (2, {u.compressed: 10, u.compressed_memory: 4, u.stack_pointer: 1, u.branch: 2}),
    "traps": (2, {s.illegal: 6, s.call: 3, s.wild_access: 3, s.wild_jump: 2, s.csr_read: 2}),
    "csr": (2, {s.csr_write: 8, s.csr_read: 4, s.read_only_write: 1, s.status_bit: 3,
                u.fp_state: 1}),
    "privilege": (2, {s.return_from_trap: 3, s.call: 4, s.status_bit: 4, s.interrupt: 5, s.wait: 1,
                      s.csr_write: 2, s.fence_vma: 1, s.satp_write: 0.5}),
    "paging": (4, {s.window_access: 10, s.entry_change: 2, s.fetch: 1, s.through_mprv: 2,
                   s.status_bit: 2, s.fence_vma: 1, s.satp_write: 1, s.satp_illegal: 0.3,
                   s.return_from_trap: 1, s.call: 1, s.wild_access: 1}),
    "pmp": (2, {u.memory: 8, u.page_crossing: 3, s.pmp_write: 4, s.fetch: 1, u.atomic: 1,
                s.through_mprv: 2, s.return_from_trap: 1, s.call: 2}),
}
BATCH = 100  # programs in an image; every second batch runs with Svnapot and Svpbmt
V, R, W, X, U, G, A, D = (1 << n for n in range(8))
SV = {8: 3, 9: 4, 10: 5}  # satp.MODE: levels
WINDOW, WINDOWS, WINDOW_2M, WINDOW_1G = 0x87000000, 32, 0x85000000, 0x100000000
DATA_WINDOWS = 24  # the others are only fetched from: see docs/hart.md on SUM
NOWHERE = 3  # so many windows, to where there is no memory, are accessed aligned
FETCH_PAGE = at.DATA_PAGE + at.DATA_PAGES - 1  # all breakpoints


class Program:
    def __init__(self, seed, index, slot, kinds=None):
        self.seed, self.index = seed, index
        self.base = at.SLOTS + slot * at.SLOT_SIZE
        r = random.Random(f"{seed}/{index}")
        names = list(kinds or KINDS)
        self.kind = r.choices(names, [KINDS[k][0] for k in names])[0]
        self.extended = index // BATCH % 2
        self.paged = self.kind == "paging" or (self.kind == "privilege" and r.randrange(2))
        lower = self.kind in ("paging", "pmp")
        self.mode = r.choice((3, 1, 1, 0, 0) if lower else (3, 3, 3, 1, 0))
        self.aligned = self.kind == "pmp"
        self.interrupts = r.choice((0x22, 0x200))
        self.satp_mode = r.choice(list(SV))
        self.table_random = r.getrandbits(64)
        root = self.page(at.TABLE_PAGE + (0, 4, 5)[self.satp_mode - 8])
        self.satp = self.satp_mode << 60 | r.getrandbits(16) << 44 | root >> 12
        self.state = self.start_state(r)
        makers = dict(COMMON)
        makers.update(KINDS[self.kind][1])
        chosen = r.choices(list(makers), list(makers.values()), k=r.randrange(15, 50))
        self.offset = r.choice((0, 0, 2, at.PAGE - 2, at.PAGE - r.randrange(1, 200) * 2))
        self.pieces = [make(self, r) for make in chosen]
        self.schedule = sum(r.choice((0, 1, 3)) << 2 * n for n in range(32))
        self.data = r.randbytes(at.DATA_PAGES * at.PAGE - at.PAGE) + b"\x02\x90" * (at.PAGE // 2)

    # --- places

    def page(self, number):
        return self.base + number * at.PAGE

    def data_page(self, r):
        return self.page(at.DATA_PAGE + r.randrange(1, at.DATA_PAGES))

    def window(self, r, atomic=False):
        """An address that a random entry translates; sometimes the access leaves the page."""
        page = at.PAGE
        offset = r.choice((r.randrange(page) & -8, r.randrange(page), page - r.randrange(8)))
        kind = r.randrange(6 if atomic else 8)
        if kind < 5:
            window = r.randrange(NOWHERE if atomic else 0, DATA_WINDOWS - 1)
            aligned = window < NOWHERE or self.aligned
            return WINDOW + window * page + (offset & -8 if aligned else offset)
        if kind == 5:
            return WINDOW_2M + (r.randrange(8) << 21) + at.SHARED - at.SUPERPAGE + offset
        # without translation there is no memory at these
        if kind == 6:
            return WINDOW_1G + (r.randrange(4) << 30) + at.SHARED - at.RAM + (offset & -8)
        return (r.randrange(1, 4) << 39) + at.SHARED + (offset & -8)

    def fetchable(self, r):
        offset = r.randrange(0, at.PAGE, 2)
        if self.paged and r.randrange(8):
            return WINDOW + r.randrange(DATA_WINDOWS, WINDOWS) * at.PAGE + offset
        return self.page(FETCH_PAGE) + offset

    def entry_address(self, r):
        return self.page(at.TABLE_PAGE + 3) + 8 * r.randrange(WINDOWS)

    def pmp_address(self, r):
        """An address in the data, or a naturally aligned region."""
        ones = r.choice((0, 0, *range(12)))
        address = self.page(at.DATA_PAGE) + r.randrange(at.DATA_PAGES * at.PAGE) >> 2
        return (address | (1 << ones) - 1) & ~(1 << ones)

    def pmp_config(self, r):
        rights = r.choice((0, 1, 3, 4, 5, 7, 7))  # not W without R, which is reserved
        return rights | r.choice((0, 1, 2, 3, 3)) << 3

    # --- the state to start from

    def start_state(self, r):
        reach = at.DATA_PAGES * at.PAGE - 6200  # of offsets from it, and not into FETCH_PAGE
        pointers = [self.page(at.DATA_PAGE) + r.randrange(2048, reach) & -16 for _ in u.POINTERS]
        if self.paged:
            window = r.randrange(NOWHERE + 1, DATA_WINDOWS - 1)
            pointers[r.randrange(3)] = WINDOW + window * at.PAGE + at.PAGE // 2
        self.x = [0, *(values.integer(r) for _ in range(31))]
        for number, value in zip(u.POINTERS, pointers):
            self.x[number] = value
        self.x[u.FRAME], self.x[u.TEMP] = self.page(at.FRAME_PAGE), 0
        self.f = [values.floating(r) for _ in range(32)]
        csrs = dict.fromkeys(at.CSRS, 0)
        for name in ("mscratch", "sscratch", "mcause", "scause", "mtval", "stval"):
            csrs[name] = values.integer(r)
        csrs |= {"pmpaddr15": (1 << 54) - 1, "pmpcfg2": 0x1f << 56, "fcsr": r.randrange(5) << 5}
        if self.kind == "pmp":
            csrs |= {f"pmpaddr{n}": self.pmp_address(r) for n in range(1, 7)}
            csrs["pmpaddr0"] = self.page(at.DATA_PAGE) >> 2
            csrs["pmpcfg0"] = sum(self.pmp_config(r) << 8 * n for n in range(1, 7))
        if r.randrange(2):
            csrs["medeleg"] = r.getrandbits(16) & 0xb3ff & ~(1 << r.choice((3, 9)))
            csrs["mideleg"] = r.getrandbits(12) & 0x222
        if r.randrange(3) == 0:  # the first instruction may be interrupted
            csrs["mip"], csrs["mie"] = r.getrandbits(12) & self.interrupts, r.getrandbits(12) & 0x222
        csrs["mcounteren"], csrs["scounteren"] = r.getrandbits(3), r.getrandbits(3)
        csrs["menvcfg"] = s.PBMTE if self.extended else 0
        csrs["satp"] = self.satp if self.paged else 0
        status = r.choice((0x6000, 0x6000, 0x6000, 0 if self.kind != "float" else 0x6000))
        for bit in ("SUM", "MXR", "SIE", "MPIE"):
            status |= s.MSTATUS[bit] * r.randrange(2)
        csrs["mstatus"] = status | self.mode << 11
        self.vectored = r.randrange(2), r.randrange(2)
        return csrs

    def tables(self):
        """Identity for the program and the runtime, and windows of random entries."""
        r = random.Random(self.table_random)
        pages = [[0] * 512 for _ in range(at.TABLE_PAGES)]

        def pointer(page):
            return self.page(at.TABLE_PAGE + page) >> 2 | V
        l2, l1, identity, windows, l3, l4 = pages
        l3[0], l4[0] = pointer(0), pointer(4)
        l2[at.RAM >> 30] = pointer(1)
        l1[0] = at.RAM >> 2 | V | R | X | A | D
        l1[(self.base - at.RAM) >> 21] = pointer(2)
        user = U if self.mode == 0 else 0
        first = (self.base >> 12) & 511
        rights = {at.FRAME_PAGE: R | W}
        rights |= dict.fromkeys(range(at.DATA_PAGE, at.DATA_PAGE + at.DATA_PAGES), R | W | user)
        rights |= dict.fromkeys(range(at.CODE_PAGE, at.CODE_PAGE + at.CODE_PAGES), R | X | user)
        for page, bits in rights.items():
            identity[first + page] = self.page(page) >> 2 | V | A | D | bits
        l1[(WINDOW - at.RAM) >> 21] = pointer(3)
        for n in range(WINDOWS):
            to = FETCH_PAGE if n >= DATA_WINDOWS else at.DATA_PAGE + r.randrange(at.DATA_PAGES - 1)
            windows[n] = self.entry(r, 1 << 40 if n < NOWHERE else self.page(to))
            if self.extended and 8 <= n < 15:  # Svnapot: 64 KiB, of which these are the data
                windows[n] = self.entry(r, self.page(at.DATA_PAGE)) | 1 << 63
        for n in range(8):
            odd = pointer(3) | r.choice((0, 0, U, A, D, G, 1 << 8))
            l1[((WINDOW_2M - at.RAM) >> 21) + n] = self.entry(r, at.SUPERPAGE, 1) if n < 5 else odd
        for n in range(4):
            l2[(WINDOW_1G >> 30) + n] = self.entry(r, at.RAM, 2)
            l3[1 + n] = self.entry(r, 0, 3)
        return b"".join(struct.pack("<512Q", *page) for page in pages)

    def entry(self, r, pa, level=0):
        bits = r.choice((R | W, R | W, R | W | X, R, R | X, X, r.getrandbits(3) << 1))
        bits |= r.choice((A | D, A | D, A | D, A, 0)) | r.choice((U, 0) if r.randrange(4) else
                                                               (U if self.mode == 0 else 0,))
        bits |= V if r.randrange(16) else 0
        bits |= r.choice((0, 0, G, 1 << 8, 1 << 9))
        odd = r.randrange(24)
        if odd == 0 and not self.extended:  # reserved bits
            bits |= 1 << r.randrange(54, 64)
        elif odd == 1 and level:
            pa ^= 1 << 12 + r.randrange(9 * level)  # misaligned
        elif odd < 4 and self.extended:  # Svpbmt: non-cacheable or I/O
            bits |= r.choice((1, 2)) << 61
        return pa >> 2 | bits

    def slot(self, symbols, count=None):
        """The slot's bytes, with the first `count` pieces."""
        code = b"".join(self.pieces[:count])
        end = self.page(at.CODE_PAGE) + self.offset + len(code)
        assert self.offset + len(code) + 4 <= at.CODE_PAGES * at.PAGE
        csrs = self.state | {"mepc": self.page(at.CODE_PAGE) + self.offset,
                             "mtvec": symbols["m_vectors"] + self.vectored[0],
                             "stvec": symbols["s_vectors"] + self.vectored[1]}
        x = list(self.x)
        x[u.RESUME] = end
        start = struct.pack("<64Q", *x, *self.f) + struct.pack(
            f"<{len(at.CSRS)}Q", *(csrs[name] for name in at.CSRS))
        by_ebreak = csrs["medeleg"] >> 9 & 1
        low = self.page(at.CODE_PAGE)
        frame = struct.pack("<7Q", 0, 0, end, self.schedule, low, low + at.CODE_PAGES * at.PAGE,
                            by_ebreak)
        tables = self.tables() if self.paged else bytes(at.TABLE_PAGES * at.PAGE)
        code = bytes(self.offset) + code + insn("ecall")
        body = start.ljust(at.PAGE, b"\0") + frame.ljust(at.PAGE, b"\0") + tables + self.data + code
        return body.ljust(at.SLOT_SIZE, b"\0")
