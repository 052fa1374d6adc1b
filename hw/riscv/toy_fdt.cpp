// SPDX-License-Identifier: MIT
/* The toy machine's device tree: what every guest reads to find out where it runs.
 *
 * Spec: Devicetree Specification 0.4; Linux's bindings riscv/cpus.yaml. Each device writes its own
 *       node (SysBusDevice::add_to_device_tree), next to its registers.
 * In gdb: b toy_create_fdt; on the command line: -M toy,dumpdtb=FILE */
#include <cinttypes>
#include <cstring>

#include "hw/core/sysbus.h"
#include "hw/cpu/riscv-cpu.h"
#include "hw/riscv/toy.h"
#include "util/error.h"

static void add_memory(DeviceTree &dt, ToyMachineState *m) {
    hwaddr base = toy_row("ram").base;
    std::string path = format_string("/memory@%" PRIx64, base);
    dt.add_node(path);
    dt.set_string(path, "device_type", "memory");
    dt.set_cells(path, "reg",
                 { static_cast<uint32_t>(base >> 32), static_cast<uint32_t>(base),
                   static_cast<uint32_t>(m->ram_size >> 32), static_cast<uint32_t>(m->ram_size) });
}

// One node a hart, with its own interrupt controller; returns that one's phandle.
static uint32_t add_hart(DeviceTree &dt, int hartid) {
    std::string path = format_string("/cpus/cpu@%x", hartid);
    uint32_t intc = dt.new_phandle();
    dt.add_node(path);
    dt.set_string(path, "device_type", "cpu");
    dt.set_cell(path, "reg", static_cast<uint32_t>(hartid));
    dt.set_string(path, "status", "okay");
    dt.set_string(path, "compatible", "riscv");
    static_cast<RISCVCPU *>(cpu_list()[hartid])->add_to_device_tree(dt, path);
    dt.set_cell(path, "phandle", dt.new_phandle());
    path += "/interrupt-controller";
    dt.add_node(path);
    dt.set_cell(path, "#interrupt-cells", 1);
    dt.set_empty(path, "interrupt-controller");
    dt.set_string(path, "compatible", "riscv,cpu-intc");
    dt.set_cell(path, "phandle", intc);
    return intc;
}

static std::vector<uint32_t> add_harts(DeviceTree &dt, ToyMachineState *m) {
    std::vector<uint32_t> intc(m->smp_cpus);
    dt.add_node("/cpus");
    dt.set_cell("/cpus", "#address-cells", 1);
    dt.set_cell("/cpus", "#size-cells", 0);
    dt.set_cell("/cpus", "timebase-frequency", TOY_TIMEBASE_HZ);
    for (int i = 0; i < m->smp_cpus; i++) intc[i] = add_hart(dt, i);
    return intc;
}

static void add_devices(DeviceTree &dt, ToyMachineState *m, const std::vector<uint32_t> &harts) {
    dt.add_node("/soc");
    dt.set_cell("/soc", "#address-cells", 2);
    dt.set_cell("/soc", "#size-cells", 2);
    dt.set_string("/soc", "compatible", "simple-bus");
    dt.set_empty("/soc", "ranges");
    uint32_t plic = dt.new_phandle();
    for (size_t i = 0; i < std::size(toy_memmap); i++) {
        const MemMapEntry &row = toy_memmap[i];
        if (!m->devices[i] || row.region) continue;
        bool is_plic = row.type && !strcmp(row.type, TOY_PLIC_TYPE);
        DeviceTreePlace place{ .bus = "/soc",
                               .base = row.base,
                               .size = row.size,
                               .irq = row.irq,
                               .phandle = is_plic ? plic : dt.new_phandle(),
                               .intc = plic,
                               .cpu_intc = harts };
        m->devices[i]->add_to_device_tree(dt, place);
    }
}

DeviceTree toy_create_fdt(ToyMachineState *m) {
    DeviceTree dt;
    dt.set_cell("/", "#address-cells", 2);
    dt.set_cell("/", "#size-cells", 2);
    dt.set_strings("/", "compatible", { "vl,toy", "riscv-virtio" });
    dt.set_string("/", "model", "vl,toy-machine");
    dt.add_node("/chosen");
    dt.set_string("/chosen", "stdout-path",
                  format_string("/soc/serial@%" PRIx64, toy_row("uart").base));
    add_memory(dt, m);
    std::vector<uint32_t> harts = add_harts(dt, m);
    add_devices(dt, m, harts);
    return dt;
}
