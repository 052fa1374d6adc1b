// SPDX-License-Identifier: MIT
// Sv48 and Sv57, and the extensions of page tables: Svnapot, Svpbmt, Svade, Svadu, Svinval.
#include "test.inc"
#define V 1
#define R 2
#define W 4
#define X 8
#define A 64
#define D 128
#define RWXAD (V | R | W | X | A | D)
#define N (1 << 63)
#define NC (1 << 61)
#define IO (2 << 61)
#define PTE(pa, flags) ((((pa) >> 12) << 10) | (flags))
#define ROOT5 (RAM + 0x10000)
#define ROOT4 (RAM + 0x11000)
#define L2    (RAM + 0x12000)
#define L1    (RAM + 0x13000)
#define L0    (RAM + 0x14000)
#define DATA  (RAM + 0x20000)      // 64 KiB, each page begins with its number
#define VA    0x7f8040000000       // entry 255 of the fourth level, 1 of the third
#define POKE(address, value) li t0, address; li t1, value; sd t1, 0(t0); sfence.vma
#define SATP(mode, root) li t0, ((mode) << 60) | ((root) >> 12); csrw satp, t0; sfence.vma
#define LOADS(va, want) li s1, va; RUNS_IN(1, ld a0, 0(s1)); CHECK(a0, want)
#define STORES(va) li s1, va; RUNS_IN(1, sd zero, 8(s1))
#define LOAD_FAULTS(va) li s1, va; TRAPS_FROM(1, 13, va, ld a0, 0(s1))
#define STORE_FAULTS(va) li s1, va; TRAPS_FROM(1, 15, va, sd a0, 0(s1))
#define MENVCFG(value) li t0, value; csrw 0x30a, t0
#define ADUE (1 << 61)
#define PBMTE (1 << 62)
#define PTE_IS(want) li t0, L0; ld a0, 0(t0); li t6, want; CHECK_REGS(a0, t6)
START
    OPEN_PMP
    li t0, DATA
    li t1, 0
    li t2, 4096
1:  sd t1, 0(t0)
    add t0, t0, t2
    addi t1, t1, 1
    li t3, 16
    bne t1, t3, 1b
    // RAM maps onto itself by a gigapage
    POKE(ROOT5, PTE(ROOT4, V))
    POKE(ROOT4, PTE(L2, V))
    POKE(L2 + 8 * 2, PTE(RAM, RWXAD))
    POKE(ROOT4 + 8 * 255, PTE(L2, V))
    POKE(L2 + 8 * 1, PTE(L1, V))
    POKE(L1, PTE(L0, V))
    POKE(L0, PTE(DATA + 0x1000, RWXAD))

    // --- Sv48
    SATP(9, ROOT4)
    LOADS(VA, 1)
    LOADS(DATA + 0x3000, 3)
    LOAD_FAULTS(0x800000000000)    // not the sign extension of bit 47
    LOAD_FAULTS(0xffff000000000000)
    LOAD_FAULTS(0xffff800000000000) // it is, but there is nothing
    POKE(ROOT4 + 8 * 256, PTE(L2, V))
    LOADS(0xffff800040000000, 1)
    POKE(ROOT4 + 8 * 3, PTE(0, RWXAD)) // a terapage
    LOADS(0x18000000000 + DATA, 0)
    POKE(ROOT4 + 8 * 3, PTE(RAM, RWXAD)) // misaligned
    LOAD_FAULTS(0x18000000000)
    // --- Sv57
    SATP(10, ROOT5)
    LOADS(VA, 1)
    LOAD_FAULTS(0x100000000000000) // not the sign extension of bit 56
    LOAD_FAULTS(0xfe00000000000000)
    POKE(ROOT5 + 8 * 256, PTE(ROOT4, V))
    LOADS(0xff007f8040000000, 1)

    // --- Svnapot: 64 KiB from one entry, wherever in them it stands
    POKE(L0, PTE(DATA + 0x8000, RWXAD) | N)
    LOADS(VA, 0)
    LOAD_FAULTS(VA + 0x1000)       // the entries of the other pages are their own
    POKE(L0 + 8 * 5, PTE(DATA + 0x8000, RWXAD) | N)
    POKE(L0 + 8 * 15, PTE(DATA + 0x8000, RWXAD) | N)
    LOADS(VA + 0x5000, 5)
    LOADS(VA + 0xf000, 15)
    POKE(L0, PTE(DATA + 0x4000, RWXAD) | N) // 32 KiB is reserved
    LOAD_FAULTS(VA)
    POKE(L0, PTE(DATA, RWXAD) | N)
    LOAD_FAULTS(VA)
    POKE(L1 + 8, PTE(RAM + 0x8000, RWXAD) | N) // only in the lowest level
    LOAD_FAULTS(VA + 0x200000)
    POKE(L1 + 8, PTE(L0, V) | N)
    LOAD_FAULTS(VA + 0x200000)

    // --- Svpbmt
    POKE(L0, PTE(DATA + 0x2000, RWXAD) | NC)
    LOADS(VA, 2)
    POKE(L0, PTE(DATA + 0x2000, RWXAD) | IO)
    LOADS(VA, 2)
    STORES(VA)
    POKE(L0, PTE(DATA + 0x2000, RWXAD) | NC | IO) // reserved
    LOAD_FAULTS(VA)
    POKE(L1 + 8, PTE(L0, V) | NC)
    LOAD_FAULTS(VA + 0x200000)
    MENVCFG(ADUE)
    POKE(L0, PTE(DATA + 0x2000, RWXAD) | NC)
    LOAD_FAULTS(VA)
    MENVCFG(ADUE | PBMTE)
    LOADS(VA, 2)

    // --- Svadu: the hart sets A and D; Svade: it faults
    POKE(L0, PTE(DATA + 0x2000, V | R | W))
    MENVCFG(PBMTE)
    LOAD_FAULTS(VA)
    STORE_FAULTS(VA)
    POKE(L0, PTE(DATA + 0x2000, V | R | W | A))
    LOADS(VA, 2)
    STORE_FAULTS(VA)
    PTE_IS(PTE(DATA + 0x2000, V | R | W | A))
    POKE(L0, PTE(DATA + 0x2000, V | R | W))
    MENVCFG(ADUE | PBMTE)
    STORES(VA)
    PTE_IS(PTE(DATA + 0x2000, V | R | W | A | D))

    // --- Svinval, as SFENCE.VMA in three steps; TVM and U mode may not
    li t0, L0
    li t1, PTE(DATA + 0x7000, RWXAD)
    sd t1, 0(t0)
    li s1, VA
    .4byte 0x18000073              // sfence.w.inval
    .4byte 0x16048073              // sinval.vma s1, zero
    .4byte 0x18100073              // sfence.inval.ir
    RUNS_IN(1, ld a0, 0(s1))
    CHECK(a0, 7)
    RUNS_IN(1, .4byte 0x18000073; .4byte 0x16000073; .4byte 0x18100073)
    li s2, MSTATUS_TVM
    csrs mstatus, s2
    TRAPS_FROM(1, 2, 0x16048073, .4byte 0x16048073)
    RUNS_IN(1, .4byte 0x18000073; .4byte 0x18100073)
    csrc mstatus, s2
    POKE(L2 + 8 * 2, PTE(RAM, RWXAD | 16)) // U mode's
    TRAPS_FROM(0, 2, 0x16048073, .4byte 0x16048073)
    TRAPS_FROM(0, 2, 0x18000073, .4byte 0x18000073)
    TRAPS_FROM(0, 2, 0x18100073, .4byte 0x18100073)
    PASS
