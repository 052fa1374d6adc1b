// SPDX-License-Identifier: MIT
/* Devices on the main system bus. See hw/core/sysbus.h. */
#include "hw/core/sysbus.h"

#include <cassert>
#include <cinttypes>

#include "util/error.h"
#include "util/module.h"

void sysbus_init_mmio(SysBusDevice *dev, MemoryRegion *mr) {
    dev->mmio.push_back({ mr, SysBusDevice::UNMAPPED });
}

void sysbus_init_irq(SysBusDevice *dev, qemu_irq *irq) { dev->irqs.push_back(irq); }

void sysbus_mmio_map(SysBusDevice *dev, int n, hwaddr addr) {
    SysBusDevice::Mmio &mmio = dev->mmio.at(n);
    assert(mmio.addr == SysBusDevice::UNMAPPED && "a region has one place");
    mmio.addr = addr;
    memory_region_add_subregion(get_system_memory(), addr, mmio.mr);
}

void sysbus_connect_irq(SysBusDevice *dev, int n, qemu_irq irq) { *dev->irqs.at(n) = irq; }

bool sysbus_realize(SysBusDevice *dev, Error **errp) {
    return qdev_realize(dev, sysbus_get_default(), errp);
}

// --- types

struct SysBus : BusState {
    // What `info qtree` prints below a device.
    std::string child_address(DeviceState *child) override {
        std::string text;
        for (const auto &mmio : static_cast<SysBusDevice *>(child)->mmio) {
            if (mmio.addr == SysBusDevice::UNMAPPED) continue;
            text += format_string("mmio %016" PRIx64 "/%016" PRIx64 "\n", mmio.addr, mmio.mr->size);
        }
        return text;
    }
};

static void sysbus_device_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->bus_type = TYPE_SYSTEM_BUS;
    // Only a board knows where it goes.
    dc->user_creatable = false;
}

static const TypeInfo system_bus_info = {
    .name = TYPE_SYSTEM_BUS,
    .parent = TYPE_BUS,
    .instance_new = object_instance_new<SysBus>,
};

static const TypeInfo sysbus_device_info = {
    .name = TYPE_SYS_BUS_DEVICE,
    .parent = TYPE_DEVICE,
    .abstract = true,
    .class_init = sysbus_device_class_init,
};

static void sysbus_register_types() {
    type_register_static(&system_bus_info);
    type_register_static(&sysbus_device_info);
}

type_init(sysbus_register_types)
