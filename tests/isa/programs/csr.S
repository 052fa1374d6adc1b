// SPDX-License-Identifier: MIT
// CSRs: the six instructions, legal values of the fields, rights, and what does not exist.
#include "test.inc"
#define STATUS_64 0xa00000000      // UXL and SXL
#define SD 0x8000000000000000
// Writing `value` to the register leaves `want` in it.
#define WARL(csr, want, value) li a1, value; csrw csr, a1; csrr a0, csr; CHECK(a0, want)
#define NO_CSR(number) TRAPS(2, 0x00002573 | ((number) << 20), csrr a0, number)
#define READ_ONLY(number) TRAPS(2, 0x00051073 | ((number) << 20), csrw number, a0)
START
    // --- the instructions
    li a1, 0xf0
    csrw mscratch, a1
    csrrw a0, mscratch, zero;   CHECK(a0, 0xf0)
    csrrwi a0, mscratch, 31;    CHECK(a0, 0)
    csrrsi a0, mscratch, 0;     CHECK(a0, 31)
    li a1, 0x60
    csrrs a0, mscratch, a1;     CHECK(a0, 31)
    csrrci a0, mscratch, 3;     CHECK(a0, 0x7f)
    csrrc a0, mscratch, a1;     CHECK(a0, 0x7c)
    li a0, 5
    csrrw a0, mscratch, a0;     CHECK(a0, 0x1c)
    csrr a0, mscratch;          CHECK(a0, 5)
    // --- identity
    csrr a0, misa;              CHECK(a0, 0x800000000014112d)
    WARL(misa, 0x800000000014112d, 0)
    csrr a0, mhartid;           CHECK(a0, 3)
    csrr a0, mvendorid;         CHECK(a0, 0)
    csrr a0, marchid;           CHECK(a0, 0)
    csrr a0, mimpid;            CHECK(a0, 0)
    csrr a0, 0xf15;             CHECK(a0, 0)
    // --- mstatus
    csrr a0, mstatus;           CHECK(a0, STATUS_64)
    WARL(mstatus, STATUS_64 | SD | 0x7e79a2, -1 ^ 8 ^ 0x40)
    WARL(mstatus, STATUS_64 | 0x4000, 0x4000)      // FS is clean, so nothing is dirty
    WARL(mstatus, STATUS_64 | 0x1800, 0x1800)
    WARL(mstatus, STATUS_64 | 0x1800, 0x1000)      // there is no mode 2: MPP stays
    WARL(mstatus, STATUS_64 | 0x0800, 0x0800)
    WARL(mstatus, STATUS_64, 0)
    WARL(sstatus, SD | 0x2000c6122, -1)
    csrr a0, mstatus;           CHECK(a0, STATUS_64 | SD | 0xc6122)
    csrw sstatus, zero
    // --- delegation and interrupt enables
    WARL(medeleg, 0xb3ff, -1)
    csrw medeleg, zero
    WARL(mideleg, 0x222, -1)
    WARL(mie, 0xaaa, -1)
    csrr a0, sie;               CHECK(a0, 0x222)
    csrw sie, zero
    csrr a0, mie;               CHECK(a0, 0x888)
    WARL(mip, 0x222, -1)
    csrr a0, sip;               CHECK(a0, 0x222)
    csrw sip, zero                                 // S mode may clear only SSIP
    csrr a0, mip;               CHECK(a0, 0x220)
    csrsi sip, 2
    csrr a0, mip;               CHECK(a0, 0x222)
    csrw mideleg, zero
    csrr a0, sip;               CHECK(a0, 0)       // not delegated: not there
    csrw sip, zero
    csrr a0, mip;               CHECK(a0, 0x222)
    li a1, -1
    csrw sie, a1
    csrr a0, mie;               CHECK(a0, 0x888)
    csrw mip, zero
    csrw mie, zero
    // --- addresses
    csrr s0, mtvec
    WARL(mtvec, 0xfffffffffffffffd, -3)
    WARL(mtvec, 0x1001, 0x1003)                    // there is no mode 3: the mode stays
    WARL(mtvec, 0x1000, 0x1000)
    csrw mtvec, s0
    WARL(stvec, 0x2001, 0x2001)
    WARL(mepc, -2, -1)
    WARL(sepc, -2, -1)
    WARL(mcause, 0x8000000000000005, 0x8000000000000005)
    WARL(scause, 9, 9)
    WARL(mtval, -1, -1)
    WARL(stval, -1, -1)
    WARL(sscratch, -1, -1)
    WARL(satp, 0x80000fffffffffff, 0x80000fffffffffff)
    WARL(satp, 0x80000fffffffffff, 0xb000000000000000) // no such mode: nothing changes
    WARL(satp, 0x9000000000000001, 0x9000000000000001) // Sv48
    WARL(satp, 0xa000000000000001, 0xa000000000000001) // Sv57
    WARL(satp, 0x8ffff00000000001, 0x8ffff00000000001)
    WARL(satp, 0, 0)
    csrr a0, 0x30a;             CHECK(a0, 0x6000000000000000) // menvcfg: ADUE, PBMTE
    WARL(0x30a, 0xe0000000000000f1, -1)
    csrr a0, 0x14d;             CHECK(a0, 0)       // stimecmp
    WARL(0x30a, 0, 0)
    WARL(0x10a, 0xf1, -1)                          // senvcfg
    WARL(mcounteren, 0xffffffff, -1)
    WARL(scounteren, 0xffffffff, -1)
    // --- counters
    csrr a0, minstret
    csrr a1, minstret
    nop
    nop
    csrr a2, minstret
    sub a1, a1, a0;             CHECK(a1, 1)
    csrr a3, instret
    sub a3, a3, a2
    li gp, __LINE__
    csrwi minstret, 7
    csrr a0, minstret;          CHECK(a0, 7)       // the write itself is not counted
    csrwi mcycle, 0
    nop
    csrr a0, cycle;             CHECK(a0, 1)
    la s7, 1f
    csrwi minstret, 0
    ecall                                          // an instruction that traps is not retired
    j fail
