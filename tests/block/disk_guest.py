# SPDX-License-Identifier: MIT
"""A guest that writes what a test says: U-Boot of Debian 13, by its virtio commands."""
import os

import vltest

BUFFER = 0x84000000
PROMPT = "=> "


class DiskGuest(vltest.VlTest):
    def boot(self, *args, wrapper=()):
        """A vl, run by `wrapper`, at U-Boot's prompt, which knows the disks."""
        firmware = vltest.guest("uboot")
        vl = self.start_raw([
            *wrapper, vltest.vl_program(), "-nographic",
            "-bios", os.path.join(firmware, "fw_jump.bin"),
            "-kernel", os.path.join(firmware, "u-boot.bin"), *args])
        vl.wait_for("Hit any key to stop autoboot", 60)
        vl.send(" ")
        vl.wait_for(PROMPT)
        self.ask(vl, "virtio scan")
        return vl

    def ask(self, vl, line):
        vl.send(line + "\r")
        vl.wait_for(line + "\r")
        return vl.wait_for("\n" + PROMPT)

    def write(self, vl, block, count, byte):
        """The guest writes `count` sectors full of `byte`; it waits until that is done."""
        self.ask(vl, "mw.b %x %x %x" % (BUFFER, byte, count * 512))
        answer = self.ask(vl, "virtio write %x %x %x" % (BUFFER, block, count))
        self.assertIn("%d blocks written: OK" % count, answer)

    def content(self, name="disk.img"):
        with open(self.path(name), "rb") as file:
            return file.read()
