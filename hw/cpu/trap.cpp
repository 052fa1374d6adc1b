// SPDX-License-Identifier: MIT
/* Traps: exceptions and interrupts, their delegation, mret and sret.
 * Spec:   privileged, 3.1.6 to 3.1.9 (machine), 4.1 (supervisor)
 * In gdb: b riscv_cpu_take_trap     b raise_exception */
#include "hw/cpu/trap.h"

#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/trace.h"
#include "util/log.h"

void raise_exception(RISCVCPU &cpu, const DecodedInsn &i, uint64_t cause, uint64_t tval) {
    cpu.pc = pc_of(cpu, i);
    cpu.trap = { cause, tval, i.index };
    longjmp(cpu.trap_env, 1);
}

void raise_watchpoint(RISCVCPU &cpu, const DecodedInsn &i) {
    cpu.debug.watch_pending = true;
    raise_exception(cpu, i, 0, 0);
}

void raise_illegal(RISCVCPU &cpu, const DecodedInsn &i) {
    raise_exception(cpu, i, CAUSE_ILLEGAL_INSTRUCTION, i.bits);
}

const char *riscv_cause_name(uint64_t cause) {
    static const char *const exceptions[] = {
        "fetch_misaligned", "fetch_access",    "illegal_instruction",
        "breakpoint",       "load_misaligned", "load_access",
        "store_misaligned", "store_access",    "u_ecall",
        "s_ecall",          "reserved",        "m_ecall",
        "fetch_page_fault", "load_page_fault", "reserved",
        "store_page_fault",
    };
    static const char *const interrupts[] = {
        "reserved", "s_soft",  "reserved", "m_soft", "reserved", "s_timer",
        "reserved", "m_timer", "reserved", "s_ext",  "reserved", "m_ext",
    };
    uint64_t code = cause & ~CAUSE_INTERRUPT;
    if (cause & CAUSE_INTERRUPT)
        return code < std::size(interrupts) ? interrupts[code] : "reserved";
    return code < std::size(exceptions) ? exceptions[code] : "reserved";
}

// Direct mode enters at the base; vectored mode spreads interrupts, not exceptions.
static uint64_t vector_address(uint64_t tvec, uint64_t cause) {
    uint64_t base = tvec & ~uint64_t{ 3 };
    bool vectored = (tvec & 1) && (cause & CAUSE_INTERRUPT);
    return vectored ? base + 4 * (cause & ~CAUSE_INTERRUPT) : base;
}

static uint64_t move_bit(uint64_t status, uint64_t from, uint64_t to) {
    return (status & from) ? (status | to) : (status & ~to);
}

static void enter_s(RISCVCPU &cpu, uint64_t cause, uint64_t tval) {
    uint64_t s = move_bit(cpu.mstatus, MSTATUS_SIE, MSTATUS_SPIE) & ~(MSTATUS_SIE | MSTATUS_SPP);
    cpu.mstatus = s | (cpu.priv == PRV_S ? MSTATUS_SPP : 0);
    cpu.scause = cause;
    cpu.stval = tval;
    cpu.sepc = cpu.pc;
    cpu.pc = vector_address(cpu.stvec, cause);
    cpu.priv = PRV_S;
}

static void enter_m(RISCVCPU &cpu, uint64_t cause, uint64_t tval) {
    uint64_t s = move_bit(cpu.mstatus, MSTATUS_MIE, MSTATUS_MPIE) & ~(MSTATUS_MIE | MSTATUS_MPP);
    cpu.mstatus = s | (uint64_t{ cpu.priv } << MSTATUS_MPP_SHIFT);
    cpu.mcause = cause;
    cpu.mtval = tval;
    cpu.mepc = cpu.pc;
    cpu.pc = vector_address(cpu.mtvec, cause);
    cpu.priv = PRV_M;
}

static void log_trap(const RISCVCPU &cpu, uint64_t cause, uint64_t tval) {
    qemu_log("hart %u: %s %s, epc 0x%016llx, tval 0x%016llx\n", cpu.hartid,
             cause & CAUSE_INTERRUPT ? "interrupt" : "exception", riscv_cause_name(cause),
             static_cast<unsigned long long>(cpu.pc), static_cast<unsigned long long>(tval));
}

