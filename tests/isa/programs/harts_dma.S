// SPDX-License-Identifier: MIT
// Somebody writes `lui a0, n` into the function below, then n to ROUND, and goes on at once. Each
// hart runs the function behind a fence.i: it may return a later n, never an earlier one. The word
// RESULT becomes 2 for that.
#define ROUND  0x80008000
#define RESULT 0x80009000
    .option norvc
    .globl _start
_start:
    li s0, ROUND
    la s2, function
1:  lw t0, 0(s0)
    fence r, rw
    fence.i
    jalr s2
    srliw a0, a0, 12
    bgeu a0, t0, 1b
    li t0, 2
    li t1, RESULT
    sw t0, 0(t1)
2:  j 2b
    .balign 4096
function:
    lui a0, 0
    ret
