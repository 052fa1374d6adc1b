// SPDX-License-Identifier: MIT
// A: each operation's result and memory, reservations, and what is not allowed.
#include "test.inc"
#define CELL 0x2000
// Memory holds m, the operand is v: a0 gets `old` (m as a word or doubleword), memory becomes `new`.
#define AMO(op, store, load, old, new, m, v)                                                       \
    li a1, m; store a1, 0(s0); li a2, v;                                                           \
    op a0, a2, (s0);                                                                               \
    CHECK(a0, old);                                                                                \
    load a0, 0(s0);                                                                                \
    CHECK(a0, new)
#define W(op, old, new, m, v) AMO(op, sw, lw, old, new, m, v)
#define D(op, old, new, m, v) AMO(op, sd, ld, old, new, m, v)
#define MIN64 0x8000000000000000
START
    la s0, cell
    W(amoswap.w, -1, 5, 0xffffffff, 5)
    W(amoadd.w, 0x7fffffff, 0xffffffff80000000, 0x7fffffff, 1)
    W(amoxor.w, 0xff, 0xf0, 0xff, 0x0f)
    W(amoand.w, 0xff, 0x0f, 0xff, 0x10f)
    W(amoor.w, 0xf0, 0xff, 0xf0, 0x0f)
    W(amomin.w, 1, -1, 1, -1)
    W(amomin.w, 0xffffffff80000000, 0xffffffff80000000, 0x80000000, 0x7fffffff)
    W(amomax.w, -1, 1, -1, 1)
    W(amominu.w, 1, 1, 1, -1)
    W(amomaxu.w, 1, -1, 1, -1)
    W(amominu.w, 5, 3, 5, 0x700000003)   // the operand's upper half does not count
    D(amoswap.d, -1, 5, -1, 5)
    D(amoadd.d, 0xffffffff, 0x100000000, 0xffffffff, 1)
    D(amoxor.d, 0xff, MIN64 + 0xff, 0xff, MIN64)
    D(amoand.d, -1, MIN64, -1, MIN64)
    D(amoor.d, 1, MIN64 + 1, 1, MIN64)
    D(amomin.d, 1, MIN64, 1, MIN64)
    D(amomax.d, MIN64, 1, MIN64, 1)
    D(amominu.d, MIN64, 1, MIN64, 1)
    D(amomaxu.d, 1, MIN64, 1, MIN64)
    // a word operation leaves its neighbour alone
    li a1, -1
    sd a1, 0(s0)
    amoand.w a0, zero, (s0)
    ld a0, 0(s0)
    CHECK(a0, 0xffffffff00000000)
    // rd may be rs2 or rs1
    li a1, 7
    sd a1, 0(s0)
    li a2, 3
    amoadd.d a2, a2, (s0)
    CHECK(a2, 7)
    mv a3, s0
    amoadd.d a3, zero, (a3)
    CHECK(a3, 10)
    amoadd.d zero, a1, (s0)
    ld a0, 0(s0)
    CHECK(a0, 17)

    // --- reservations
    li a1, 0xffffffff80000001
    sd a1, 0(s0)
    lr.w a0, (s0)
    CHECK(a0, 0xffffffff80000001)
    sc.w a0, zero, (s0)
    CHECK(a0, 0)
    ld a0, 0(s0)
    CHECK(a0, 0xffffffff00000000)
    sc.w a0, a1, (s0)              // the first one used the reservation up
    CHECK(a0, 1)
    lr.d a0, (s0)
    CHECK(a0, 0xffffffff00000000)
    sc.d a0, a1, (s0)
    CHECK(a0, 0)
    ld a0, 0(s0)
    CHECK(a0, 0xffffffff80000001)
    lr.d a0, (s0)
    addi a4, s0, 8
    sc.d a0, zero, (a4)            // another address
    CHECK(a0, 1)
    sc.d a0, zero, (s0)            // and a failing SC uses it up as well
    CHECK(a0, 1)
    lr.d a0, (s0)
    sd zero, 0(s0)                 // our own store changes what was read
    sc.d a0, a1, (s0)
    CHECK(a0, 1)
    lr.w a0, (s0)
    sc.d a0, a1, (s0)              // another width
    CHECK(a0, 1)
    ld a0, 0(s0)
    CHECK(a0, 0)

    // --- alignment, devices and ROM
    addi a4, s0, 2
    TRAPS(4, RAM + 2 + CELL, lr.w a0, (a4))
    TRAPS(6, RAM + 2 + CELL, sc.w a0, a1, (a4))
    TRAPS(6, RAM + 2 + CELL, amoadd.w a0, a1, (a4))
    addi a4, s0, 4
    TRAPS(4, RAM + 4 + CELL, lr.d a0, (a4))
    TRAPS(6, RAM + 4 + CELL, amoswap.d a0, a1, (a4))
    li a4, RESULT
    TRAPS(5, RESULT, lr.w a0, (a4))
    TRAPS(7, RESULT, amoadd.w a0, a1, (a4))
    TRAPS(7, RESULT, sc.w a0, a1, (a4))
    li a4, 0x1000
    TRAPS(7, 0x1000, amoor.w a0, zero, (a4))
    ILLEGAL(0x1015252f)            // lr.w with rs2
    ILLEGAL(0x3000252f)            // an operation there is none of
    ILLEGAL(0x0000052f)            // of bytes
    ILLEGAL(0x0000452f)            // of quadwords
    PASS
    .org 0x2000
cell:
    .8byte 0, 0
