# SPDX-License-Identifier: MIT
"""vl modules, types, phase and break-...: the way from the first constructor to the guest."""
import gdb

from . import objects, read
from .command import command

BREAKS = {
    "registration": ("each function that a constructor puts on a list, before main", """
        register_module_init register_dso_module_init"""),
    "phases": ("the phases of main, by the functions that do their work", """
        main module_call_init select_machine drive_new qdev_device_add qemu_system_reset vm_start
        main_loop bdrv_close_all"""),
    "drive": ("the way of -drive to an open image: the format's node and the protocol's", """
        drive_new blockdev_init blk_new_open bdrv_open bdrv_open_inherit raw_open"""),
    "device": ("the way of -device to a realized object", """
        qdev_device_add object_new type_initialize device_set_realized"""),
    "errors": ("the birth of every error: the backtrace says who found out, and who asked", """
        error_setg_internal"""),
}


# --- modules

def entries(queue):
    entry = queue["first"]
    while int(entry):
        yield entry.dereference()
        entry = entry["next"]


def frames():
    """The main thread's frames, the innermost first."""
    selected = gdb.selected_thread()
    min(gdb.selected_inferior().threads(), key=lambda thread: thread.num).switch()
    try:
        frame = gdb.newest_frame()
        while frame:
            yield frame
            frame = frame.older()
    finally:
        selected.switch()


def running_entry():
    """(type, address of the function) that module_call_init is at, or None.

    The function is the frame that module_call_init has called: unlike a local variable, a frame
    is always there. Before the call, the loop's variable has to do."""
    newer = None
    for frame in frames():
        if frame.name() == "module_call_init":
            if newer and newer.function():
                return int(newer.function().value().address)
            entry = frame.read_var("e")
            return None if entry.is_optimized_out or not int(entry) else int(entry["init"])
        newer = frame
    return None


def states(queue, done, running):
    """(state, entry): has it run, does it run, does it wait?"""
    state = "ran" if done else "waits"
    rows = list(entries(queue))
    here = [i for i, entry in enumerate(rows) if int(entry["init"]) == running]
    for i, entry in enumerate(rows):
        if done and here:
            state = "ran" if i < here[0] else "runs" if i == here[0] else "waits"
        # a loaded library's functions are called at once
        yield "ran" if read.library(entry["init"]) else state, entry


def print_entry(state, entry):
    print("  %-6s %-44s %-32s %s" % (state, read.function(entry["init"]),
                                     read.place(entry["init"]),
                                     read.library(entry["init"]) or "built in"))


@command("modules")
def modules(_):
    """The functions on the lists of modules, and which have run.
A list a phase, in order of registration. What came with a loadable module names its library."""
    need = gdb.lookup_type("module_init_type")
    read.need_memory()
    lists, done = read.evaluate("init_type_list"), read.evaluate("modules_init_done")
    running = running_entry()
    for field in need.fields()[:-1]:
        print("%s%s" % (field.name, "" if done[field.enumval] else ": has not begun"))
        for state, entry in states(lists[field.enumval], bool(done[field.enumval]), running):
            print_entry(state, entry)
    waiting = list(entries(read.evaluate("dso_init_list")))
    if waiting:
        print("dso_init_list: a library that is being loaded")
        for entry in waiting:
            print_entry("waits", entry)


# --- types

def print_type(type_, indent=0):
    print("%-11s %*s%s%s" % ("class made" if int(type_["klass"]) else "-", indent, "",
                             objects.type_name(type_),
                             " (abstract)" if type_["info"]["abstract"] else ""))


def print_type_tree(rows, parent=None, indent=0):
    for type_ in rows:
        if objects.parent_name(type_) == parent:
            print_type(type_, indent)
            print_type_tree(rows, objects.type_name(type_), indent + 2)


@command("types")
def types(words):
    """The registered types, and which have a class: vl types [-tree].
A class is made when its type is first used. In order of registration, or with -tree below their
parents."""
    read.need_memory()
    rows = objects.types()
    if words == ["-tree"]:
        print_type_tree(rows)
    elif words:
        raise gdb.GdbError("Usage: vl types [-tree]")
    else:
        for type_ in rows:
            print_type(type_)
    made = sum(1 for type_ in rows if int(type_["klass"]))
    print("%d types, %d with a class" % (len(rows), made))


# --- phases

def phase_rows():
    """(name, what happens) of each phase, in order."""
    table = read.evaluate("'vl/phase.cpp'::phases")
    return [(read.text(table[i]["name"]), read.text(table[i]["what"]))
            for i in range(*(n + d for n, d in zip(table.type.range(), (0, 1))))]


@command("phase")
def phase(_):
    """The phase of main that the program is in."""
    read.need_memory()
    current = int(read.evaluate("'vl/phase.cpp'::current"))
    for number, (name, what) in enumerate(phase_rows()):
        print("%s %-14s %s" % ("->" if number == current else "  ", name, what))


def complete_phase(text):
    return [name for name, _ in phase_rows() if name.startswith(text)]


@command("break-phase", complete_phase)
def break_phase(words):
    """Break where a phase begins: vl break-phase NAME.
The place is the probe vl:phase, which no change of a function can move. `vl phase` has the names."""
    names = [name for name, _ in phase_rows()]
    if len(words) != 1 or words[0] not in names:
        raise gdb.GdbError("Usage: vl break-phase NAME, of: " + " ".join(names))
    if words[0] == names[0]:
        gdb.Breakpoint("main")  # the first one has no beginning of its own
        return
    stop = gdb.Breakpoint("-probe-stap vl:phase")
    stop.condition = '$_streq((char *) $_probe_arg0, "%s")' % words[0]


# --- breakpoints by subject

def break_command(name, subject, functions):
    def set_breakpoints(_):
        for function in functions.split():
            gdb.Breakpoint(function)
    set_breakpoints.__doc__ = "Break on %s.\nOn: %s." % (subject, ", ".join(functions.split()))
    command("break-" + name)(set_breakpoints)


for row in BREAKS.items():
    break_command(row[0], *row[1])
