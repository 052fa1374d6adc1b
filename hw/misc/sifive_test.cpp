// SPDX-License-Identifier: MIT
/* Test device: one register by which a guest ends the machine or resets it.
 * Spec:    docs/specs/sifive-test.md
 * Guest:   OpenSBI, U-Boot and Linux, compatible = "sifive,test1", "sifive,test0", "syscon"
 * Missing: nothing
 * In gdb:  b sifive_test::finisher_write */
#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "hw/core/system.h"
#include "util/log.h"
#include "util/module.h"

#define TYPE_SIFIVE_TEST "riscv.sifive.test"

namespace sifive_test {

// --- state

static constexpr uint32_t FINISHER_FAIL = 0x3333;
static constexpr uint32_t FINISHER_PASS = 0x5555;
static constexpr uint32_t FINISHER_RESET = 0x7777;

struct SiFiveTestState : SysBusDevice {
    MemoryRegion iomem;

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
};
using S = SiFiveTestState;

// --- behaviour

static void finisher_write(S &, uint32_t v) {
    switch (v & 0xffff) {
    case FINISHER_PASS:
        qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_SHUTDOWN, 0);
        break;
    case FINISHER_FAIL:
        qemu_system_shutdown_request_with_code(SHUTDOWN_CAUSE_GUEST_SHUTDOWN,
                                               static_cast<int>(v >> 16));
        break;
    case FINISHER_RESET:
        qemu_system_reset_request(SHUTDOWN_CAUSE_GUEST_RESET);
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "%s: unknown request 0x%x\n", TYPE_SIFIVE_TEST, v);
        break;
    }
}

// Drivers of the "syscon" kind read, modify and write.
static uint32_t finisher_read(S &) { return 0; }

// --- registers

// clang-format off
static constexpr Register<S> regs[] = {
    // offset name      acc reset storage on read        on write
    { 0x00, "FINISHER", RW, 0,    none,   finisher_read, finisher_write },
};
// clang-format on
static_assert(register_table_ok<S>(regs));

static constexpr MemoryRegionOps ops = { RegisterOps<S, regs>::read, RegisterOps<S, regs>::write, 2,
                                         4, &register_names<S, regs> };

// --- device tree

void SiFiveTestState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "test");
    dt.set_cell(node, "phandle", place.phandle);
    dt.set_strings(node, "compatible", { "sifive,test1", "sifive,test0", "syscon" });
    // Linux's syscon drivers: which word to write where.
    for (auto [name, word] :
         { std::pair{ "reboot", FINISHER_RESET }, std::pair{ "poweroff", FINISHER_PASS } }) {
        std::string child = std::string("/") + name;
        dt.add_node(child);
        dt.set_string(child, "compatible", std::string("syscon-") + name);
        dt.set_cell(child, "regmap", place.phandle);
        dt.set_cell(child, "offset", 0);
        dt.set_cell(child, "value", word);
    }
}

// --- life cycle and registration

bool SiFiveTestState::realize(Error **) {
    memory_region_init_io(&iomem, this, &ops, this, TYPE_SIFIVE_TEST, 0x1000);
    sysbus_init_mmio(this, &iomem);
    return true;
}

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "SiFive test finisher: power off and reset";
    dc->category = DEVICE_CATEGORY_MISC;
}

static const TypeInfo info = {
    .name = TYPE_SIFIVE_TEST,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void sifive_test_register_types() { type_register_static(&info); }
type_init(sifive_test_register_types)

} // namespace sifive_test
