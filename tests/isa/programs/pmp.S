// SPDX-License-Identifier: MIT
// PMP: matching modes, priority, rights, locks, MPRV, and ranges smaller than a page.
#include "test.inc"
#define AREA (RAM + 0x8000)
#define HOLE (RAM + 0x9100)
// Address register values.
#define NAPOT(base, size) (((base) >> 2) | (((size) >> 3) - 1))
#define TOR(end) ((end) >> 2)
#define CFG(entry, value) ((value) << (8 * (entry)))
#define R 1
#define W 2
#define X 4
#define A_TOR 0x08
#define A_NA4 0x10
#define A_NAPOT 0x18
#define L 0x80
#define SET(csr, value) li t0, value; csrw csr, t0
START
    la s0, area
    la s1, area + 4096
    la s2, area + 2040
    // --- with nothing configured M may do all, S and U nothing
    ld a0, 0(s0)
    la s7, 1f
    GO(1, 2f)
2:  nop
1:  CHECK(s8, 1)
    la t0, 2b
    CHECK_REGS(s9, t0)
    CHECK_REGS(s10, t0)
    // --- NAPOT read-only, below it everything
    SET(pmpaddr0, NAPOT(AREA, 4096))
    SET(pmpaddr1, -1)
    SET(pmpcfg0, CFG(0, A_NAPOT | R) | CFG(1, A_NAPOT | R | W | X))
    RUNS_IN(1, ld a0, 0(s0); ld a0, -8(s1))
    TRAPS_FROM(1, 7, AREA, sd a0, 0(s0))
    TRAPS_FROM(0, 7, AREA + 4095, sb a0, -1(s1))
    TRAPS_FROM_AT(0, 1, AREA, AREA, jr s0)
    RUNS_IN(1, sd a0, -8(s0); sd a0, 0(s1))
    sd a0, 0(s0)                   // M mode: entries without L do not bind it
    // writes only is reserved: the entry keeps its value
    SET(pmpcfg0, CFG(0, A_NAPOT | W) | CFG(1, A_NAPOT | R | W | X))
    csrr a0, pmpcfg0
    CHECK(a0, CFG(0, A_NAPOT | R) | CFG(1, A_NAPOT | R | W | X))
    // --- NA4 in the middle of a page
    SET(pmpaddr0, (AREA + 16) >> 2)
    SET(pmpcfg0, CFG(0, A_NA4) | CFG(1, A_NAPOT | R | W | X))
    RUNS_IN(1, lw a0, 12(s0); lw a0, 20(s0); sw a0, 20(s0))
    TRAPS_FROM(1, 5, AREA + 16, lw a0, 16(s0))
    TRAPS_FROM(1, 5, AREA + 18, lb a0, 18(s0))
    TRAPS_FROM(1, 5, AREA + 16, ld a0, 16(s0))     // matches only some of the bytes
    TRAPS_FROM(1, 7, AREA + 16, sw a0, 16(s0))
    // --- TOR: from the entry below to this one
    SET(pmpaddr0, TOR(AREA + 64))
    SET(pmpaddr1, TOR(AREA + 128))
    SET(pmpaddr2, -1)
    SET(pmpcfg0, CFG(1, A_TOR | R) | CFG(2, A_NAPOT | R | W | X))
    RUNS_IN(0, sd a0, 56(s0); ld a0, 64(s0); ld a0, 120(s0); sd a0, 128(s0))
    TRAPS_FROM(0, 7, AREA + 64, sd a0, 64(s0))
    TRAPS_FROM(0, 7, AREA + 120, sd a0, 120(s0))
    TRAPS_FROM(0, 7, AREA + 60, sd a0, 60(s0))     // half in, half out
    SET(pmpaddr1, TOR(AREA + 64))                  // empty
    RUNS_IN(0, sd a0, 64(s0))
    // --- the lowest number decides
    SET(pmpaddr0, NAPOT(AREA, 8))
    SET(pmpaddr1, NAPOT(AREA, 4096))
    SET(pmpcfg0, CFG(0, A_NAPOT | R | W) | CFG(1, A_NAPOT) | CFG(2, A_NAPOT | R | W | X))
    RUNS_IN(1, sd a0, 0(s0))
    TRAPS_FROM(1, 5, AREA + 8, ld a0, 8(s0))
    // --- MPRV: M mode's loads and stores with MPP's rights
    li s3, MSTATUS_MPRV
    li s4, MSTATUS_MPP
    csrc mstatus, s4               // MPP = U
    csrs mstatus, s3
    TRAPS(5, AREA + 8, ld a0, 8(s0))
    csrc mstatus, s4               // the trap put M into MPP
    csrs mstatus, s3
    ld a0, 0(s0)
    csrc mstatus, s3
    ld a0, 8(s0)
    // --- code in a page that has a hole
    SET(pmpaddr0, HOLE >> 2)
    SET(pmpcfg0, CFG(0, A_NA4 | R | W) | CFG(2, A_NAPOT | R | W | X))
    la s5, code
    RUNS_IN(1, jalr s5)
    CHECK(a0, 55)
    li s5, HOLE
    TRAPS_FROM_AT(1, 1, HOLE, HOLE, jalr s5)
    li s5, HOLE - 2
    TRAPS_FROM_AT(1, 1, HOLE, HOLE - 2, jalr s5)   // half of the instruction is in it
    // --- locks bind M mode and themselves
    SET(pmpaddr4, TOR(AREA + 2048))
    SET(pmpaddr5, TOR(AREA + 2048 + 8))
    csrr t1, pmpcfg0
    li t0, CFG(5, A_TOR | R | L)
    or t0, t0, t1
    csrw pmpcfg0, t0
    SET(pmpcfg0, 0)
    csrr a0, pmpcfg0
    CHECK(a0, CFG(5, A_TOR | R | L))
    SET(pmpaddr5, 0)
    csrr a0, pmpaddr5
    CHECK(a0, TOR(AREA + 2048 + 8))
    SET(pmpaddr4, 0)               // the bottom of a locked range is locked with it
    csrr a0, pmpaddr4
    CHECK(a0, TOR(AREA + 2048))
    ld a0, 2040(s0)
    ld a0, 8(s2)
    TRAPS(7, AREA + 2048, sd a0, 8(s2))
    sd a0, 16(s2)
    // M mode's fetches, too
    li s5, RAM + 0xa000
    SET(pmpaddr7, NAPOT(RAM + 0xa000, 4096))
    SET(pmpcfg0, CFG(7, A_NAPOT | R | L))
    TRAPS_IN(1, RAM + 0xa000, jr s5)
    CHECK(s10, RAM + 0xa000)
    ld a0, 0(s5)
    TRAPS(7, RAM + 0xa000, sd a0, 0(s5))
    csrr a0, pmpcfg0               // entry 5 is as it was
    CHECK(a0, CFG(5, A_TOR | R | L) | CFG(7, A_NAPOT | R | L))
    // --- the registers
    SET(pmpaddr15, -1)
    csrr a0, pmpaddr15
    CHECK(a0, 0x3fffffffffffff)
    SET(pmpcfg2, -1 ^ 0x8080808080808080)
    csrr a0, pmpcfg2
    CHECK(a0, 0x1f1f1f1f1f1f1f1f)
    // a locked entry that is off matches nothing, and yet keeps its registers; not that of the one
    // below, which is no part of it
    SET(pmpaddr9, 7)
    SET(pmpcfg2, CFG(1, L))
    SET(pmpcfg2, 0)
    csrr a0, pmpcfg2
    CHECK(a0, CFG(1, L))
    SET(pmpaddr9, 0)
    csrr a0, pmpaddr9
    CHECK(a0, 7)
    SET(pmpaddr8, 3)
    csrr a0, pmpaddr8
    CHECK(a0, 3)
    PASS
    .org 0x8000
area:
    .space 4096
    .org 0x9020
code:
    li a0, 50
    addi a0, a0, 5
    ret
    .org 0x90fc
    .option rvc
    c.nop
    .4byte 0x00000013
