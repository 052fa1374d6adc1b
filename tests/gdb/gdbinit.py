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
        listed = re.findall(r"(?m)^  (vl-\w+)", output)
        self.assertGreaterEqual(len(listed), 6, output)
        for name in listed:
            self.assertNotIn("not documented", self.init(["help " + name]), name)

    def test_every_breakpoint_is_known(self):
        groups = ["vl-registration", "vl-phases", "vl-drive", "vl-device", "vl-errors"]
        output = self.init(groups + ["info breakpoints"])
        self.assertNotIn("PENDING", output)
        self.assertNotIn("not defined", output)

    def test_modules(self):
        output = self.init(["break main", "run", "vl-modules", "kill"])
        for phase, function in (("BLOCK", "bdrv_raw_init"), ("OPTS", r"\w+"),
                                ("QAPI", r"\w+"), ("QOM", r"\w+")):
            self.assertRegex(output, r"(?m)^MODULE_INIT_%s:\n(  .+\n)*  %s(\(\))? in section" % (
                phase, function))

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
                "add-auto-load-safe-path " + vltest.SOURCE, "-ex", "help vl-phases"]
        status, out, err = vltest.run(argv, cwd=vltest.SOURCE,
                                      env={**os.environ, "HOME": self.folder})
        self.assertEqual(status, 0, err)
        self.assertIn("Breaks on the phases of main", out)


if __name__ == "__main__":
    vltest.main()
