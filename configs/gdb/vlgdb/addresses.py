# SPDX-License-Identifier: MIT
"""vl mtree and whohas: who answers at a guest's physical address. See hw/core/memory.h."""
import gdb

from . import objects, printers, read
from .command import command


def address_space():
    """The guest's memory; None before there is any."""
    space = read.evaluate("address_space_memory")
    return space if int(space["root"]) else None


def need_address_space():
    read.need_memory()
    space = address_space()
    if space is None:
        raise gdb.GdbError("The guest has no memory yet: that is made in phase board.")
    return space


def kind(mr):
    if int(read.unique(mr["ram"])):
        return "rom" if mr["readonly"] else "ram"
    return "i/o" if int(mr["ops"]) or not list(read.vector(mr["subregions"])) else "container"


# --- mtree

def print_region(mr, base, indent):
    base += int(mr["addr"])
    last = base + max(int(mr["size"]) - 1, 0)
    print("%*s%016x-%016x (prio %d, %s): %s%s" % (
        indent, "", base, last, int(mr["priority"]), kind(mr), read.string(mr["name"]),
        "" if mr["enabled"] else " [disabled]"))
    for child in sorted(read.vector(mr["subregions"]), key=lambda child: int(child["addr"])):
        print_region(child.dereference(), base, indent + 2)


def ranges(space):
    return read.vector(read.unique(space["view"])["ranges"])


@command("mtree")
def mtree(words):
    """The tree of memory regions, as `info mtree`: vl mtree [-f].
With -f the flat view: what a guest reaches."""
    space = need_address_space()
    name = read.string(space["name"])
    if words == ["-f"]:
        print('FlatView #0\n AS "%s", root: %s' % (name, read.string(space["root"]["name"])))
        for row in ranges(space):
            mr, offset = row["mr"], int(row["offset"])
            print("  %016x-%016x (prio %d, %s): %s%s" % (
                int(row["start"]), int(row["end"]) - 1, int(mr["priority"]), kind(mr),
                read.string(mr["name"]), " @%016x" % offset if offset else ""))
    elif words:
        raise gdb.GdbError("Usage: vl mtree [-f]")
    else:
        print("address-space: %s" % name)
        print_region(space["root"].dereference(), 0, 2)


# --- whohas

def register_at(mr, offset):
    """The row of the region's table that has the offset, or None."""
    names = mr["ops"]["registers"]
    if not int(names):
        return None
    rows = [names["rows"][i] for i in range(int(names["count"]))]
    return next((row for row in rows if int(row["offset"]) == offset), None)


def print_answer(mr, offset):
    owner = mr["parent"]
    print("  %s + 0x%x (%s), of %s" % (
        read.string(mr["name"]), offset, kind(mr),
        "%s (%s)" % (objects.path(owner), objects.typename(owner)) if int(owner) else "nobody"))
    block = read.unique(mr["ram"])
    if int(block):
        print("  host address 0x%x" % (int(block["host"]) + offset))
        return
    print("  read by %s, written by %s, %d to %d bytes" % (
        read.function(mr["ops"]["read"]), read.function(mr["ops"]["write"]),
        int(mr["ops"]["min_access_size"]), int(mr["ops"]["max_access_size"])))
    row = register_at(mr, offset)
    if row is not None:
        print("  register " + printers.register_name(row))


def guest_address(space, host):
    """Where the guest sees a host address, or None."""
    for row in ranges(space):
        block = read.unique(row["mr"]["ram"])
        if not int(block):
            continue
        start = int(block["host"]) + int(row["offset"])
        if start <= host < start + int(row["end"]) - int(row["start"]):
            return int(row["start"]) + host - start
    return None


@command("whohas")
def whohas(words):
    """Who answers at a guest's physical address: vl whohas ADDRESS.
An address is any expression. One of the host's that lies in the guest's RAM is taken as well."""
    if not words:
        raise gdb.GdbError("Usage: vl whohas ADDRESS")
    space = need_address_space()
    address = int(read.evaluate(" ".join(words))) & (1 << 64) - 1
    guest = guest_address(space, address)
    if guest is not None:
        print("0x%x is the guest's 0x%x:" % (address, guest))
        address = guest
    else:
        print("0x%x:" % address)
    for row in ranges(space):
        if int(row["start"]) <= address < int(row["end"]):
            return print_answer(row["mr"], address - int(row["start"]) + int(row["offset"]))
    return print("  nobody: an access fault")
