// SPDX-License-Identifier: MIT
// Page-table walks: in S mode under Sv39 with 4 KiB pages, one word of each of 4096 pages, so that a
// translation cache of any usual size misses.
#include "guest.inc"

.equ ROOT,   0x80200000         // one page of each level, and eight of the last
.equ MIDDLE, 0x80201000
.equ LEAVES, 0x80202000
.equ PAGES,  4096
.equ POINTER, 0x01              // V
.equ LEAF,    0xcf              // D A X W R V

.globl _start
_start:
    li      t0, -1
    csrw    pmpaddr0, t0        // everything is allowed
    li      t0, 0x1f
    csrw    pmpcfg0, t0

    // root[2] covers 0x80000000; middle[0] maps the code as one 2 MiB page
    li      t0, ROOT
    li      t1, (MIDDLE >> 12 << 10) | POINTER
    sd      t1, 16(t0)
    li      t0, MIDDLE
    li      t1, (0x80000000 >> 12 << 10) | LEAF
    sd      t1, 0(t0)
    // middle[8..15]: 4096 pages at 0x81000000, each to itself
    li      t2, (LEAVES >> 12 << 10) | POINTER
    addi    t0, t0, 8 * 8
    li      t3, 8
1:  sd      t2, 0(t0)
    addi    t0, t0, 8
    addi    t2, t2, 1 << 10
    addi    t3, t3, -1
    bnez    t3, 1b
    li      t0, LEAVES
    li      t1, (0x81000000 >> 12 << 10) | LEAF
    li      t3, PAGES
2:  sd      t1, 0(t0)
    addi    t0, t0, 8
    addi    t1, t1, 1 << 10
    addi    t3, t3, -1
    bnez    t3, 2b

    la      t0, trap            // the way back to M mode
    csrw    mtvec, t0
    li      t0, (8 << 60) | (ROOT >> 12)
    csrw    satp, t0
    sfence.vma
    li      t0, 1 << 11         // mstatus.MPP = S
    csrs    mstatus, t0
    la      t0, supervisor
    csrw    mepc, t0
    mret

supervisor:
    li      s0, 400             // rounds
    li      s3, 4096
3:  li      t0, 0x81000000
    li      t1, PAGES
4:  ld      t2, 0(t0)
    add     t3, t3, t2
    add     t0, t0, s3
    addi    t1, t1, -1
    bnez    t1, 4b
    addi    s0, s0, -1
    bnez    s0, 3b
    ecall

.balign 4
trap:
    power_off