1:  csrr a0, minstret                              // 4 instructions of the handler before it
    CHECK(a0, 4)
    csrwi mcountinhibit, 4
    csrr a0, minstret
    nop
    csrr a1, minstret
    sub a0, a1, a0;             CHECK(a0, 0)
    csrwi minstret, 9
    csrr a0, minstret;          CHECK(a0, 9)
    csrr a0, mcycle
    csrr a1, mcycle
    sub a0, a1, a0;             CHECK(a0, 1)
    csrwi mcountinhibit, 0
    nop
    csrr a1, minstret;          CHECK(a1, 11)      // 9, the csrwi, the nop
    WARL(mcountinhibit, 5, -1)
    csrwi mcountinhibit, 0
    csrr a0, time;              CHECK(a0, 123456789)
    WARL(mhpmcounter3, 0, -1)
    WARL(mhpmcounter31, 0, -1)
    WARL(mhpmevent3, 0, -1)
    WARL(mhpmevent31, 0, -1)
    csrr a0, hpmcounter31;      CHECK(a0, 0)
    // --- what does not exist, and what cannot be written
    NO_CSR(0x001)                                  // fflags
    NO_CSR(0x003)                                  // fcsr
    NO_CSR(0x014)
    NO_CSR(0x24d)                                  // vstimecmp
    NO_CSR(0x321)
    NO_CSR(0x3a1)                                  // pmpcfg1 is RV32's
    NO_CSR(0x3a4)                                  // entries 16 to 23
    NO_CSR(0x3c0)
    NO_CSR(0x747)                                  // mseccfg
    NO_CSR(0x7a5)                                  // tcontrol: there are no triggers
    NO_CSR(0xb01)                                  // mtime is no CSR
    NO_CSR(0xfff)
    READ_ONLY(0xc00)
    READ_ONLY(0xf14)
    TRAPS(2, 0xf140e073, csrsi mhartid, 1)
    li a1, 0                                       // a write of no bits is a write, unless by x0
    TRAPS(2, 0xf145a073, csrs mhartid, a1)
    TRAPS(2, 0xf145b073, csrc mhartid, a1)
    csrrs a0, mhartid, zero;    CHECK(a0, 3)       // no write, no trap
    csrrci a0, mhartid, 0;      CHECK(a0, 3)
    csrr a0, sstatus                               // M mode has S mode's
    // --- rights of modes
    OPEN_PMP
    TRAPS_FROM(1, 2, 0x30002573, csrr a0, mstatus)
    TRAPS_FROM(1, 2, 0xf1402573, csrr a0, mhartid)
    TRAPS_FROM(0, 2, 0x10002573, csrr a0, sstatus)
    TRAPS_FROM(0, 2, 0x34002573, csrr a0, mscratch)
    RUNS_IN(1, csrr a0, sstatus; csrw sscratch, a0; csrr a0, satp)
    // counters: M lets S, both let U
    csrwi mcounteren, 0
    csrwi scounteren, 7
    TRAPS_FROM(1, 2, 0xc0002573, csrr a0, cycle)
    TRAPS_FROM(0, 2, 0xc0202573, csrr a0, instret)
    csrwi mcounteren, 5
    csrwi scounteren, 2
    RUNS_IN(1, csrr a0, cycle; csrr a0, instret)
    TRAPS_FROM(1, 2, 0xc0102573, csrr a0, time)
    TRAPS_FROM(0, 2, 0xc0002573, csrr a0, cycle)
    csrwi mcounteren, 7
    csrwi scounteren, 7
    RUNS_IN(0, csrr a0, cycle; csrr a0, instret; csrr a0, time)
    csrwi scounteren, 5
    TRAPS_FROM(0, 2, 0xc0102573, csrr a0, time)
    TRAPS_FROM(0, 2, 0xc0302573, csrr a0, hpmcounter3)
    // TVM, TW, TSR keep S mode from what the hypervisor wants to see
    li s0, MSTATUS_TVM
    csrs mstatus, s0
    TRAPS_FROM(1, 2, 0x18002573, csrr a0, satp)
    TRAPS_FROM(1, 2, 0x12000073, sfence.vma)
    csrr a0, satp
    csrc mstatus, s0
    RUNS_IN(1, csrr a0, satp; sfence.vma; sfence.vma a0, a1)
    TRAPS_FROM(0, 2, 0x12000073, sfence.vma)
    li s0, MSTATUS_TW
    csrs mstatus, s0
    TRAPS_FROM(1, 2, 0x10500073, wfi)
    csrc mstatus, s0
    TRAPS_FROM(0, 2, 0x10500073, wfi)
    li s0, MSTATUS_TSR
    csrs mstatus, s0
    TRAPS_FROM(1, 2, 0x10200073, sret)
    csrc mstatus, s0
    TRAPS_FROM(0, 2, 0x10200073, sret)
    TRAPS_FROM(1, 2, 0x30200073, mret)
    TRAPS_FROM(0, 2, 0x30200073, mret)
    PASS
