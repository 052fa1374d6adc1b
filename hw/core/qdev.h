// SPDX-License-Identifier: MIT
/* qdev: devices, the buses they sit on, their properties, and how they are realized.
 *
 * A device is created (object_new), given properties, put on a bus and realized. Setting
 * `realized` runs device_set_realized: the device's own realize(), then its child buses' devices;
 * the first failure unwinds what was done. Only a realized device may be reached by the guest.
 *
 * In gdb: b device_set_realized     b qdev_device_add */
#pragma once

#include <string>
#include <vector>

#include "hw/core/irq.h"
#include "qom/object.h"

#define TYPE_DEVICE "device"
#define TYPE_BUS    "bus"

enum BlockdevOnError : int; // block/block.h
struct BlockBackend;
struct BusState;
struct Chardev;
struct DeviceState;
struct Error;
struct IOThread;
struct QemuOpt;
struct QemuOpts;
struct RngBackend;

// The headers of `-device help`, in its order.
enum DeviceCategory {
    DEVICE_CATEGORY_BRIDGE,
    DEVICE_CATEGORY_STORAGE,
    DEVICE_CATEGORY_NETWORK,
    DEVICE_CATEGORY_INPUT,
    DEVICE_CATEGORY_DISPLAY,
    DEVICE_CATEGORY_MISC,
    DEVICE_CATEGORY_CPU,
    DEVICE_CATEGORY_MAX, // none: "Uncategorized devices:"
};

struct DeviceClass : ObjectClass {
    using Parent = ObjectClass;
    const char *desc = nullptr;
    const char *bus_type = nullptr; // the type of bus it sits on; null: none
    DeviceCategory category = DEVICE_CATEGORY_MAX;
    bool user_creatable = true; // false: only a board makes it, never -device
};

// A bundle of input lines, output lines: in by number, out as a list of ends.
struct DeviceState : Object {
    std::string id; // as -device gave it, or empty
    bool realized = false;
    BusState *parent_bus = nullptr;
    std::vector<BusState *> child_bus;
    std::vector<IRQState *> gpio_in;  // owned
    std::vector<qemu_irq *> gpio_out; // addresses of the device's own qemu_irq fields

    ~DeviceState() override;

    // Checks the properties and claims what the device needs. False: *errp is set, nothing claimed.
    [[nodiscard]] virtual bool realize(Error **errp);
    virtual void unrealize() {}
    // Back to the state at power-on; input lines stay as they are.
    virtual void reset() {}
};

struct BusClass : ObjectClass {
    using Parent = ObjectClass;
    int max_dev = 0;           // how many devices it takes; 0: any number
    bool hotpluggable = false; // devices come and go while the guest may look
};

struct BusState : Object {
    std::string name;
    DeviceState *parent_dev = nullptr; // null: the main system bus
    std::vector<DeviceState *> children;

    // How `info qtree` and the orphan of a bus print a child's place; empty: nothing to say.
    virtual std::string child_address(DeviceState *) { return {}; }
    virtual void reset() {}
};

// --- properties declared as rows

// How a field of a device is read and printed as text. One object a C++ type.
struct PropertyInfo {
    const char *type; // "uint32", "str", "drive", ...
    const char *description = nullptr;
    bool (*get)(DeviceState *dev, void *field, std::string *value);
    bool (*set)(DeviceState *dev, void *field, const char *name, const std::string &value,
                Error **errp);
};
extern const PropertyInfo qdev_prop_bool, qdev_prop_uint8, qdev_prop_uint16, qdev_prop_uint32,
    qdev_prop_uint64, qdev_prop_int32, qdev_prop_string, qdev_prop_size32, qdev_prop_blocksize;
extern const PropertyInfo qdev_prop_drive;                   // hw/core/qdev-properties-system.cpp
extern const PropertyInfo qdev_prop_chardev;                 // likewise
extern const PropertyInfo qdev_prop_blockdev_on_error;       // likewise
extern const PropertyInfo qdev_prop_rng, qdev_prop_iothread; // likewise

// Sizes in bytes that users write with a suffix.
struct Size32 {
    uint32_t bytes = 0;
    operator uint32_t() const { return bytes; }
};
// A power of two from 512 to 2 MiB; 0: not given.
struct BlockSize {
    uint32_t bytes = 0;
    operator uint32_t() const { return bytes; }
};

struct Property {
    const char *name;
    const PropertyInfo *info;
    void *(*field)(DeviceState *dev);
    const char *default_value; // text; null: leave what the constructor made
    const char *description;
};

