// SPDX-License-Identifier: MIT
/* Devices and buses: how they come to life. See hw/core/qdev.h. */
#include "hw/core/qdev.h"

#include <cassert>

#include <sys/sdt.h>

#include "hw/core/reset.h"
#include "hw/core/sysbus.h"
#include "hw/core/trace.h"
#include "util/error.h"
#include "util/module.h"

DeviceState::~DeviceState() {
    for (IRQState *irq : gpio_in) delete irq;
}

bool DeviceState::realize(Error **) { return true; }

// --- buses

static void bus_add_to_tree(BusState *bus, DeviceState *parent, const char *name) {
    bus->name = name;
    bus->parent_dev = parent;
    if (parent) {
        parent->child_bus.push_back(bus);
        object_property_add_child(parent, name, bus);
    }
}

BusState *qbus_new(const char *type_name, DeviceState *parent, const char *name) {
    auto *bus = object_cast<BusState>(object_new(type_name), TYPE_BUS);
    bus_add_to_tree(bus, parent, name);
    return bus;
}

void qbus_init(BusState *bus, const char *type_name, DeviceState *parent, const char *name) {
    object_initialize(bus, type_name);
    bus_add_to_tree(bus, parent, name);
}

static void reset_main_bus(void *opaque) {
    for (DeviceState *dev : static_cast<BusState *>(opaque)->children) device_cold_reset(dev);
}

BusState *sysbus_get_default() {
    static BusState *bus;
    if (!bus) {
        bus = qbus_new(TYPE_SYSTEM_BUS, nullptr, "main-system-bus");
        object_property_add_child(container_get(object_get_root(), "/machine/unattached"), "sysbus",
                                  bus);
        qemu_register_reset(reset_main_bus, bus);
    }
    return bus;
}

static bool bus_is_full(const BusState *bus) {
    int max = object_get_class<BusClass>(bus)->max_dev;
    return max && static_cast<int>(bus->children.size()) >= max;
}

static bool qdev_set_parent_bus(DeviceState *dev, BusState *bus, Error **errp) {
    if (bus_is_full(bus)) {
        error_setg(errp, "Bus '%s' does not support more devices", bus->name.c_str());
        return false;
    }
    dev->parent_bus = bus;
    bus->children.push_back(dev);
    return true;
}

static void qdev_leave_bus(DeviceState *dev) {
    if (dev->parent_bus) std::erase(dev->parent_bus->children, dev);
    dev->parent_bus = nullptr;
}

// --- realize

static void unrealize_children(DeviceState *dev) {
    for (BusState *bus : dev->child_bus) {
        for (DeviceState *child : bus->children) {
            (void)device_set_realized(child, false, nullptr);
        }
    }
}

static bool realize_children(DeviceState *dev, Error **errp) {
    for (BusState *bus : dev->child_bus) {
        for (DeviceState *child : bus->children) {
            if (!device_set_realized(child, true, errp)) return false;
        }
    }
    return true;
}

// A device that nobody has put anywhere gets a place in the tree; true if it needed one.
static bool ensure_parent(DeviceState *dev) {
    if (dev->parent) return false;
    object_property_add_child(container_get(object_get_root(), "/machine/unattached"), "device[*]",
                              dev);
    return true;
}

static bool realize_with_children(DeviceState *dev, Error **errp) {
    if (!dev->realize(errp)) return false;
    if (realize_children(dev, errp)) return true;
    unrealize_children(dev);
    dev->unrealize();
    return false;
}

[[gnu::noinline]] bool device_set_realized(DeviceState *dev, bool value, Error **errp) {
    if (value == dev->realized) return true;
    if (!value) {
        unrealize_children(dev);
        dev->realized = false;
        dev->unrealize();
        return true;
    }
    bool adopted = ensure_parent(dev);
    std::string path = object_get_canonical_path(dev);
    DTRACE_PROBE2(vl, realize, object_get_typename(dev), path.c_str());
    TraceSpan span(trace_device_set_realized, object_get_typename(dev), path.c_str(), true);
    dev->realized = realize_with_children(dev, errp);
    if (!dev->realized && adopted) object_unparent(dev);
    return dev->realized;
}

DeviceState *qdev_new(const char *type_name) {
    return object_cast<DeviceState>(object_new(type_name), TYPE_DEVICE);
}

bool qdev_realize(DeviceState *dev, BusState *bus, Error **errp) {
    bool placed_here = bus && !dev->parent_bus;
    if (placed_here && !qdev_set_parent_bus(dev, bus, errp)) return false;
    if (device_set_realized(dev, true, errp)) return true;
    if (placed_here) qdev_leave_bus(dev);
    return false;
}

void qdev_unplug_now(DeviceState *dev) {
    (void)device_set_realized(dev, false, nullptr);
    qdev_leave_bus(dev);
    object_unparent(dev);
}

void device_cold_reset(DeviceState *dev) {
    for (BusState *bus : dev->child_bus) {
        for (DeviceState *child : bus->children) device_cold_reset(child);
        bus->reset();
    }
    DTRACE_PROBE1(vl, reset, object_get_typename(dev));
    trace_qdev_reset(object_get_typename(dev), dev->id.c_str());
    dev->reset();
}

// --- lines

void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n) {
    int first = static_cast<int>(dev->gpio_in.size());
    for (int i = 0; i < n; i++) dev->gpio_in.push_back(new IRQState{ handler, dev, first + i });
}

void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n) {
    for (int i = 0; i < n; i++) dev->gpio_out.push_back(&pins[i]);
}

qemu_irq qdev_get_gpio_in(DeviceState *dev, int n) { return dev->gpio_in.at(n); }

void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq pin) { *dev->gpio_out.at(n) = pin; }

// --- the `realized` property and the types

static bool realized_get(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = static_cast<DeviceState *>(obj)->realized ? "true" : "false";
    return true;
}

static bool realized_set(Object *obj, const ObjectProperty &, const std::string &value,
                         Error **errp) {
    bool on = value == "true" || value == "on";
    return device_set_realized(static_cast<DeviceState *>(obj), on, errp);
}

static void device_class_init(ObjectClass *klass, const void *) {
    object_class_property_add(klass, { .name = "realized",
                                       .type = "bool",
                                       .description = {},
                                       .default_value = {},
                                       .get = realized_get,
                                       .set = realized_set });
}

static const TypeInfo device_info = {
    .name = TYPE_DEVICE,
    .parent = TYPE_OBJECT,
    .instance_post_init = qdev_apply_defaults_and_globals,
    .abstract = true,
    .class_new = object_class_new<DeviceClass>,
    .class_init = device_class_init,
};

static const TypeInfo bus_info = {
    .name = TYPE_BUS,
    .parent = TYPE_OBJECT,
    .abstract = true,
    .class_new = object_class_new<BusClass>,
};

static void qdev_register_types() {
    type_register_static(&device_info);
    type_register_static(&bus_info);
}

type_init(qdev_register_types)
