// SPDX-License-Identifier: MIT
/* The hart as a device: its types, properties, interrupt lines, reset, and how it is printed.
 * In gdb: b RISCVCPU::reset     b riscv_cpu::set_irq */
#include "hw/cpu/riscv-cpu.h"

#include "hw/core/device_tree.h"
#include "hw/cpu/csr.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/pmp.h"
#include "hw/cpu/sstc.h"
#include "hw/cpu/trace.h"
#include "hw/cpu/trap.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"
#include "util/option.h"

const char *const riscv_reg_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

const char *const riscv_freg_names[32] = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1",  "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4",  "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
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
    // One that runs sees it at the end of its block; to end run() would cost it the big lock.
    if (cpu.halted && cpu.has_work()) cpu_kick(&cpu);
}

// --- reset

// Software that knows neither finds page tables as they were before the extensions.
static uint64_t reset_menvcfg(IsaSet isa) {
    bool hardware_updates = isa_has(isa, Ext::Svadu) && !isa_has(isa, Ext::Svade);
    return (hardware_updates ? ENVCFG_ADUE : 0) | (isa_has(isa, Ext::Svpbmt) ? ENVCFG_PBMTE : 0);
}

static void reset_csrs(RISCVCPU &cpu) {
    cpu.mstatus = 0;
    cpu.medeleg = cpu.mideleg = 0;
    cpu.mie = 0;
    cpu.mip = cpu.mip & (MIP_MSIP | MIP_MTIP | MIP_MEIP); // those are lines
    cpu.mtvec = cpu.mscratch = cpu.mepc = cpu.mcause = cpu.mtval = 0;
    cpu.stvec = cpu.sscratch = cpu.sepc = cpu.scause = cpu.stval = 0;
    cpu.satp = 0;
    cpu.mcounteren = cpu.scounteren = cpu.mcountinhibit = 0;
    cpu.menvcfg = reset_menvcfg(cpu.isa);
    cpu.senvcfg = 0;
    cpu.stimecmp = 0;
    sstc_reset(cpu);
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

static std::string registers(char letter, const char *const *names, const uint64_t *values) {
    std::string text;
    for (unsigned n = 0; n < 32; n++) {
        std::string name = format_string("%c%u/%s", letter, n, names[n]);
        text += format_string(" %-8s %016llx%s", name.c_str(),
                              static_cast<unsigned long long>(values[n]), n % 4 == 3 ? "\n" : "");
    }
    return text;
}

// --- extensions: a property each

// "zba" as sentences have it: "Zba".
static std::string extension_name(const IsaRow &row) {
    std::string name = row.name;
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

static bool get_extension(Object *obj, const ObjectProperty &prop, std::string *value, Error **) {
    auto *row = static_cast<const IsaRow *>(prop.opaque);
    *value = isa_has(static_cast<RISCVCPU *>(obj)->isa, row->ext) ? "true" : "false";
    return true;
}

static bool set_extension(Object *obj, const ObjectProperty &prop, const std::string &value,
                          Error **errp) {
    auto *row = static_cast<const IsaRow *>(prop.opaque);
    auto *cpu = static_cast<RISCVCPU *>(obj);
    if (cpu->realized) {
        error_setg(errp, "Attempt to set property '%s' of a hart after it was realized", row->name);
        return false;
    }
    bool on;
    if (!parse_option_bool(row->name, value, &on, errp)) return false;
    IsaSet bit = isa_set({ row->ext });
    cpu->isa = on ? cpu->isa | bit : cpu->isa & ~bit;
    cpu->isa_wanted = on ? cpu->isa_wanted | bit : cpu->isa_wanted & ~bit;
    return true;
}

static void add_extension_properties(ObjectClass *klass) {
    for (const IsaRow &row : isa_rows) {
        object_class_property_add(klass, { .name = row.name,
                                           .type = "bool",
                                           .description = "on/off",
                                           .default_value = {},
                                           .get = get_extension,
                                           .set = set_extension,
                                           .opaque = &row });
    }
}

// --- the device tree

static const char *mmu_type(IsaSet isa) {
    return isa_has(isa, Ext::Sv57)   ? "riscv,sv57"
           : isa_has(isa, Ext::Sv48) ? "riscv,sv48"
           : isa_has(isa, Ext::Sv39) ? "riscv,sv39"
                                     : "riscv,none";
}

} // namespace riscv_cpu

void RISCVCPU::add_to_device_tree(DeviceTree &dt, const std::string &path) const {
    std::string names; // a list of strings: a NUL behind each but the last, which gets its own
    for (const std::string &name : isa_names(isa)) names += names.empty() ? name : '\0' + name;
    dt.set_string(path, "riscv,isa", isa_string(isa));
    dt.set_string(path, "riscv,isa-base", "rv64i");
    dt.set_string(path, "riscv,isa-extensions", names);
    dt.set_string(path, "mmu-type", riscv_cpu::mmu_type(isa));
    if (isa_has(isa, Ext::Zicbom)) dt.set_cell(path, "riscv,cbom-block-size", CACHE_BLOCK_SIZE);
    if (isa_has(isa, Ext::Zicbop)) dt.set_cell(path, "riscv,cbop-block-size", CACHE_BLOCK_SIZE);
    if (isa_has(isa, Ext::Zicboz)) dt.set_cell(path, "riscv,cboz-block-size", CACHE_BLOCK_SIZE);
}

void riscv_cpu_init(RISCVCPU *cpu) {
    constexpr int LINES = 64;
    qdev_init_gpio_in(cpu, riscv_cpu::set_irq, LINES);
    cpu->reset();
}

bool RISCVCPU::realize(Error **errp) {
    const IsaRow *extension, *missing;
    if (!isa_settle(&isa, isa_wanted, &extension, &missing)) {
        error_setg(errp, "%s extension requires %s extension",
                   riscv_cpu::extension_name(*extension).c_str(),
                   riscv_cpu::extension_name(*missing).c_str());
        return false;
    }
    riscv_cpu_init(this);
    qemu_init_vcpu(this);
    return true;
}

void RISCVCPU::reset() {
    trace_riscv_cpu_reset(hartid, pc);
    if (qemu_loglevel_mask(LOG_CPU_RESET)) {
        qemu_log("CPU Reset (CPU %u)\n%s", hartid, dump_state().c_str());
    }
    x.fill(0);
    f.fill(0);
    fflags = frm = 0;
    pc = resetvec;
    priv = PRV_M;
    reserved = nullptr;
    halted = false;
    riscv_cpu::reset_csrs(*this);
    pmp_update(*this); // flushes the TLB
    mmu_mode_changed(*this);
    set_attention(ATTENTION_IRQ);
}

void RISCVCPU::flush_translations() { mmu_flush(*this); }

bool RISCVCPU::has_work() { return riscv_cpu_mip(*this) & mie.load(); }

std::string RISCVCPU::dump_state() {
    std::string text = riscv_cpu::line("pc", pc);
    for (unsigned number : riscv_cpu::shown_csrs) {
        text += riscv_cpu::line(csr_name(number), csr_peek(*this, number));
    }
    text += riscv_cpu::registers('x', riscv_reg_names, x.data());
    if (!isa_has(isa, Ext::F)) return text;
    text += riscv_cpu::line(csr_name(0x003), csr_peek(*this, 0x003));
    return text + riscv_cpu::registers('f', riscv_freg_names, f.data());
}

void riscv_cpu_set_rdtime_fn(RISCVCPU *cpu, uint64_t (*fn)(void *opaque), void *opaque) {
    cpu->rdtime = fn;
    cpu->rdtime_opaque = opaque;
}

void riscv_cpu_time_set(RISCVCPU *cpu) { sstc_time_set(*cpu); }

static const Property properties[] = {
    define_prop<&RISCVCPU::hartid>("hartid", "0", "the number in mhartid"),
    define_prop<&RISCVCPU::resetvec>("resetvec", "4096", "address of the first instruction"),
};

static void riscv_cpu_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "RISC-V hart";
    device_class_set_props(dc, properties);
    riscv_cpu::add_extension_properties(klass);
}

template <size_t model>
static void model_class_init(ObjectClass *klass, const void *) {
    object_class_cast<DeviceClass>(klass)->desc = isa_models[model].desc;
}
template <size_t model>
static void model_init(Object *obj) {
    static_cast<RISCVCPU *>(obj)->isa = isa_models[model].isa;
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
    .instance_init = model_init<0>,
    .class_init = model_class_init<0>,
};

static const TypeInfo rva22s64_info = {
    .name = TYPE_RISCV_CPU_RVA22S64,
    .parent = TYPE_RISCV_CPU,
    .instance_init = model_init<1>,
    .class_init = model_class_init<1>,
};

static void riscv_cpu_register_types() {
    type_register_static(&riscv_cpu_info);
    type_register_static(&rv64_info);
    type_register_static(&rva22s64_info);
}

type_init(riscv_cpu_register_types)
