// SPDX-License-Identifier: MIT
// Integer arithmetic in registers: shifts, adds, a multiplication and a division in each turn.
#include "guest.inc"

.globl _start
_start:
    li      s0, 8000000         // turns
    li      t0, 88172645463325252
    li      t2, 1000003
1:  slli    t1, t0, 13          // xorshift
    xor     t0, t0, t1
    srli    t1, t0, 7
    xor     t0, t0, t1
    slli    t1, t0, 17
    xor     t0, t0, t1
    mul     t3, t0, t2
    divu    t4, t3, t2
    add     t5, t5, t4
    sltu    t6, t5, t0
    add     a3, a3, t6
    addi    s0, s0, -1
    bnez    s0, 1b
    power_off
