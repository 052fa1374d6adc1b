// SPDX-License-Identifier: MIT
/* QOM, the object model: types by name, lazy classes, instances, properties, one tree of objects.
 *
 * A type is registered as a row (TypeInfo) that names its parent; nothing is looked up then. Its
 * class object is made when the type is first used (type_initialize: the parent's class first,
 * copied, then class_base_init of the ancestors, then the type's own class_init). An instance is a
 * C++ object; its constructors run first, then instance_init from parent to child, then
 * instance_post_init from child to parent.
 *
 * Invariants: a type's name is unique; a class, once made, lives until the process ends; an object
 * has at most one parent, and its parent holds a reference to it. All of it under the big lock.
 *
 * In gdb: b type_initialize     b object_new     p *obj->klass->type */
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct Error;
struct Object;
struct ObjectClass;
struct TypeImpl;

#define TYPE_OBJECT    "object"
#define TYPE_CONTAINER "container"

// The row a type is registered with. All pointers stay the caller's and must outlive the process.
struct TypeInfo {
    const char *name;
    const char *parent;
    // Makes a bare C++ instance; null: as the parent does (or abstract).
    Object *(*instance_new)() = nullptr;
    void (*instance_init)(Object *obj) = nullptr;
    void (*instance_post_init)(Object *obj) = nullptr;
    void (*instance_finalize)(Object *obj) = nullptr;
    bool abstract = false;
    // Makes the class object as a copy of the parent's; null: as the parent does.
    ObjectClass *(*class_new)(const ObjectClass *parent) = nullptr;
    // Runs for the type itself and for every descendant, before their class_init.
    void (*class_base_init)(ObjectClass *klass, const void *data) = nullptr;
    void (*class_init)(ObjectClass *klass, const void *data) = nullptr;
    const void *class_data = nullptr;
};

struct ObjectProperty;

using ObjectPropertyGet = bool (*)(Object *obj, const ObjectProperty &prop, std::string *value,
                                   Error **errp);
using ObjectPropertySet = bool (*)(Object *obj, const ObjectProperty &prop,
                                   const std::string &value, Error **errp);

// A named value of an object or of every object of a class. Values travel as text, in the form
// the command line has them; `type` ("bool", "uint32", "size", "str", "link<T>", "child<T>", ...)
// says how to read it.
struct ObjectProperty {
    std::string name;
    std::string type;
    std::string description;
    std::string default_value; // as help prints it; empty: none
    ObjectPropertyGet get = nullptr;
    ObjectPropertySet set = nullptr; // null: read-only
    const void *opaque = nullptr;    // what get and set need to know
    Object *child = nullptr;         // of a child<T>
    Object **link = nullptr;         // of a link<T>: the pointer
    bool is_struct = false;          // its text is a JSON object
};

struct ObjectClass {
    TypeImpl *type = nullptr;
    std::vector<ObjectProperty> properties; // the class's own, without its ancestors'

    ObjectClass() = default;
    ObjectClass(const ObjectClass &) = default;
    ObjectClass &operator=(const ObjectClass &) = default;
    virtual ~ObjectClass() = default;
};

struct Object {
    ObjectClass *klass = nullptr;
    Object *parent = nullptr;
    uint32_t ref = 1;
    bool on_heap = false; // made by object_new: the last unref deletes it
    std::vector<ObjectProperty> properties;

    Object() = default;
    virtual ~Object() = default;
    Object(const Object &) = delete;
    Object &operator=(const Object &) = delete;
};

template <typename S>
Object *object_instance_new() {
    return new S;
}

// A class object of C++ type C whose inherited fields are the parent's. C names the class it
// derives from as C::Parent.
template <typename C>
ObjectClass *object_class_new(const ObjectClass *parent) {
    if (auto *same = dynamic_cast<const C *>(parent)) return new C(*same);
    auto *klass = new C;
    if (auto *base = dynamic_cast<const typename C::Parent *>(parent)) {
        static_cast<typename C::Parent &>(*klass) = *base;
    }
    return klass;
}

// --- types

