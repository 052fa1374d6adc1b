// SPDX-License-Identifier: MIT
/* Disassembly, out of the decode rows: what the interpreter runs is what is printed. */
#pragma once

#include <span>
#include <string>

#include "hw/cpu/riscv-cpu.h"

// "addi            a0,zero,1", as the assembler has it, without aliases. A jump says where it goes:
// "# 0x80000010". An encoding that a hart with those extensions lacks is ".4byte" or ".2byte".
std::string riscv_disas(uint64_t pc, uint32_t bits, IsaSet isa = ISA_ALL);

// `-d in_asm`: the instructions of a block that was just decoded; cpu.pc is where it begins.
void riscv_log_block(const RISCVCPU &cpu, std::span<const DecodedInsn> insns);
