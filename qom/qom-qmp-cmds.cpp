// SPDX-License-Identifier: MIT
/* QMP's commands about types, objects and properties, one row each. See qom/qom-qmp-cmds.h.
 *
 * In gdb: b qom_qmp::list (and so on) */
#include "qom/qom-qmp-cmds.h"

#include <nlohmann/json.hpp>

#include "qom/object_interfaces.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "util/qmp.h"

using nlohmann::json;

// --- values: text inside, JSON outside

static bool is_number(const std::string &type) {
    return type == "size" || type == "int" || type.starts_with("uint") || type.starts_with("int");
}

static json value_to_json(const ObjectProperty &prop, const std::string &text) {
    const std::string &type = prop.type;
    if (prop.is_struct) return json::parse(text);
    if (type == "bool") return text == "true" || text == "on";
    if (is_number(type)) {
        json number = json::parse(text, nullptr, /*allow_exceptions=*/false);
        if (number.is_number()) return number;
    }
    return text;
}

// What the property takes that the value is not; nullptr: it is.
static const char *expected(const ObjectProperty &prop, const json &value) {
    const std::string &type = prop.type;
    if (prop.is_struct) return value.is_object() ? nullptr : "object";
    if (type == "bool") return value.is_boolean() ? nullptr : "boolean";
    if (is_number(type)) return value.is_number_integer() ? nullptr : "integer";
    return value.is_string() ? nullptr : "string";
}

static std::string text_of(const json &value) {
    if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

bool qom_value_from_json(const ObjectProperty &prop, const json &value, std::string *text,
                         Error **errp) {
    if (const char *type = expected(prop, value)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s", prop.name.c_str(), type);
        return false;
    }
    *text = text_of(value);
    return true;
}

Object *qom_find(const std::string &path, Error **errp) {
    Object *obj = object_resolve_path(path.c_str());
    if (!obj) {
        error_setg(errp, "Device '%s' not found", path.c_str());
        error_set_class(errp, ERROR_CLASS_DEVICE_NOT_FOUND);
    }
    return obj;
}

bool qom_get(const std::string &path, const std::string &property, json *value, Error **errp) {
    Object *obj = qom_find(path, errp);
    std::string text;
    if (!obj || !object_property_get(obj, property.c_str(), &text, errp)) return false;
    *value = value_to_json(*object_property_find(obj, property.c_str()), text);
    return true;
}

json qom_property_info(const ObjectProperty &prop) {
    json info = { { "name", prop.name }, { "type", prop.type } };
    if (!prop.description.empty()) info["description"] = prop.description;
    if (!prop.default_value.empty())
        info["default-value"] = value_to_json(prop, prop.default_value);
    return info;
}

namespace qom_qmp {

// --- objects

static bool get(const json &args, json *ret, Error **errp) {
    return qom_get(args["path"], args["property"], ret, errp);
}

static bool set(const json &args, json *, Error **errp) {
    Object *obj = qom_find(args["path"], errp);
    if (!obj) return false;
    auto name = args["property"].get<std::string>();
    const ObjectProperty *prop = object_property_find(obj, name.c_str());
    std::string text;
    if (prop && prop->set && !qom_value_from_json(*prop, args["value"], &text, errp)) return false;
    return object_property_set(obj, name.c_str(), text, errp);
}

static bool list(const json &args, json *ret, Error **errp) {
    Object *obj = qom_find(args["path"], errp);
    if (!obj) return false;
    *ret = json::array();
    for (const ObjectProperty *prop : object_properties(obj)) {
        ret->push_back({ { "name", prop->name }, { "type", prop->type } });
    }
    return true;
}

// --- objects of the user's

static bool object_add(const json &args, json *, Error **errp) {
    std::vector<QemuOpt> pairs;
    return user_creatable_take_json(args, &pairs, errp) && user_creatable_add(pairs, errp);
}

static bool object_del(const json &args, json *, Error **errp) {
    return user_creatable_del(args["id"], errp);
}

// --- types

static bool list_types(const json &args, json *ret, Error **) {
    auto implements = args.value("implements", "");
    bool abstract = args.value("abstract", false);
    *ret = json::array();
    const char *ancestor = implements.empty() ? nullptr : implements.c_str();
    for (const ObjectClass *klass : object_class_get_list(ancestor, abstract)) {
        json info = { { "name", object_class_get_name(klass) } };
        if (object_class_is_abstract(klass)) info["abstract"] = true;
        if (const ObjectClass *parent = object_class_get_parent(klass))
            info["parent"] = object_class_get_name(parent);
        ret->push_back(info);
    }
    return true;
}

static ObjectClass *find_class(const json &args, Error **errp) {
    auto name = args["typename"].get<std::string>();
    ObjectClass *klass = object_class_by_name(name.c_str());
    if (!klass) {
        error_setg(errp, "Class '%s' not found", name.c_str());
        error_set_class(errp, ERROR_CLASS_DEVICE_NOT_FOUND);
    }
    return klass;
}

static bool list_properties(const json &args, json *ret, Error **errp) {
    const ObjectClass *klass = find_class(args, errp);
    if (!klass) return false;
    *ret = json::array();
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        ret->push_back(qom_property_info(*prop));
    }
    return true;
}

// clang-format off
static const QMPCommand rows[] = {
    { "qom-list",            "path:str", list },
    { "qom-get",             "path:str property:str", get },
    { "qom-set",             "path:str property:str value:any", set },
    { "object-add",          "qom-type:str id:str ...", object_add },
    { "object-del",          "id:str", object_del },
    { "qom-list-types",      "*implements:str *abstract:bool", list_types },
    { "qom-list-properties", "typename:str", list_properties },
};
// clang-format on

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qom_qmp
