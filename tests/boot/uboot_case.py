# SPDX-License-Identifier: MIT
"""OpenSBI and U-Boot, as Debian packages them, on the toy machine."""
import os

import vltest

UBOOT_PROMPT = "=> "


class UBootCase(vltest.VlTest):
    guest = "uboot"  # of scripts/guest

    def firmware(self):
        return os.path.join(vltest.guest(self.guest), "fw_jump.bin")

    def uboot(self):
        return os.path.join(vltest.guest(self.guest), "u-boot.bin")

    def boot(self, *args, bios=True):
        """vl at U-Boot's prompt."""
        words = ["-nographic", "-kernel", self.uboot(), *args]
        if bios:
            words += ["-bios", self.firmware()]
        vl = self.start(*words)
        vl.wait_for("OpenSBI v", 30)
        vl.wait_for("U-Boot 20", 30)
        vl.wait_for("Hit any key to stop autoboot", 60)
        vl.send(" ")
        vl.wait_for(UBOOT_PROMPT)
        return vl

    def ask(self, vl, line, timeout=20):
        """Types a line at U-Boot's prompt; returns what it answers."""
        vl.send(line + "\r")
        vl.wait_for(line + "\r")
        return vl.wait_for("\n" + UBOOT_PROMPT, timeout).replace("\r", "")

    def disk(self, name, content=None, size=1 << 20):
        self.make_file(name, content or b"", size=size)
        return "file=%s,format=raw,if=virtio" % name

    def files(self):
        """A folder to make file systems of."""
        os.mkdir(self.path("files"))
        self.make_file("files/hello.txt", b"Hello from the disk\n")
        self.make_file("files/numbers.bin", bytes(range(256)) * 64)
        return self.path("files")

    def must_run(self, *argv):
        status, out, err = vltest.run(list(argv), cwd=self.folder)
        self.assertEqual(status, 0, "%s\n%s%s" % (" ".join(argv), out, err))

    def fat_disk(self):
        files = self.files()
        drive = self.disk("fat.img", size=4 << 20)
        self.must_run(vltest.tool("mkfs.vfat", "dosfstools"), "-n", "TOY", "fat.img")
        for name in os.listdir(files):
            self.must_run(vltest.tool("mcopy", "mtools"), "-i", "fat.img",
                          os.path.join(files, name), "::" + name)
        return drive

    def ext4_disk(self):
        files = self.files()
        drive = self.disk("ext4.img", size=8 << 20)
        self.must_run(vltest.tool("mkfs.ext4", "e2fsprogs"), "-q", "-d", files, "ext4.img")
        return drive
