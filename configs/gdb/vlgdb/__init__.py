# SPDX-License-Identifier: MIT
"""gdb's kit for vl, from the ground up:

    read       containers, names and variables, read from memory
    objects    what QOM is made of: types, paths, properties
    printers   how vl's types print
    frames     which functions a backtrace shows
    command    the prefix `vl`
    startup    vl modules, types, phase, break-...
    machine    vl qom, bds, irq
    addresses  vl mtree, whohas"""
from . import printers, frames, startup, machine, addresses  # noqa: F401
