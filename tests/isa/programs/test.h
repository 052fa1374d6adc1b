// SPDX-License-Identifier: MIT
/* What the test programs are written in: a start, checks, and traps that are expected.
 *
 * A program runs from 0x80000000 in M mode and ends by writing to RESULT: 0 for success, else the
 * line of the check that failed, which is always in gp. t6 belongs to the checks, s7 to s10 to the
 * traps, all others to the test. */
#define RESULT 0x100000
#define RAM    0x80000000

#define MSTATUS_MPP  0x1800
#define MSTATUS_MPRV 0x20000
#define MSTATUS_SUM  0x40000
#define MSTATUS_MXR  0x80000
#define MSTATUS_TVM  0x100000
#define MSTATUS_TW   0x200000
#define MSTATUS_TSR  0x400000

// Every trap that M mode takes lands here: cause, tval and epc go to s8, s9 and s10, and the
// program goes on in M mode at s7.
#define START                                                                                      \
    .option norvc;                                                                                 \
    .globl _start;                                                                                 \
    _start: la t0, trap_entry; csrw mtvec, t0; j test_begin;                                       \
    .balign 4;                                                                                     \
    trap_entry: csrr s8, mcause; csrr s9, mtval; csrr s10, mepc; jr s7;                            \
    fail: li t0, RESULT; sw gp, 0(t0); j fail;                                                     \
    test_begin:

#define PASS                                                                                       \
    li t0, RESULT;                                                                                 \
    77: sw zero, 0(t0);                                                                            \
    j 77b

#define CHECK(reg, want)                                                                           \
    li gp, __LINE__;                                                                               \
    li t6, want;                                                                                   \
    beq reg, t6, 88f;                                                                              \
    j fail;                                                                                        \
    88:

// Two registers are equal.
#define CHECK_REGS(a, b) li gp, __LINE__; beq a, b, 88f; j fail; 88:

// op rd, rs1, rs2 and op rd, rs1, imm on those values.
#define RR(op, want, a, b)                                                                         \
    li a1, a; li a2, b;                                                                            \
    op a0, a1, a2;                                                                                 \
    CHECK(a0, want)
#define RI(op, want, a, imm)                                                                       \
    li a1, a;                                                                                      \
    op a0, a1, imm;                                                                                \
    CHECK(a0, want)

// The instructions raise that exception. The address they trap at is checked if it is the first of them.
#define TRAPS(cause, tval, ...)                                                                    \
    la s7, 99f; li s8, -1;                                                                         \
    98: __VA_ARGS__;                                                                               \
    99: CHECK(s8, cause);                                                                          \
    CHECK(s9, tval);                                                                               \
    la t6, 98b; beq s10, t6, 97f; j fail;                                                          \
    97:
// Likewise, whatever epc is.
#define TRAPS_IN(cause, tval, ...)                                                                 \
    la s7, 99f; li s8, -1;                                                                         \
    __VA_ARGS__;                                                                                   \
    99: CHECK(s8, cause);                                                                          \
    CHECK(s9, tval)
#define ILLEGAL(word) TRAPS(2, word, .4byte word)
#define ILLEGAL16(word) TRAPS(2, word, .2byte word)

// Goes to the label in a lower mode: 0 is U, 1 is S. Uses t0.
#define GO(mode, label)                                                                            \
    li t0, MSTATUS_MPP; csrc mstatus, t0;                                                          \
    li t0, (mode) << 11; csrs mstatus, t0;                                                         \
    la t0, label; csrw mepc, t0; mret
// The instructions, in that mode, raise the exception.
#define TRAPS_FROM(mode, cause, tval, ...)                                                         \
    la s7, 99f; li s8, -1;                                                                         \
    GO(mode, 98f);                                                                                 \
    98: __VA_ARGS__;                                                                               \
    99: CHECK(s8, cause);                                                                          \
    CHECK(s9, tval);                                                                               \
    la t6, 98b; beq s10, t6, 97f; j fail;                                                          \
    97:
// Likewise, with the epc given.
#define TRAPS_FROM_AT(mode, cause, tval, epc, ...)                                                 \
    la s7, 99f; li s8, -1;                                                                         \
    GO(mode, 98f);                                                                                 \
    98: __VA_ARGS__;                                                                               \
    99: CHECK(s8, cause);                                                                          \
    CHECK(s9, tval);                                                                               \
    CHECK(s10, epc)
// The instructions, in that mode, run to their end. Ends in M mode by an ecall.
#define RUNS_IN(mode, ...)                                                                         \
    la s7, 99f; li s8, -1;                                                                         \
    GO(mode, 98f);                                                                                 \
    98: __VA_ARGS__;                                                                               \
    ecall;                                                                                         \
    99: CHECK(s8, 8 + (mode))
// S and U modes get everything: a PMP entry over all of memory.
#define OPEN_PMP                                                                                   \
    li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0
