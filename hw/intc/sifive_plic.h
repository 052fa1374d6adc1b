// SPDX-License-Identifier: MIT
/* The platform-level interrupt controller: what a board needs to know of it. */
#pragma once

// Properties num-sources, num-harts; gpio in n: source n (1 to num-sources; 0 does not exist);
// gpio out 2*h: hart h's machine external interrupt, 2*h + 1: its supervisor one.
#define TYPE_SIFIVE_PLIC "riscv.sifive.plic"
