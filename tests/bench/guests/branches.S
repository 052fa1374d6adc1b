// SPDX-License-Identifier: MIT
// Indirect branches: a jump through a table of eight places, chosen by a random number.
#include "guest.inc"

.globl _start
_start:
    li      s0, 8000000         // jumps
    li      t0, 88172645463325252
    la      s1, table
next:
    slli    t1, t0, 13
    xor     t0, t0, t1
    srli    t1, t0, 7
    xor     t0, t0, t1
    andi    t2, t0, 7
    slli    t2, t2, 3
    add     t2, t2, s1
    ld      t2, 0(t2)
    jr      t2
.macro place n
place\n:
    addi    t3, t3, \n
    addi    s0, s0, -1
    bnez    s0, next
    j       done
.endm
    place 0
    place 1
    place 2
    place 3
    place 4
    place 5
    place 6
    place 7
done:
    power_off

.balign 8
table:
    .dword  place0, place1, place2, place3, place4, place5, place6, place7
