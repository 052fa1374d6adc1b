# SPDX-License-Identifier: MIT
"""gdb, run on vl with a script."""
import os
import re

import guestcode
import vltest

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = ["set pagination off", "set width 0", "set print entry-values no",
            "set debuginfod enabled off", "set breakpoint pending on"]


class GdbCase(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("off.bin", guestcode.POWER_OFF)
        self.make_file("disk.img", size=1 << 20)

    def gdb(self, script, *args, cwd=None):
        """What gdb prints when it runs the script's file on `vl args`."""
        argv = [vltest.tool("gdb", "gdb"), "-nx", "-batch", "-x", script, "--args",
                vltest.vl_program(), "-display", "none", "-bios", self.path("off.bin"), *args]
        status, out, err = vltest.run(argv, cwd=cwd or self.folder, timeout=120)
        self.assertEqual(status, 0, out + err)
        return out + err

    def gdb_lines(self, lines, *args, **kwargs):
        self.make_file("script.gdb", "\n".join(SETTINGS + lines).encode() + b"\n")
        return self.gdb(self.path("script.gdb"), *args, **kwargs)

    def frames(self, output):
        """The frames of the backtrace in gdb's output."""
        return re.findall(r"(?m)^#\d+ +(.*)$", output)
