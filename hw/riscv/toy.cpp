// SPDX-License-Identifier: MIT
/* The toy machine: RV64 harts, RAM, and the devices of one table.
 *
 * Spec:  docs/machine.md; the map is that of QEMU's `virt` board plus the toy framebuffer
 * Guest: OpenSBI, U-Boot, Linux, and the toy ROM
 * In gdb: b toy_machine_init     p toy_memmap */
#include "hw/riscv/toy.h"

#include <cstring>

#include "block/blockdev.h"
#include "hw/core/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/reset.h"
#include "hw/core/sysbus.h"
#include "hw/cpu/riscv-cpu.h"
#include "hw/intc/riscv_aclint.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

// --- harts

static void toy_cpu_reset(void *opaque) { static_cast<RISCVCPU *>(opaque)->reset(); }

static bool create_harts(ToyMachineState *m, Error **errp) {
    std::string type = m->cpu_model + RISCV_CPU_TYPE_SUFFIX;
    ObjectClass *klass = object_class_by_name(type.c_str());
    if (!klass || object_class_is_abstract(klass)) {
        error_setg(errp, "unable to find CPU model '%s'", m->cpu_model.c_str());
        return false;
    }
    for (int i = 0; i < m->smp_cpus; i++) {
        auto *cpu = object_cast<RISCVCPU>(object_new(type.c_str()), TYPE_RISCV_CPU);
        qdev_prop_set_uint32(cpu, "hartid", static_cast<uint32_t>(i));
        qdev_prop_set_uint64(cpu, "resetvec", toy_row("rom").base);
        object_property_add_child(m, "harts[*]", cpu);
        object_unref(cpu); // the tree has it
        if (!qdev_realize(cpu, nullptr, errp)) return false;
        qemu_register_reset(toy_cpu_reset, cpu);
    }
    return true;
}

static RISCVCPU *hart(int i) { return static_cast<RISCVCPU *>(cpu_list()[i]); }

// --- memory

static bool create_memory(ToyMachineState *m, Error **errp) {
    const MemMapEntry &rom = toy_row("rom");
    if (!memory_region_init_ram(&m->ram, m, "toy.ram", m->ram_size, errp) ||
        !memory_region_init_rom(&m->rom, m, "toy.rom", rom.size, errp)) {
        return false;
    }
    memory_region_add_subregion(get_system_memory(), toy_row("ram").base, &m->ram);
    memory_region_add_subregion(get_system_memory(), rom.base, &m->rom);
    return true;
}

// --- devices

static void set_if_there(DeviceState *dev, const char *name, const std::string &value) {
    if (object_property_find(dev, name)) object_property_set_assert(dev, name, value);
}

static SysBusDevice *create_device(ToyMachineState *m, const MemMapEntry &row, Error **errp) {
    auto *dev = object_cast<SysBusDevice>(object_new(row.type), TYPE_SYS_BUS_DEVICE);
    object_property_add_child(m, row.name, dev);
    object_unref(dev); // the tree has it
    set_if_there(dev, "num-harts", std::to_string(m->smp_cpus));
    set_if_there(dev, "clint", m->aclint ? "off" : "on");
    set_if_there(dev, "sswi", row.aclint ? "on" : "off");
    set_if_there(dev, "chardev", m->serial);
    return sysbus_realize(dev, errp) ? dev : nullptr;
}

static bool create_devices(ToyMachineState *m, Error **errp) {
    for (size_t i = 0; i < std::size(toy_memmap); i++) {
        const MemMapEntry &row = toy_memmap[i];
        if (!row.type || (row.aclint && !m->aclint)) continue;
        // A further region belongs to the device of an earlier row.
        SysBusDevice *dev = row.region ? m->devices[i - 1] : create_device(m, row, errp);
        if (!dev) return false;
        sysbus_mmio_map(dev, row.region, row.base);
        m->devices[i] = dev;
    }
    return true;
}

static SysBusDevice *device(ToyMachineState *m, const char *name) {
    return m->devices[&toy_row(name) - toy_memmap];
}

static void time_set(void *) {
    for (CPUState *cpu : cpu_list()) riscv_cpu_time_set(static_cast<RISCVCPU *>(cpu));
}

