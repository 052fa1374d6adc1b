# SPDX-License-Identifier: MIT
"""vl qom, bds and irq: the machine as it has been made."""
import gdb

from . import objects, printers, read
from .command import command


# --- the tree of objects

def print_tree(obj, name, indent):
    print("%*s/%s (%s)" % (indent, "", name, objects.typename(obj)))
    for below, child in sorted(objects.children(obj), key=lambda row: row[0]):
        print_tree(child, below, indent + 2)


@command("qom")
def qom(words):
    """The tree of objects: vl qom [PATH].
As `info qom-tree` prints it, and the properties of the object that is named. The path's end will do
if no other object has it. In expressions $qom("PATH") is a pointer to the object."""
    read.need_memory()
    path, obj = objects.resolve(words[0] if words else "/machine")
    if words:
        print("%s (%s): a %s at 0x%x" % (path, objects.typename(obj),
                                         obj.dynamic_type.target(), int(obj)))
        for prop in objects.properties(obj):
            if not int(prop["child"]):
                print("  %-16s %-12s %s" % (read.string(prop["name"]), read.string(prop["type"]),
                                            objects.property_text(obj, prop)))
    print_tree(obj, path.rpartition("/")[2], 0)


class Qom(gdb.Function):
    """An object by its path or the path's end, as a pointer to its C++ type: print $qom("uart")->regs"""

    def __init__(self):
        super().__init__("qom")

    def invoke(self, path):
        read.need_memory()
        return objects.whole(objects.resolve(path.string())[1])


Qom()


# --- disks

def print_node(bs, role, indent):
    driver = read.text(bs["drv"]["format_name"]) if int(bs["drv"]) else "closed"
    rights = "read-write" if int(bs["open_flags"]) & BDRV_O_RDWR else "read-only"
    where = ["%d sectors" % int(bs["total_sectors"]), read.string(bs["filename"])]
    print("%*s%s: %s (%s), %s" % (indent, "", role, read.string(bs["node_name"]) or "(no name)",
                                  driver, ", ".join([rights, *filter(None, where)])))
    for child in read.vector(bs["children"]):
        child = read.unique(child)
        print_node(child["bs"].dereference(), read.string(child["name"]), indent + 2)


BDRV_O_RDWR = 0x2


@command("bds")
def bds(_):
    """The disks: each backend, its device, and the nodes below.
Then the nodes that no backend stands on."""
    read.need_memory()
    backend = gdb.lookup_type("BlockBackend").pointer()
    node = gdb.lookup_type("BlockDriverState").pointer()
    for blk in read.vector_at(read.address("block_backends()::all"), backend):
        print("%s, held by %s" % (read.string(blk["name"]) or "(no name)",
                                  objects.owner(blk["dev"]) if int(blk["dev"]) else "nobody"))
        root = read.unique(blk["root"])
        if int(root):
            print_node(root["bs"].dereference(), read.string(root["name"]), 2)
    for bs in read.vector_at(read.address("all_bdrv_states()::nodes"), node):
        if not list(read.vector(bs["parents"])):
            print_node(bs.dereference(), "no parent", 0)


# --- interrupt lines

def outputs(dev):
    """(kind, number, IRQState *) of a device's output lines."""
    for number, pin in enumerate(read.vector(dev["gpio_out"])):
        yield "out", number, pin.dereference()
    if objects.is_a(dev, "sys-bus-device"):
        sysbus = dev.cast(gdb.lookup_type("SysBusDevice").pointer())
        for number, pin in enumerate(read.vector(sysbus["irqs"])):
            yield "irq", number, pin.dereference()


def bit(vector, number):
    return list(read.vector(vector))[number // 32] >> number % 32 & 1


def plic_state(plic, source):
    """What the interrupt controller knows of a source."""
    plic = objects.whole(plic)
    enabled = [n for n, ctx in enumerate(read.vector(plic["contexts"]))
               if bit(ctx["enable"], source)]
    words = [word for word in ("level", "pending", "claimed") if bit(plic[word], source)]
    return "priority %d, %s, %s" % (
        int(list(read.vector(plic["priority"]))[source]),
        "contexts " + " ".join(map(str, enabled)) if enabled else "not enabled",
        " ".join(words) or "low")


def hart_state(cpu, line):
    """Is the bit of mip set?"""
    mip = read.words(objects.whole(cpu)["mip"].address, 1)[0]
    is_set = mip >> line & 1 or line == S_EXT and objects.whole(cpu)["seip_line"]["_M_base"]["_M_i"]
    return "pending" if is_set else "low"


S_EXT = 9  # its bit in mip is what software wrote; the line is beside it
STATES = {"riscv.sifive.plic": plic_state, "riscv-cpu": hart_state}


@command("irq")
def irq(_):
    """The interrupt lines: from which output to whose input.
And what is known there. At the PLIC: priority, contexts that it is enabled for, level, pending, claimed. At a hart: mip."""
    read.need_memory()
    for path, obj in objects.walk():
        if not objects.is_a(obj, "device"):
            continue
        for kind, number, line in outputs(objects.device(obj)):
            if not int(line):
                continue
            target = objects.plain(line["opaque"])
            state = next((": " + function(target, int(line["n"]))
                          for name, function in STATES.items() if objects.is_a(target, name)), "")
            print("%-24s %s %-2d -> %s%s" % (path, kind, number, printers.irq_state(line), state))
