// SPDX-License-Identifier: MIT
/* What runs the random programs of a batch: starts each from the state that its slot describes,
 * logs and steps over every trap, and at the end sends a digest of the program's whole state (or,
 * with `verbose` set, the state itself) to the serial port.
 *
 * A program leaves four registers alone: gp is its frame (page 1 of the slot, where all it logs and
 * ends with goes), tp where to go on after a wild jump; t5 and t6 are lost at each trap.
 * layout.inc is made by image.py: offsets, and the lists of CSRs. */
#include "layout.inc"

#define MSTATUS_FS   0x6000
#define UART         0x10000000
#define POWER        0x100000
#define MTIMECMP     0x2004000

.globl _start, params, m_vectors, s_vectors
_start:
    la t0, boot
    jr t0

    .org 0x10000 // programs may store near the start of RAM, an edge of the integers
params:
slots:   .dword 0 // how many programs
verbose: .dword 0 // 0: digests, 1: whole states

boot: // by hart 0; QEMU has another, for with one hart its AMOs are a load and a store
    csrr t0, mhartid
    beqz t0, 2f
1:  wfi
    j 1b
2:
    li t0, MTIMECMP
    li t1, -1
    sd t1, 0(t0)
    li s11, SLOTS
    ld s10, slots
next_slot:
    beqz s10, power_off
    la t0, now
    sd s10, 0(t0)
    sd s11, 8(t0)

// --- start
    li t0, SHARED
    li t1, SHARED + SHARED_SIZE
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bne t0, t1, 1b
    mv s0, s11
    li t0, MSTATUS_FS
    csrs mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\n, SLOT_F + 8 * \n(s0)
    .endr
    LOAD_CSRS // mepc and mstatus.MPP among them
    sfence.vma
    mv x31, s0
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    ld x\n, 8 * \n(x31)
    .endr
    li x31, 0
    mret

#include "traps.S"

// --- the end of a program, in M mode, with t0 to t2 saved
finish:
    ld t0, FRAME_M_SAVED(gp)
    ld t1, FRAME_M_SAVED + 8(gp)
    ld t2, FRAME_M_SAVED + 16(gp)
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    sd x\n, FRAME_X + 8 * \n(gp)
    .endr
    mv s0, gp
    DUMP_CSRS
    li t0, MSTATUS_FS
    csrs mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\n, FRAME_F + 8 * \n(s0)
    .endr
    csrr t0, fcsr
    sd t0, FRAME_FCSR(s0)
    csrw satp, zero
    csrw mie, zero
    csrw mip, zero
    csrw pmpcfg0, zero
    csrw pmpcfg2, zero
    sfence.vma
    la t0, now
    ld s10, 0(t0)
    ld s11, 8(t0)
    ld t0, verbose
    bnez t0, 1f
    jal digest
    j 2f
1:  jal send_all
2:  li t0, SLOT_SIZE
    add s11, s11, t0
    addi s10, s10, -1
    j next_slot

// The state is the slot's pages from the frame on, and the page that superpages show.
digest:
    li a0, 0
    li a4, 0x9e3779b97f4a7c15
    li a1, SLOT_STATE
    li a2, SLOT_STATE_END
    add a1, a1, s11
    add a2, a2, s11
    mv s9, ra
    jal digest_part
    li a1, SHARED
    li a2, SHARED + SHARED_SIZE
    jal digest_part
    la a1, word
    sd a0, 0(a1)
    addi a2, a1, 8
    mv ra, s9
    j send
digest_part:
    ld a3, 0(a1)
    addi a1, a1, 8
    xor a0, a0, a3
    mul a0, a0, a4
    srli a3, a0, 29
    xor a0, a0, a3
    bne a1, a2, digest_part
    ret

send_all:
    mv s9, ra
    li a1, SLOT_STATE
    li a2, SLOT_STATE_END
    add a1, a1, s11
    add a2, a2, s11
    jal send
    li a1, SHARED
    li a2, SHARED + SHARED_SIZE
    mv ra, s9
send: // [a1, a2)
    li a4, UART
1:  lbu a3, 5(a4)
    andi a3, a3, 0x20
    beqz a3, 1b
    lbu a3, 0(a1)
    sb a3, 0(a4)
    addi a1, a1, 1
    bne a1, a2, 1b
    ret

power_off:
    li t0, POWER
    li t1, 0x5555
    sw t1, 0(t0)
    j power_off

    .balign 8
now:  .dword 0, 0 // programs left, slot
word: .dword 0
