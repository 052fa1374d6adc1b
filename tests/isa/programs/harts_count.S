// SPDX-License-Identifier: MIT
// Each hart adds 1 to the doubleword at a0, 2 * a1 times, and then 1 to the word at a2.
    .globl _start
_start:
    li t1, 1
1:  amoadd.d zero, t1, (a0)
2:  lr.d t0, (a0)
    addi t0, t0, 1
    sc.d t2, t0, (a0)
    bnez t2, 2b
    addi a1, a1, -1
    bnez a1, 1b
    amoadd.w zero, t1, (a2)
3:  j 3b