template <typename T>
constexpr const PropertyInfo *property_info_of();
template <>
constexpr const PropertyInfo *property_info_of<bool>() {
    return &qdev_prop_bool;
}
template <>
constexpr const PropertyInfo *property_info_of<uint8_t>() {
    return &qdev_prop_uint8;
}
template <>
constexpr const PropertyInfo *property_info_of<uint16_t>() {
    return &qdev_prop_uint16;
}
template <>
constexpr const PropertyInfo *property_info_of<uint32_t>() {
    return &qdev_prop_uint32;
}
template <>
constexpr const PropertyInfo *property_info_of<uint64_t>() {
    return &qdev_prop_uint64;
}
template <>
constexpr const PropertyInfo *property_info_of<int32_t>() {
    return &qdev_prop_int32;
}
template <>
constexpr const PropertyInfo *property_info_of<Size32>() {
    return &qdev_prop_size32;
}
template <>
constexpr const PropertyInfo *property_info_of<BlockSize>() {
    return &qdev_prop_blocksize;
}
template <>
constexpr const PropertyInfo *property_info_of<std::string>() {
    return &qdev_prop_string;
}
template <>
constexpr const PropertyInfo *property_info_of<BlockBackend *>() {
    return &qdev_prop_drive;
}
template <>
constexpr const PropertyInfo *property_info_of<Chardev *>() {
    return &qdev_prop_chardev;
}
template <>
constexpr const PropertyInfo *property_info_of<IOThread *>() {
    return &qdev_prop_iothread;
}
template <>
constexpr const PropertyInfo *property_info_of<RngBackend *>() {
    return &qdev_prop_rng;
}
template <>
constexpr const PropertyInfo *property_info_of<BlockdevOnError>() {
    return &qdev_prop_blockdev_on_error;
}

template <typename S, typename T>
S member_owner(T S::*);
template <typename S, typename T>
T member_type(T S::*);

// A row for the field S::*M: `define_prop<&S::width>("width", "1024", "pixels in a row")`. For one
// of a base that is no device, S is said as well.
template <auto M, typename S = decltype(member_owner(M))>
constexpr Property define_prop(const char *name, const char *default_value,
                               const char *description) {
    using T = decltype(member_type(M));
    return { name, property_info_of<T>(),
             [](DeviceState *dev) -> void * { return &(static_cast<S *>(dev)->*M); }, default_value,
             description };
}

// Called from class_init. The rows must outlive the class.
void device_class_set_props_n(DeviceClass *dc, const Property *rows, size_t n);
template <size_t N>
void device_class_set_props(DeviceClass *dc, const Property (&rows)[N]) {
    device_class_set_props_n(dc, rows, N);
}

// Typed setters for boards: a failure is our own mistake.
void qdev_prop_set_uint32(DeviceState *dev, const char *name, uint32_t value);
void qdev_prop_set_uint64(DeviceState *dev, const char *name, uint64_t value);

// --- -global driver.prop=value
struct GlobalProperty {
    std::string driver;
    std::string property;
    std::string value;
    bool used = false;
};
void qdev_prop_register_global(GlobalProperty prop);
// Says which -global matched no device: one warning each.
void qdev_prop_check_globals();
// instance_post_init of every device: its rows' defaults, then the -globals.
void qdev_apply_defaults_and_globals(Object *obj);

// --- life

// object_new for a type that is known to be a device.
DeviceState *qdev_new(const char *type_name);
// Puts `dev` on `bus` (null: none) and realizes it. The tree takes a reference; the caller keeps
// its own.
[[nodiscard]] bool qdev_realize(DeviceState *dev, BusState *bus, Error **errp);
// The `realized` property's setter.
[[nodiscard]] bool device_set_realized(DeviceState *dev, bool value, Error **errp);
// Unrealizes, takes it off its bus and out of the tree.
void qdev_unplug_now(DeviceState *dev);

// Makes `n` input lines, numbered on from those there are.
void qdev_init_gpio_in(DeviceState *dev, qemu_irq_handler handler, int n);
// Names the device's output fields, numbered on from those there are.
void qdev_init_gpio_out(DeviceState *dev, qemu_irq *pins, int n);
qemu_irq qdev_get_gpio_in(DeviceState *dev, int n);
void qdev_connect_gpio_out(DeviceState *dev, int n, qemu_irq pin);

// A bus of that type below `parent` (null: the main system bus), as its child `name`.
BusState *qbus_new(const char *type_name, DeviceState *parent, const char *name);
// A bus that is a member of its device.
void qbus_init(BusState *bus, const char *type_name, DeviceState *parent, const char *name);
BusState *sysbus_get_default();

// Resets `dev` and all below its buses, children first.
void device_cold_reset(DeviceState *dev);

// --- the monitor's and the command line's side (hw/core/qdev-monitor.cpp)

// `-device`: finds the type and a bus, creates, sets properties, realizes. nullptr: *errp is set.
DeviceState *qdev_device_add(QemuOpts *opts, Error **errp);
// The same with pairs of a monitor's device_add. "Duplicate device ID 'x'", "Bus 'x' does not
// support hotplugging"
[[nodiscard]] bool qmp_device_add(const std::vector<QemuOpt> &pairs, Error **errp);
// Takes away the device of that id or path, at once. "Device 'x' not found"
[[nodiscard]] bool qmp_device_del(const std::string &id, Error **errp);
// From now on devices come only to buses that can bear it.
void qdev_machine_creation_done();
// `-device help` and `-device X,help`. True if it was a request for help and has been answered.
bool qdev_device_help(QemuOpts *opts);
// `info qtree`.
std::string qdev_info_qtree();
