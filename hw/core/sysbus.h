// SPDX-License-Identifier: MIT
/* Devices on the main system bus: they have MemoryRegions and interrupt outputs, which the board
 * maps and connects. */
#pragma once

#include "hw/core/memory.h"
#include "hw/core/qdev.h"

class DeviceTree;
struct DeviceTreePlace;

#define TYPE_SYSTEM_BUS     "System"
#define TYPE_SYS_BUS_DEVICE "sys-bus-device"

struct SysBusDevice : DeviceState {
    struct Mmio {
        MemoryRegion *mr;
        hwaddr addr; // UNMAPPED until the board maps it
    };
    static constexpr hwaddr UNMAPPED = ~hwaddr{ 0 };
    std::vector<Mmio> mmio;
    std::vector<qemu_irq *> irqs;

    // Writes the device's node: called by a board that has a device tree, once it is realized.
    virtual void add_to_device_tree(DeviceTree &, const DeviceTreePlace &) {}
};

// A device's side, from its constructor, instance_init or realize: regions and lines are numbered
// on from 0.
void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *mr);
void sysbus_init_irq(SysBusDevice *dev, qemu_irq *irq);

// The board's side.
void sysbus_mmio_map(SysBusDevice *dev, int n, hwaddr addr);
void sysbus_connect_irq(SysBusDevice *dev, int n, qemu_irq irq);
[[nodiscard]] bool sysbus_realize(SysBusDevice *dev, Error **errp);
