# SPDX-License-Identifier: MIT
"""Containers, names and variables, read from memory. Nothing here calls a function of vl.

The layouts are those of libstdc++; they are read without its printers, which a program that has the
library inside does not bring along."""
import os
import re

import gdb


def evaluate(expression):
    """The value of an expression of C++, wherever the program has stopped."""
    gdb.execute("set language c++", to_string=True)
    try:
        return gdb.parse_and_eval(expression)
    finally:
        gdb.execute("set language auto", to_string=True)


def address(name):
    """Where a variable is, by its symbol. Of one inside a function, an optimized build has no more."""
    return evaluate("(void *) &'%s'" % name)


def need_memory():
    if not gdb.selected_inferior().threads():
        raise gdb.GdbError("There is no process and no core file to look at.")


# --- containers

def string(value):
    """A std::string as Python's."""
    return value["_M_dataplus"]["_M_p"].string("utf-8", "replace", int(value["_M_string_length"]))


def text(pointer):
    """What a `const char *` points at, or None."""
    return pointer.string("utf-8", "replace") if int(pointer) else None


def words(pointer, count):
    """The first `count` words at an address."""
    word = gdb.lookup_type("unsigned long").pointer()
    return [int((pointer.cast(word) + i).dereference()) for i in range(count)]


def vector_at(pointer, element):
    """The elements of the std::vector at an address: it begins with begin and end."""
    begin, end = words(pointer, 2)
    for at in range(begin, end, element.sizeof):
        yield gdb.Value(at).cast(element.pointer()).dereference()


def vector(value):
    return vector_at(value.address, value.type.strip_typedefs().template_argument(0))


def unique(value):
    """What a std::unique_ptr points at."""
    target = value.type.strip_typedefs().template_argument(0).pointer()
    return gdb.Value(words(value.address, 1)[0]).cast(target)


def is_string(type_):
    return str(type_.strip_typedefs().unqualified()).startswith("std::__cxx11::basic_string<char,")


# --- names

def symbol(pointer):
    """The function or variable at an address, as C++ spells it, or None."""
    line = gdb.execute("info symbol 0x%x" % int(pointer), to_string=True)
    match = re.match(r"(.*?)( \+ \d+)? in section ", line)
    return match and match[1]


def function_symbol(pointer):
    """gdb's symbol of the function that begins at an address, whatever is inline there; or None."""
    block, found = gdb.block_for_pc(int(pointer)), None
    while block and not block.is_static and not block.is_global:
        found = block.function or found
        block = block.superblock
    return found


def function(pointer):
    """A function's name without parameters, or None for a null pointer."""
    if not int(pointer):
        return None
    found = function_symbol(pointer)
    name = found.name if found else symbol(pointer) or "0x%x" % int(pointer)
    return name.partition("(")[0]


def source_root():
    """The checkout that the program was built from."""
    found, _ = gdb.lookup_symbol("main", domain=gdb.SYMBOL_VAR_DOMAIN)
    return os.path.dirname(os.path.dirname(found.symtab.fullname())) if found else "/"


def short(path):
    """A source's name as the documentation has it."""
    return os.path.relpath(path, source_root()) if os.path.isabs(path) else path


def place(pointer):
    """Where a function is written: block/raw_bsd.cpp:174."""
    found = function_symbol(pointer)
    return "%s:%d" % (short(found.symtab.fullname()), found.line) if found else "?"


def library(pointer):
    """The loadable module that a function came with, or None: it is part of the program."""
    path = gdb.solib_name(int(pointer))
    return path and os.path.basename(path)


def member(structure, offset):
    """The name of the field at an offset."""
    for field in structure.fields():
        if not hasattr(field, "bitpos"):
            continue
        inside = offset - field.bitpos // 8
        if field.is_base_class and 0 <= inside < field.type.sizeof:
            name = member(field.type, inside)
            if name:
                return name
        elif inside == 0 and not field.is_base_class:
            return field.name
    return None
