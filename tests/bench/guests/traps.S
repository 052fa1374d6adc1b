// SPDX-License-Identifier: MIT
// Traps: an environment call and the way back, again and again.
#include "guest.inc"

.globl _start
_start:
    la      t0, trap
    csrw    mtvec, t0
    li      s0, 1500000         // calls
1:  ecall
    addi    s0, s0, -1
    bnez    s0, 1b
    power_off

.balign 4
trap:
    csrr    t1, mepc
    addi    t1, t1, 4
    csrw    mepc, t1
    mret
