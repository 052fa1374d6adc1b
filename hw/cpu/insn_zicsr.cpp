// SPDX-License-Identifier: MIT
/* Zicsr: reading and writing control and status registers.
 * Spec: unprivileged, chapter 7. Which of the two accesses happens matters, since either may have
 *       side effects: csrrw with rd = x0 does not read; csrrs and csrrc with rs1 = x0 (or an
 *       immediate of 0) do not write, so they may name a read-only register. */
#include "hw/cpu/csr.h"
#include "hw/cpu/insn.h"

static void access_csr(RISCVCPU &cpu, const DecodedInsn &i, const CsrAccess &access) {
    uint64_t old = 0;
    cpu.block_retired = i.index; // minstret must be exact here
    if (!csr_access(cpu, static_cast<unsigned>(i.imm), access, &old)) raise_illegal(cpu, i);
    rd(cpu, i) = old;
}
static void write_csr(RISCVCPU &cpu, const DecodedInsn &i, uint64_t value) {
    access_csr(
        cpu, i,
        { .value = value, .mask = ~uint64_t{ 0 }, .reads = i.rd != REG_SINK, .writes = true });
}
static void set_csr(RISCVCPU &cpu, const DecodedInsn &i, uint64_t bits) {
    access_csr(cpu, i, { .value = bits, .mask = bits, .reads = true, .writes = i.rs1 != 0 });
}
static void clear_csr(RISCVCPU &cpu, const DecodedInsn &i, uint64_t bits) {
    access_csr(cpu, i, { .value = 0, .mask = bits, .reads = true, .writes = i.rs1 != 0 });
}

static void exec_csrrw(RISCVCPU &cpu, const DecodedInsn &i) { write_csr(cpu, i, rs1(cpu, i)); }
static void exec_csrrs(RISCVCPU &cpu, const DecodedInsn &i) { set_csr(cpu, i, rs1(cpu, i)); }
static void exec_csrrc(RISCVCPU &cpu, const DecodedInsn &i) { clear_csr(cpu, i, rs1(cpu, i)); }
// The field of rs1 is the value.
static void exec_csrrwi(RISCVCPU &cpu, const DecodedInsn &i) { write_csr(cpu, i, i.rs1); }
static void exec_csrrsi(RISCVCPU &cpu, const DecodedInsn &i) { set_csr(cpu, i, i.rs1); }
static void exec_csrrci(RISCVCPU &cpu, const DecodedInsn &i) { clear_csr(cpu, i, i.rs1); }

// clang-format off
static constexpr InsnRow rows[] = {
    { "csrrw",  "............ ..... 001 ..... 1110011", Format::Csr, exec_csrrw,  Flow::Ends },
    { "csrrs",  "............ ..... 010 ..... 1110011", Format::Csr, exec_csrrs,  Flow::Ends },
    { "csrrc",  "............ ..... 011 ..... 1110011", Format::Csr, exec_csrrc,  Flow::Ends },
    { "csrrwi", "............ ..... 101 ..... 1110011", Format::Csr, exec_csrrwi, Flow::Ends },
    { "csrrsi", "............ ..... 110 ..... 1110011", Format::Csr, exec_csrrsi, Flow::Ends },
    { "csrrci", "............ ..... 111 ..... 1110011", Format::Csr, exec_csrrci, Flow::Ends },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_zicsr = { "zicsr", rows, isa_set({ Ext::Zicsr }) };
