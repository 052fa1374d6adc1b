# SPDX-License-Identifier: MIT
"""Loadable modules: when they are loaded, and which are refused. MODULES has two that must be."""
import os
import shutil

import guestcode
import vltest

DRIVE = "driver=null-co,size=1M,if=none"


class Modules(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("off.bin", guestcode.POWER_OFF)
        self.words = ["-display", "none", "-bios", "off.bin"]

    def try_module(self, folder, program=None):
        env = dict(os.environ)
        if folder:
            env["QEMU_MODULE_DIR"] = folder
        return vltest.run([program or vltest.vl_program(), *self.words, "-drive", DRIVE],
                          cwd=self.folder, env=env)

    def refused(self, folder, *lines, program=None):
        status, out, err = self.try_module(folder, program)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err.splitlines(), [*lines, "vl: -drive %s: Unknown driver 'null-co'"
                                            % DRIVE])

    def module(self, name):
        return os.path.join(os.environ["MODULES"], name)

    def test_loads_on_first_use(self):
        strace = vltest.tool("strace", "strace")
        for drive, times in ((["-drive", DRIVE], 1), (["-drive", DRIVE, "-drive", DRIVE], 1),
                             ([], 0)):
            status, _, err = vltest.run(
                [strace, "-f", "-o", "trace", "-e", "trace=openat", vltest.vl_program(),
                 *self.words, *drive], cwd=self.folder)
            self.assertEqual(status, 0, err)
            with open(self.path("trace")) as trace:
                opened = [line for line in trace if "block-null-co.so" in line]
            self.assertEqual(len(opened), times, opened)

    def test_network(self):
        strace = vltest.tool("strace", "strace")
        for words, times in ((["-nic", "user"], 1), (["-nic", "none"], 0), ([], 0)):
            vltest.run([strace, "-f", "-o", "trace", "-e", "trace=openat", vltest.vl_program(),
                        *self.words, *words], cwd=self.folder)
            with open(self.path("trace")) as trace:
                opened = [line for line in trace if "slirp" in line and "ENOENT" not in line]
            self.assertEqual(any("net-slirp.so" in line for line in opened), times == 1)
            self.assertEqual(any("libslirp" in line for line in opened), times == 1)

    def test_another_build(self):
        folder = self.module("other-build")
        self.refused(folder, "Failed to initialize module: %s/block-null-co.so" % folder,
                     "Note: only modules from the same build can be loaded.")

    def test_not_a_module(self):
        folder = self.module("not-a-module")
        self.refused(folder, "Failed to initialize module: %s/block-null-co.so" % folder)

    def test_not_a_library(self):
        os.mkdir(self.path("text"))
        self.make_file("text/block-null-co.so", b"This is a text, and no library at all.\n" * 100)
        path = self.path("text/block-null-co.so")
        self.refused(self.path("text"),
                     "Failed to open module: %s: invalid ELF header" % path)

    def test_missing(self):
        # beside this copy of vl there are no modules
        os.makedirs(self.path("a/b"))
        shutil.copy(vltest.vl_program(), self.path("a/b/vl"))
        self.refused(None, program=self.path("a/b/vl"))
        # one folder up, it is found; and where the environment says, too
        good = os.path.join(os.path.dirname(vltest.vl_program()), "block-null-co.so")
        shutil.copy(good, self.path("a/block-null-co.so"))
        self.assertEqual(self.try_module(None, self.path("a/b/vl")), (0, "", ""))
        os.remove(self.path("a/block-null-co.so"))
        self.assertEqual(self.try_module(os.path.dirname(good), self.path("a/b/vl")), (0, "", ""))

    def test_display(self):
        os.mkdir(self.path("alone"))
        shutil.copy(vltest.vl_program(), self.path("alone/vl"))
        status, _, err = vltest.run([self.path("alone/vl"), "-display", "sdl"], cwd=self.folder)
        self.assertEqual((status, err), (1, "vl: -display sdl: Parameter 'type' does not accept "
                                            "value 'sdl'\n"))


if __name__ == "__main__":
    vltest.main()
