// SPDX-License-Identifier: MIT
// C: each compressed encoding, its operands at the edges of their fields, and the reserved ones.
#include "test.inc"
// The doubleword at data + n.
#define DOUBLE(n) ((n) | (((n) + 4) << 32))
#define MIN64 0x8000000000000000
// op on a register of its own: a0 = a0 op imm.
#define CI(op, want, a, imm) li a0, a; op a0, imm; CHECK(a0, want)
#define CA(op, want, a, b) li a0, a; li a1, b; op a0, a1; CHECK(a0, want)
START
    .option rvc
    // --- immediates
    CI(c.addi, 31, 0, 31)
    CI(c.addi, -32, 0, -32)
    CI(c.addiw, 0xffffffff80000000, 0x7fffffff, 1)
    CI(c.addiw, -1, 0xffffffff, 0)
    CI(c.addiw, -33, -1, -32)
    CI(c.andi, 0xe0, 0xff, -32)
    CI(c.andi, 31, 0xff, 31)
    CI(c.slli, MIN64, 1, 63)
    CI(c.slli, 2, 1, 1)
    CI(c.srli, 1, MIN64, 63)
    CI(c.srai, -1, MIN64, 63)
    CI(c.srai, 0xffffffff, 0x1ffffffff, 1)
    c.li a0, 31
    CHECK(a0, 31)
    c.li t6, -32
    mv a0, t6
    CHECK(a0, -32)
    c.lui a0, 31
    CHECK(a0, 0x1f000)
    c.lui a0, 0xfffe0
    CHECK(a0, 0xfffffffffffe0000)
    mv s0, sp
    li sp, 0x1000
    c.addi16sp sp, 496
    mv a0, sp
    CHECK(a0, 0x11f0)
    c.addi16sp sp, -512
    mv a0, sp
    CHECK(a0, 0xff0)
    c.addi4spn a0, sp, 4
    CHECK(a0, 0xff4)
    c.addi4spn a5, sp, 1020
    CHECK(a5, 0x13ec)
    // --- registers
    CA(c.add, 3, 1, 2)
    CA(c.sub, -1, 1, 2)
    CA(c.xor, 6, 5, 3)
    CA(c.or, 7, 5, 3)
    CA(c.and, 1, 5, 3)
    CA(c.addw, 0xffffffff80000000, 0x7fffffff, 1)
    CA(c.subw, 0x7fffffff, 0x80000000, 1)
    CA(c.mv, 9, 1, 9)
    li s0, 11; li a5, 4
    c.sub s0, a5                   // the first and the last of the eight
    CHECK(s0, 7)
    li t5, 1; li s11, 2
    c.add t5, s11                  // c.add has all thirty-two
    CHECK(t5, 3)
    // --- memory
    la a1, data
    c.lw a0, 0(a1);   CHECK(a0, 0xffffffff80000001)
    c.ld a0, 0(a1);   CHECK(a0, 0x0123456780000001)
    c.lw a0, 124(a1); CHECK(a0, 124)
    c.lw a0, 64(a1);  CHECK(a0, 64)
    c.lw a0, 4(a1);   CHECK(a0, 0x01234567)
    c.ld a0, 248(a1); CHECK(a0, DOUBLE(248))
    c.ld a0, 192(a1); CHECK(a0, DOUBLE(192))
    mv sp, a1
    c.lwsp t5, 0(sp);   CHECK(t5, 0xffffffff80000001)
    c.lwsp a0, 252(sp); CHECK(a0, 252)
    c.lwsp a0, 192(sp); CHECK(a0, 192)
    c.lwsp a0, 124(sp); CHECK(a0, 124)
    c.ldsp t5, 504(sp); CHECK(t5, DOUBLE(504))
    c.ldsp a0, 448(sp); CHECK(a0, DOUBLE(448))
    c.ldsp a0, 248(sp); CHECK(a0, DOUBLE(248))
    li a0, -1
    c.sw a0, 124(a1);  lwu a2, 124(a1); CHECK(a2, 0xffffffff)
    c.sd a0, 192(a1);  ld a2, 192(a1);  CHECK(a2, -1)
    li t5, 77
    c.swsp t5, 252(sp); lw a2, 252(a1); CHECK(a2, 77)
    c.swsp t5, 192(sp); ld a2, 192(a1); CHECK(a2, 0xffffffff0000004d)
    c.sdsp t5, 504(sp); ld a2, 504(a1); CHECK(a2, 77)
    c.sdsp t5, 448(sp); ld a2, 448(a1); CHECK(a2, 77)
    // --- jumps: links are two bytes on
    la a0, 2f
    c.jalr a0
1:  j fail
2:  la a2, 1b
    sub a2, ra, a2
    CHECK(a2, 0)
    la ra, 4f
    c.jalr ra                      // the target is read before the link is written
3:  j fail
4:  la a2, 3b
    sub a2, ra, a2
    CHECK(a2, 0)
    la t5, 5f
    c.jr t5
    j fail
5:  c.j 7f
6:  c.j 8f
    .space 2000
7:  c.j 6b
8:  li a0, 0
    c.beqz a0, 9f
    j fail
9:  c.bnez a0, fail_near
    li s0, MIN64
    c.bnez s0, 11f
10: c.beqz s0, fail_near
    c.j 12f
    .space 200
11: c.bnez s0, 10b
fail_near:
    j fail
12: // --- breakpoint, hints, reserved encodings
    la s7, 14f
    c.j 13f
    .org 0x1800
13: c.ebreak
14: CHECK(s8, 3)
    CHECK(s9, 0)
    CHECK(s10, RAM + 0x1800)
    .2byte 0x0001                  // c.nop
    .2byte 0x0005                  // c.nop with an immediate
    .2byte 0x4005                  // c.li to x0
    .2byte 0x6005                  // c.lui to x0
    .2byte 0x8006                  // c.mv to x0
    .2byte 0x9006                  // c.add to x0
    .2byte 0x1002 - 0x1000         // c.slli of x0 by 0
    mv a0, zero
    CHECK(a0, 0)
    ILLEGAL16(0x0004)              // c.addi4spn of 0
    ILLEGAL16(0x2001)              // c.addiw of x0
    ILLEGAL16(0x6101)              // c.addi16sp of 0
    ILLEGAL16(0x6281)              // c.lui of 0
    ILLEGAL16(0x4002)              // c.lwsp to x0
    ILLEGAL16(0x6002)              // c.ldsp to x0
    ILLEGAL16(0x8002)              // c.jr x0
    ILLEGAL16(0x9c79)              // two that RV64 reserves
    ILLEGAL16(0x9c7d)
    ILLEGAL16(0x9000)              // quadrant 0, funct3 4, beyond Zcb
    ILLEGAL16(0x2000)              // c.fld: there is no floating point
    PASS
    .balign 8
data:
    .4byte 0x80000001, 0x01234567
    .set n, 8
    .rept 127
    .8byte n | ((n + 4) << 32)
    .set n, n + 8
    .endr
