// SPDX-License-Identifier: MIT
/* -device: from an option to a realized object. And its help, and `info qtree`.
 *
 * In gdb: b qdev_device_add */
#include <algorithm>
#include <cstdio>
#include <cstring>

#include <nlohmann/json.hpp>

#include "hw/core/qdev.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "util/qmp.h"

static QemuOptsList qemu_device_opts = { .name = "device", .implied_opt_name = "driver" };

static void register_device_opts() { qemu_add_opts(&qemu_device_opts); }

opts_init(register_device_opts)

// --- help

static const char *const category_names[DEVICE_CATEGORY_MAX + 1] = {
    "Controller/Bridge/Hub", "Storage", "Network", "Input", "Display", "Misc", "CPU",
    "Uncategorized",
};

static std::string device_line(const DeviceClass *dc) {
    std::string text = format_string("name \"%s\"", object_class_get_name(dc));
    if (dc->bus_type) text += format_string(", bus %s", dc->bus_type);
    if (dc->desc) text += format_string(", desc \"%s\"", dc->desc);
    return text + "\n";
}

static void print_device_list() {
    std::vector<ObjectClass *> classes = object_class_get_list(TYPE_DEVICE, false);
    const char *separator = "";
    for (int category = 0; category <= DEVICE_CATEGORY_MAX; category++) {
        std::string lines;
        for (ObjectClass *klass : classes) {
            auto *dc = object_class_cast<DeviceClass>(klass);
            if (dc->category == category && dc->user_creatable) lines += device_line(dc);
        }
        if (lines.empty()) continue;
        printf("%s%s devices:\n%s", separator, category_names[category], lines.c_str());
        separator = "\n";
    }
}

static std::string property_line(const ObjectProperty &prop) {
    std::string text = format_string("  %s=<%s>", prop.name.c_str(), prop.type.c_str());
    bool has_text = !prop.description.empty() || !prop.default_value.empty();
    if (has_text && text.size() < 24) text.resize(24, ' ');
    if (!prop.description.empty()) text += " - " + prop.description;
    if (!prop.default_value.empty()) text += " (default: " + prop.default_value + ")";
    return text + "\n";
}

static void print_device_properties(const ObjectClass *klass) {
    std::vector<std::string> lines;
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        bool settable = prop->set && prop->name != "realized";
        if (settable) lines.push_back(property_line(*prop));
    }
    std::sort(lines.begin(), lines.end());
    if (lines.empty()) {
        printf("There are no options for %s.\n", object_class_get_name(klass));
        return;
    }
    printf("%s options:\n", object_class_get_name(klass));
    for (const std::string &line : lines) fputs(line.c_str(), stdout);
}

// --- finding what an option names

static DeviceClass *get_device_class(const char *driver, Error **errp) {
    ObjectClass *klass = object_class_by_name(driver);
    if (!klass || !object_class_is_a(klass, TYPE_DEVICE)) {
        error_setg(errp, "'%s' is not a valid device model name", driver);
        return nullptr;
    }
    if (object_class_is_abstract(klass)) {
        error_setg(errp, "Parameter 'driver' expects a non-abstract device type");
        return nullptr;
    }
    return object_class_cast<DeviceClass>(klass);
}

bool qdev_device_help(QemuOpts *opts) {
    const char *driver = qemu_opt_get(opts, "driver");
    if (driver && is_help_option(driver)) {
        print_device_list();
        return true;
    }
    if (!driver || !qemu_opt_has_help(opts)) return false;
    print_device_properties(get_device_class(driver, &error_fatal));
    return true;
}

// Depth first below `bus`: the buses in the order they were made.
static void collect_buses(BusState *bus, std::vector<BusState *> *all) {
    all->push_back(bus);
    for (DeviceState *dev : bus->children) {
        for (BusState *child : dev->child_bus) collect_buses(child, all);
    }
}

static bool bus_has_room(const BusState *bus) {
    int max = object_get_class<BusClass>(bus)->max_dev;
    return max == 0 || static_cast<int>(bus->children.size()) < max;
}

static BusState *find_bus(const char *name, const DeviceClass *dc, Error **errp) {
    std::vector<BusState *> all;
    collect_buses(sysbus_get_default(), &all);
    const char *driver = object_class_get_name(dc);
    BusState *full = nullptr;
    for (BusState *bus : all) {
        if (name ? bus->name != name : !object_is_a(bus, dc->bus_type)) continue;
        if (name && !object_is_a(bus, dc->bus_type)) {
            error_setg(errp, "Device '%s' can't go on %s bus", driver, object_get_typename(bus));
            return nullptr;
        }
        if (bus_has_room(bus)) return bus;
        full = bus;
    }
    if (name && full) {
        error_setg(errp, "Bus '%s' does not support more devices", name);
    } else if (full) {
        error_setg(errp, "No free '%s' bus found for device '%s'", dc->bus_type, driver);
    } else if (name) {
        error_setg(errp, "Bus '%s' not found", name);
    } else {
        error_setg(errp, "No '%s' bus found for device '%s'", dc->bus_type, driver);
    }
    return nullptr;
}

// --- adding

static bool machine_ready;

void qdev_machine_creation_done() { machine_ready = true; }

// A board's devices are there before the guest looks; later ones need a bus that tells it.
static bool may_plug(const char *driver, const BusState *bus, Error **errp) {
    if (!machine_ready || (bus && object_get_class<BusClass>(bus)->hotpluggable)) return true;
    if (bus)
        error_setg(errp, "Bus '%s' does not support hotplugging", bus->name.c_str());
    else
        error_setg(errp, "Device '%s' does not support hotplugging", driver);
    return false;
}

