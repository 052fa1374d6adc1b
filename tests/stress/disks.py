# SPDX-License-Identifier: MIT
"""A guest with disks on iothreads, which resets them with requests under way; and what the monitor may
do meanwhile: stop, reset, resize, commit, drain, quit."""
import os
import random
import time

import vltest
from stress_case import ROUNDS, SECONDS, REPORT, DisturbedGuest

DISKS = 4


class Disks(DisturbedGuest):
    """Two iothreads for three disks, by threads and by a ring; one disk has none."""

    def setUp(self):
        super().setUp()
        self.MORE = ["-object", "iothread,id=io0", "-object", "iothread,id=io1"]
        for n in range(DISKS):
            self.make_file("disk%d.img" % n, size=1 << 20)
            drive = "file=disk%d.img,format=raw,if=none,id=d%d" % (n, n)
            drive += (",snapshot=on", ",aio=io_uring", ",cache=none", "")[n]
            device = "virtio-blk-device,drive=d%d" % n
            device += (",iothread=io0", ",iothread=io1", ",iothread=io0", "")[n]
            self.MORE += ["-drive", drive, "-device", device]

    def test_left_alone(self):
        status, out, err = self.run_vl(*self.words(4, SECONDS), timeout=SECONDS + 60)
        self.assertRegex(out, REPORT)
        self.assertEqual((status, err), (0, ""), err[:6000])

    def test_stop_and_cont(self):
        vl = self.start_guest(4, 2)
        for _ in range(ROUNDS // 2):
            vl.command("stop")
            before = self.images()
            if vl.command("info status") == "VM status: paused (shutdown)\n":
                break  # a slow machine: the guest has come to its end meanwhile
            time.sleep(random.random() / 100)
            self.assertEqual(self.images(), before)  # nobody writes
            vl.command("cont")
            time.sleep(random.random() / 100)
        self.check_end(vl)

    def images(self):
        found = []
        for n in range(DISKS):
            with open(self.path("disk%d.img" % n), "rb") as file:
                found.append(file.read())
        return found

    def test_system_reset(self):
        self.check_resets(4, ROUNDS // 4)

    def test_commands(self):
        vl = self.start_guest(4, 3)
        for number in range(ROUNDS // 4):
            for drive in range(DISKS):
                size = (1 << 20) + number * 4096
                self.assertEqual(vl.command("block_resize d%d %dB" % (drive, size)), "")
                limit = 0 if number % 2 else 5000
                self.assertEqual(vl.command("block_set_io_throttle d%d 0 0 0 %d 0 0" %
                                            (drive, limit)), "")
            self.assertEqual(vl.command("commit all"), "")
            self.assertIn("/machine/peripheral-anon", vl.command("info block -v"))
        self.assertIn("io1:\n  thread_id=", vl.command("info iothreads"))
        self.assertEqual(vl.command("object_del io0"),
                         "Error: object 'io0' is in use, can not be deleted\n")
        self.check_end(vl)
        for n in range(DISKS):
            self.assertGreaterEqual(os.path.getsize(self.path("disk%d.img" % n)), 1 << 20)

    def test_quit(self):
        for number in range(ROUNDS // 4):
            vl = self.start_guest(4, 60)
            time.sleep(random.random() / 20)
            self.check_quit(vl, stopped=number % 2)


if __name__ == "__main__":
    vltest.main()
