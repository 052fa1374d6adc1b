// SPDX-License-Identifier: MIT
/* RV64I, the base integer instructions, and Zifencei.
 * Spec:   unprivileged, chapters 2, 4 and 6
 * In gdb: b exec_jalr     p rows[2] */
#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

// --- constants and jumps
void exec_lui(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = imm(i); }
static void exec_auipc(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = pc_of(cpu, i) + imm(i); }
void exec_jal(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = next_pc(cpu, i);
    jump(cpu, i);
}
void exec_jalr(RISCVCPU &cpu, const DecodedInsn &i) {
    cpu.pc = address(cpu, i) & ~uint64_t{ 1 }; // before rd, which may be rs1
    rd(cpu, i) = next_pc(cpu, i);
}

// --- branches: cpu.pc is the address behind already
void exec_beq(RISCVCPU &cpu, const DecodedInsn &i) {
    if (rs1(cpu, i) == rs2(cpu, i)) jump(cpu, i);
}
void exec_bne(RISCVCPU &cpu, const DecodedInsn &i) {
    if (rs1(cpu, i) != rs2(cpu, i)) jump(cpu, i);
}
static void exec_blt(RISCVCPU &cpu, const DecodedInsn &i) {
    if (signed_rs1(cpu, i) < signed_rs2(cpu, i)) jump(cpu, i);
}
static void exec_bge(RISCVCPU &cpu, const DecodedInsn &i) {
    if (signed_rs1(cpu, i) >= signed_rs2(cpu, i)) jump(cpu, i);
}
static void exec_bltu(RISCVCPU &cpu, const DecodedInsn &i) {
    if (rs1(cpu, i) < rs2(cpu, i)) jump(cpu, i);
}
static void exec_bgeu(RISCVCPU &cpu, const DecodedInsn &i) {
    if (rs1(cpu, i) >= rs2(cpu, i)) jump(cpu, i);
}

// On a hart without C a jump to an odd half-word traps, and has not written rd (2.2). Decoding puts
// this in the place of jumps that may go there.
void exec_checked_jump(RISCVCPU &cpu, const DecodedInsn &i) {
    uint64_t before = rd(cpu, i);
    decode_row(i.bits, cpu.isa)->exec(cpu, i);
    if (!(cpu.pc & 2)) return;
    rd(cpu, i) = before;
    raise_exception(cpu, i, CAUSE_FETCH_MISALIGNED, cpu.pc);
}

// --- memory: the type says the width and how a load is extended
template <typename T>
static void exec_load(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ load<T>(cpu, i, address(cpu, i)) });
}
static void exec_lb(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<int8_t>(cpu, i); }
void exec_lh(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<int16_t>(cpu, i); }
void exec_lw(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<int32_t>(cpu, i); }
void exec_ld(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<int64_t>(cpu, i); }
void exec_lbu(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<uint8_t>(cpu, i); }
void exec_lhu(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<uint16_t>(cpu, i); }
static void exec_lwu(RISCVCPU &cpu, const DecodedInsn &i) { exec_load<uint32_t>(cpu, i); }

template <typename T>
static void exec_store(RISCVCPU &cpu, const DecodedInsn &i) {
    store<T>(cpu, i, address(cpu, i), static_cast<T>(rs2(cpu, i)));
}
void exec_sb(RISCVCPU &cpu, const DecodedInsn &i) { exec_store<uint8_t>(cpu, i); }
void exec_sh(RISCVCPU &cpu, const DecodedInsn &i) { exec_store<uint16_t>(cpu, i); }
void exec_sw(RISCVCPU &cpu, const DecodedInsn &i) { exec_store<uint32_t>(cpu, i); }
void exec_sd(RISCVCPU &cpu, const DecodedInsn &i) { exec_store<uint64_t>(cpu, i); }

// --- register and immediate
void exec_addi(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) + imm(i); }
static void exec_slti(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = signed_rs1(cpu, i) < int64_t{ i.imm };
}
static void exec_sltiu(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) < imm(i); }
static void exec_xori(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) ^ imm(i); }
static void exec_ori(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) | imm(i); }
void exec_andi(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) & imm(i); }
void exec_slli(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) << i.imm; }
void exec_srli(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) >> i.imm; }
void exec_srai(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(signed_rs1(cpu, i) >> i.imm);
}

