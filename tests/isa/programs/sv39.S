// SPDX-License-Identifier: MIT
// Sv39: page sizes, rights, A and D, malformed entries, SUM, MXR, MPRV, SFENCE.VMA, faults that
// cross pages.
#include "test.inc"
#define V 1
#define R 2
#define W 4
#define X 8
#define U 16
#define G 32
#define A 64
#define D 128
#define RWXAD (V | R | W | X | A | D)
#define PTE(pa, flags) ((((pa) >> 12) << 10) | (flags))
#define ROOT (RAM + 0x10000)
#define L1   (RAM + 0x11000)
#define L0   (RAM + 0x12000)
#define ROOT2 (RAM + 0x13000)
#define CODE (RAM + 0x16000)
#define DATA (RAM + 0x14000)
#define VA   0x40000000            // where L0's pages appear: page n is entry n
#define SET(csr, value) li t0, value; csrw csr, t0
#define POKE(address, value) li t0, address; li t1, value; sd t1, 0(t0)
// Page n of VA gets this entry.
#define MAP(n, pa, flags) POKE(L0 + 8 * (n), PTE(pa, flags)); sfence.vma
#define PTE_IS(n, want) li t0, L0 + 8 * (n); ld a0, 0(t0); CHECK(a0, want)
#define LOADS(n) li s1, VA + 4096 * (n); RUNS_IN(1, ld a0, 0(s1))
#define STORES(n) li s1, VA + 4096 * (n); RUNS_IN(1, sd a0, 0(s1))
#define LOAD_FAULTS(mode, n) li s1, VA + 4096 * (n); TRAPS_FROM(mode, 13, VA + 4096 * (n), ld a0, 0(s1))
#define STORE_FAULTS(mode, n) li s1, VA + 4096 * (n); TRAPS_FROM(mode, 15, VA + 4096 * (n), sd a0, 0(s1))
#define FETCH_FAULTS(mode, n) li s1, VA + 4096 * (n); TRAPS_FROM_AT(mode, 12, VA + 4096 * (n), VA + 4096 * (n), jr s1)
START
    OPEN_PMP
    // RAM maps onto itself by a gigapage; for U mode once more at 0xc0000000
    POKE(ROOT + 8 * 2, PTE(RAM, RWXAD))
    POKE(ROOT + 8 * 3, PTE(RAM, RWXAD | U))
    POKE(ROOT + 8 * 1, PTE(L1, V))
    POKE(L1, PTE(L0, V))
    SET(satp, (8 << 60) | (ROOT >> 12))
    sfence.vma
    li a0, 0x1234567890abcdef
    li t0, DATA
    sd a0, 0(t0)
    RUNS_IN(1, nop)

    // --- rights
    MAP(0, DATA, V | R | A)
    LOADS(0)
    li t0, 0x1234567890abcdef
    CHECK_REGS(a0, t0)
    STORE_FAULTS(1, 0)
    FETCH_FAULTS(1, 0)
    MAP(1, DATA, V | R | W | A | D)
    STORES(1)
    FETCH_FAULTS(1, 1)
    MAP(2, DATA, V | X | A)
    LOAD_FAULTS(1, 2)
    STORE_FAULTS(1, 2)
    // translation is not for M mode
    li t0, VA
    TRAPS(5, VA, ld a0, 0(t0))
    // --- MXR makes code readable, not writable
    li s2, MSTATUS_MXR
    csrs mstatus, s2
    LOADS(2)
    STORE_FAULTS(1, 2)
    csrc mstatus, s2
    LOAD_FAULTS(1, 2)
    // --- U pages: for U mode, and for S mode's data with SUM
    MAP(3, DATA, V | R | W | X | U | A | D)
    LOAD_FAULTS(1, 3)
    STORE_FAULTS(1, 3)
    FETCH_FAULTS(1, 3)
    li s2, MSTATUS_SUM
    csrs mstatus, s2
    LOADS(3)
    STORES(3)
    FETCH_FAULTS(1, 3)             // never its code
    csrc mstatus, s2
    LOAD_FAULTS(1, 3)
    // U mode runs in its own window of RAM
    la s7, 1f
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    la t0, 2f
    li t1, 0x40000000
    add t0, t0, t1
    csrw mepc, t0
    li s1, VA + 4096 * 3
    li s2, VA
    mret
2:  ld a0, 0(s1)
    sd a0, 0(s1)
    ld a0, 0(s2)                   // an S page
