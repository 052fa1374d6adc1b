// SPDX-License-Identifier: MIT
// Memory: copies of 1 MiB by 8-byte words, then a walk over it a cache line at a time.
#include "guest.inc"

.globl _start
_start:
    li      s0, 60              // copies
    li      s1, 0x80400000
    li      s2, 0x80600000
    li      s3, 1 << 20         // bytes
1:  mv      t0, s1
    mv      t1, s2
    add     t2, s1, s3
2:  ld      t3, 0(t0)
    ld      t4, 8(t0)
    sd      t3, 0(t1)
    sd      t4, 8(t1)
    addi    t0, t0, 16
    addi    t1, t1, 16
    bltu    t0, t2, 2b
    mv      t0, s1
3:  lw      t3, 0(t0)
    addi    t3, t3, 1
    sw      t3, 0(t0)
    addi    t0, t0, 64
    bltu    t0, t2, 3b
    addi    s0, s0, -1
    bnez    s0, 1b
    power_off
