// SPDX-License-Identifier: MIT
// Misaligned accesses, accesses across pages, and places where there is no memory.
#include "test.inc"
START
    // --- inside a page
    la s0, page + 8
    li a1, 0x1122334455667788
    sd a1, 1(s0)
    ld a0, 1(s0);  CHECK(a0, 0x1122334455667788)
    lw a0, 2(s0);  CHECK(a0, 0x44556677)
    lh a0, 3(s0);  CHECK(a0, 0x5566)
    lhu a0, 1(s0); CHECK(a0, 0x7788)
    ld a0, 0(s0);  CHECK(a0, 0x2233445566778800)
    sw a1, 3(s0)
    ld a0, 1(s0);  CHECK(a0, 0x1122556677887788)
    sh a1, 7(s0)
    ld a0, 1(s0);  CHECK(a0, 0x7788556677887788)
    lw a0, 5(s0);  CHECK(a0, 0x77885566)
    // --- across two pages, every split of a doubleword
    la s0, page + 4096 - 8
    .irp k, 1, 2, 3, 4, 5, 6, 7
    li a1, 0x8877665544332211 + \k
    sd a1, \k(s0)
    ld a0, \k(s0)
    beq a0, a1, 1f
    li gp, 100 + \k
    j fail
1:
    .endr
    ld a0, 0(s0); CHECK(a0, 0x1817161514131200)
    lw a0, 7(s0)
    sw a0, 6(s0)
    lw a1, 6(s0)
    sub a0, a0, a1
    CHECK(a0, 0)
    li a1, 0xabcd
    sh a1, 7(s0)
    lhu a0, 7(s0); CHECK(a0, 0xabcd)
    lbu a0, 8(s0); CHECK(a0, 0xab)
    lbu a0, 7(s0); CHECK(a0, 0xcd)
    // --- nothing there
    li s0, 0x40000000
    TRAPS(5, 0x40000000, ld a0, 0(s0))
    TRAPS(7, 0x40000000, sb a0, 0(s0))
    TRAPS(5, 0x40000001, lw a0, 1(s0))
    TRAPS_IN(1, 0x40000000, jr s0)
    CHECK(s10, 0x40000000)
    // the last bytes of RAM, and one too many
    li s0, RAM + 0x1000000
    sd a1, -8(s0)
    ld a0, -8(s0); CHECK(a0, 0xabcd)
    TRAPS(7, RAM + 0x1000000, sd zero, -4(s0))
    lw a0, -4(s0); CHECK(a0, 0)
    li a1, -1
    sd a1, -8(s0)
    TRAPS(7, RAM + 0x1000000, sd zero, -7(s0))
    ld a0, -8(s0); CHECK(a0, -1)   // a store that traps has stored nothing
    TRAPS(5, RAM + 0x1000000, lw a0, -2(s0))
    TRAPS(5, RAM + 0x1000000, lb a0, 0(s0))
    // --- a device: its widths, never misaligned
    li s0, RESULT
    lw a0, 4(s0); CHECK(a0, 0x12345678)
    TRAPS(5, RESULT + 4, ld a0, 4(s0))
    TRAPS(5, RESULT + 4, lb a0, 4(s0))
    TRAPS(5, RESULT + 5, lw a0, 5(s0))
    TRAPS(7, RESULT + 6, sw a0, 6(s0))
    TRAPS_IN(1, RESULT, jr s0)     // no code there
    // --- ROM: reads and code, and writes vanish
    li s0, 0x1000
    lw a0, 0(s0); CHECK(a0, 0x00008067)
    sw zero, 0(s0)
    lw a0, 0(s0); CHECK(a0, 0x00008067)
    jalr s0                        // it holds a ret
    PASS
    .balign 4096
page:
    .space 8192
