// SPDX-License-Identifier: MIT
/* Types, classes and instances. See qom/object.h; properties and the tree are in property.cpp. */
#include "qom/object.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

#include <sys/sdt.h>

#include "qom/trace.h"

// --- types

struct TypeImpl {
    const TypeInfo *info;
    TypeImpl *parent = nullptr;   // resolved at first use
    ObjectClass *klass = nullptr; // made by type_initialize
};

// Reached through functions: a loadable module's constructor may be the first to ask.
static std::vector<TypeImpl *> &type_vector() {
    static auto *types = new std::vector<TypeImpl *>;
    return *types;
}

static std::unordered_map<std::string, TypeImpl *> &type_table() {
    static auto *table = new std::unordered_map<std::string, TypeImpl *>;
    return *table;
}

TypeImpl *type_register_static(const TypeInfo *info) {
    auto *type = new TypeImpl{ info };
    if (!type_table().emplace(info->name, type).second) {
        fprintf(stderr, "Registering `%s' which already exists\n", info->name);
        abort();
    }
    type_vector().push_back(type);
    DTRACE_PROBE1(vl, type_register, info->name);
    trace_type_register(info->name, info->parent);
    return type;
}

TypeImpl *type_get_by_name(const char *name) {
    auto it = type_table().find(name);
    return it == type_table().end() ? nullptr : it->second;
}

const std::vector<TypeImpl *> &type_list() { return type_vector(); }

const TypeInfo *type_info(const TypeImpl *type) { return type->info; }

bool type_is_initialized(const TypeImpl *type) { return type->klass != nullptr; }

TypeImpl *type_get_parent(TypeImpl *type) {
    if (!type->parent && type->info->parent) {
        type->parent = type_get_by_name(type->info->parent);
        if (!type->parent) {
            fprintf(stderr, "Type '%s' is missing its parent '%s'\n", type->info->name,
                    type->info->parent);
            abort();
        }
    }
    return type->parent;
}

bool type_is_ancestor(TypeImpl *type, TypeImpl *ancestor) {
    for (; type; type = type_get_parent(type)) {
        if (type == ancestor) return true;
    }
    return false;
}

// --- class initialisation

// The nearest class_new, the type's own or inherited: it copies what `parent` holds.
static ObjectClass *class_new(TypeImpl *type, const ObjectClass *parent) {
    for (TypeImpl *t = type; t; t = type_get_parent(t)) {
        if (t->info->class_new) return t->info->class_new(parent);
    }
    return new ObjectClass;
}

// class_base_init of every ancestor that has one, the nearest last.
static void call_class_base_init(TypeImpl *ancestor, TypeImpl *type) {
    if (!ancestor) return;
    call_class_base_init(type_get_parent(ancestor), type);
    if (ancestor->info->class_base_init) {
        ancestor->info->class_base_init(type->klass, type->info->class_data);
    }
}

void type_initialize(TypeImpl *type) {
    if (type->klass) return;
    TypeImpl *parent = type_get_parent(type);
    if (parent) type_initialize(parent);

    DTRACE_PROBE1(vl, type_initialize, type->info->name);
    TraceSpan span(trace_type_initialize, type->info->name);
    type->klass = class_new(type, parent ? parent->klass : nullptr);
    type->klass->type = type;
    type->klass->properties.clear();
    call_class_base_init(parent, type);
    if (type->info->class_init) type->info->class_init(type->klass, type->info->class_data);
}

// --- classes

ObjectClass *object_class_by_name(const char *name) {
    TypeImpl *type = type_get_by_name(name);
    if (!type) return nullptr;
    type_initialize(type);
    return type->klass;
}

const char *object_class_get_name(const ObjectClass *klass) { return klass->type->info->name; }

ObjectClass *object_class_get_parent(const ObjectClass *klass) {
    TypeImpl *parent = type_get_parent(klass->type);
    return parent ? parent->klass : nullptr;
}

bool object_class_is_abstract(const ObjectClass *klass) { return klass->type->info->abstract; }

bool object_class_is_a(const ObjectClass *klass, const char *type_name) {
    TypeImpl *ancestor = type_get_by_name(type_name);
    return ancestor && type_is_ancestor(klass->type, ancestor);
}

std::vector<ObjectClass *> object_class_get_list(const char *implements, bool include_abstract) {
    TypeImpl *ancestor = implements ? type_get_by_name(implements) : nullptr;
    std::vector<ObjectClass *> list;
    for (TypeImpl *type : type_vector()) {
        if (implements && !(ancestor && type_is_ancestor(type, ancestor))) continue;
        if (type->info->abstract && !include_abstract) continue;
        type_initialize(type);
        list.push_back(type->klass);
    }
    std::sort(list.begin(), list.end(), [](const ObjectClass *a, const ObjectClass *b) {
        return std::string(a->type->info->name) < b->type->info->name;
    });
    return list;
}

// --- instances

// Parent first, so that a child finds its parent's part ready.
static void call_instance_init(Object *obj, TypeImpl *type) {
    if (!type) return;
    call_instance_init(obj, type_get_parent(type));
    if (type->info->instance_init) type->info->instance_init(obj);
}

static void call_instance_post_init(Object *obj, TypeImpl *type) {
    for (; type; type = type_get_parent(type)) {
        if (type->info->instance_post_init) type->info->instance_post_init(obj);
    }
}

static TypeImpl *type_must_exist(const char *name) {
    TypeImpl *type = type_get_by_name(name);
    if (!type) {
        fprintf(stderr, "unknown type '%s'\n", name);
        abort();
    }
    return type;
}

void object_initialize(Object *obj, const char *type_name) {
    TypeImpl *type = type_must_exist(type_name);
    type_initialize(type);
    assert(!type->info->abstract);
    obj->klass = type->klass;
    call_instance_init(obj, type);
    call_instance_post_init(obj, type);
}

Object *object_new(const char *type_name) {
    TypeImpl *type = type_must_exist(type_name);
    while (type && !type->info->instance_new) type = type_get_parent(type);
    assert(type && "some ancestor makes the instance");
    Object *obj = type->info->instance_new();
    obj->on_heap = true;
    trace_object_new(type_name, obj);
    object_initialize(obj, type_name);
    return obj;
}

void object_ref(Object *obj) { obj->ref++; }

static void object_finalize(Object *obj) {
    trace_object_finalize(object_get_typename(obj), obj);
    while (!obj->properties.empty()) {
        ObjectProperty prop = std::move(obj->properties.back());
        obj->properties.pop_back();
        if (prop.child) {
            prop.child->parent = nullptr;
            object_unref(prop.child);
        }
    }
    for (TypeImpl *type = obj->klass->type; type; type = type_get_parent(type)) {
        if (type->info->instance_finalize) type->info->instance_finalize(obj);
    }
}

void object_unref(Object *obj) {
    assert(obj->ref > 0);
    if (--obj->ref > 0) return;
    object_finalize(obj);
    if (obj->on_heap) delete obj;
}

const char *object_get_typename(const Object *obj) { return obj->klass->type->info->name; }

bool object_is_a(const Object *obj, const char *type_name) {
    return object_class_is_a(obj->klass, type_name);
}

Object *object_dynamic_cast(Object *obj, const char *type_name) {
    return obj && object_is_a(obj, type_name) ? obj : nullptr;
}

Object *object_dynamic_cast_assert(Object *obj, const char *type_name) {
    if (obj && !object_is_a(obj, type_name)) {
        fprintf(stderr, "object %p of type '%s' is not an instance of '%s'\n",
                static_cast<void *>(obj), object_get_typename(obj), type_name);
        abort();
    }
    return obj;
}
