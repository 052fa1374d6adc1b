# SPDX-License-Identifier: MIT
"""Guests of a few words of machine code, loaded at the start of RAM: what they say and how they end
the machine."""
import os

import vltest

LUI_T0_TEST = 0x001002B7       # lui  t0, 0x100: the test device
SW_T1_T0 = 0x0062A023          # sw   t1, 0(t0)
STAY = 0x0000006F              # j    .
UART_A0 = [0x10000337,         # lui  t1, 0x10000: the serial port
           0x00A30023]         # sb   a0, 0(t1)


def program(*words):
    return b"".join(word.to_bytes(4, "little") for word in words)


def load_t1(word):
    """lui t1, high; addiw t1, t1, low"""
    low = word & 0xFFF
    high = ((word + 0x800) >> 12) & 0xFFFFF
    return [high << 12 | 6 << 7 | 0x37, low << 20 | 6 << 15 | 6 << 7 | 0x1B]


def finisher(word):
    """Writes `word` to the test device, then stays where it is."""
    return program(LUI_T0_TEST, *load_t1(word), SW_T1_T0, STAY)


def say_then(letter, word):
    """A letter on the serial port first."""
    return program(ord(letter) << 20 | 10 << 7 | 0x13, *UART_A0,  # li a0, letter
                   LUI_T0_TEST, *load_t1(word), SW_T1_T0, STAY)


POWER_OFF = finisher(0x5555)


def assemble(folder, source):
    """The machine code of an assembler source, linked to the start of RAM."""
    prefix = "riscv64-unknown-elf-"
    compiler = vltest.tool(prefix + "gcc", "gcc-riscv64-unknown-elf")
    paths = [os.path.join(folder, name) for name in ("guest.S", "guest.elf", "guest.bin")]
    with open(paths[0], "w") as file:
        file.write(source)
    for argv in ([compiler, "-march=rv64gc", "-mabi=lp64", "-nostdlib", "-static",
                  "-Wl,-Ttext=0x80000000", "-o", paths[1], paths[0]],
                 [compiler[:-len("gcc")] + "objcopy", "-O", "binary", paths[1], paths[2]]):
        status, out, err = vltest.run(argv)
        if status:
            raise AssertionError(out + err)
    with open(paths[2], "rb") as file:
        return file.read()
