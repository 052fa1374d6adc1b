// SPDX-License-Identifier: MIT
// Double-precision arithmetic: a polynomial by fused multiply-adds, a division, a conversion.
#include "guest.inc"

.globl _start
_start:
    li      t0, 3 << 13         // mstatus.FS
    csrs    mstatus, t0
    li      s0, 5000000         // turns
    li      t1, 3
    fcvt.d.l fa0, t1
    li      t1, 7
    fcvt.d.l fa1, t1
    fdiv.d  fa2, fa0, fa1
1:  fmadd.d fa3, fa2, fa2, fa0
    fmadd.d fa3, fa3, fa2, fa1
    fmul.d  fa4, fa3, fa2
    fadd.d  fa5, fa4, fa0
    fdiv.d  fa2, fa0, fa5
    fsub.d  fa6, fa5, fa3
    fcvt.l.d t2, fa6
    add     t3, t3, t2
    addi    s0, s0, -1
    bnez    s0, 1b
    power_off