// --- register and register
void exec_add(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) + rs2(cpu, i); }
void exec_sub(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) - rs2(cpu, i); }
static void exec_sll(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) << (rs2(cpu, i) & 63);
}
static void exec_slt(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = signed_rs1(cpu, i) < signed_rs2(cpu, i);
}
static void exec_sltu(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) < rs2(cpu, i);
}
void exec_xor(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) ^ rs2(cpu, i); }
static void exec_srl(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = rs1(cpu, i) >> (rs2(cpu, i) & 63);
}
static void exec_sra(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(signed_rs1(cpu, i) >> (rs2(cpu, i) & 63));
}
void exec_or(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) | rs2(cpu, i); }
void exec_and(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) & rs2(cpu, i); }

// --- words
static uint32_t word1(const RISCVCPU &cpu, const DecodedInsn &i) { return uint32_t(rs1(cpu, i)); }
static int32_t signed_word1(const RISCVCPU &cpu, const DecodedInsn &i) {
    return static_cast<int32_t>(rs1(cpu, i));
}
static unsigned shift2(const RISCVCPU &cpu, const DecodedInsn &i) { return rs2(cpu, i) & 31; }

void exec_addiw(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = sext32(rs1(cpu, i) + imm(i)); }
static void exec_slliw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(word1(cpu, i) << i.imm);
}
static void exec_srliw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(word1(cpu, i) >> i.imm);
}
static void exec_sraiw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ signed_word1(cpu, i) >> i.imm });
}
void exec_addw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(rs1(cpu, i) + rs2(cpu, i));
}
void exec_subw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(rs1(cpu, i) - rs2(cpu, i));
}
static void exec_sllw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(word1(cpu, i) << shift2(cpu, i));
}
static void exec_srlw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(word1(cpu, i) >> shift2(cpu, i));
}
static void exec_sraw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ signed_word1(cpu, i) >> shift2(cpu, i) });
}

// --- order and environment
// Whatever the sets are, everything before comes before everything behind.
static void exec_fence(RISCVCPU &, const DecodedInsn &) { memory_fence(); }
// Ends its block; the engine takes notice of every write to code before it fetches again.
static void exec_fence_i(RISCVCPU &, const DecodedInsn &) { memory_fence(); }
static void exec_ecall(RISCVCPU &cpu, const DecodedInsn &i) {
    raise_exception(cpu, i, uint64_t{ CAUSE_U_ECALL } + cpu.priv, 0);
}
// tval may be 0 or the address (privileged, 3.1.16); QEMU 7.2 has 0.
void exec_ebreak(RISCVCPU &cpu, const DecodedInsn &i) {
    raise_exception(cpu, i, CAUSE_BREAKPOINT, 0);
}
void exec_illegal(RISCVCPU &cpu, const DecodedInsn &i) { raise_illegal(cpu, i); }

