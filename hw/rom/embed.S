// SPDX-License-Identifier: MIT
// The built ROM as bytes of the emulator; TOY_ROM_BIN is its path.

        .section .rodata
        .balign 16
        .globl  toy_rom_begin, toy_rom_end
        .hidden toy_rom_begin, toy_rom_end
toy_rom_begin:
        .incbin TOY_ROM_BIN
toy_rom_end:

        .section .note.GNU-stack, "", @progbits
