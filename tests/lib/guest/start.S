// SPDX-License-Identifier: MIT
// Every hart comes here in M mode with a0 = its number, a1 = device tree. Hart 0 clears the statics
// and reads the tree, then wakes the others. `ready` is initialised data, which a reset of the
// machine loads anew.

        .section .text.start
        .globl  _start
_start:
        li      t0, 8               // MSIE
        csrw    mie, t0
        la      t0, trap_entry
        csrw    mtvec, t0
        bnez    a0, 3f
        la      t0, bss_start
        la      t1, bss_end
1:      bgeu    t0, t1, 2f
        sd      zero, (t0)
        addi    t0, t0, 8
        j       1b
3:      wfi
        lw      t1, ready
        beqz    t1, 3b
        fence   r, rw
2:      mv      tp, a0
        la      sp, stacks
        addi    t0, a0, 1
        slli    t0, t0, 13          // STACK_SIZE
        add     sp, sp, t0
        call    hart_main           // does not return

// Saves what a call may change; trap() returns where to go on.
        .balign 4
trap_entry:
        addi    sp, sp, -128
        sd      ra, 0(sp)
        sd      t0, 8(sp)
        sd      t1, 16(sp)
        sd      t2, 24(sp)
        sd      a0, 32(sp)
        sd      a1, 40(sp)
        sd      a2, 48(sp)
        sd      a3, 56(sp)
        sd      a4, 64(sp)
        sd      a5, 72(sp)
        sd      a6, 80(sp)
        sd      a7, 88(sp)
        sd      t3, 96(sp)
        sd      t4, 104(sp)
        sd      t5, 112(sp)
        sd      t6, 120(sp)
        csrr    a0, mcause
        csrr    a1, mepc
        csrr    a2, mtval
        call    trap
        csrw    mepc, a0
        ld      ra, 0(sp)
        ld      t0, 8(sp)
        ld      t1, 16(sp)
        ld      t2, 24(sp)
        ld      a0, 32(sp)
        ld      a1, 40(sp)
        ld      a2, 48(sp)
        ld      a3, 56(sp)
        ld      a4, 64(sp)
        ld      a5, 72(sp)
        ld      a6, 80(sp)
        ld      a7, 88(sp)
        ld      t3, 96(sp)
        ld      t4, 104(sp)
        ld      t5, 112(sp)
        ld      t6, 120(sp)
        addi    sp, sp, 128
        mret

        .data
        .balign 4
        .globl  ready
ready:  .word   0
