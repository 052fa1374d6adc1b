// SPDX-License-Identifier: MIT
// Sstc: who may use stimecmp, and STIP as the comparison makes it. `time` stands at 123456789.
#include "test.inc"
#define TIME 123456789
#define STIMECMP 0x14d
#define STCE (1 << 63)
#define MENVCFG(value) li t0, value; csrw 0x30a, t0
#define COMPARE(value) li t0, value; csrw STIMECMP, t0
#define STIP_IS(want) csrr a0, mip; andi a0, a0, 0x20; CHECK(a0, want)
#define READ 0x14d02573            // csrr a0, stimecmp
START
    OPEN_PMP
    // --- off: STIP is software's, the register is there in M mode only
    STIP_IS(0)
    COMPARE(5)
    csrr a0, STIMECMP;          CHECK(a0, 5)
    STIP_IS(0)
    li a1, 0x20
    csrs mip, a1
    STIP_IS(0x20)
    csrwi mcounteren, 2
    TRAPS_FROM(1, 2, READ, .4byte READ)
    // --- on: STIP is the comparison's, and no write changes it
    COMPARE(TIME + 1)
    MENVCFG(STCE)
    STIP_IS(0)
    csrs mip, a1
    STIP_IS(0)
    COMPARE(TIME)
    STIP_IS(0x20)
    csrc mip, a1
    STIP_IS(0x20)
    COMPARE(-1)
    STIP_IS(0)
    COMPARE(0)
    STIP_IS(0x20)
    // --- S mode needs STCE and mcounteren.TM, U mode has none
    RUNS_IN(1, .4byte READ)
    csrwi mcounteren, 5
    TRAPS_FROM(1, 2, READ, .4byte READ)
    csrwi mcounteren, 7
    csrwi scounteren, 7
    TRAPS_FROM(0, 2, READ, .4byte READ)
    // --- the interrupt, delegated
    la t0, s_entry
    csrw stvec, t0
    csrw mideleg, a1
    csrw mie, a1
    csrsi mstatus, 2               // SIE
    la s7, 1f
    GO(1, 2f)
2:  j 2b
s_entry:
    csrr a0, scause
    li t0, -1
    csrw STIMECMP, t0
    csrr a2, sip
    ecall
1:  CHECK(a0, 0x8000000000000005)
    CHECK(a2, 0)
    // --- off again
    COMPARE(0)
    STIP_IS(0x20)
    MENVCFG(0)
    STIP_IS(0)
    PASS
