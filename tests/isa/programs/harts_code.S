// SPDX-License-Identifier: MIT
// a0 = 0: writes the function below for round n, says n, and checks the answer; a1 rounds. The word
// RESULT becomes 1 for success, 2 for a wrong answer. a0 = 1: runs the function and answers.
#define ROUND  0x80008000
#define ANSWER 0x80008040
#define RESULT 0x80009000
    .option norvc
    .globl _start
_start:
    li s0, ROUND
    li s1, ANSWER
    la s2, function
    li s3, 0
    bnez a0, runner
writer:
    addi s3, s3, 1
    andi t0, s3, 1023
    slli t0, t0, 20
    li t1, 0x513                   // li a0, n & 1023
    or t0, t0, t1
    sw t0, 0(s2)
    fence rw, rw
    sw s3, 0(s0)
1:  lw t0, 0(s1)                   // answers are n | what the function returned << 32
    bne t0, s3, 1b
    fence r, r
    lw t1, 4(s1)
    andi t2, s3, 1023
    bne t1, t2, wrong
    blt s3, a1, writer
    li t0, 1
    j 2f
wrong:
    li t0, 2
2:  li t1, RESULT
    sw t0, 0(t1)
3:  j 3b
runner:
    addi s3, s3, 1
1:  lw t0, 0(s0)
    bne t0, s3, 1b
    fence r, rw
    fence.i
    jalr s2
    sw a0, 4(s1)
    fence w, w
    sw s3, 0(s1)
    j runner
    .balign 4096
    .space 256                     // data of the writer shares the page: stores that miss the code
function:
    li a0, 0
    ret
