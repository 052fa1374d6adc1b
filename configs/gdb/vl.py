# SPDX-License-Identifier: MIT
"""What gdb learns about vl: settings, printers and the command `vl`. See docs/study.md.

    source configs/gdb/vl.py

It only reads memory and symbols, so a core file serves as well as a process."""
import os
import sys

import gdb

FOLDER = os.path.dirname(os.path.abspath(__file__))


def load_library_printers():
    """A program with a C++ library of its own gets no printers with it: those of the system's."""
    sys.path.append("/usr/share/gcc/python")
    try:
        from libstdcxx.v6 import register_libstdcxx_printers
        register_libstdcxx_printers(None)
    except ImportError:
        pass  # then the library's types print as what they are made of


# .gdbinit may have been here before the program's own script
if "vlgdb" not in sys.modules:
    sys.path.insert(0, FOLDER)
    import vlgdb  # noqa: F401
    gdb.execute("source %s" % os.path.join(FOLDER, "vl.gdb"), to_string=True)
    load_library_printers()
