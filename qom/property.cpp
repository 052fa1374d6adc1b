// SPDX-License-Identifier: MIT
/* Properties of objects and classes, and the composition tree, which is made of them. */
#include <cassert>
#include <algorithm>

#include "qom/object.h"

#include "qom/trace.h"
#include "util/error.h"
#include "util/module.h"

// --- properties

void object_class_property_add(ObjectClass *klass, ObjectProperty prop) {
    klass->properties.push_back(std::move(prop));
}

std::vector<const ObjectProperty *> object_class_properties(const ObjectClass *klass) {
    std::vector<const ObjectProperty *> all;
    if (const ObjectClass *parent = object_class_get_parent(klass)) {
        all = object_class_properties(parent);
    }
    for (const ObjectProperty &prop : klass->properties) all.push_back(&prop);
    return all;
}

std::vector<const ObjectProperty *> object_properties(const Object *obj) {
    std::vector<const ObjectProperty *> all = object_class_properties(obj->klass);
    for (const ObjectProperty &prop : obj->properties) all.push_back(&prop);
    return all;
}

const ObjectProperty *object_property_find(const Object *obj, const char *name) {
    for (const ObjectProperty &prop : obj->properties) {
        if (prop.name == name) return &prop;
    }
    for (const ObjectClass *k = obj->klass; k; k = object_class_get_parent(k)) {
        for (const ObjectProperty &prop : k->properties) {
            if (prop.name == name) return &prop;
        }
    }
    return nullptr;
}

// "virtio[*]" -> "virtio[0]", or the first number that is free.
static std::string first_free_name(const Object *obj, const std::string &name) {
    static const std::string star = "[*]";
    if (!name.ends_with(star)) return name;
    std::string base = name.substr(0, name.size() - star.size());
    for (int i = 0;; i++) {
        std::string candidate = base + "[" + std::to_string(i) + "]";
        if (!object_property_find(obj, candidate.c_str())) return candidate;
    }
}

ObjectProperty *object_property_add(Object *obj, ObjectProperty prop) {
    prop.name = first_free_name(obj, prop.name);
    assert(!object_property_find(obj, prop.name.c_str()) && "a property's name is unique");
    obj->properties.push_back(std::move(prop));
    return &obj->properties.back();
}

static const ObjectProperty *find_or_error(const Object *obj, const char *name, Error **errp) {
    const ObjectProperty *prop = object_property_find(obj, name);
    if (!prop) error_setg(errp, "Property '%s.%s' not found", object_get_typename(obj), name);
    return prop;
}

bool object_property_get(Object *obj, const char *name, std::string *value, Error **errp) {
    const ObjectProperty *prop = find_or_error(obj, name, errp);
    if (!prop) return false;
    if (!prop->get) {
        error_setg(errp, "Property '%s.%s' is not readable", object_get_typename(obj), name);
        return false;
    }
    return prop->get(obj, *prop, value, errp);
}

bool object_property_set(Object *obj, const char *name, const std::string &value, Error **errp) {
    const ObjectProperty *prop = find_or_error(obj, name, errp);
    if (!prop) return false;
    if (!prop->set) {
        error_setg(errp, "Property '%s.%s' is not writable", object_get_typename(obj), name);
        return false;
    }
    trace_object_property_set(object_get_typename(obj), name, value.c_str());
    return prop->set(obj, *prop, value, errp);
}

void object_property_set_assert(Object *obj, const char *name, const std::string &value) {
    (void)object_property_set(obj, name, value, &error_abort);
}

// --- children

static bool child_get(Object *, const ObjectProperty &prop, std::string *value, Error **) {
    *value = object_get_canonical_path(prop.child);
    return true;
}

void object_property_add_child(Object *obj, const char *name, Object *child) {
    assert(!child->parent && "an object has one parent");
    object_ref(child);
    child->parent = obj;
    object_property_add(obj, { .name = name,
                               .type = std::string("child<") + object_get_typename(child) + ">",
                               .description = {},
                               .default_value = {},
                               .get = child_get,
                               .child = child });
}

void object_unparent(Object *obj) {
    Object *parent = obj->parent;
    if (!parent) return;
    std::erase_if(parent->properties,
                  [obj](const ObjectProperty &prop) { return prop.child == obj; });
    obj->parent = nullptr;
    object_unref(obj);
}

bool object_child_foreach(Object *obj, bool (*fn)(Object *child, void *opaque), void *opaque) {
    for (const ObjectProperty &prop : obj->properties) {
        if (prop.child && !fn(prop.child, opaque)) return false;
    }
    return true;
}

// --- links

