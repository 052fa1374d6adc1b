# SPDX-License-Identifier: MIT
"""Firmware to U-Boot's prompt, and what it finds there. uboot_12.py and uboot_13.py run it, each
with the packages of one Debian release."""
import vltest
from uboot_case import UBootCase


class UBootTests(UBootCase):
    def test_disk_is_found(self):
        vl = self.boot("-drive", self.disk("disk.img", size=3 << 20))
        answer = self.ask(vl, "virtio info")
        self.assertIn("Device 0: vl   VirtIO Block Device", answer)
        self.assertIn("Capacity: 3.0 MB = 0.0 GB (6144 x 512)", answer)

    def test_two_disks(self):
        vl = self.boot("-drive", self.disk("a.img", b"first", size=1 << 20),
                       "-drive", self.disk("b.img", b"second", size=2 << 20))
        answer = self.ask(vl, "virtio info")
        self.assertRegex(answer, r"Device 0: .*\s+Type: Hard Disk\s+Capacity: 1\.0 MB")
        self.assertRegex(answer, r"Device 1: .*\s+Type: Hard Disk\s+Capacity: 2\.0 MB")
        for number, text in ((0, "66 69 72 73 74"), (1, "73 65 63 6f 6e 64")):
            self.ask(vl, "virtio dev %d" % number)
            self.assertIn("1 blocks read: OK", self.ask(vl, "virtio read 84000000 0 1"))
            self.assertIn(text, self.ask(vl, "md.b 84000000 10"))

    def test_write_reaches_the_file(self):
        vl = self.boot("-drive", self.disk("disk.img"))
        self.ask(vl, "virtio dev 0")
        self.ask(vl, "mw.l 84000000 31415926 100")
        self.assertIn("2 blocks written: OK", self.ask(vl, "virtio write 84000000 3 2"))
        vl.send("poweroff\r")
        self.assertEqual(vl.wait_exit(), 0)
        with open(self.path("disk.img"), "rb") as disk:
            data = disk.read()
        self.assertEqual(len(data), 1 << 20)
        self.assertEqual(data[3 * 512:5 * 512], bytes.fromhex("26594131") * 256)
        self.assertEqual(data[:3 * 512], bytes(3 * 512))
        self.assertEqual(data[5 * 512:], bytes(len(data) - 5 * 512))

    def check_files(self, drive, *args):
        vl = self.boot("-drive", drive, *args)
        answer = self.ask(vl, "ls virtio 0")
        self.assertRegex(answer, r"(?m)^ +20 +hello\.txt$")
        self.assertRegex(answer, r"(?m)^ +16384 +numbers\.bin$")
        self.assertIn("16384 bytes read", self.ask(vl, "load virtio 0 84000000 numbers.bin"))
        self.assertIn("84003ff0: f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff",
                      self.ask(vl, "md.b 84003ff0 10"))

    def test_fat(self):
        self.check_files(self.fat_disk())

    def test_ext4(self):
        self.check_files(self.ext4_disk())

    def test_legacy_transport(self):
        self.check_files(self.fat_disk(), "-global", "virtio-mmio.force-legacy=on")

    def test_memory_size(self):
        vl = self.boot("-m", "256")
        self.assertRegex(self.ask(vl, "bdinfo"), r"-> size +(= )?0x0*10000000")

    def test_aclint(self):
        vl = self.boot("-M", "toy,aclint=on", "-smp", "2")
        for what, value in (("HART Count", "2"), ("IPI Device", "aclint-mswi"),
                            ("Timer Device", "aclint-mtimer @ 10000000Hz")):
            self.assertRegex(vl.output, r"Platform %s +: %s\r?\n" % (what, value))
        self.assertIn("0000000002f00000-0000000002f03fff", self.mtree(vl))

    def mtree(self, vl):
        vl.open_monitor()
        return vl.command("info mtree -f")

    def test_poweroff(self):
        vl = self.boot()
        vl.send("poweroff\r")
        self.assertEqual(vl.wait_exit(), 0)

    def test_reset(self):
        vl = self.boot()
        vl.send("reset\r")
        vl.wait_for("OpenSBI v", 30)
        vl.wait_for("Hit any key to stop autoboot", 60)

    def test_reset_ends_with_no_reboot(self):
        vl = self.boot("-no-reboot")
        vl.send("reset\r")
        self.assertEqual(vl.wait_exit(), 0)

    def test_system_reset(self):
        vl = self.boot()
        vl.open_monitor()
        vl.command("system_reset")
        vl.close_monitor()
        vl.wait_for("OpenSBI v", 30)
        vl.wait_for("Hit any key to stop autoboot", 60)

    def test_poweroff_stops_with_no_shutdown(self):
        vl = self.boot("-no-shutdown")
        vl.send("poweroff\r")
        vl.wait_for("poweroff ...")
        vl.open_monitor()
        self.assertEqual(vl.command_until("info status", "paused"),
                         "VM status: paused (shutdown)\n")
        vl.command("screendump off.ppm")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_kernel_without_bios(self):
        vl = self.boot(bios=False)
        self.assertIn("U-Boot", self.ask(vl, "version"))
