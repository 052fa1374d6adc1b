# SPDX-License-Identifier: MIT
"""Debian 13's kernel, loaded by OpenSBI 1.6, to BusyBox's shell in the guest debian-initrd."""
import os

import debian_case
import vltest


class Debian(debian_case.DebianCase):
    def drive(self, name, **kwargs):
        self.make_file(name, **kwargs)
        return "file=%s,format=raw,if=virtio" % name

    def ext4(self, name):
        drive = self.drive(name, size=16 << 20)
        status, _, err = vltest.run([vltest.tool("mkfs.ext4", "e2fsprogs"), "-q", name],
                                    cwd=self.folder)
        self.assertEqual(status, 0, err)
        return drive

    def gpt_header_of_noise(self):
        """A protective MBR and the signature of a GPT, with a header that is none."""
        mbr = bytearray(512)
        mbr[446:462] = bytes([0, 0, 2, 0, 0xee, 255, 255, 255, 1, 0, 0, 0, 255, 255, 255, 255])
        mbr[510:] = b"\x55\xaa"
        return bytes(mbr) + b"EFI PART" + bytes(range(256)) * 8

    def test_system(self):
        """Two harts: the kernel's log, the keyboard, disks good and bad, reboot and poweroff."""
        vl = self.boot("-drive", self.ext4("good.img"),
                       "-drive", self.drive("bad.img", content=self.gpt_header_of_noise(),
                                            size=1 << 20),
                       "-drive", self.ext4("fixed.img") + ",readonly=on", smp=2)
        self.check_log(
            vl, "Machine model: vl,toy-machine", "smp: Brought up 1 node, 2 CPUs",
            "cpu1: .* unaligned accesses are fast", "ttyS0 at MMIO 0x10000000 .* 16550A",
            "goldfish_rtc 101000.rtc: registered as rtc0",
            r"virtio_blk virtio0: \[vda\] 32768 512-byte logical blocks")
        self.assertEqual(self.ask(vl, "nproc"), "2\n")
        self.check_keyboard(vl)
        self.check_disks(vl)
        vl.send("reboot\n")
        vl.wait_for("OpenSBI v1.6")
        self.wait_for_shell(vl)
        self.assertEqual(self.ask(vl, "mount /dev/vda /mnt && cat /mnt/file").split("\n")[-2],
                         "kept over a reboot")
        self.poweroff(vl)
        self.check_file_system("good.img")

    def check_keyboard(self, vl):
        """Ctrl-C is the guest's under -nographic."""
        vl.send("sh -c 'echo it $((40 + 2)) sleeps; exec sleep 1000'\n")
        vl.wait_for("it 42 sleeps")  # the words of who has the terminal
        vl.send("\x03")
        vl.wait_for(debian_case.PROMPT)
        self.assertEqual(self.ask(vl, "echo $((6 * 7))"), "42\n")

    def check_disks(self, vl):
        self.assertEqual(self.ask(vl, "ls /dev/vd*"), "/dev/vda  /dev/vdb  /dev/vdc\n")
        self.assertIn("mounted filesystem", self.ask(vl, "mount /dev/vda /mnt"))
        self.ask(vl, "echo kept over a reboot >/mnt/file; umount /mnt")
        answer = self.ask(vl, "mount -o rw /dev/vdc /mnt; touch /mnt/file")
        self.assertIn("Read-only file system", answer)
        self.assertRegex(self.ask(vl, "dd if=/dev/zero of=/dev/vdc count=1"),
                         "Operation not permitted|Read-only")
        self.ask(vl, "umount /mnt")

    def check_file_system(self, name):
        status, out, _ = vltest.run([vltest.tool("e2fsck", "e2fsprogs"), "-fn", name],
                                    cwd=self.folder)
        self.assertEqual(status, 0, out)

    def test_panic_reboots(self):
        vl = self.boot("-no-reboot", append="panic=1", smp=1)
        vl.send("echo c >/proc/sysrq-trigger\n")
        vl.wait_for("Kernel panic - not syncing: sysrq triggered crash")
        self.assertEqual(vl.wait_exit(30), 0)


if __name__ == "__main__":
    vltest.main()
