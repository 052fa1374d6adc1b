# SPDX-License-Identifier: MIT
"""What QOM is made of: types, the tree of objects, and properties. See qom/object.h."""
import re

import gdb

from . import read


# --- types

def types():
    """Every registered TypeImpl, in order of registration."""
    where = read.words(read.address("type_vector()::types"), 1)[0]
    if not where:
        return []  # made by the first registration
    pointer = gdb.lookup_type("TypeImpl").pointer()
    return [p.dereference() for p in read.vector_at(gdb.Value(where), pointer)]


def type_name(type_):
    return read.text(type_["info"]["name"])


def parent_name(type_):
    return read.text(type_["info"]["parent"])


def class_name(klass):
    return type_name(klass["type"].dereference())


# --- objects

def root():
    """The root, as an `Object *`; null before the first object."""
    return plain(read.words(read.address("object_get_root()::root"), 1)[0])


def derives(type_):
    """Is this C++ type an Object?"""
    type_ = type_.strip_typedefs().unqualified()
    if type_.code != gdb.TYPE_CODE_STRUCT:
        return False
    return type_.name == "Object" or any(
        derives(field.type) for field in type_.fields() if field.is_base_class)


def plain(obj):
    """The address as an `Object *`: the first base of whatever it is."""
    return gdb.Value(int(obj)).cast(gdb.lookup_type("Object").pointer())


def whole(obj):
    """The pointer as one to the C++ type that was made."""
    return obj.cast(obj.dynamic_type)


def typename(obj):
    return class_name(obj["klass"].dereference()) if int(obj["klass"]) else None


def is_a(obj, name):
    """Is the QOM type, or an ancestor of it, called so?"""
    type_ = obj["klass"]["type"]
    while int(type_):
        if type_name(type_) == name:
            return True
        type_ = type_["parent"]  # resolved, since there is a class
    return False


def children(obj):
    """(name, `Object *`) of each child."""
    return [(read.string(prop["name"]), prop["child"])
            for prop in read.vector(obj["properties"]) if int(prop["child"])]


def path(obj):
    """The canonical path; None for what is not in the tree."""
    if int(obj) == int(root()):
        return "/"
    if not int(obj["parent"]):
        return None
    above = path(obj["parent"])
    name = next(n for n, child in children(obj["parent"]) if int(child) == int(obj))
    return above and above.rstrip("/") + "/" + name


def walk(obj=None, at=""):
    """(path, `Object *`) of the object and of all below it."""
    obj = root() if obj is None else obj
    if not int(obj):
        return
    yield at or "/", obj
    for name, child in children(obj):
        yield from walk(child, at + "/" + name)


def resolve(name):
    """The object of a path, or of the end of one if there is a single such."""
    found = [(at, obj) for at, obj in walk()
             if at == name or not name.startswith("/") and at.endswith("/" + name)]
    if not found:
        raise gdb.GdbError("There is no object '%s'." % name)
    if len(found) > 1:
        raise gdb.GdbError("'%s' may be %s." % (name, " or ".join(at for at, _ in found)))
    return found[0]


def owner(address):
    """The path of the object at an address, or the address."""
    for at, obj in walk():
        if int(obj) == int(address):
            return at
    return "0x%x" % int(address)


# --- properties

def properties(obj):
    """Every ObjectProperty: of the classes, the root's first, then the object's own."""
    classes, type_ = [], obj["klass"]["type"]
    while int(type_):
        classes.insert(0, type_["klass"])
        type_ = type_["parent"]
    for klass in classes:
        yield from read.vector(klass["properties"])
    yield from read.vector(obj["properties"])


def field_of(obj, prop):
    """The field behind a row of a device's properties: the getter's name has it."""
    row = prop["opaque"].cast(gdb.lookup_type("Property").pointer())
    match = re.match(r"define_prop<&\(?([\w:]+)::(\w+)", read.symbol(row["field"]))
    return obj.cast(gdb.lookup_type(match[1]).pointer()).dereference()[match[2]]


def field_text(value):
    if read.is_string(value.type):
        return '"%s"' % read.string(value)
    if value.type.strip_typedefs().code != gdb.TYPE_CODE_PTR:
        return value.format_string()
    if not int(value):
        return '""'
    target = value.dereference()
    names = {"BlockBackend": "name", "Chardev": "label"}
    name = names.get(value.type.target().name)
    return '"%s"' % read.string(target[name]) if name else value.format_string()


def device(obj):
    return obj.cast(gdb.lookup_type("DeviceState").pointer())


# What these getters answer.
GETTERS = {
    "type_property_get": lambda obj, prop: '"%s"' % typename(obj),
    "child_get": lambda obj, prop: path(prop["child"]),
    "link_get": lambda obj, prop: (path(prop["link"].dereference())
                                   if int(prop["link"].dereference()) else '""'),
    "realized_get": lambda obj, prop: str(device(obj)["realized"]),
    "row_get": lambda obj, prop: field_text(field_of(obj, prop)),
}


def property_text(obj, prop):
    """The value, where it can be had without calling the getter."""
    getter = read.function(prop["get"])
    return GETTERS[getter](obj, prop) if getter in GETTERS else "what %s says" % getter
