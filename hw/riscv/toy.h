// SPDX-License-Identifier: MIT
/* The toy machine's one table: what lies where, and which line it has.
 *
 * The same rows put the devices on the bus, write the device tree and stand in docs/machine.md.
 * The addresses are those of QEMU's `virt` board wherever both have the device. */
#pragma once

#include <array>
#include <span>
#include <string>

#include "hw/core/boards.h"
#include "hw/core/device_tree.h"
#include "hw/core/memory.h"

struct MemMapEntry {
    const char *name;
    hwaddr base;
    hwaddr size;      // 0: as large as -m says
    const char *type; // the device; null: plain memory
    int region;       // which of the device's regions goes here
    int irq;          // its line at the PLIC; 0: none

    bool aclint = false; // there only with -M toy,aclint=on
};

inline constexpr const char *TOY_PLIC_TYPE = "riscv.sifive.plic";

// clang-format off
inline constexpr MemMapEntry toy_memmap[] = {
    // name           base        size       device                 region irq
    { "rom",          0x00001000, 0x0000f000, nullptr,                0,     0 },
    { "test",         0x00100000, 0x00001000, "riscv.sifive.test",    0,     0 },
    { "rtc",          0x00101000, 0x00001000, "goldfish_rtc",         0,    11 },
    { "clint.swi",    0x02000000, 0x00004000, "riscv.aclint.swi",     0,     0 },
    { "clint.mtimer", 0x02004000, 0x00008000, "riscv.aclint.mtimer",  0,     0 },
    { "aclint.sswi",  0x02f00000, 0x00004000, "riscv.aclint.swi",     0,     0, true },
    { "plic",         0x0c000000, 0x00600000, TOY_PLIC_TYPE,          0,     0 },
    { "uart",         0x10000000, 0x00000100, "ns16550a",             0,    10 },
    { "virtio0",      0x10001000, 0x00001000, "virtio-mmio",          0,     1 },
    { "virtio1",      0x10002000, 0x00001000, "virtio-mmio",          0,     2 },
    { "virtio2",      0x10003000, 0x00001000, "virtio-mmio",          0,     3 },
    { "virtio3",      0x10004000, 0x00001000, "virtio-mmio",          0,     4 },
    { "virtio4",      0x10005000, 0x00001000, "virtio-mmio",          0,     5 },
    { "virtio5",      0x10006000, 0x00001000, "virtio-mmio",          0,     6 },
    { "virtio6",      0x10007000, 0x00001000, "virtio-mmio",          0,     7 },
    { "virtio7",      0x10008000, 0x00001000, "virtio-mmio",          0,     8 },
    { "toy-fb",       0x10200000, 0x00001000, "toy-fb",               0,    12 },
    { "toy-fb.vram",  0x11000000, 0x01000000, "toy-fb",               1,     0 },
    { "ram",          0x80000000, 0,          nullptr,                0,     0 },
};
// clang-format on

constexpr const MemMapEntry &toy_row(std::string_view name) {
    for (const MemMapEntry &row : toy_memmap) {
        if (name == row.name) return row;
    }
    throw "no such row"; // fails to compile
}

// Sorted, disjoint, and no two devices share a line.
constexpr bool toy_memmap_ok() {
    uint64_t lines = 0;
    hwaddr end_before = 0;
    for (const MemMapEntry &row : toy_memmap) {
        if (row.base < end_before) return false;
        if (row.irq && (lines >> row.irq & 1)) return false;
        if (row.irq) lines |= uint64_t{ 1 } << row.irq;
        end_before = row.base + row.size;
    }
    return true;
}
static_assert(toy_memmap_ok());

inline constexpr uint32_t TOY_TIMEBASE_HZ = 10'000'000;

struct SysBusDevice;

struct ToyMachineState : MachineState {
    MemoryRegion rom, ram;
    // The device of each row that has one here; a device with two regions stands at both.
    std::array<SysBusDevice *, std::size(toy_memmap)> devices{};
    std::string dumpdtb;
    bool aclint = false; // ACLINT's three devices in place of the CLINT
};

// hw/riscv/toy_fdt.cpp: the whole tree but for what the boot code adds.
DeviceTree toy_create_fdt(ToyMachineState *m);

// hw/riscv/boot.cpp: loads -bios, -kernel, -initrd and the tree, and writes the reset vector.
[[nodiscard]] bool toy_load_firmware(ToyMachineState *m, Error **errp);
