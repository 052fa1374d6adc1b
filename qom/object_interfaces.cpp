// SPDX-License-Identifier: MIT
/* -object and its kin. See qom/object_interfaces.h.
 * Missing: deleting an object that is in use, which QEMU does when the last user is gone */
#include "qom/object_interfaces.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "qom/qom-qmp-cmds.h"
#include "util/error.h"
#include "util/json.h"
#include "util/module.h"
#include "util/option.h"

static QemuOptsList qemu_object_opts = { .name = "object", .implied_opt_name = "qom-type" };

static void register_object_opts() { qemu_add_opts(&qemu_object_opts); }

opts_init(register_object_opts)

static Object *objects() { return container_get(object_get_root(), "/objects"); }

// --- what is asked for

static ObjectClass *find_class(const std::string &type) {
    ObjectClass *klass = object_class_by_name(type.c_str());
    bool ok =
        klass && object_class_is_a(klass, TYPE_USER_CREATABLE) && !object_class_is_abstract(klass);
    return ok ? klass : nullptr;
}

// The last duplicate wins.
static const QemuOpt *find_pair(const std::vector<QemuOpt> &pairs, const char *name) {
    auto it = std::find_if(pairs.rbegin(), pairs.rend(),
                           [name](const QemuOpt &pair) { return pair.name == name; });
    return it == pairs.rend() ? nullptr : &*it;
}

static bool is_property(const ObjectClass *klass, const std::string &name) {
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        if (prop->set && prop->name == name) return true;
    }
    return name == "qom-type" || name == "id";
}

// The first pair that the class knows nothing of, or nullptr.
static const QemuOpt *find_unknown(const ObjectClass *klass, const std::vector<QemuOpt> &pairs) {
    for (const QemuOpt &pair : pairs) {
        if (!is_property(klass, pair.name)) return &pair;
    }
    return nullptr;
}

static ObjectClass *take_class(const std::vector<QemuOpt> &pairs, Error **errp) {
    const QemuOpt *type = find_pair(pairs, "qom-type");
    ObjectClass *klass = type ? find_class(type->value) : nullptr;
    if (!type) {
        error_setg(errp, "Parameter 'qom-type' is missing");
    } else if (!klass) {
        error_setg(errp, "Parameter 'qom-type' does not accept value '%s'", type->value.c_str());
    }
    return klass;
}

// --- the option

// What the class, null if there is none, says of that property.
static ObjectProperty describe(const ObjectClass *klass, const std::string &name) {
    if (klass && name != "qom-type" && name != "id") {
        for (const ObjectProperty *prop : object_class_properties(klass)) {
            if (prop->name == name) return *prop;
        }
    }
    return { .name = name, .type = "string", .description = {}, .default_value = {} };
}

bool user_creatable_take_json(const nlohmann::json &object, std::vector<QemuOpt> *pairs,
                              Error **errp) {
    auto type = object.find("qom-type");
    bool named = type != object.end() && type->is_string();
    const ObjectClass *klass = named ? find_class(type->get<std::string>()) : nullptr;
    for (const auto &[name, value] : object.items()) {
        ObjectProperty prop = describe(klass, name);
        std::string text;
        bool known = !klass || is_property(klass, name); // else that is what will be told
        if (known && !qom_value_from_json(prop, value, &text, errp)) return false;
        pairs->push_back({ name, text });
    }
    return true;
}

static QemuOpts *parse_json(const char *text, Error **errp) {
    nlohmann::json object;
    std::vector<QemuOpt> pairs;
    if (!qobject_from_json(text, &object, errp) ||
        !user_creatable_take_json(object, &pairs, errp)) {
        return nullptr;
    }
    const QemuOpt *id = find_pair(pairs, "id");
    QemuOpts *opts = qemu_opts_create(&qemu_object_opts, id ? id->value : "", true, errp);
    if (!opts) return nullptr;
    std::erase_if(pairs, [](const QemuOpt &pair) { return pair.name == "id"; });
    opts->opts = std::move(pairs);
    return opts;
}

QemuOpts *user_creatable_parse(const char *text, Error **errp) {
    if (*text == '{') return parse_json(text, errp);
    return qemu_opts_parse(&qemu_object_opts, text, true, errp);
}

bool user_creatable_add_opts(const QemuOpts *opts, Error **errp) {
    std::vector<QemuOpt> pairs = opts->opts;
    if (!opts->id.empty()) pairs.push_back({ "id", opts->id });
    const ObjectClass *klass = take_class(pairs, errp);
    if (!klass) return false;
    // the words of an option group
    if (const QemuOpt *unknown = find_unknown(klass, pairs)) {
        error_setg(errp, "Invalid parameter '%s'", unknown->name.c_str());
        return false;
    }
    return user_creatable_add(pairs, errp);
}

