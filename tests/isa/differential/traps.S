// SPDX-License-Identifier: MIT
/* The trap handlers of runtime.S, which includes this: they log a trap and go on behind the
 * instruction, or where tp says if there is none. What they change of the program's state beyond
 * that, they change on both emulators alike. */
#define MSTATUS_MPRV 0x20000
#define MSTATUS_MPP  0x1800
#define SSTATUS_SPP  0x100
#define READ_CODE    0xc0000 // SUM and MXR

// --- the traps that M mode takes
    .macro VECTORS mode, entry
    .balign 256
\mode\()_vectors:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    j \mode\()_vector_\n
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
\mode\()_vector_\n:
    li t6, \entry + \n
    j \mode\()_entry
    .endr
    .endm

    // Entry n of the log: where it came in, cause, epc, tval, status, pending, enabled, scratch.
    .macro LOG mode
    addi t1, t0, 1
    sd t1, FRAME_COUNT(gp)
    slli t0, t0, 6
    add t0, t0, gp
    sd t6, FRAME_LOG + 0(t0)
    sd t5, FRAME_LOG + 32(t0)
    csrr t1, \mode\()tval
    sd t1, FRAME_LOG + 24(t0)
    csrr t1, \mode\()ip
    sd t1, FRAME_LOG + 40(t0)
    csrr t1, \mode\()ie
    sd t1, FRAME_LOG + 48(t0)
    csrr t1, \mode\()scratch
    sd t1, FRAME_LOG + 56(t0)
    csrr t1, \mode\()cause
    sd t1, FRAME_LOG + 8(t0)
    csrr t2, \mode\()epc
    sd t2, FRAME_LOG + 16(t0)
    .endm

    // The interrupt of cause t1 is withdrawn and masked.
    .macro WITHDRAW mode
    li t0, 1
    sll t0, t0, t1
    csrc \mode\()ip, t0
    csrc \mode\()ie, t0
    .endm

    VECTORS m, 0x100
m_entry:
    li t5, MSTATUS_MPRV
    csrrc t5, mstatus, t5
    sd t0, FRAME_M_SAVED(gp)
    sd t1, FRAME_M_SAVED + 8(gp)
    sd t2, FRAME_M_SAVED + 16(gp)
    sd t5, FRAME_STATUS(gp)
    ld t0, FRAME_COUNT(gp)
    li t1, LOG_ENTRIES
    bgeu t0, t1, finish
    LOG m
    bltz t1, m_interrupt
    la t0, s_leave
    bltu t2, t0, 1f
    la t0, s_leave_end
    bgeu t2, t0, 1f
    csrr t2, sepc // the S mode handler asks for M mode
    ld t0, FRAME_END(gp)
    beq t2, t0, finish
    j m_escalate
1:  ld t0, FRAME_END(gp)
    beq t2, t0, finish
    addi t0, t1, -8
    sltiu t0, t0, 4
    bnez t0, m_ecall
    andi t0, t1, ~1
    beqz t0, m_escalate // a misaligned or refused fetch
    addi t0, t1, -12
    beqz t0, m_escalate // a page fault
    ld t0, FRAME_CODE(gp)
    bltu t2, t0, m_resume
    ld t0, FRAME_CODE_END(gp)
    bgeu t2, t0, m_resume
    lbu t0, 0(t2)
    andi t0, t0, 3
    addi t0, t0, -3
    seqz t0, t0
    slli t0, t0, 1
    add t2, t2, t0
    addi t2, t2, 2
m_return:
    csrw mepc, t2
m_return_there: // MPRV is as it was, unless a lower mode is returned to
    li t1, MSTATUS_MPP
    csrr t0, mstatus
    and t0, t0, t1
    bne t0, t1, 1f
    li t1, MSTATUS_MPRV
    ld t0, FRAME_STATUS(gp)
    and t0, t0, t1
    csrs mstatus, t0
1:
    ld t0, FRAME_M_SAVED(gp)
    ld t1, FRAME_M_SAVED + 8(gp)
    ld t2, FRAME_M_SAVED + 16(gp)
    li t5, 0
    li t6, 0
    mret
m_interrupt:
    WITHDRAW m
    j m_return_there
m_ecall: // the program's schedule says which mode is next
    ld t0, FRAME_SCHEDULE(gp)
    andi t1, t0, 3
    srli t0, t0, 2
    sd t0, FRAME_SCHEDULE(gp)
    slli t1, t1, 11
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    csrs mstatus, t1
    addi t2, t2, 4
    j m_return
m_escalate: // on in M mode, where the code can be fetched
    li t0, MSTATUS_MPP
    csrs mstatus, t0
    ld t0, FRAME_CODE(gp)
    bltu t2, t0, m_resume
    ld t0, FRAME_CODE_END(gp)
    bltu t2, t0, m_return
m_resume:
    mv t2, tp
    j m_return

// --- the traps that S mode takes
    VECTORS s, 0x200
s_entry:
    csrr t5, sstatus
    sd t0, FRAME_S_SAVED(gp)
    sd t1, FRAME_S_SAVED + 8(gp)
    sd t2, FRAME_S_SAVED + 16(gp)
    ld t0, FRAME_COUNT(gp)
    li t1, LOG_ENTRIES
    bgeu t0, t1, s_escalate
    LOG s
    bltz t1, s_interrupt
    ld t0, FRAME_END(gp)
    beq t2, t0, s_escalate
    addi t0, t1, -8
    sltiu t0, t0, 2
    bnez t0, s_ecall
    andi t0, t1, ~1
    beqz t0, s_escalate
    addi t0, t1, -12
    beqz t0, s_escalate
    ld t0, FRAME_CODE(gp)
    bltu t2, t0, s_resume
    ld t0, FRAME_CODE_END(gp)
    bgeu t2, t0, s_resume
    li t0, READ_CODE
    csrs sstatus, t0
    lbu t1, 0(t2)
    csrc sstatus, t0
    and t0, t0, t5
    csrs sstatus, t0
    andi t1, t1, 3
    addi t1, t1, -3
    seqz t1, t1
    slli t1, t1, 1
    add t2, t2, t1
    addi t2, t2, 2
s_return:
    csrw sepc, t2
s_return_there:
    ld t0, FRAME_S_SAVED(gp)
    ld t1, FRAME_S_SAVED + 8(gp)
    ld t2, FRAME_S_SAVED + 16(gp)
    li t5, 0
    li t6, 0
    j s_leave_sret
s_interrupt:
    WITHDRAW s
    j s_return_there
s_ecall:
    ld t0, FRAME_SCHEDULE(gp)
    andi t1, t0, 1
    srli t0, t0, 2
    sd t0, FRAME_SCHEDULE(gp)
    slli t1, t1, 8
    li t0, SSTATUS_SPP
    csrc sstatus, t0
    csrs sstatus, t1
    addi t2, t2, 4
    j s_return
s_resume:
    mv t2, tp
    j s_return
s_escalate:
    ld t0, FRAME_S_SAVED(gp)
    ld t1, FRAME_S_SAVED + 8(gp)
    ld t2, FRAME_S_SAVED + 16(gp)
    ld t5, FRAME_BY_EBREAK(gp)
    beqz t5, s_leave_ecall
s_leave: // by whichever is not delegated; sret, too, may trap
    ebreak
s_leave_ecall:
    ecall
s_leave_sret:
    sret
s_leave_end:
