// SPDX-License-Identifier: MIT
/* QMP's commands about machines and devices, one row each.
 *
 * In gdb: b machine_qmp::add_device (and so on) */
#include <nlohmann/json.hpp>

#include "hw/core/boards.h"
#include "hw/core/cpu.h"
#include "qom/qom-qmp-cmds.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "util/json.h"
#include "util/qmp.h"

namespace machine_qmp {

using nlohmann::json;

// The type that -cpu MODEL stands for.
static std::string cpu_type(const std::string &model) {
    for (const ObjectClass *klass : object_class_get_list(TYPE_CPU, false)) {
        std::string name = object_class_get_name(klass);
        if (name.starts_with(model + "-")) return name;
    }
    return model;
}

static bool query_machines(const json &, json *ret, Error **) {
    *ret = json::array();
    for (ObjectClass *klass : object_class_get_list(TYPE_MACHINE, false)) {
        auto *mc = object_class_cast<MachineClass>(klass);
        json info = { { "name", mc->name },
                      { "cpu-max", mc->max_cpus },
                      { "hotpluggable-cpus", false },
                      { "numa-mem-supported", false },
                      { "deprecated", false } };
        if (mc->alias) info["alias"] = mc->alias;
        if (mc->is_default) info["is-default"] = true;
        if (mc->default_cpu_type) info["default-cpu-type"] = cpu_type(mc->default_cpu_type);
        ret->push_back(info);
    }
    return true;
}

// What -device takes behind the type's name.
static bool list_properties(const json &args, json *ret, Error **errp) {
    auto name = args["typename"].get<std::string>();
    ObjectClass *klass = object_class_by_name(name.c_str());
    if (!klass) {
        error_setg(errp, "Device '%s' not found", name.c_str());
        error_set_class(errp, ERROR_CLASS_DEVICE_NOT_FOUND);
        return false;
    }
    if (!object_class_is_a(klass, TYPE_DEVICE) || object_class_is_abstract(klass)) {
        error_setg(errp, "Parameter 'typename' expects a non-abstract device type");
        return false;
    }
    *ret = json::array();
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        if (prop->set && prop->name != "realized") ret->push_back(qom_property_info(*prop));
    }
    return true;
}

// --- device_add

static bool add_device(const json &args, json *, Error **errp) {
    std::vector<QemuOpt> pairs;
    for (const auto &[name, value] : qobject_flatten(args)) pairs.push_back({ name, value });
    return qmp_device_add(pairs, errp);
}

static bool delete_device(const json &args, json *, Error **errp) {
    return qmp_device_del(args["id"].get<std::string>(), errp);
}

// clang-format off
static const QMPCommand rows[] = {
    { "query-machines",         "", query_machines },
    { "device-list-properties", "typename:str", list_properties },
    { "device_add",             "driver:str *bus:str *id:str ...", add_device },
    { "device_del",             "id:str", delete_device },
};
// clang-format on

static const QMPEvent events[] = { { "DEVICE_DELETED", "*device:str path:str" } };

static void register_commands() {
    qmp_register_commands(rows, std::size(rows));
    qmp_register_events(events, std::size(events));
}

qapi_init(register_commands)

} // namespace machine_qmp
