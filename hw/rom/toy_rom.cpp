// SPDX-License-Identifier: MIT
/* The toy ROM inside the emulator; embed.S holds the bytes. */
#include "hw/rom/toy_rom.h"

extern "C" const uint8_t toy_rom_begin[], toy_rom_end[];

std::span<const uint8_t> toy_rom_image() { return { toy_rom_begin, toy_rom_end }; }
