// SPDX-License-Identifier: MIT
// Zacas, which the assembler does not know, and Zawrs. amocas: rd is what memory must hold, rs2
// what it then gets, and rd becomes what it held.
#include "test.inc"
#define DATA (RAM + 0x1000)
#define AMOCAS_W(rd, rs2, rs1) .insn r 0x2f, 2, 0x14, rd, rs1, rs2
#define AMOCAS_D(rd, rs2, rs1) .insn r 0x2f, 3, 0x17, rd, rs1, rs2
#define AMOCAS_Q(rd, rs2, rs1) .insn r 0x2f, 4, 0x16, rd, rs1, rs2
#define MEMORY(offset, want) ld t1, offset(s0); CHECK(t1, want)
START
    li s0, DATA
    li t1, 0x1111111180000000
    sd t1, 0(s0)
    li t1, 0x2222222222222222
    sd t1, 8(s0)
    // --- words: only the low half of rd is compared, the result is sign-extended
    li a0, 0x580000000
    li a2, 0x700000009
    AMOCAS_W(a0, a2, s0)
    CHECK(a0, 0xffffffff80000000)
    MEMORY(0, 0x1111111100000009)
    li a0, 8                       // not what is there
    AMOCAS_W(a0, a2, s0)
    CHECK(a0, 9)
    MEMORY(0, 0x1111111100000009)
    // --- doublewords
    li a0, 0x1111111100000009
    li a2, -5
    AMOCAS_D(a0, a2, s0)
    CHECK(a0, 0x1111111100000009)
    MEMORY(0, -5)
    li a0, 0
    AMOCAS_D(a0, a2, s0)
    CHECK(a0, -5)
    AMOCAS_D(zero, a2, s0)         // x0 is 0 and stays
    MEMORY(0, -5)
    sd zero, 0(s0)
    AMOCAS_D(zero, a2, s0)
    CHECK(zero, 0)
    MEMORY(0, -5)
    li a0, -5
    AMOCAS_D(a0, a0, s0)           // rd and rs2 the same
    CHECK(a0, -5)
    MEMORY(0, -5)
    // --- pairs
    li a0, -5
    li a1, 0x2222222222222222
    li a2, 1
    li a3, 2
    AMOCAS_Q(a0, a2, s0)
    CHECK(a0, -5)
    CHECK(a1, 0x2222222222222222)
    MEMORY(0, 1)
    MEMORY(8, 2)
    li a0, 1
    li a1, 3                       // the high half differs
    li a2, 7
    AMOCAS_Q(a0, a2, s0)
    CHECK(a0, 1)
    CHECK(a1, 2)
    MEMORY(0, 1)
    AMOCAS_Q(a0, zero, s0)         // a pair that begins with x0 is 0
    MEMORY(0, 0)
    MEMORY(8, 0)
    li ra, 77
    AMOCAS_Q(zero, a2, s0)         // and writes nothing
    CHECK(ra, 77)
    MEMORY(0, 7)
    MEMORY(8, 2)
    TRAPS(2, 0x2cc445af, AMOCAS_Q(a1, a2, s0))     // odd registers
    TRAPS(2, 0x2cd4452f, AMOCAS_Q(a0, a3, s0))
    // --- alignment and rights are those of AMOs
    li s1, DATA + 2
    TRAPS(6, DATA + 2, AMOCAS_W(a0, a2, s1))
    li s1, DATA + 4
    TRAPS(6, DATA + 4, AMOCAS_D(a0, a2, s1))
    li s1, DATA + 8
    TRAPS(6, DATA + 8, AMOCAS_Q(a0, a2, s1))
    li s1, 0x40000000
    TRAPS(7, 0x40000000, AMOCAS_D(a0, a2, s1))
    // --- Zawrs ends at once: no reservation, then one, then in lower modes whatever TW says
    .4byte 0x00d00073
    .4byte 0x01d00073
    lr.d a0, (s0)
    .4byte 0x00d00073
    .4byte 0x01d00073
    sc.d a0, zero, (s0)
    CHECK(a0, 0)                   // the wait keeps the reservation
    OPEN_PMP
    li s1, MSTATUS_TW
    csrs mstatus, s1
    RUNS_IN(1, .4byte 0x00d00073; .4byte 0x01d00073)
    RUNS_IN(0, .4byte 0x00d00073; .4byte 0x01d00073)
    ILLEGAL(0x00d00173)
    PASS
