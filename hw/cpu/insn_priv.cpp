// SPDX-License-Identifier: MIT
/* The privileged instructions: returns from traps, WFI, SFENCE.VMA, and Svinval.
 * Spec: privileged, 3.3, 4.2 and chapter 7 (Svinval) */
#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

static void exec_mret(RISCVCPU &cpu, const DecodedInsn &i) {
    if (cpu.priv < PRV_M) raise_illegal(cpu, i);
    riscv_cpu_mret(cpu);
}

static void exec_sret(RISCVCPU &cpu, const DecodedInsn &i) {
    bool trapped = cpu.priv == PRV_S && (cpu.mstatus & MSTATUS_TSR);
    if (cpu.priv < PRV_S || trapped) raise_illegal(cpu, i);
    riscv_cpu_sret(cpu);
}

// Sleeps until an enabled interrupt is pending, whether it may be taken or not. With TW, or in U
// mode, the bound on the wait that the manual allows is zero.
static void exec_wfi(RISCVCPU &cpu, const DecodedInsn &i) {
    bool trapped = cpu.priv == PRV_S && (cpu.mstatus & MSTATUS_TW);
    if (cpu.priv == PRV_U || trapped) raise_illegal(cpu, i);
    if (cpu.has_work()) return;
    cpu.halted = true;
    cpu.set_attention(ATTENTION_SLEEP);
}

// An address space is forgotten whole: the TLB is flushed at every change of satp anyway.
static void exec_sfence(RISCVCPU &cpu, const DecodedInsn &i) {
    bool trapped = cpu.priv == PRV_S && (cpu.mstatus & MSTATUS_TVM);
    if (cpu.priv < PRV_S || trapped) raise_illegal(cpu, i);
    if (i.rs1)
        mmu_flush_page(cpu, rs1(cpu, i));
    else
        mmu_flush(cpu);
}

// They order SINVAL.VMA, which takes effect at once here, and are no one's to forbid in S mode.
static void exec_sfence_inval(RISCVCPU &cpu, const DecodedInsn &i) {
    if (cpu.priv < PRV_S) raise_illegal(cpu, i);
    memory_fence();
}

// clang-format off
static constexpr InsnRow rows[] = {
    { "sret",       "0001000 00010 00000 000 00000 1110011", Format::None, exec_sret, Flow::Ends },
    { "mret",       "0011000 00010 00000 000 00000 1110011", Format::None, exec_mret, Flow::Ends },
    { "wfi",        "0001000 00101 00000 000 00000 1110011", Format::None, exec_wfi, Flow::Ends },
    { "sfence.vma", "0001001 ..... ..... 000 00000 1110011", Format::R, exec_sfence, Flow::Ends },
};
static constexpr InsnRow svinval_rows[] = {
    { "sinval.vma", "0001011 ..... ..... 000 00000 1110011", Format::R, exec_sfence, Flow::Ends },
    { "sfence.w.inval", "000110000000 00000 000 00000 1110011", Format::None, exec_sfence_inval },
    { "sfence.inval.ir", "000110000001 00000 000 00000 1110011", Format::None, exec_sfence_inval },
};
// clang-format on
static_assert(insn_table_ok(rows) && insn_table_ok(svinval_rows));

const InsnSet insn_priv = { "priv", rows };
const InsnSet insn_svinval = { "svinval", svinval_rows, isa_set({ Ext::Svinval }) };
