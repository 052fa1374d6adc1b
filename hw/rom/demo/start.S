// SPDX-License-Identifier: MIT
// The demonstration's first instructions: the ROM comes here with a0 = hart, a1 = device tree.

        .section .text.start
        .globl  _start
_start:
        la      t0, bss_start
        la      t1, bss_end
1:      bgeu    t0, t1, 2f
        sd      zero, (t0)
        addi    t0, t0, 8
        j       1b
2:      la      sp, stack_top
        call    demo_main           // does not return