// clang-format off
static constexpr InsnRow rows[] = {
    { "lui",     "..... ..... ..... ..... ..... 0110111", Format::U,     exec_lui },
    { "auipc",   "..... ..... ..... ..... ..... 0010111", Format::U,     exec_auipc },
    { "jal",     "..... ..... ..... ..... ..... 1101111", Format::J,     exec_jal,     Flow::Ends },
    { "jalr",    "....... ..... ..... 000 ..... 1100111", Format::I,     exec_jalr,    Flow::Ends },
    { "beq",     "....... ..... ..... 000 ..... 1100011", Format::B,     exec_beq,     Flow::Ends },
    { "bne",     "....... ..... ..... 001 ..... 1100011", Format::B,     exec_bne,     Flow::Ends },
    { "blt",     "....... ..... ..... 100 ..... 1100011", Format::B,     exec_blt,     Flow::Ends },
    { "bge",     "....... ..... ..... 101 ..... 1100011", Format::B,     exec_bge,     Flow::Ends },
    { "bltu",    "....... ..... ..... 110 ..... 1100011", Format::B,     exec_bltu,    Flow::Ends },
    { "bgeu",    "....... ..... ..... 111 ..... 1100011", Format::B,     exec_bgeu,    Flow::Ends },
    { "lb",      "....... ..... ..... 000 ..... 0000011", Format::I,     exec_lb },
    { "lh",      "....... ..... ..... 001 ..... 0000011", Format::I,     exec_lh },
    { "lw",      "....... ..... ..... 010 ..... 0000011", Format::I,     exec_lw },
    { "ld",      "....... ..... ..... 011 ..... 0000011", Format::I,     exec_ld },
    { "lbu",     "....... ..... ..... 100 ..... 0000011", Format::I,     exec_lbu },
    { "lhu",     "....... ..... ..... 101 ..... 0000011", Format::I,     exec_lhu },
    { "lwu",     "....... ..... ..... 110 ..... 0000011", Format::I,     exec_lwu },
    { "sb",      "....... ..... ..... 000 ..... 0100011", Format::S,     exec_sb },
    { "sh",      "....... ..... ..... 001 ..... 0100011", Format::S,     exec_sh },
    { "sw",      "....... ..... ..... 010 ..... 0100011", Format::S,     exec_sw },
    { "sd",      "....... ..... ..... 011 ..... 0100011", Format::S,     exec_sd },
    { "addi",    "....... ..... ..... 000 ..... 0010011", Format::I,     exec_addi },
    { "slti",    "....... ..... ..... 010 ..... 0010011", Format::I,     exec_slti },
    { "sltiu",   "....... ..... ..... 011 ..... 0010011", Format::I,     exec_sltiu },
    { "xori",    "....... ..... ..... 100 ..... 0010011", Format::I,     exec_xori },
    { "ori",     "....... ..... ..... 110 ..... 0010011", Format::I,     exec_ori },
    { "andi",    "....... ..... ..... 111 ..... 0010011", Format::I,     exec_andi },
    { "slli",    "000000 ...... ..... 001 ..... 0010011", Format::Shift, exec_slli },
    { "srli",    "000000 ...... ..... 101 ..... 0010011", Format::Shift, exec_srli },
    { "srai",    "010000 ...... ..... 101 ..... 0010011", Format::Shift, exec_srai },
    { "add",     "0000000 ..... ..... 000 ..... 0110011", Format::R,     exec_add },
    { "sub",     "0100000 ..... ..... 000 ..... 0110011", Format::R,     exec_sub },
    { "sll",     "0000000 ..... ..... 001 ..... 0110011", Format::R,     exec_sll },
    { "slt",     "0000000 ..... ..... 010 ..... 0110011", Format::R,     exec_slt },
    { "sltu",    "0000000 ..... ..... 011 ..... 0110011", Format::R,     exec_sltu },
    { "xor",     "0000000 ..... ..... 100 ..... 0110011", Format::R,     exec_xor },
    { "srl",     "0000000 ..... ..... 101 ..... 0110011", Format::R,     exec_srl },
    { "sra",     "0100000 ..... ..... 101 ..... 0110011", Format::R,     exec_sra },
    { "or",      "0000000 ..... ..... 110 ..... 0110011", Format::R,     exec_or },
    { "and",     "0000000 ..... ..... 111 ..... 0110011", Format::R,     exec_and },
    { "addiw",   "....... ..... ..... 000 ..... 0011011", Format::I,     exec_addiw },
    { "slliw",   "0000000 ..... ..... 001 ..... 0011011", Format::Shift, exec_slliw },
    { "srliw",   "0000000 ..... ..... 101 ..... 0011011", Format::Shift, exec_srliw },
    { "sraiw",   "0100000 ..... ..... 101 ..... 0011011", Format::Shift, exec_sraiw },
    { "addw",    "0000000 ..... ..... 000 ..... 0111011", Format::R,     exec_addw },
    { "subw",    "0100000 ..... ..... 000 ..... 0111011", Format::R,     exec_subw },
    { "sllw",    "0000000 ..... ..... 001 ..... 0111011", Format::R,     exec_sllw },
    { "srlw",    "0000000 ..... ..... 101 ..... 0111011", Format::R,     exec_srlw },
    { "sraw",    "0100000 ..... ..... 101 ..... 0111011", Format::R,     exec_sraw },
    { "fence",   "............ ..... 000 ..... 0001111", Format::I,     exec_fence },
    { "fence.i", "............ ..... 001 ..... 0001111", Format::I,     exec_fence_i, Flow::Ends },
    { "ecall",   "000000000000 00000 000 00000 1110011", Format::None,  exec_ecall,   Flow::Ends },
    { "ebreak",  "000000000001 00000 000 00000 1110011", Format::None,  exec_ebreak,  Flow::Ends },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_rv64i = { "rv64i", rows };
