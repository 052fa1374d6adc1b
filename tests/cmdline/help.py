# SPDX-License-Identifier: MIT
"""What asks for help gets it on standard output, with status 0."""
import os
import re

import vltest


class Help(vltest.VlTest):
    def helps(self, *args):
        status, out, err = self.run_vl(*args)
        self.assertEqual((status, err), (0, ""), args)
        self.assertEqual(os.listdir(self.folder), [])
        return out

    def test_version(self):
        for option in ("-version", "--version"):
            self.assertRegex(self.helps(option), r"^vl version \d+\.\d+\.\d+\n$")

    def test_help_lists_the_options(self):
        text = self.helps("-h")
        self.assertEqual(self.helps("-help"), text)
        for option in ("-machine", "-drive", "-device", "-kernel", "-bios", "-append", "-initrd",
                       "-dtb", "-m", "-smp", "-cpu", "-accel", "-global", "-display", "-nographic",
                       "-serial", "-monitor", "-S", "-no-reboot", "-d", "-dfilter", "-D", "-readconfig",
                       "-writeconfig"):
            self.assertRegex(text, r"(?m)^%s " % re.escape(option))

    def test_machines(self):
        for question in ("help", "?", "type=help"):
            lines = self.helps("-M", question).splitlines()
            self.assertEqual(lines[0], "Supported machines are:")
            self.assertRegex(lines[1], r"^toy {18}\S.* \(default\)$")
            self.assertRegex(lines[2], r"^virt {17}\S.* \(alias of toy\)$")

    def test_devices(self):
        text = self.helps("-device", "help")
        self.assertIn("Storage devices:\n", text)
        self.assertRegex(text, r'Network devices:\nname "virtio-net-device", bus virtio-bus, desc')
        first, *kinds = self.helps("-chardev", "help").splitlines()
        self.assertEqual(first, "Available chardev backend types: ")
        self.assertEqual(sorted(kinds), ["  file", "  null", "  pipe", "  socket", "  stdio"])
        self.assertEqual(self.helps("-netdev", "help"), "Available netdev backend types:\nuser\n")
        self.assertRegex(text, r'(?m)^name "virtio-blk-device", bus virtio-bus, desc ".+"$')
        # what only a board makes is not offered
        self.assertNotIn("sifive", text)
        self.assertEqual(self.helps("-device", "?"), text)

    def test_objects(self):
        first, *types = self.helps("-object", "help").splitlines()
        self.assertEqual(first, "List of user creatable objects:")
        self.assertIn("  rng-builtin", types)
        self.assertEqual(self.helps("-object", "rng-random,help"),
                         "rng-random options:\n  filename=<string>\n")
        self.assertEqual(self.helps("-object", "rng-builtin,help"),
                         "There are no options for rng-builtin.\n")
        # QEMU has these types too, and these words
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        for question in ("help", "rng-random,help", "rng-builtin,help"):
            _, theirs, _ = vltest.run([qemu, "-M", "virt", "-object", question])
            for line in self.helps("-object", question).splitlines():
                self.assertIn(line, theirs.splitlines())

    def test_device_properties(self):
        lines = self.helps("-device", "virtio-blk-device,help").splitlines()
        self.assertEqual(lines[0], "virtio-blk-device options:")
        self.assertRegex("\n".join(lines), r"(?m)^  drive=<str> +- .+$")
        self.assertRegex("\n".join(lines), r"(?m)^  queue-size=<uint\d+> +- .*\(default: \d+\)$")
        self.assertEqual(lines[1:], sorted(lines[1:]))
        # in the columns that QEMU uses
        _, out, _ = vltest.run([vltest.tool("qemu-system-riscv64", "qemu-system-misc"), "-M",
                                "virt", "-device", "virtio-blk-device,help"])
        column = {line.index(" - ") for text in (lines, out.splitlines()) for line in text
                  if line.startswith("  drive=")}
        self.assertEqual(len(column), 1, column)

    def test_formats(self):
        lines = self.helps("-drive", "format=help").splitlines()
        self.assertRegex(lines[0], r"^Supported formats: ")
        self.assertRegex(lines[1], r"^Supported formats \(read-only\): ")
        # null-co is in a module that nobody has loaded yet
        for name in ("raw", "file", "host_device", "null-co"):
            self.assertIn(name, lines[0].split())

    def test_lists(self):
        self.assertRegex(self.helps("-cpu", "help"), r"(?m)^  rv64\n  rva22s64$")
        self.assertRegex(self.helps("-accel", "help"), r"(?m)^interp$")
        log = self.helps("-d", "help")
        items = re.findall(r"(?m)^(\w+) {2,}\S", log)
        self.assertEqual(items, ["in_asm", "int", "exec", "cpu", "mmu", "cpu_reset", "unimp",
                                 "guest_errors"])
        # under QEMU's names, in its order
        _, out, _ = vltest.run([vltest.tool("qemu-system-riscv64", "qemu-system-misc"), "-d",
                                "help"])
        self.assertEqual([word for word in re.findall(r"(?m)^\w+", out) if word in items], items)
        self.assertEqual(self.helps("-display", "help").splitlines(),
                         ["Available display backend types:", "none", "sdl"])

    def test_help_opens_nothing(self):
        self.helps("-drive", "file=nope.img", "-device", "help")
        self.helps("-kernel", "nope", "-M", "help")


if __name__ == "__main__":
    vltest.main()
