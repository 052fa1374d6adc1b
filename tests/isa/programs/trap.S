// SPDX-License-Identifier: MIT
// Traps: delegation, the stacks in mstatus, sret and mret, vectored interrupts, priorities.
#include "test.inc"
#define STATUS(want) csrr a0, mstatus; li t6, 0x1f9aa; and a0, a0, t6; CHECK(a0, want)
START
    OPEN_PMP
    // --- M's stack: MPIE and MPP take MIE and the mode
    csrwi mie, 0
    csrsi mstatus, 8
    la s7, 1f
    ecall
1:  STATUS(0x1880)                 // MPP = M, MPIE = 1, MIE = 0
    la t0, 2f
    csrw mepc, t0
    mret
2:  STATUS(0x0088)                 // MIE is back, MPIE = 1, MPP = U
    csrci mstatus, 8
    la s7, 3f
    GO(1, 4f)
4:  ecall
3:  STATUS(0x0880)                 // MPP = S; mret had set MPIE and taken MIE from it
    la s7, 5f
    GO(0, 6f)
6:  ecall
5:  STATUS(0x0080)

    // --- delegation: to S mode from U and S, never from M
    la t0, s_entry
    csrw stvec, t0
    li t0, 0x104                   // illegal instruction, ecall from U
    csrw medeleg, t0
    li s1, 0
    la s7, 10f
    GO(0, 7f)
7:  ecall                          // to S: s1 counts
    .4byte 0xffffffff              // to S
    ebreak                         // not delegated: to M
10: CHECK(s1, 2)
    CHECK(s8, 3)
    CHECK(s2, 2)                   // scause, stval of the second
    CHECK(s3, 0xffffffff)
    csrr a0, sstatus
    andi a0, a0, 0x122
    CHECK(a0, 0x20)                // SPP = U, SPIE = 1 after sret
    la s7, 12f
    li s1, 0
    GO(1, 11f)
11: csrsi sstatus, 2               // SIE
    .4byte 0xffffffff              // from S to S
    csrr a2, sstatus
    ecall                          // cause 9 is not delegated
12: CHECK(s1, 1)
    CHECK(s8, 9)
    andi a0, s4, 0x122             // sstatus in the handler
    CHECK(a0, 0x120)               // SPP = S, SPIE = 1, SIE = 0
    andi a2, a2, 0x122
    CHECK(a2, 0x22)                // and SIE after it
    csrci sstatus, 2
    TRAPS(2, 0xffffffff, .4byte 0xffffffff) // from M to M, delegated or not
    CHECK(s1, 1)
    csrw medeleg, zero

    // --- mret and sret to a lower mode end MPRV
    li t0, MSTATUS_MPRV
    csrs mstatus, t0
    RUNS_IN(1, nop)
    csrr a0, mstatus
    li t0, MSTATUS_MPRV
    and a0, a0, t0
    CHECK(a0, 0)
    csrs mstatus, t0
    la t0, 16f
    csrw sepc, t0
    la s7, 17f
    sret                           // to U mode: SPP is 0
16: ecall
17: CHECK(s8, 8)
    csrr a0, mstatus
    li t0, MSTATUS_MPRV
    and a0, a0, t0
    CHECK(a0, 0)

    // --- interrupts: priority, by software's own bits
    csrw mideleg, zero
    li t0, 0x222
    csrw mie, t0
    csrw mip, t0                   // SEIP, STIP, SSIP: MIE is off
    la s7, 20f
    csrsi mstatus, 8
    j fail
20: CHECK(s8, 0x8000000000000009)
    CHECK(s9, 0)
    li t0, 0x200
    csrc mip, t0
    la s7, 22f
    csrsi mstatus, 8
    j fail
22: CHECK(s8, 0x8000000000000001)
    csrci mip, 2
    la s7, 24f
    csrsi mstatus, 8
    j fail
24: CHECK(s8, 0x8000000000000005)
    // mie disables
    csrw mie, zero
    csrsi mstatus, 8
    nop
    csrci mstatus, 8
    // below M mode, M's interrupts are always on
    li t0, 0x20
    csrw mie, t0
    la s7, 27f
    GO(0, 26f)
26: j fail
27: CHECK(s8, 0x8000000000000005)
    la t6, 26b                     // and come before the first instruction there
    CHECK_REGS(s10, t6)
    // delegated: not in M mode, in S mode with SIE, in U mode always
    li t0, 0x222
    csrw mideleg, t0
    csrsi mstatus, 8
    nop                            // M mode is not interrupted by what it delegated
    csrci mstatus, 8
    li s1, 0
    csrci sstatus, 2
    RUNS_IN(1, nop)
    CHECK(s1, 0)
    RUNS_IN(0, nop)
    CHECK(s1, 1)
    CHECK(s2, 0x8000000000000005)
    li t0, 0x20
    csrs mie, t0                   // the handler had silenced it; it is still pending
    RUNS_IN(1, csrsi sstatus, 2; nop)
    CHECK(s1, 2)
    // --- vectored: interrupts at base + 4 * cause, exceptions at the base
    csrw mideleg, zero
    csrw mip, zero
    la t0, vectors + 1
    csrw mtvec, t0
    li s1, 0
    la s7, 30f
    ecall
30: CHECK(s1, 100)
    li t0, 0x202
    csrw mie, t0
    csrwi mip, 2
    la s7, 31f
    csrsi mstatus, 8
    j fail
31: CHECK(s1, 1)
    csrwi mip, 0
    li t0, 0x200
    csrw mip, t0
    la s7, 32f
    csrsi mstatus, 8
    j fail
32: CHECK(s1, 9)
    PASS

    // S mode's handler: counts, keeps what it sees, steps over exceptions, silences interrupts
    .balign 4
s_entry:
    addi s1, s1, 1
    csrr s2, scause
    csrr s3, stval
    csrr s4, sstatus
    bltz s2, 1f
    csrr s5, sepc
    addi s5, s5, 4
    csrw sepc, s5
    sret
1:  csrw sie, zero
    sret

    .balign 64
vectors:
    j v_exception
    j v_s_soft
    .rept 7
    j fail
    .endr
    j v_s_ext
v_exception: li s1, 100; jr s7
v_s_soft:    li s1, 1; jr s7
v_s_ext:     li s1, 9; jr s7
