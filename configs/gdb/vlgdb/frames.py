# SPDX-License-Identifier: MIT
"""Backtraces of vl's own functions, the same in every preset: what the C++ library and the machinery
of coroutines put between them is left out, names stand without types, and of the arguments only
numbers, strings and pointers are shown. `backtrace -no-filters` shows all."""
import re

import gdb
from gdb.FrameDecorator import FrameDecorator

LIBRARY = re.compile(r"std::|__gnu_cxx::|(CoTask|CoPromise|CoDetached|co_run_then_set)\b")


def function_name(frame):
    """Without parameters. A coroutine that goes on has one, its frame on the heap."""
    name = frame.name() or ""
    return name.partition("(")[0] or name


def is_coroutine(frame):
    return ".Frame *)" in (frame.name() or "")


class OwnFrame(FrameDecorator):
    def function(self):
        return function_name(self.inferior_frame())

    def frame_args(self):
        if is_coroutine(self.inferior_frame()):
            return None  # they are in the frame on the heap
        return [arg for arg in super().frame_args() or []
                if arg.symbol().type.strip_typedefs().code != gdb.TYPE_CODE_STRUCT]

    def place(self):
        """(file, line): where it is, or begins if what is inline there is the library's."""
        sal, function = self.inferior_frame().find_sal(), self.inferior_frame().function()
        if function and sal.symtab and sal.symtab.fullname().startswith("/usr/include/"):
            return function.symtab.filename, function.line
        return super().filename(), super().line()

    def filename(self):
        return self.place()[0]

    def line(self):
        return self.place()[1]


class OwnFrames:
    """The filter, as gdb wants it."""
    name, priority, enabled = "vl", 100, True

    def filter(self, frames):
        for frame in frames:
            name = function_name(frame.inferior_frame())
            if name and not LIBRARY.match(name):
                yield OwnFrame(frame)


gdb.frame_filters[OwnFrames.name] = OwnFrames()
