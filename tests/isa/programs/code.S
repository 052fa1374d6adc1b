// SPDX-License-Identifier: MIT
// Code that is written while it runs: by stores of every kind, in its own page and in others.
#include "test.inc"
#define LI_A0(value) (0x00000513 | ((value) << 20))
START
    // a function in another page
    la s0, other
    jalr s0
    CHECK(a0, 1)
    li t1, LI_A0(2)
    sw t1, 0(s0)
    fence.i
    jalr s0
    CHECK(a0, 2)
    // by a byte, a misaligned store, an AMO, an SC
    li t1, 0x30
    sb t1, 2(s0)
    fence.i
    jalr s0
    CHECK(a0, 3)
    li t1, 0x0040051300000013
    sd t1, -4(s0)
    fence.i
    jalr s0
    CHECK(a0, 4)
    li t1, 0x0513 | (LI_A0(5) >> 16 << 16)
    sh zero, 8(s0)
    srli t2, t1, 8
    sw t2, 1(s0)                   // misaligned: bytes 1 to 4, the 4th is in the next instruction
    li t2, 0x67
    sb t2, 4(s0)
    fence.i
    jalr s0
    CHECK(a0, 5)
    li t1, LI_A0(6) - LI_A0(5)
    amoadd.w t2, t1, (s0)
    fence.i
    jalr s0
    CHECK(a0, 6)
    li t1, LI_A0(7)
1:  lr.w t2, (s0)
    sc.w t2, t1, (s0)
    bnez t2, 1b
    fence.i
    jalr s0
    CHECK(a0, 7)
    // data beside code: stores to it change nothing of the code
    sd zero, 512(s0)
    sd s0, 1024(s0)
    jalr s0
    CHECK(a0, 7)
    ld a0, 1024(s0)
    CHECK_REGS(a0, s0)
    // a loop that rewrites itself: 100 rounds add 1, 2, 3, ...
    la s1, patch
    li s2, 0
    li s3, 0
loop:
    addi s3, s3, 1
    slli t1, s3, 20
    li t2, 0x00090913              // addi s2, s2, 0
    or t1, t1, t2
    sw t1, 0(s1)
    fence.i
patch:
    addi s2, s2, 0
    li t1, 100
    blt s3, t1, loop
    CHECK(s2, 5050)
    // an instruction in two pages: its second half changes
    la s0, across
    jalr s0
    CHECK(a0, 9)
    li t1, 0x00a0
    sh t1, 2(s0)
    fence.i
    jalr s0
    CHECK(a0, 10)
    // code that was data: filled by stores, run, filled again
    la s0, buffer
    li s4, 3
2:  li t1, 0x00150513              // addi a0, a0, 1
    li t2, 1024 - 1
    mv t3, s0
3:  sw t1, 0(t3)
    addi t3, t3, 4
    addi t2, t2, -1
    bnez t2, 3b
    li t1, 0x00008067
    sw t1, 0(t3)
    fence.i
    li a0, 0
    jalr s0
    CHECK(a0, 1023)
    addi s4, s4, -1
    bnez s4, 2b
    PASS

    .balign 4096
    nop
other:
    li a0, 1
    ret
    .space 2048
    .balign 4096
    .space 4094
    .option rvc
across:
    .2byte 0x0513, 0x0090          // li a0, 9
    ret
    .option norvc
    .balign 4096
buffer:
    .space 4096
