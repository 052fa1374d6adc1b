# SPDX-License-Identifier: MIT
"""A command line, what vl answers, and what QEMU answers to the same words."""
import os

import vltest


class CommandLineCase(vltest.VlTest):
    # What stands in front of the words under test: nothing may open a window or read the terminal.
    QUIET = ["-display", "none", "-monitor", "none"]

    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)
        os.mkdir(self.path("folder"))
        self.before = self.listing()

    def listing(self):
        found = {}
        for name in os.listdir(self.folder):
            info = os.stat(self.path(name))
            found[name] = (info.st_mode, info.st_size, info.st_mtime_ns)
        return found

    def answer(self, *args):
        """vl's standard error; its status must be 1, and nothing may be left behind."""
        before = self.listing()
        status, out, err = self.run_vl(*self.QUIET, "-serial", "null", *args)
        self.assertEqual((status, out), (1, ""), "%s said:\n%s" % (args, err))
        after = self.listing()
        for name in before:
            # opening a file to write must not have written
            self.assertEqual(after.get(name), before[name], name)
        self.assertEqual(set(after), set(before))
        return err

    def qemu_answer(self, *args):
        """What QEMU says to the same, under vl's name."""
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([qemu, "-M", "virt", *self.QUIET, "-serial", "null", *args],
                                    cwd=self.folder)
        self.assertEqual(status, 1, err)
        return err.replace("qemu-system-riscv64:", "vl:")

    def check(self, option, text, message, before=(), qemu=True):
        """`option text` is answered with `vl: option text: message`. `qemu`: so does QEMU."""
        args = [*before, option, *([text] if text is not None else [])]
        where = option if text is None else "%s %s" % (option, text)
        with self.subTest(line=" ".join(args)):
            want = "vl: %s: %s\n" % (where, message)
            self.assertEqual(self.answer(*args), want)
            if qemu:
                self.assertEqual(self.qemu_answer(*args), want, "QEMU says otherwise")
