# SPDX-License-Identifier: MIT
"""snapshot=on and -snapshot: the image stays as it is, whatever ends vl, until `commit`."""
import os

import vltest
from disk_guest import DiskGuest

SIZE = 1 << 20
DRIVE = "file=disk.img,format=raw,if=virtio"


class Snapshot(DiskGuest):
    def setUp(self):
        super().setUp()
        self.original = os.urandom(SIZE)
        self.make_file("disk.img", self.original)
        os.mkdir(self.path("tmp"))

    def test_killed(self):
        vl = self.boot("-drive", DRIVE, "-snapshot")
        self.write(vl, 0, 100, 0x5A)
        self.assertEqual(self.content(), self.original)
        vl.process.kill()
        vl.process.wait()
        self.assertEqual(self.content(), self.original)

    def test_commit(self):
        vl = self.boot("-drive", DRIVE + ",snapshot=on", wrapper=("env", "TMPDIR=tmp"))
        self.write(vl, 16, 32, 0x11)
        self.write(vl, 40, 2, 0x22)
        self.assertEqual(os.listdir(self.path("tmp")), [])
        self.assertEqual(self.content(), self.original)
        vl.open_monitor()
        self.assertIn("Backing file:     disk.img (chain depth: 1)", vl.command("info block"))
        self.assertEqual(vl.command("commit virtio0"), "")
        expected = bytearray(self.original)
        expected[16 * 512:48 * 512] = b"\x11" * 32 * 512
        expected[40 * 512:42 * 512] = b"\x22" * 2 * 512
        self.assertEqual(self.content(), bytes(expected))
        vl.close_monitor()
        self.write(vl, 0, 1, 0x33)
        vl.open_monitor()
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)
        self.assertEqual(self.content(), bytes(expected))

    def test_two_share_a_base(self):
        first = self.boot("-drive", DRIVE, "-snapshot")
        self.boot("-drive", DRIVE, "-snapshot")
        first.open_monitor()
        self.assertEqual(first.command("commit all"),
                         "'commit' error for 'virtio0': Failed to get \"write\" lock\n"
                         "Is another process using the image [disk.img]?\n")
        self.assertEqual(self.content(), self.original)

    def test_refused(self):
        vl = self.start("-S", "-display", "none", "-monitor", "stdio", "-drive", DRIVE)
        vl.wait_for(vltest.PROMPT)
        self.assertEqual(vl.command("commit virtio0"),
                         "'commit' error for 'virtio0': Operation not supported\n")
        self.assertEqual(vl.command("commit x"), "Device 'x' not found\n")


if __name__ == "__main__":
    vltest.main()
