// SPDX-License-Identifier: MIT
/* The monitor's commands about objects, types and devices, one row each; and both trees as graphs.
 *
 * `-dot` is for graphviz ("dot -Tsvg"), `-json` for programs: {"name", "type", "children"} and
 * {"name", "parent", "abstract", "initialized"}.
 *
 * In gdb: b hmp_qom::info_qom_tree */
#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "hw/core/qdev.h"
#include "qom/object_interfaces.h"
#include "qom/qom-qmp-cmds.h"
#include "util/error.h"
#include "util/json.h"
#include "util/module.h"
#include "util/option.h"
#include "vl/monitor.h"

namespace hmp_qom {

using nlohmann::json;

// --- properties

static void qom_list(Monitor *mon, const HMPArgs &args) {
    if (!args.has("path")) return mon->print("/\n");
    Error *err = nullptr;
    if (Object *obj = qom_find(args.str("path"), &err)) {
        for (const ObjectProperty *prop : object_properties(obj))
            mon->print(prop->name + " (" + prop->type + ")\n");
    }
    hmp_handle_error(mon, err);
}

static void qom_get_command(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    json value;
    if (qom_get(args.str("path"), args.str("property"), &value, &err))
        mon->print(qobject_to_json(value, /*pretty=*/true) + "\n");
    hmp_handle_error(mon, err);
}

static void qom_set(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    Object *obj = qom_find(args.str("path"), &err);
    if (obj) (void)object_property_set(obj, args.str("property").c_str(), args.str("value"), &err);
    hmp_handle_error(mon, err);
}

// --- the composition tree

static std::vector<Object *> children_of(const Object *obj) {
    std::vector<const ObjectProperty *> props;
    for (const ObjectProperty &prop : obj->properties) {
        if (prop.child) props.push_back(&prop);
    }
    std::sort(props.begin(), props.end(), [](auto *a, auto *b) { return a->name < b->name; });
    std::vector<Object *> children;
    for (const ObjectProperty *prop : props) children.push_back(prop->child);
    return children;
}

static void print_tree(Monitor *mon, const Object *obj, int indent) {
    std::string name = object_get_canonical_path_component(obj);
    mon->print(format_string("%*s/%s (%s)\n", indent, "", name.c_str(), object_get_typename(obj)));
    for (const Object *child : children_of(obj)) print_tree(mon, child, indent + 2);
}

static json tree_json(const Object *obj) {
    json children = json::array();
    for (const Object *child : children_of(obj)) children.push_back(tree_json(child));
    return { { "name", object_get_canonical_path_component(obj) },
             { "type", object_get_typename(obj) },
             { "children", children } };
}

// A name in quotes, which graphviz reads as JSON does.
static std::string dot_name(const std::string &text) { return json(text).dump(); }

static void print_tree_dot(Monitor *mon, const Object *obj) {
    std::string path = object_get_canonical_path(obj);
    std::string label = "/" + object_get_canonical_path_component(obj) + "\n";
    mon->print("  " + dot_name(path) + " [label=" + dot_name(label + object_get_typename(obj)) +
               "];\n");
    for (const Object *child : children_of(obj)) {
        mon->print("  " + dot_name(path) + " -> " + dot_name(object_get_canonical_path(child)) +
                   ";\n");
        print_tree_dot(mon, child);
    }
}

static constexpr const char *DOT_START = "digraph %s {\n  rankdir=LR;\n  node [shape=box];\n";

[[gnu::noinline]] static void info_qom_tree(Monitor *mon, const HMPArgs &args) {
    std::string path = args.has("path") ? args.str("path") : "/machine";
    const Object *obj = object_resolve_path(path.c_str());
    if (!obj) {
        error_report("Path '%s' could not be resolved.", path.c_str());
    } else if (args.has("json")) {
        mon->print(qobject_to_json(tree_json(obj), /*pretty=*/true) + "\n");
    } else if (args.has("dot")) {
        mon->print(format_string(DOT_START, "objects"));
        print_tree_dot(mon, obj);
        mon->print("}\n");
    } else {
        print_tree(mon, obj, 0);
    }
}

// --- the types

static const char *parent_name(TypeImpl *type) {
    TypeImpl *parent = type_get_parent(type);
    return parent ? type_info(parent)->name : nullptr;
}

static std::vector<TypeImpl *> types_by_name() {
    std::vector<TypeImpl *> types = type_list();
    std::sort(types.begin(), types.end(), [](TypeImpl *a, TypeImpl *b) {
        return std::string(type_info(a)->name) < type_info(b)->name;
    });
    return types;
}

static void print_types(Monitor *mon, const std::vector<TypeImpl *> &types, TypeImpl *parent,
                        int indent) {
    for (TypeImpl *type : types) {
        if (type_get_parent(type) != parent) continue;
        mon->print(format_string("%*s%s%s%s\n", indent, "", type_info(type)->name,
                                 type_info(type)->abstract ? " (abstract)" : "",
                                 type_is_initialized(type) ? "" : " (not initialized)"));
        print_types(mon, types, type, indent + 2);
    }
}

static json types_json(const std::vector<TypeImpl *> &types) {
    json all = json::array();
    for (TypeImpl *type : types) {
        json row = { { "name", type_info(type)->name },
                     { "abstract", type_info(type)->abstract },
                     { "initialized", type_is_initialized(type) } };
        if (const char *parent = parent_name(type)) row["parent"] = parent;
        all.push_back(row);
    }
    return all;
}

static void print_types_dot(Monitor *mon, const std::vector<TypeImpl *> &types) {
    mon->print(format_string(DOT_START, "types"));
    for (TypeImpl *type : types) {
        const char *style = type_is_initialized(type) ? "" : " [style=dashed]";
        mon->print("  " + dot_name(type_info(type)->name) + style + ";\n");
        if (const char *parent = parent_name(type))
            mon->print("  " + dot_name(parent) + " -> " + dot_name(type_info(type)->name) + ";\n");
    }
    mon->print("}\n");
}

static void info_types(Monitor *mon, const HMPArgs &args) {
    std::vector<TypeImpl *> types = types_by_name();
    if (args.has("json"))
        mon->print(qobject_to_json(types_json(types), /*pretty=*/true) + "\n");
    else if (args.has("dot"))
        print_types_dot(mon, types);
    else
        print_types(mon, types, nullptr, 0);
}

// --- objects and devices

static void object_add(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    std::vector<QemuOpt> pairs;
    std::string help;
    if (opts_parse_pairs(args.str("object"), "qom-type", &pairs, &err)) {
        help = user_creatable_help(pairs);
        if (help.empty()) (void)user_creatable_add(pairs, &err);
    }
    mon->print(help);
    hmp_handle_error(mon, err);
}

static void object_del(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    (void)user_creatable_del(args.str("id"), &err);
    hmp_handle_error(mon, err);
}

static void device_add(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    std::vector<QemuOpt> pairs;
    if (opts_parse_pairs(args.str("device"), "driver", &pairs, &err))
        (void)qmp_device_add(pairs, &err);
    hmp_handle_error(mon, err);
}

static void device_del(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    (void)qmp_device_del(args.str("id"), &err);
    hmp_handle_error(mon, err);
}

// clang-format off
static const HMPCommand rows[] = {
    { "qom-list",      qom_list,        "path:P?",           "path", "list QOM properties" },
    { "qom-get",       qom_get_command, "path:P,property:p", "path property",
      "print QOM property" },
    { "qom-set",       qom_set,         "path:P,property:p,value:s", "path property value",
      "set QOM property" },
    { "info qom-tree", info_qom_tree,   "dot:-dot,json:-json,path:P?", "[-dot|-json] [path]",
      "show QOM composition tree" },
    { "info types",    info_types,      "dot:-dot,json:-json", "[-dot|-json]",
      "show QOM types, and which have been used" },
    { "object_add",    object_add,      "object:U",          "qom-type=type,id=id[,prop=value]...",
      "create QOM object, like -object on the command line" },
    { "object_del",    object_del,      "id:N",              "id",     "destroy QOM object" },
    { "device_add",    device_add,      "device:O?",         "driver[,prop=value][,...]",
      "add device, like -device on the command line" },
    { "device_del",    device_del,      "id:D",              "device", "remove device" },
};
// clang-format on

static void register_qom_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_qom_commands)

} // namespace hmp_qom