static bool set_properties(DeviceState *dev, const QemuOpts *opts, Error **errp) {
    for (const QemuOpt &opt : opts->opts) {
        if (opt.name == "driver" || opt.name == "bus") continue;
        if (!object_property_set(dev, opt.name.c_str(), opt.value, errp)) return false;
    }
    return true;
}

static void place_in_tree(DeviceState *dev, const std::string &id) {
    dev->id = id;
    const char *where = id.empty() ? "/machine/peripheral-anon" : "/machine/peripheral";
    object_property_add_child(container_get(object_get_root(), where),
                              id.empty() ? "device[*]" : id.c_str(), dev);
}

[[gnu::noinline]] DeviceState *qdev_device_add(QemuOpts *opts, Error **errp) {
    const char *driver = qemu_opt_get(opts, "driver");
    if (!driver) {
        error_setg(errp, "Parameter 'driver' is missing");
        return nullptr;
    }
    DeviceClass *dc = get_device_class(driver, errp);
    if (!dc) return nullptr;
    if (!dc->user_creatable) {
        error_setg(errp, "Parameter 'driver' expects a pluggable device type");
        return nullptr;
    }
    BusState *bus = nullptr;
    if (dc->bus_type) {
        bus = find_bus(qemu_opt_get(opts, "bus"), dc, errp);
        if (!bus) return nullptr;
    }
    if (!may_plug(driver, bus, errp)) return nullptr;
    DeviceState *dev = qdev_new(driver);
    place_in_tree(dev, opts->id);
    bool ok = set_properties(dev, opts, errp) && qdev_realize(dev, bus, errp);
    if (!ok) object_unparent(dev);
    object_unref(dev); // the tree has its own reference
    return ok ? dev : nullptr;
}

// --- device_add, device_del

static Object *find_peripheral(const std::string &id) {
    return object_resolve_path(("/machine/peripheral/" + id).c_str());
}

bool qmp_device_add(const std::vector<QemuOpt> &pairs, Error **errp) {
    QemuOpts opts;
    opts.list = &qemu_device_opts;
    for (const QemuOpt &pair : pairs) {
        if (pair.name != "id") opts.opts.push_back(pair);
        if (pair.name == "id") opts.id = pair.value;
    }
    if (!opts.id.empty() && !id_wellformed(opts.id)) {
        error_setg(errp, "Parameter 'id' expects an identifier");
        return false;
    }
    if (!opts.id.empty() && find_peripheral(opts.id)) {
        error_setg(errp, "Duplicate device ID '%s'", opts.id.c_str());
        return false;
    }
    return qdev_device_add(&opts, errp) != nullptr;
}

bool qmp_device_del(const std::string &id, Error **errp) {
    Object *obj = id.starts_with('/') ? object_resolve_path(id.c_str()) : find_peripheral(id);
    auto *dev = static_cast<DeviceState *>(object_dynamic_cast(obj, TYPE_DEVICE));
    if (!dev) {
        error_setg(errp, "Device '%s' not found", id.c_str());
        error_set_class(errp, ERROR_CLASS_DEVICE_NOT_FOUND);
        return false;
    }
    if (!may_plug(object_get_typename(dev), dev->parent_bus, errp)) return false;
    nlohmann::json data = { { "path", object_get_canonical_path(dev) } };
    if (!dev->id.empty()) data["device"] = dev->id;
    qdev_unplug_now(dev);
    qapi_event_send("DEVICE_DELETED", data);
    return true;
}

// --- info qtree

static void print_bus(std::string *text, BusState *bus, int indent);

static void print_device(std::string *text, DeviceState *dev, int indent) {
    std::string pad(indent, ' ');
    *text += pad + "dev: " + object_get_typename(dev) + ", id \"" + dev->id + "\"\n";
    std::string inner(indent + 2, ' ');
    if (!dev->gpio_in.empty())
        *text += inner + format_string("gpio-in \"\" %zu\n", dev->gpio_in.size());
    if (!dev->gpio_out.empty()) {
        *text += inner + format_string("gpio-out \"\" %zu\n", dev->gpio_out.size());
    }
    for (const ObjectProperty *prop : object_properties(dev)) {
        std::string value;
        if (prop->child || prop->name == "realized" || prop->name == "type" || !prop->get) continue;
        if (!object_property_get(dev, prop->name.c_str(), &value, nullptr)) continue;
        bool quoted = prop->type == "str" || prop->type.starts_with("link<");
        const char *quote = quoted ? "\"" : "";
        *text += inner + prop->name + " = " + quote + value + quote + "\n";
    }
    std::string place = dev->parent_bus ? dev->parent_bus->child_address(dev) : "";
    for (size_t start = 0; start < place.size();) {
        size_t end = place.find('\n', start);
        *text += inner + place.substr(start, end - start + 1);
        start = end + 1;
    }
    for (BusState *bus : dev->child_bus) print_bus(text, bus, indent + 2);
}

static void print_bus(std::string *text, BusState *bus, int indent) {
    std::string pad(indent, ' ');
    *text += pad + "bus: " + bus->name + "\n";
    *text += pad + "  type " + object_get_typename(bus) + "\n";
    for (DeviceState *dev : bus->children) print_device(text, dev, indent + 2);
}

std::string qdev_info_qtree() {
    std::string text;
    print_bus(&text, sysbus_get_default(), 0);
    return text;
}
