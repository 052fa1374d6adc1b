// SPDX-License-Identifier: MIT
/* What instruction bodies are written in, and the bodies that compressed instructions share. */
#pragma once

#include "hw/cpu/riscv-cpu.h"
#include "hw/cpu/trap.h"

inline uint64_t &rd(RISCVCPU &cpu, const DecodedInsn &i) { return cpu.x[i.rd]; }
inline uint64_t rs1(const RISCVCPU &cpu, const DecodedInsn &i) { return cpu.x[i.rs1]; }
inline uint64_t rs2(const RISCVCPU &cpu, const DecodedInsn &i) { return cpu.x[i.rs2]; }
inline int64_t signed_rs1(const RISCVCPU &cpu, const DecodedInsn &i) {
    return static_cast<int64_t>(cpu.x[i.rs1]);
}
inline int64_t signed_rs2(const RISCVCPU &cpu, const DecodedInsn &i) {
    return static_cast<int64_t>(cpu.x[i.rs2]);
}
inline uint64_t imm(const DecodedInsn &i) { return static_cast<uint64_t>(int64_t{ i.imm }); }
// The effective address of a load or store.
inline uint64_t address(const RISCVCPU &cpu, const DecodedInsn &i) { return rs1(cpu, i) + imm(i); }
// The low word, sign-extended: how RV64 keeps 32-bit values.
inline uint64_t sext32(uint64_t v) { return static_cast<uint64_t>(int64_t{ int32_t(v) }); }

inline uint64_t pc_of(const RISCVCPU &cpu, const DecodedInsn &i) { return cpu.page_va + i.offset; }
inline uint64_t next_pc(const RISCVCPU &cpu, const DecodedInsn &i) { return pc_of(cpu, i) + i.len; }
inline void jump(RISCVCPU &cpu, const DecodedInsn &i) { cpu.pc = pc_of(cpu, i) + imm(i); }

void exec_illegal(RISCVCPU &cpu, const DecodedInsn &i);
void exec_checked_jump(RISCVCPU &cpu, const DecodedInsn &i);

void exec_mul(RISCVCPU &cpu, const DecodedInsn &i);
void exec_add_uw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sext_b(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sext_h(RISCVCPU &cpu, const DecodedInsn &i);
void exec_zext_h(RISCVCPU &cpu, const DecodedInsn &i);

void exec_lui(RISCVCPU &cpu, const DecodedInsn &i);
void exec_addi(RISCVCPU &cpu, const DecodedInsn &i);
void exec_andi(RISCVCPU &cpu, const DecodedInsn &i);
void exec_slli(RISCVCPU &cpu, const DecodedInsn &i);
void exec_srli(RISCVCPU &cpu, const DecodedInsn &i);
void exec_srai(RISCVCPU &cpu, const DecodedInsn &i);
void exec_addiw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_add(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sub(RISCVCPU &cpu, const DecodedInsn &i);
void exec_xor(RISCVCPU &cpu, const DecodedInsn &i);
void exec_or(RISCVCPU &cpu, const DecodedInsn &i);
void exec_and(RISCVCPU &cpu, const DecodedInsn &i);
void exec_addw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_subw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_lbu(RISCVCPU &cpu, const DecodedInsn &i);
void exec_lh(RISCVCPU &cpu, const DecodedInsn &i);
void exec_lhu(RISCVCPU &cpu, const DecodedInsn &i);
void exec_lw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_ld(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sb(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sh(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sw(RISCVCPU &cpu, const DecodedInsn &i);
void exec_sd(RISCVCPU &cpu, const DecodedInsn &i);
void exec_beq(RISCVCPU &cpu, const DecodedInsn &i);
void exec_bne(RISCVCPU &cpu, const DecodedInsn &i);
void exec_jal(RISCVCPU &cpu, const DecodedInsn &i);
void exec_jalr(RISCVCPU &cpu, const DecodedInsn &i);
void exec_ebreak(RISCVCPU &cpu, const DecodedInsn &i);
