// SPDX-License-Identifier: MIT
// RV64I: each instruction on edge values.
#include "test.inc"
#define MIN64 0x8000000000000000
#define MAX64 0x7fffffffffffffff
#define MIN32 0xffffffff80000000
#define MAX32 0x7fffffff
START
    // --- add and subtract
    RR(add, 3, 1, 2)
    RR(add, MIN64, MAX64, 1)
    RR(add, 0, -1, 1)
    RR(sub, -1, 1, 2)
    RR(sub, MAX64, MIN64, 1)
    RR(addw, MIN32, MAX32, 1)
    RR(addw, 0, 0x1ffffffff, 1)
    RR(addw, 3, 0x500000001, 0x700000002)
    RR(subw, MAX32, MIN32, 1)
    RR(subw, -1, 0, 0x500000001)
    RI(addi, 2047, 0, 2047)
    RI(addi, -2048, 0, -2048)
    RI(addi, MIN64, MAX64, 1)
    RI(addiw, MIN32, MAX32, 1)
    RI(addiw, 0x12345678, 0xabcdef0112345678, 0)
    RI(addiw, -1, 0xffffffff, 0)
    // --- comparisons
    RR(slt, 1, MIN64, MAX64)
    RR(slt, 0, MAX64, MIN64)
    RR(slt, 0, 5, 5)
    RR(slt, 1, -1, 0)
    RR(sltu, 0, -1, 0)
    RR(sltu, 1, 0, MIN64)
    RR(sltu, 0, 7, 7)
    RI(slti, 1, -2049, -2048)
    RI(slti, 0, -2048, -2048)
    RI(sltiu, 1, 5, -1)            // the immediate is sign-extended, then unsigned
    RI(sltiu, 0, -1, -1)
    RI(sltiu, 1, 0, 1)
    // --- logic
    RR(and, 0x0f00, 0xff00, 0x0ff0)
    RR(or, 0xfff0, 0xff00, 0x0ff0)
    RR(xor, 0xf0f0, 0xff00, 0x0ff0)
    RI(andi, 0xffffffffffffff00, -1, -256)
    RI(ori, -1, 0xf0, -241)
    RI(xori, 0xffffffff0fffffff, 0x00000000f0000000, -1)
    // --- shifts: six bits of the amount count, five for words
    RR(sll, MIN64, 1, 63)
    RR(sll, 1, 1, 64)
    RR(sll, 2, 1, 0xffffffffffffffc1)
    RR(srl, 1, MIN64, 63)
    RR(srl, MIN64, MIN64, 64)
    RR(sra, -1, MIN64, 63)
    RR(sra, 0x3fffffffffffffff, MAX64, 1)
    RR(sllw, MIN32, 1, 31)
    RR(sllw, 1, 1, 32)
    RR(srlw, 1, 0xffffffff80000000, 31)
    RR(srlw, MIN32, 0x0000000080000000, 32)
    RR(sraw, -1, 0x80000000, 31)
    RR(sraw, 0x3fffffff, 0xffffffff7fffffff, 1)
    RI(slli, MIN64, 1, 63)
    RI(srli, 1, -1, 63)
    RI(srai, -1, MIN64, 63)
    RI(slliw, MIN32, 1, 31)
    RI(srliw, 1, 0xffffffff80000000, 31)
    RI(srliw, MIN32, 0x80000000, 0)
    RI(sraiw, -1, 0x80000000, 31)
    // --- constants
    lui a0, 0x80000
    CHECK(a0, MIN32)
    lui a0, 0x7ffff
    CHECK(a0, 0x7ffff000)
1:  auipc a0, 0
    la a1, 1b
    sub a0, a0, a1
    CHECK(a0, 0)
2:  auipc a0, 0xfffff
    la a1, 2b
    sub a0, a0, a1
    CHECK(a0, -4096)
    // --- x0 stays zero
    li a0, 5
    add zero, a0, a0
    addi zero, a0, 1
    lui zero, 0x12345
    la a1, word
    lw zero, 0(a1)
    jal zero, 3f
3:  mv a0, zero
    CHECK(a0, 0)
    // --- jumps
    la a2, 5f
4:  jalr a2, 1(a2)                 // rd is rs1; bit 0 of the target is cleared
    j fail
