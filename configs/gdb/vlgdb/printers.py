# SPDX-License-Identifier: MIT
"""How vl's types print. `print/r` shows a structure as it lies in memory."""
import gdb

from . import objects, read

ACCESS = {1: "RO", 2: "WO", 3: "RW"}


# --- one line each: a function of the value

def module_entry(entry):
    name = read.function(entry["init"])
    return name and "%s (%s), %s, %s" % (name, entry["type"], read.place(entry["init"]),
                                        read.library(entry["init"]) or "built in")


def type_impl(type_):
    parent = objects.parent_name(type_)
    return "%s%s%s, %s" % (
        objects.type_name(type_), " : " + parent if parent else "",
        " (abstract)" if type_["info"]["abstract"] else "",
        "class at 0x%x" % int(type_["klass"]) if int(type_["klass"]) else "no class yet")


def error(err):
    text = '"%s", set by %s at %s:%d' % (
        read.string(err["message"]), read.text(err["function"]),
        read.short(read.text(err["file"])), int(err["line"]))
    option = read.string(err["loc"]["option"])
    return text + (", for " + option if option else "")


def qemu_opt(opt):
    return "%s=%s" % (read.string(opt["name"]), read.string(opt["value"]))


def qemu_opts(opts):
    group = read.text(opts["list"]["name"]) if int(opts["list"]) else "?"
    words = [qemu_opt(opt) for opt in read.vector(opts["opts"])]
    if read.string(opts["id"]):
        words.append("id=" + read.string(opts["id"]))
    return "%s: %s" % (group, ",".join(words))


def timer(value):
    # Boost's hook comes first, and its first word is the node above: null if there is none
    pending = read.words(value.address, 1)[0] != 0
    function = read.function(value["cb"])
    if not function:
        return "never initialised"
    return "%s at %d ns, calls %s for %s, %s" % (
        str(value["type"]).replace("QEMU_CLOCK_", "").lower(), int(value["expire_time"]), function,
        objects.owner(value["opaque"]), "pending" if pending else "not pending")


def drive_chain(bs):
    """node (driver) -> node (driver) of what a BlockDriverState stands on."""
    links = []
    while True:
        driver = read.text(bs["drv"]["format_name"]) if int(bs["drv"]) else "closed"
        links.append("%s (%s)" % (read.string(bs["node_name"]), driver))
        if not int(bs["file"]):
            return " -> ".join(links) + " -> " + read.string(bs["filename"])
        bs = bs["file"]["bs"].dereference()


def block_backend(blk):
    root = read.unique(blk["root"])
    return "%s -> %s" % (read.string(blk["name"]) or "(no name)",
                         drive_chain(root["bs"].dereference()) if int(root) else "(empty)")


def bdrv_child(child):
    return "%s: %s" % (read.string(child["name"]), drive_chain(child["bs"].dereference()))


def irq_state(irq):
    return "%s line %d (%s)" % (objects.owner(irq["opaque"]), int(irq["n"]),
                                read.function(irq["handler"]))


def register_row(row):
    """A row of a device's table, with its functions by name."""
    device = row.type.strip_typedefs().template_argument(0)
    # a pointer to member is an offset, and -1 is none
    offset = int(row["storage"].address.cast(gdb.lookup_type("long").pointer()).dereference())
    text = "0x%03x %-16s %s reset 0x%x" % (int(row["offset"]), read.text(row["name"]),
                                           ACCESS[int(row["access"])], int(row["reset"]))
    if offset != -1:
        text += ", is %s" % read.member(device, offset)
    for field, words in (("on_read", "read by"), ("on_write", "written by")):
        if int(row[field]):
            text += ", %s %s" % (words, read.function(row[field]))
    return text


def register_name(row):
    return "0x%03x %-16s %s reset 0x%x" % (int(row["offset"]), read.text(row["name"]),
                                           ACCESS[int(row["access"])], int(row["reset"]))


def object_title(obj):
    """path (type), of a reference to an Object."""
    pointer = objects.plain(obj.address)
    name = objects.typename(pointer)
    if not name:
        return "(an object before object_initialize)"
    return "%s (%s)" % (objects.path(pointer) or "(not in the tree)", name)


def memory_region(mr):
    return '%s "%s", 0x%x bytes' % (object_title(mr), read.string(mr["name"]), int(mr["size"]))


# --- those with something below

def shown(value):
    """A field as a child of its structure: strings also without the library's printers."""
    return '"%s"' % read.string(value) if read.is_string(value.type) else value


def fields(value, without=()):
    """(name, value) of each field, the bases' first, but for the bases named."""
    for field in value.type.strip_typedefs().fields():
        if not hasattr(field, "bitpos") or field.artificial:
            continue  # static, or the pointer to the virtual functions
        if not field.is_base_class:
            yield field.name, shown(value[field])
        elif field.name not in without:
            yield from fields(value[field], without)


class Line:
    """A value that is one line of text."""

    def __init__(self, value, title):
        self.value, self.title = value, title

    def to_string(self):
        return self.title(self.value) or "(nothing)"


class Structure(Line):
    """A line, and the fields below it."""

    def children(self):
        yield from fields(self.value)


class QomObject(Line):
    """The path and the type, then the properties, then the fields of the C++ type."""

    def children(self):
        obj = objects.plain(self.value.address)
        if not int(obj["klass"]):
            return
        for prop in objects.properties(obj):
            yield "[%s]" % read.string(prop["name"]), objects.property_text(obj, prop)
        yield from fields(self.value, without=("Object",))


PRINTERS = {
    "ModuleEntry": (Line, module_entry),
    "TypeImpl": (Line, type_impl),
    "Error": (Line, error),
    "QemuOpt": (Line, qemu_opt),
    "QemuOpts": (Line, qemu_opts),
    "QEMUTimer": (Line, timer),
    "IRQState": (Line, irq_state),
    "BdrvChild": (Line, bdrv_child),
    "BlockDriverState": (Structure, drive_chain),
    "BlockBackend": (Structure, block_backend),
    "MemoryRegion": (QomObject, memory_region),
    "RegisterName": (Line, register_name),
}


def lookup(value):
    type_ = value.type.strip_typedefs().unqualified()
    if type_.code != gdb.TYPE_CODE_STRUCT or not type_.name or value.address is None:
        return None
    if type_.name.startswith("Register<"):
        return Line(value, register_row)
    if type_.name in PRINTERS:
        kind, title = PRINTERS[type_.name]
        return kind(value, title)
    return QomObject(value, object_title) if objects.derives(type_) else None


lookup.name = "vl"
gdb.pretty_printers.append(lookup)
