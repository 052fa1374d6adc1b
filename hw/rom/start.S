// SPDX-License-Identifier: MIT
// The ROM's first instructions: the reset vector comes here with a0 = hart, a1 = device tree.

        .section .text.start
        .globl  _start
_start:
        csrw    mie, zero
        la      t0, trap_entry
        csrw    mtvec, t0
        bnez    a0, park            // hart 0 boots; the others have nothing to do

        ld      t0, work            // the statics lie at the start of the working memory
        ld      t1, statics_end
1:      bgeu    t0, t1, 2f
        sd      zero, (t0)
        addi    t0, t0, 8
        j       1b
2:      ld      sp, stack_top
        call    rom_main

        .balign 4
park:   wfi                         // mtvec may point here
        j       park

// A trap is the end: tell what happened and switch off. A second trap means that this cannot be
// told either (the serial port's address is wrong, say): then just stop.
        .balign 4
trap_entry:
        la      t0, park
        csrw    mtvec, t0
        ld      sp, stack_top
        csrr    a0, mcause
        csrr    a1, mepc
        csrr    a2, mtval
        call    trap
        j       park

// Addresses as data: the code cannot reach so far by itself (see rom.ld).
        .section .rodata
        .balign 8
        .globl  work_start, work_end
work:
work_start:   .dword  _work_start
statics_end:  .dword  _statics_end
work_end:
stack_top:    .dword  _work_end