3:  j 3b
1:  CHECK(s8, 13)
    CHECK(s9, VA)
    // --- malformed entries
    MAP(4, DATA, R | W | A | D)    // V is clear
    LOAD_FAULTS(1, 4)
    MAP(4, DATA, V | W | A | D)    // W without R is reserved
    LOAD_FAULTS(1, 4)
    MAP(4, DATA, V | W | X | A | D)
    LOAD_FAULTS(1, 4)
    MAP(4, DATA, V | A | D)        // a pointer at the last level
    LOAD_FAULTS(1, 4)
    POKE(L0 + 8 * 4, PTE(DATA, RWXAD) | (1 << 63))
    LOAD_FAULTS(1, 4)
    POKE(L0 + 8 * 4, PTE(DATA, RWXAD) | (3 << 61))
    LOAD_FAULTS(1, 4)
    POKE(L0 + 8 * 4, PTE(DATA, RWXAD) | (1 << 54))
    LOAD_FAULTS(1, 4)
    POKE(L0 + 8 * 4, PTE(DATA, RWXAD) | (1 << 60))
    LOAD_FAULTS(1, 4)
    MAP(4, DATA, RWXAD | 0x300 | G) // RSW is software's
    LOADS(4)
    POKE(L1, PTE(L0, V | A))       // A, D and U are reserved in pointers
    sfence.vma
    LOAD_FAULTS(1, 4)
    POKE(L1, PTE(L0, V | U))
    LOAD_FAULTS(1, 4)
    POKE(L1, PTE(L0, V | G))
    LOADS(4)
    // misaligned superpages
    POKE(L1 + 8, PTE(RAM + 0x1000, RWXAD))
    li s1, VA + 0x200000
    TRAPS_FROM(1, 13, VA + 0x200000, lw a0, 0(s1))
    POKE(ROOT + 8 * 4, PTE(RAM + 0x200000, RWXAD))
    li s1, 0x100000000
    TRAPS_FROM(1, 15, 0x100000000, sw a0, 0(s1))
    // a megapage that is right
    POKE(L1 + 8, PTE(RAM, RWXAD))
    sfence.vma
    li s1, VA + 0x214000
    RUNS_IN(1, ld a0, 0(s1))
    li t0, DATA
    ld t0, 0(t0)
    CHECK_REGS(a0, t0)
    // addresses must be the sign extension of bit 38
    li s1, 0x8000000000
    TRAPS_FROM(1, 13, 0x8000000000, ld a0, 0(s1))
    li s1, 0xffffff8000000000
    TRAPS_FROM(1, 15, 0xffffff8000000000, sb a0, 0(s1))
    li s1, 0x4000000000
    TRAPS_FROM_AT(1, 12, 0x4000000000, 0x4000000000, jr s1)
    // tables where there is no memory
    POKE(L1 + 16, PTE(0x40000000, V))
    li s1, VA + 0x400000
    TRAPS_FROM(1, 5, VA + 0x400000, ld a0, 0(s1))
    TRAPS_FROM(1, 7, VA + 0x400000, sd a0, 0(s1))
    TRAPS_FROM_AT(1, 1, VA + 0x400000, VA + 0x400000, jr s1)
    // a leaf that leads nowhere
    MAP(5, 0x40000000, RWXAD)
    li s1, VA + 0x5000
    TRAPS_FROM(1, 5, VA + 0x5000, ld a0, 0(s1))
    TRAPS_FROM(1, 7, VA + 0x5000, amoadd.d a0, a0, (s1))

    // --- A and D
    MAP(6, DATA, V | R | W)
    LOADS(6)
    PTE_IS(6, PTE(DATA, V | R | W | A))
    STORES(6)
    PTE_IS(6, PTE(DATA, V | R | W | A | D))
    MAP(6, DATA, V | R)
    STORE_FAULTS(1, 6)
    PTE_IS(6, PTE(DATA, V | R))    // a fault sets nothing
    MAP(6, DATA, V | R | W | A)
    li s1, VA + 0x6000
    RUNS_IN(1, lr.d a0, (s1))
    PTE_IS(6, PTE(DATA, V | R | W | A))
    RUNS_IN(1, amoor.d a0, zero, (s1))
    PTE_IS(6, PTE(DATA, V | R | W | A | D))
    MAP(6, DATA, V | R | A)
    li s1, VA + 0x6000
    TRAPS_FROM(1, 15, VA + 0x6000, amoor.d a0, zero, (s1)) // counts as a store
    TRAPS_FROM(1, 15, VA + 0x6000, sc.d a0, zero, (s1))
    MAP(6, CODE, V | X)
    li s1, VA + 0x6000
    RUNS_IN(1, jalr s1)
    CHECK(a0, 66)
    PTE_IS(6, PTE(CODE, V | X | A))

    // --- MPRV: M mode's data as S mode sees them; code is not concerned
    MAP(7, DATA, V | R | A)
    li s1, VA + 0x7000
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, 0x800 | MSTATUS_MPRV
    csrs mstatus, t0
    ld a0, 0(s1)
    TRAPS(15, VA + 0x7000, sd a0, 0(s1))
    li t0, MSTATUS_MPRV
    csrc mstatus, t0

    // --- the TLB may keep what was there until SFENCE.VMA
    MAP(8, DATA, RWXAD)
    LOADS(8)
    STORES(8)
    li t1, L0 + 8 * 8
    sd zero, 0(t1)
    li s1, VA + 0x8000
    sfence.vma s1, zero
    LOAD_FAULTS(1, 8)
    STORE_FAULTS(1, 8)
    MAP(8, DATA, RWXAD)
    LOADS(8)
    li t1, L0 + 8 * 8
    sd zero, 0(t1)
    li s2, 1
    sfence.vma zero, s2            // by address space: ours is 0, global or not
    sfence.vma zero, zero
    LOAD_FAULTS(1, 8)
    // one address inside a superpage stands for all of it
    li s1, VA + 0x214000
    RUNS_IN(1, ld a0, 0(s1))
    POKE(L1 + 8, 0)
    li s2, VA + 0x200000
    sfence.vma s2, zero
    TRAPS_FROM(1, 13, VA + 0x214000, ld a0, 0(s1))

    // --- accesses that reach into the next page: the fault names the page it is in
    MAP(10, DATA, RWXAD)
    MAP(11, DATA + 0x1000, V | R | A)
    MAP(12, 0, 0)
    li s1, VA + 0xaffc
    RUNS_IN(1, ld a0, 0(s1))
    li a0, -1
    TRAPS_FROM(1, 15, VA + 0xb000, sd a0, 0(s1))
    li t0, DATA + 0xffc
    lw a0, 0(t0)
    CHECK(a0, 0)                   // nothing was stored
    li s1, VA + 0xbffd
    TRAPS_FROM(1, 13, VA + 0xc000, ld a0, 0(s1))
    TRAPS_FROM(1, 15, VA + 0xbffd, sw a0, 0(s1))
    // pages that are neighbours here and not in memory
    MAP(11, DATA - 0x1000, RWXAD)
    li s1, VA + 0xaffc
    li a0, 0x1122334455667788
    RUNS_IN(1, li a0, 0x1122334455667788; sd a0, 0(s1); ld a1, 0(s1))
    li t0, 0x1122334455667788
    CHECK_REGS(a1, t0)
    li t0, DATA - 0x1000
    lw a0, 0(t0)
    CHECK(a0, 0x11223344)
    // --- an instruction in two pages
    li t0, DATA + 0xffe
    li t1, 0x0513                  // li a0, 77 is 0x04d00513
    sh t1, 0(t0)
    MAP(10, DATA, RWXAD)
    MAP(11, 0, 0)
    fence.i
    li s1, VA + 0xaffe
    TRAPS_FROM_AT(1, 12, VA + 0xb000, VA + 0xaffe, jr s1)
    MAP(11, CODE + 0x1000, V | X | A)
    RUNS_IN(1, jalr s1)
    CHECK(a0, 77)
    MAP(11, CODE + 0x2000, V | X | A)              // the same first half, another second
    RUNS_IN(1, jalr s1)
    CHECK(a0, 78)
    MAP(11, DATA, V | R | A)
    TRAPS_FROM_AT(1, 12, VA + 0xb000, VA + 0xaffe, jr s1)

    // --- code that ran, behind an address that leads elsewhere now; only that page is flushed
    POKE(DATA, 0x0000806703700513)          // li a0, 55; ret
    POKE(DATA + 0x1000, 0x0000806703800513) // li a0, 56; ret
    fence.i
    MAP(13, DATA, V | X | A)
    li s1, VA + 0xd000
    RUNS_IN(1, jalr s1; jalr s1; jalr s1)
    CHECK(a0, 55)
    POKE(L0 + 8 * 13, PTE(DATA + 0x1000, V | X | A))
    sfence.vma s1, zero
    RUNS_IN(1, jalr s1; jalr s1; jalr s1)
    CHECK(a0, 56)
    POKE(L0 + 8 * 13, 0)
    sfence.vma s1, zero
    FETCH_FAULTS(1, 13)

    // --- the same address in two address spaces
    POKE(ROOT2 + 8 * 2, PTE(RAM, RWXAD))
    POKE(ROOT2 + 8 * 1, PTE(RAM, RWXAD))
    MAP(13, CODE, RWXAD)
    li s1, VA + 0xd000
    RUNS_IN(1, jalr s1)
    CHECK(a0, 66)
    SET(satp, (8 << 60) | (1 << 44) | (ROOT2 >> 12))
    li s1, VA + 0x16000            // here the gigapage shows all of RAM
    li a0, 0
    RUNS_IN(1, jalr s1)
    CHECK(a0, 66)
    li s1, VA + 0xd000
    RUNS_IN(1, lw a0, 0(s1))
    CHECK(a0, 0)
    SET(satp, 0)
    li s1, CODE
    RUNS_IN(1, jalr s1)
    CHECK(a0, 66)
    PASS
    .org 0x16000
    li a0, 66
    ret
    .org 0x17000
    .2byte 0x04d0
    ret
    .org 0x18000
    .2byte 0x04e0
    ret
    .org 0x19000