5:  la a1, 4b
    sub a0, a2, a1
    CHECK(a0, 4)
    jal a0, 7f
6:  j fail
7:  la a1, 6b
    sub a0, a0, a1
    CHECK(a0, 0)
    j 9f
8:  li a0, 42
    j 10f
9:  j 8b                           // backwards
10: CHECK(a0, 42)
    // --- branches: taken and not taken
#define TAKEN(op, a, b) li gp, __LINE__; li a1, a; li a2, b; op a1, a2, 11f; j fail; 11:
#define NOT_TAKEN(op, a, b) li gp, __LINE__; li a1, a; li a2, b; op a1, a2, 12f; j 13f; 12: j fail; 13:
    TAKEN(beq, MIN64, MIN64)
    NOT_TAKEN(beq, 0x100000000, 0)
    TAKEN(bne, 0x100000000, 0)
    NOT_TAKEN(bne, -1, -1)
    TAKEN(blt, -1, 0)
    NOT_TAKEN(blt, 0, 0)
    NOT_TAKEN(blt, MAX64, MIN64)
    TAKEN(bge, 0, 0)
    TAKEN(bge, MAX64, MIN64)
    NOT_TAKEN(bge, -2, -1)
    TAKEN(bltu, 0, -1)
    NOT_TAKEN(bltu, -1, 0)
    TAKEN(bgeu, -1, 0)
    TAKEN(bgeu, 3, 3)
    NOT_TAKEN(bgeu, 0, 1)
    // --- loads extend, stores cut off
    la s0, word
    lb a0, 0(s0);  CHECK(a0, 0xffffffffffffff88)
    lbu a0, 0(s0); CHECK(a0, 0x88)
    lh a0, 0(s0);  CHECK(a0, 0xffffffffffff9988)
    lhu a0, 0(s0); CHECK(a0, 0x9988)
    lw a0, 0(s0);  CHECK(a0, 0xffffffffbbaa9988)
    lwu a0, 0(s0); CHECK(a0, 0xbbaa9988)
    ld a0, 0(s0);  CHECK(a0, 0x7fddccffbbaa9988)
    lb a0, 7(s0);  CHECK(a0, 0x7f)
    addi s0, s0, 2047
    ld a0, -2047(s0)
    CHECK(a0, 0x7fddccffbbaa9988)
    la s0, buffer
    li a1, 0x1122334455667788
    sd a1, 0(s0)
    li a2, -1
    sb a2, 0(s0)
    ld a0, 0(s0); CHECK(a0, 0x11223344556677ff)
    sh a2, 2(s0)
    ld a0, 0(s0); CHECK(a0, 0x11223344ffff77ff)
    sw zero, 4(s0)
    ld a0, 0(s0); CHECK(a0, 0xffff77ff)
    sd a1, 8(s0)
    ld a0, 0(s0); CHECK(a0, 0xffff77ff)
    // --- fences do nothing that shows
    fence
    fence r, w
    fence.tso
    .4byte 0x0100000f              // pause
    .4byte 0xfff0908f              // reserved fields of fence.i are ignored
    .4byte 0xf330808f              // and those of fence
    fence.i
    // --- environment
    TRAPS(11, 0, ecall)
    OPEN_PMP
    TRAPS_FROM(1, 9, 0, ecall)
    TRAPS_FROM(0, 8, 0, ecall)
    // --- encodings that are nobody's
    ILLEGAL(0xffffffff)
    ILLEGAL(0x0200509b)            // srliw with bit 5 of the amount
    ILLEGAL(0x4000109b)            // slliw with a bit of srai's
    ILLEGAL(0x08005093)            // srli with a bit that is too high
    ILLEGAL(0x00007003)            // a load of width 7
    ILLEGAL(0x00004023)            // a store of width 4
    ILLEGAL(0x00002063)            // branch 2
    ILLEGAL(0x00001067)            // jalr with funct3 1
    ILLEGAL(0x40001033)            // sub's bit on sll
    ILLEGAL(0x00200073)            // uret, which is gone
    ILLEGAL(0x00008073)            // ecall with a register
    ILLEGAL16(0x0000)
    PASS
    .balign 8
word:
    .8byte 0x7fddccffbbaa9988
buffer:
    .8byte 0, 0