static bool link_get(Object *, const ObjectProperty &prop, std::string *value, Error **) {
    *value = *prop.link ? object_get_canonical_path(*prop.link) : "";
    return true;
}

static bool link_set(Object *, const ObjectProperty &prop, const std::string &value, Error **errp) {
    auto *target_type = static_cast<const char *>(prop.opaque);
    Object *target = value.empty() ? nullptr : object_resolve_path(value.c_str());
    if (!target && !value.empty()) {
        error_setg(errp, "Device '%s' not found", value.c_str());
        return false;
    }
    if (target && !object_is_a(target, target_type)) {
        error_setg(errp, "Invalid parameter type for '%s', expected: %s", prop.name.c_str(),
                   target_type);
        return false;
    }
    *prop.link = target;
    return true;
}

void object_property_add_link(Object *obj, const char *name, const char *target_type,
                              Object **target, const char *description) {
    object_property_add(obj, { .name = name,
                               .type = std::string("link<") + target_type + ">",
                               .description = description ? description : "",
                               .default_value = {},
                               .get = link_get,
                               .set = link_set,
                               .opaque = target_type,
                               .link = target });
}

// --- the tree

Object *object_get_root() {
    static Object *root = object_new(TYPE_CONTAINER);
    return root;
}

std::string object_get_canonical_path_component(const Object *obj) {
    if (!obj->parent) return {};
    for (const ObjectProperty &prop : obj->parent->properties) {
        if (prop.child == obj) return prop.name;
    }
    return {};
}

std::string object_get_canonical_path(const Object *obj) {
    if (obj == object_get_root()) return "/";
    if (!obj->parent) return {};
    std::string above = object_get_canonical_path(obj->parent);
    if (above != "/") above += "/";
    return above + object_get_canonical_path_component(obj);
}

static Object *child_by_name(const Object *obj, const std::string &name) {
    for (const ObjectProperty &prop : obj->properties) {
        if (prop.child && prop.name == name) return prop.child;
    }
    return nullptr;
}

static std::vector<std::string> split_path(const std::string &path) {
    std::vector<std::string> parts;
    for (size_t start = 0; start < path.size();) {
        size_t end = std::min(path.find('/', start), path.size());
        if (end > start) parts.push_back(path.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

Object *container_get(Object *root, const char *path) {
    Object *obj = root;
    for (const std::string &part : split_path(path)) {
        Object *next = child_by_name(obj, part);
        if (!next) {
            next = object_new(TYPE_CONTAINER);
            object_property_add_child(obj, part.c_str(), next);
            object_unref(next);
        }
        obj = next;
    }
    return obj;
}

static Object *resolve_below(Object *obj, const std::vector<std::string> &parts) {
    for (const std::string &part : parts) {
        obj = obj ? child_by_name(obj, part) : nullptr;
    }
    return obj;
}

struct PartialSearch {
    const std::vector<std::string> *parts;
    const char *type_name;
    std::vector<Object *> found;
};

static bool search_partial(Object *obj, void *opaque) {
    auto *search = static_cast<PartialSearch *>(opaque);
    Object *hit = resolve_below(obj, *search->parts);
    if (hit && object_is_a(hit, search->type_name)) search->found.push_back(hit);
    return object_child_foreach(obj, search_partial, opaque);
}

Object *object_resolve_path_type(const char *path, const char *type_name) {
    std::vector<std::string> parts = split_path(path);
    if (*path == '/') {
        Object *obj = resolve_below(object_get_root(), parts);
        return object_dynamic_cast(obj, type_name);
    }
    if (parts.empty()) return nullptr;
    PartialSearch search{ &parts, type_name, {} };
    search_partial(object_get_root(), &search);
    return search.found.size() == 1 ? search.found[0] : nullptr;
}

Object *object_resolve_path(const char *path) {
    return object_resolve_path_type(path, TYPE_OBJECT);
}

// --- the root types

static bool type_property_get(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = object_get_typename(obj);
    return true;
}

static void object_class_init(ObjectClass *klass, const void *) {
    object_class_property_add(klass, { .name = "type",
                                       .type = "string",
                                       .description = {},
                                       .default_value = {},
                                       .get = type_property_get });
}

static const TypeInfo object_info = {
    .name = TYPE_OBJECT,
    .parent = nullptr,
    .abstract = true,
    .class_init = object_class_init,
};

static const TypeInfo container_info = {
    .name = TYPE_CONTAINER,
    .parent = TYPE_OBJECT,
    .instance_new = object_instance_new<Object>,
};

static void register_types() {
    type_register_static(&object_info);
    type_register_static(&container_info);
}

type_init(register_types)