// Devices to the PLIC, the PLIC and the CLINT to the harts.
static void connect_lines(ToyMachineState *m) {
    SysBusDevice *plic = device(m, "plic"), *mtimer = device(m, "clint.mtimer");
    for (size_t i = 0; i < std::size(toy_memmap); i++) {
        if (!toy_memmap[i].irq) continue;
        sysbus_connect_irq(m->devices[i], 0, qdev_get_gpio_in(plic, toy_memmap[i].irq));
    }
    for (int i = 0; i < m->smp_cpus; i++) {
        qdev_connect_gpio_out(plic, 2 * i, qdev_get_gpio_in(hart(i), IRQ_M_EXT));
        qdev_connect_gpio_out(plic, 2 * i + 1, qdev_get_gpio_in(hart(i), IRQ_S_EXT));
        qdev_connect_gpio_out(device(m, "clint.swi"), i, qdev_get_gpio_in(hart(i), IRQ_M_SOFT));
        if (SysBusDevice *sswi = device(m, "aclint.sswi")) {
            qdev_connect_gpio_out(sswi, i, qdev_get_gpio_in(hart(i), IRQ_S_SOFT));
        }
        qdev_connect_gpio_out(mtimer, i, qdev_get_gpio_in(hart(i), IRQ_M_TIMER));
        riscv_cpu_set_rdtime_fn(hart(i), riscv_aclint_mtimer_rdtime, mtimer);
    }
    riscv_aclint_mtimer_on_time_set(mtimer, time_set, nullptr);
}

// --- the machine

static bool create_all(ToyMachineState *m, Error **errp) {
    if (!create_memory(m, errp)) return false;
    (void)sysbus_get_default(); // its devices' reset comes before the harts'
    if (!create_harts(m, errp) || !create_devices(m, errp)) return false;
    connect_lines(m);
    return true;
}

static bool toy_machine_init(MachineState *machine, Error **errp) {
    auto *m = static_cast<ToyMachineState *>(machine);
    // Blobs are back in memory before a hart starts at its reset vector.
    rom_register_reset();
    memory_region_transaction_begin();
    bool ok = create_all(m, errp);
    memory_region_transaction_commit();
    return ok;
}

static bool toy_machine_done(MachineState *machine, Error **errp) {
    return toy_load_firmware(static_cast<ToyMachineState *>(machine), errp);
}

static bool dumpdtb_get(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = static_cast<ToyMachineState *>(obj)->dumpdtb;
    return true;
}

static bool dumpdtb_set(Object *obj, const ObjectProperty &, const std::string &value, Error **) {
    static_cast<ToyMachineState *>(obj)->dumpdtb = value;
    return true;
}

static bool aclint_get(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = static_cast<ToyMachineState *>(obj)->aclint ? "true" : "false";
    return true;
}

static bool aclint_set(Object *obj, const ObjectProperty &prop, const std::string &value,
                       Error **errp) {
    return parse_option_bool(prop.name.c_str(), value, &static_cast<ToyMachineState *>(obj)->aclint,
                             errp);
}

static void toy_class_init(ObjectClass *klass, const void *) {
    auto *mc = object_class_cast<MachineClass>(klass);
    mc->name = "toy";
    mc->alias = "virt";
    mc->desc = "RISC-V toy board with QEMU's virt memory map";
    mc->is_default = true;
    mc->max_cpus = 32;
    mc->default_cpu_type = "rv64";
    mc->block_default_type = IF_VIRTIO;
    mc->init = toy_machine_init;
    mc->done = toy_machine_done;
    object_class_property_add(klass, { .name = "dumpdtb",
                                       .type = "string",
                                       .description = "Dump current dtb to a file and quit",
                                       .default_value = {},
                                       .get = dumpdtb_get,
                                       .set = dumpdtb_set });
    object_class_property_add(klass, { .name = "aclint",
                                       .type = "bool",
                                       .description = "Set on/off to enable/disable emulating "
                                                      "ACLINT devices",
                                       .default_value = {},
                                       .get = aclint_get,
                                       .set = aclint_set });
}

static const TypeInfo toy_info = {
    .name = "toy" TYPE_MACHINE_SUFFIX,
    .parent = TYPE_MACHINE,
    .instance_new = object_instance_new<ToyMachineState>,
    .class_init = toy_class_init,
};

static void toy_register_types() { type_register_static(&toy_info); }

type_init(toy_register_types)