static const char *mode_name(Priv priv) { return priv == PRV_M ? "M" : priv == PRV_S ? "S" : "U"; }

void riscv_cpu_take_trap(RISCVCPU &cpu, uint64_t cause, uint64_t tval) {
    if (qemu_loglevel_mask(LOG_INT)) log_trap(cpu, cause, tval);
    trace_riscv_trap(cpu.hartid, cause & CAUSE_INTERRUPT, cause & ~CAUSE_INTERRUPT, cpu.pc, tval,
                     riscv_cause_name(cause));
    Priv from = cpu.priv;
    uint64_t deleg = cause & CAUSE_INTERRUPT ? cpu.mideleg : cpu.medeleg;
    // a trap never goes to a mode with fewer rights than the one it happened in
    bool to_s = cpu.priv <= PRV_S && ((deleg >> (cause & 63)) & 1);
    if (to_s)
        enter_s(cpu, cause, tval);
    else
        enter_m(cpu, cause, tval);
    trace_riscv_mode(cpu.hartid, mode_name(from), mode_name(cpu.priv), cpu.pc);
    mmu_mode_changed(cpu);
}

uint64_t riscv_cpu_mip(const RISCVCPU &cpu) {
    return cpu.mip.load() | (cpu.seip_line.load() ? MIP_SEIP : 0) |
           (cpu.stip_due.load() ? MIP_STIP : 0);
}

// What may interrupt the hart now: first what goes to M mode, then what is delegated to S mode.
static uint64_t enabled_interrupts(const RISCVCPU &cpu) {
    uint64_t pending = riscv_cpu_mip(cpu) & cpu.mie.load();
    bool m_enabled = cpu.priv < PRV_M || (cpu.mstatus & MSTATUS_MIE);
    if (uint64_t to_m = pending & ~cpu.mideleg; to_m && m_enabled) return to_m;
    bool s_enabled = cpu.priv < PRV_S || (cpu.priv == PRV_S && (cpu.mstatus & MSTATUS_SIE));
    return s_enabled ? pending & cpu.mideleg : 0;
}

bool riscv_cpu_take_interrupt(RISCVCPU &cpu) {
    uint64_t enabled = enabled_interrupts(cpu);
    if (!enabled) return false;
    for (Irq irq : { IRQ_M_EXT, IRQ_M_SOFT, IRQ_M_TIMER, IRQ_S_EXT, IRQ_S_SOFT, IRQ_S_TIMER }) {
        if (!((enabled >> irq) & 1)) continue;
        riscv_cpu_take_trap(cpu, CAUSE_INTERRUPT | irq, 0);
        return true;
    }
    return false;
}

static void leave_to(RISCVCPU &cpu, Priv priv, uint64_t epc) {
    if (priv != PRV_M) cpu.mstatus &= ~MSTATUS_MPRV;
    trace_riscv_mode(cpu.hartid, mode_name(cpu.priv), mode_name(priv), epc);
    cpu.priv = priv;
    cpu.pc = epc;
    mmu_mode_changed(cpu);
    cpu.set_attention(ATTENTION_IRQ);
}

void riscv_cpu_mret(RISCVCPU &cpu) {
    auto priv = static_cast<Priv>((cpu.mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT);
    uint64_t s = move_bit(cpu.mstatus, MSTATUS_MPIE, MSTATUS_MIE) | MSTATUS_MPIE;
    cpu.mstatus = s & ~MSTATUS_MPP;
    leave_to(cpu, priv, cpu.mepc);
}

void riscv_cpu_sret(RISCVCPU &cpu) {
    Priv priv = cpu.mstatus & MSTATUS_SPP ? PRV_S : PRV_U;
    uint64_t s = move_bit(cpu.mstatus, MSTATUS_SPIE, MSTATUS_SIE) | MSTATUS_SPIE;
    cpu.mstatus = s & ~MSTATUS_SPP;
    leave_to(cpu, priv, cpu.sepc);
}
