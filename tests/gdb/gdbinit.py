# SPDX-License-Identifier: MIT
"""The .gdbinit of the source's root, as a newcomer uses it."""
import os
import re

import vltest
from gdb_case import GdbCase


class GdbInit(GdbCase):
    def init(self, lines, *args):
        return self.gdb_lines(["source .gdbinit"] + lines, *args, cwd=vltest.SOURCE)

    def test_commands_are_explained(self):
        output = self.init(["vl"])
        listed = re.findall(r"(?m)^  (vl [\w-]+) +(.*)$", output)
        self.assertGreaterEqual(len(listed), 14, output)
        for name, what in listed:
            self.assertIn(what, self.init(["help " + name]).splitlines(), name)

    def test_every_breakpoint_is_known(self):
        groups = re.findall(r"(?m)^  (vl break-(?!phase )\S+)", self.init(["vl"]))
        self.assertEqual(len(groups), 5)
        output = self.init(groups + ["info breakpoints"])
        self.assertNotIn("PENDING", output)
        self.assertNotIn("not defined", output)
        for name in ("register_module_init", "bdrv_close_all", "raw_open", "object_new"):
            self.assertRegex(output, r"(?m)\b%s\(" % name)

    def test_step_stays_in_vl(self):
        output = self.init(["break qemu_init_exec_dir", "run"] + ["step", "info source"] * 12
                           + ["kill"])
        files = re.findall(r"(?m)^Located in (.*)$", output)
        self.assertGreaterEqual(len(files), 8, output)
        # what the compiler has put inline may show for a line
        library = [f for f in files if f.startswith("/usr/include")]
        self.assertLess(len(library), len(files) / 4, output)

    def test_gdb_reads_it_by_itself(self):
        argv = [vltest.tool("gdb", "gdb"), "-batch", "-iex",
                "add-auto-load-safe-path " + vltest.SOURCE, "-ex", "help vl break-phases"]
        status, out, err = vltest.run(argv, cwd=vltest.SOURCE,
                                      env={**os.environ, "HOME": self.folder})
        self.assertEqual(status, 0, err)
        self.assertIn("Break on the phases of main", out)


if __name__ == "__main__":
    vltest.main()