// --- help

static std::string types_help() {
    std::string text = "List of user creatable objects:\n";
    for (const ObjectClass *klass : object_class_get_list(TYPE_USER_CREATABLE, false)) {
        text += std::string("  ") + object_class_get_name(klass) + "\n";
    }
    return text;
}

static std::string properties_help(const ObjectClass *klass) {
    std::vector<std::string> lines;
    for (const ObjectProperty *prop : object_class_properties(klass)) {
        if (!prop->set) continue;
        std::string line = "  " + prop->name + "=<" + prop->type + ">";
        if (!prop->description.empty()) line += " - " + prop->description;
        lines.push_back(line + "\n");
    }
    std::string name = object_class_get_name(klass);
    if (lines.empty()) return "There are no options for " + name + ".\n";
    std::sort(lines.begin(), lines.end());
    std::string text = name + " options:\n";
    for (const std::string &line : lines) text += line;
    return text;
}

std::string user_creatable_help(const std::vector<QemuOpt> &pairs) {
    const QemuOpt *type = find_pair(pairs, "qom-type");
    if (!type) return "";
    if (is_help_option(type->value)) return types_help();
    const ObjectClass *klass = find_class(type->value);
    bool asked = std::any_of(pairs.begin(), pairs.end(),
                             [](const QemuOpt &pair) { return is_help_option(pair.name); });
    return klass && asked ? properties_help(klass) : "";
}

// --- making one

static bool set_properties(Object *obj, const std::vector<QemuOpt> &pairs, Error **errp) {
    for (const QemuOpt &pair : pairs) {
        if (pair.name == "qom-type" || pair.name == "id") continue;
        if (!object_property_set(obj, pair.name.c_str(), pair.value, errp)) return false;
    }
    return true;
}

static bool id_is_good(const std::string &id, Error **errp) {
    if (!id_check(id, errp)) return false;
    if (!object_property_find(objects(), id.c_str())) return true;
    error_setg(errp, "attempt to add duplicate property '%s' to object (type 'container')",
               id.c_str());
    return false;
}

[[gnu::noinline]] bool user_creatable_add(const std::vector<QemuOpt> &pairs, Error **errp) {
    const ObjectClass *klass = take_class(pairs, errp);
    if (!klass) return false;
    const QemuOpt *id = find_pair(pairs, "id"), *unknown = find_unknown(klass, pairs);
    if (!id || unknown) {
        if (!id) error_setg(errp, "Parameter 'id' is missing");
        if (id) error_setg(errp, "Parameter '%s' is unexpected", unknown->name.c_str());
        return false;
    }
    if (!id_is_good(id->value, errp)) return false;
    auto *obj = static_cast<UserCreatable *>(object_new(object_class_get_name(klass)));
    object_property_add_child(objects(), id->value.c_str(), obj);
    bool ok = set_properties(obj, pairs, errp) && obj->complete(errp);
    if (!ok) object_unparent(obj);
    object_unref(obj); // the tree has its own reference
    return ok;
}

// --- the end of one

[[gnu::noinline]] bool user_creatable_del(const std::string &id, Error **errp) {
    Object *obj = object_resolve_path(("/objects/" + id).c_str());
    if (id.empty() || !object_dynamic_cast(obj, TYPE_USER_CREATABLE)) {
        error_setg(errp, "object '%s' not found", id.c_str());
        return false;
    }
    if (static_cast<UserCreatable *>(obj)->in_use()) {
        error_setg(errp, "object '%s' is in use, can not be deleted", id.c_str());
        return false;
    }
    object_unparent(obj);
    return true;
}

void user_creatable_cleanup() { object_unparent(objects()); }

// --- who is told of one

bool user_creatable_find(const std::string &path, const char *type_name, const char *property,
                         UserCreatable **result, Error **errp) {
    Object *obj = path.empty() ? nullptr : object_resolve_path(path.c_str());
    if (!obj && !path.empty()) {
        error_setg(errp, "Device '%s' not found", path.c_str());
        return false;
    }
    if (obj && !object_is_a(obj, type_name)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s", property, type_name);
        return false;
    }
    *result = static_cast<UserCreatable *>(obj);
    return true;
}

static const TypeInfo user_creatable_info = {
    .name = TYPE_USER_CREATABLE,
    .parent = TYPE_OBJECT,
    .abstract = true,
};

static void user_creatable_register_types() { type_register_static(&user_creatable_info); }

type_init(user_creatable_register_types)
