// SPDX-License-Identifier: MIT
/* The hart as a device: its types, properties, interrupt lines, reset, and how it is printed.
 * In gdb: b RISCVCPU::reset     b riscv_cpu::set_irq */
#include "hw/cpu/riscv-cpu.h"

#include "hw/cpu/csr.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/pmp.h"
#include "hw/cpu/trap.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

const char *const riscv_reg_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

namespace riscv_cpu {

// --- interrupt lines: line n is bit n of mip

static void set_mip(RISCVCPU &cpu, uint64_t bit, int level) {
    if (level)
        cpu.mip.fetch_or(bit);
    else
        cpu.mip.fetch_and(~bit);
}

static void set_irq(void *opaque, int n, int level) {
    auto &cpu = *static_cast<RISCVCPU *>(opaque);
    uint64_t bit = uint64_t{ 1 } << n;
    if (!(bit & MIP_ALL)) {
        qemu_log_mask(LOG_UNIMP, "hart %u: interrupt line %d does not exist\n", cpu.hartid, n);
        return;
    }
    // software clears SSIP: the line sets it by its edge
    if (bit == MIP_SEIP)
        cpu.seip_line = level;
    else if (bit != MIP_SSIP || level)
        set_mip(cpu, bit, level);
    cpu.set_attention(ATTENTION_IRQ);
    if (cpu.has_work()) cpu_kick(&cpu);
}

// --- reset

static void reset_csrs(RISCVCPU &cpu) {
    cpu.mstatus = 0;
    cpu.medeleg = cpu.mideleg = 0;
    cpu.mie = 0;
    cpu.mip = cpu.mip & (MIP_MSIP | MIP_MTIP | MIP_MEIP); // those are lines
    cpu.mtvec = cpu.mscratch = cpu.mepc = cpu.mcause = cpu.mtval = 0;
    cpu.stvec = cpu.sscratch = cpu.sepc = cpu.scause = cpu.stval = 0;
    cpu.satp = 0;
    cpu.mcounteren = cpu.scounteren = cpu.mcountinhibit = 0;
    cpu.menvcfg = cpu.senvcfg = 0;
    cpu.instret = cpu.block_retired = 0;
    cpu.cycle_offset = cpu.instret_offset = 0;
    cpu.pmp.fill({});
}

// --- printing

static constexpr unsigned shown_csrs[] = {
    0xf14, 0x300, 0x344, 0x304, 0x303, 0x302, 0x305, 0x105, 0x341,
    0x141, 0x342, 0x142, 0x343, 0x143, 0x340, 0x140, 0x180,
};

static std::string line(const std::string &name, uint64_t value) {
    return format_string(" %-8s %016llx\n", name.c_str(), static_cast<unsigned long long>(value));
}

} // namespace riscv_cpu

void riscv_cpu_init(RISCVCPU *cpu) {
    constexpr int LINES = 64;
    qdev_init_gpio_in(cpu, riscv_cpu::set_irq, LINES);
    cpu->reset();
}

bool RISCVCPU::realize(Error **) {
    riscv_cpu_init(this);
    qemu_init_vcpu(this);
    return true;
}

void RISCVCPU::reset() {
    x.fill(0);
    pc = resetvec;
    priv = PRV_M;
    reserved = nullptr;
    halted = false;
    riscv_cpu::reset_csrs(*this);
    pmp_update(*this); // flushes the TLB
    mmu_mode_changed(*this);
    set_attention(ATTENTION_IRQ);
    qemu_log_mask(LOG_CPU_RESET, "hart %u: reset, pc 0x%016llx\n", hartid,
                  static_cast<unsigned long long>(pc));
}

bool RISCVCPU::has_work() { return riscv_cpu_mip(*this) & mie.load(); }

std::string RISCVCPU::dump_state() {
    std::string text = riscv_cpu::line("pc", pc);
    for (unsigned number : riscv_cpu::shown_csrs) {
        text += riscv_cpu::line(csr_name(number), csr_peek(*this, number));
    }
    for (unsigned n = 0; n < 32; n++) {
        std::string name = format_string("x%u/%s", n, riscv_reg_names[n]);
        text += format_string(" %-8s %016llx%s", name.c_str(),
                              static_cast<unsigned long long>(x[n]), n % 4 == 3 ? "\n" : "");
    }
    return text;
}

void riscv_cpu_set_rdtime_fn(RISCVCPU *cpu, uint64_t (*fn)(void *opaque), void *opaque) {
    cpu->rdtime = fn;
    cpu->rdtime_opaque = opaque;
}

static const Property properties[] = {
    define_prop<&RISCVCPU::hartid>("hartid", "0", "the number in mhartid"),
    define_prop<&RISCVCPU::resetvec>("resetvec", "4096", "address of the first instruction"),
};

static void riscv_cpu_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "RISC-V hart";
    device_class_set_props(dc, properties);
}

static void rv64_class_init(ObjectClass *klass, const void *) {
    object_class_cast<DeviceClass>(klass)->desc = "RISC-V hart, RV64IMAC with M, S and U modes";
}

static const TypeInfo riscv_cpu_info = {
    .name = TYPE_RISCV_CPU,
    .parent = TYPE_CPU,
    .instance_new = object_instance_new<RISCVCPU>,
    .abstract = true,
    .class_init = riscv_cpu_class_init,
};

static const TypeInfo rv64_info = {
    .name = TYPE_RISCV_CPU_RV64,
    .parent = TYPE_RISCV_CPU,
    .class_init = rv64_class_init,
};

static void riscv_cpu_register_types() {
    type_register_static(&riscv_cpu_info);
    type_register_static(&rv64_info);
}

type_init(riscv_cpu_register_types)
