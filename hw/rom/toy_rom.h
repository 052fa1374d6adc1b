// SPDX-License-Identifier: MIT
/* The toy ROM inside the emulator: the guest firmware of this folder, as bytes for 0x2000. */
#pragma once
#include <cstdint>
#include <span>

std::span<const uint8_t> toy_rom_image();
