# SPDX-License-Identifier: MIT
"""-readconfig and -writeconfig."""
import vltest
from cmdline_case import CommandLineCase


class ConfigFile(CommandLineCase):
    def test_round_trip(self):
        words = ["-m", "64", "-M", "toy", "-drive",
                 "file=disk.img,format=raw,if=none,id=a", "-device",
                 "virtio-blk-device,drive=a,id=first,serial=x,,y", "-global",
                 "virtio-mmio.force-legacy=on"]
        # help about devices ends vl before anything is opened
        end = ["-device", "help"]
        self.assertEqual(self.run_vl(*words, "-writeconfig", "a.cfg", *end)[0], 0)
        self.assertEqual(self.run_vl("-readconfig", "a.cfg", "-writeconfig", "b.cfg", *end)[0], 0)
        with open(self.path("a.cfg")) as a, open(self.path("b.cfg")) as b:
            first, second = a.read(), b.read()
        self.assertEqual(first, second)
        for line in ('[drive "a"]', '  file = "disk.img"', '[device "first"]',
                     '  driver = "virtio-blk-device"', '  serial = "x,y"', "[memory]",
                     '  size = "64"', "[global]", '  property = "force-legacy"'):
            self.assertIn(line + "\n", first)

    def test_to_standard_output(self):
        status, out, err = self.run_vl("-m", "64", "-writeconfig", "-", "-version")
        self.assertEqual((status, err), (0, ""))
        self.assertIn('[memory]\n  size = "64"\n', out)

    def test_a_machine_from_a_file(self):
        self.make_file("m.cfg", b"""# a comment

[memory]
  size = "32M"
[drive "a"]
  file = "disk.img"
  format = "raw"
  if = "none"
[device]
  driver = "virtio-blk-device"
  drive = "a"
""")
        vl = self.start(*self.QUIET[:2], "-serial", "null", "-monitor", "stdio", "-S",
                        "-readconfig", "m.cfg")
        vl.wait_for(vltest.PROMPT)
        self.assertIn("0000000080000000-0000000081ffffff (prio 0, ram): toy.ram",
                      vl.command("info mtree"))
        self.assertRegex(vl.command("info block"), r"(?m)^a \(#block\d+\): disk\.img \(raw\)$")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_mistakes(self):
        rows = (
            (b'[nope]\n x = "1"\n', 1, "There is no option group 'nope'"),
            (b'\n\nx = "1"\n', 3, "no group defined"),
            (b'[drive "a"\n', 1, "parse error"),
            (b'[drive "a"]\nfile\n', 2, "parse error"),
            (b'[memory]\nfoo = "1"\n', 2, "Invalid parameter 'foo'"),
            (b'[drive "a"]\n[drive "a"]\n', 2, "Duplicate ID 'a' for drive"),
        )
        for content, line, message in rows:
            with self.subTest(content=content):
                self.make_file("bad.cfg", content)
                self.assertEqual(self.answer("-readconfig", "bad.cfg"),
                                 "vl:bad.cfg:%d: %s\n" % (line, message))

    def test_a_drive_in_a_file(self):
        # what fails later still knows its line
        self.make_file("late.cfg", b'[drive "a"]\n  file = "nope.img"\n  format = "raw"\n')
        self.assertEqual(self.answer("-readconfig", "late.cfg"),
                         "vl:late.cfg:1: Could not open 'nope.img': No such file or directory\n")

    def test_files(self):
        self.check("-readconfig", "nope", "Could not open 'nope': No such file or directory")
        self.check("-readconfig", "folder", "Cannot read config file: Is a directory")
        self.check("-writeconfig", "nope/x",
                   "Cannot write config file nope/x: No such file or directory", qemu=False)


if __name__ == "__main__":
    vltest.main()