// Registers a type. Its name must be new: a second one of the same name prints
// "Registering `X' which already exists" and aborts.
TypeImpl *type_register_static(const TypeInfo *info);
// The type of that name, or nullptr. Its class may not exist yet.
TypeImpl *type_get_by_name(const char *name);
// Makes the type's class, and its ancestors' before it. Does nothing the second time.
void type_initialize(TypeImpl *type);
const TypeInfo *type_info(const TypeImpl *type);
bool type_is_initialized(const TypeImpl *type);
// Every registered type in order of registration, initialised or not.
const std::vector<TypeImpl *> &type_list();
// Its parent's type, or nullptr for a root.
TypeImpl *type_get_parent(TypeImpl *type);
bool type_is_ancestor(TypeImpl *type, TypeImpl *ancestor);

// --- classes

// The class of that name, initialised; nullptr if there is no such type.
ObjectClass *object_class_by_name(const char *name);
const char *object_class_get_name(const ObjectClass *klass);
ObjectClass *object_class_get_parent(const ObjectClass *klass);
bool object_class_is_abstract(const ObjectClass *klass);
bool object_class_is_a(const ObjectClass *klass, const char *type_name);
// Every class that is a `implements` (nullptr: all), sorted by name; initialises all it walks.
std::vector<ObjectClass *> object_class_get_list(const char *implements, bool include_abstract);
void object_class_property_add(ObjectClass *klass, ObjectProperty prop);
// Every property of the class, its ancestors' first.
std::vector<const ObjectProperty *> object_class_properties(const ObjectClass *klass);

// The class object as its C++ type. The caller knows that it is one.
template <typename C>
C *object_class_cast(ObjectClass *klass) {
    return static_cast<C *>(klass);
}
template <typename C>
C *object_get_class(const Object *obj) {
    return static_cast<C *>(obj->klass);
}

// --- instances

// A new instance with one reference, the caller's. The type must exist and not be abstract.
Object *object_new(const char *type_name);
// Gives an object that is a member of another one its type: runs the instance_init chain.
void object_initialize(Object *obj, const char *type_name);
void object_ref(Object *obj);
void object_unref(Object *obj);
const char *object_get_typename(const Object *obj);
// Follows the type's name, not C++: `obj` is an instance of that type or a descendant.
bool object_is_a(const Object *obj, const char *type_name);
// The object if it is a `type_name`, else nullptr.
Object *object_dynamic_cast(Object *obj, const char *type_name);
// The object as its C++ type; aborts if it is not a `type_name`.
Object *object_dynamic_cast_assert(Object *obj, const char *type_name);
template <typename S>
S *object_cast(Object *obj, const char *type_name) {
    return static_cast<S *>(object_dynamic_cast_assert(obj, type_name));
}

// --- properties

// Adds a property to this instance; a name ending in "[*]" gets the first free number.
ObjectProperty *object_property_add(Object *obj, ObjectProperty prop);
const ObjectProperty *object_property_find(const Object *obj, const char *name);
// Every property of the object: those of its classes, ancestors first, then its own.
std::vector<const ObjectProperty *> object_properties(const Object *obj);
[[nodiscard]] bool object_property_get(Object *obj, const char *name, std::string *value,
                                       Error **errp);
// "Property 'T.name' not found", "Property 'T.name' is not writable", or what the setter says.
[[nodiscard]] bool object_property_set(Object *obj, const char *name, const std::string &value,
                                       Error **errp);
// Same, but a failure is our own mistake.
void object_property_set_assert(Object *obj, const char *name, const std::string &value);

// --- the composition tree

// "/": the root, made at the first call.
Object *object_get_root();
// Makes `child` a child of `obj` under that name. The tree takes a reference.
void object_property_add_child(Object *obj, const char *name, Object *child);
// The container at `path` below the root ("/machine/peripheral"), made if it is missing.
Object *container_get(Object *root, const char *path);
void object_unparent(Object *obj);
std::string object_get_canonical_path(const Object *obj);
std::string object_get_canonical_path_component(const Object *obj);
// An absolute path, or a partial one if it is unique; nullptr if there is none.
Object *object_resolve_path(const char *path);
Object *object_resolve_path_type(const char *path, const char *type_name);
// A pointer to another object as a property "link<T>": set by path, got as a path. It holds no
// reference: the target lives in the tree, and outlives the object.
void object_property_add_link(Object *obj, const char *name, const char *target_type,
                              Object **target, const char *description);
// Calls `fn` on each child, in order of addition, until it returns false.
bool object_child_foreach(Object *obj, bool (*fn)(Object *child, void *opaque), void *opaque);
