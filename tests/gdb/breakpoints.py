# SPDX-License-Identifier: MIT
"""Every name that the docs tell a gdb user to break on can be set, and is hit."""
import re

import vltest
from gdb_case import GdbCase

NAMES = """
    register_module_init register_dso_module_init do_qemu_init_bdrv_file_init
    do_qemu_init_bdrv_raw_init module_call_init module_load_one bdrv_init bdrv_init_with_whitelist
    bdrv_file_init bdrv_raw_init bdrv_register bdrv_open raw_open type_register_static
    type_initialize object_new object_initialize device_set_realized select_machine drive_new
    qdev_device_add qemu_system_reset vm_start main_loop blockdev_init blk_new_open
    bdrv_open_inherit bdrv_close_all block_module_load_one do_qemu_init_bdrv_null_init
""".split()

LINE = ["-drive", "file=disk.img,format=raw,if=virtio",
        "-drive", "driver=null-co,size=1M,if=none,id=null"]


class Breakpoints(GdbCase):
    def test_all_are_hit(self):
        lines = []
        for number, name in enumerate(NAMES, 1):
            lines += ["break " + name, "ignore %d 1000000" % number]
        output = self.gdb_lines(lines + ["run", "info breakpoints"], *LINE)
        self.assertIn("exited normally", output)
        hits, number = {}, None
        for line in output[output.index("exited normally"):].splitlines():
            if match := re.match(r"(\d+)\s+breakpoint", line):
                number = int(match[1])
            if match := re.match(r"\s+breakpoint already hit (\d+) time", line):
                hits[NAMES[number - 1]] = int(match[1])
        self.assertEqual([name for name in NAMES if not hits.get(name)], [], output)
        # the phases run once
        for name in ("bdrv_init", "select_machine", "main_loop", "vm_start", "bdrv_close_all"):
            self.assertEqual(hits[name], 1, name)
        self.assertEqual(hits["drive_new"], 2)
        self.assertEqual(hits["module_call_init"], 5)

    def test_probes_do_not_move(self):
        names = ["phase", "module_init", "type_register", "type_initialize", "realize", "reset"]
        lines = []
        for number, name in enumerate(names, 1):
            lines += ["break -probe-stap vl:" + name, "ignore %d 1000000" % number]
        output = self.gdb_lines(lines + ["run", "info breakpoints"], *LINE)
        for name in names:
            self.assertRegex(output, r"-probe-stap vl:%s\s+breakpoint already hit \d+" % name)
        self.assertRegex(output, r"-probe-stap vl:phase\s+breakpoint already hit 15 times")

    def test_every_error_is_born_in_one_place(self):
        output = self.gdb_lines(["break error_setg_internal", "run", "backtrace", "kill"],
                                "-drive", "file=nope.img,format=raw")
        text = "\n".join(self.frames(output))
        for name in ("error_setg_internal", "drive_new", "create_drives", "main"):
            self.assertRegex(text, r"(?m)(^| in )%s \(" % name)

    def test_tables_print_by_name(self):
        # the docs: `p toy_fb::regs[2]` prints a row of the specification
        output = self.gdb_lines(["print goldfish_rtc::regs[0]"])
        self.assertRegex(output, r'"TIME_LOW"')
        self.assertRegex(output, r"<goldfish_rtc::\w+")


if __name__ == "__main__":
    vltest.main()
