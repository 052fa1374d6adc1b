# SPDX-License-Identifier: MIT
"""The whole chain from a raw disk: OpenSBI, U-Boot, its EFI, GRUB, the kernel's EFI stub, and the
kernel's console on the framebuffer that U-Boot handed on."""
import os

import debian_case
import vltest



class DebianEfi(debian_case.DebianCase):
    def test_chain(self):
        firmware = vltest.guest("uboot")
        disk = os.path.join(vltest.guest("debian-efi"), "disk.img")
        vl = self.start("-m", "512M", "-nographic",
                        "-bios", os.path.join(firmware, "fw_jump.bin"),
                        "-kernel", os.path.join(firmware, "u-boot.bin"),
                        "-drive", "file=%s,format=raw,if=virtio,readonly=on" % disk, lifetime=300)
        for words in ("OpenSBI v1.6", "U-Boot 2025.01-", "Booting: virtio 0", "GNU GRUB",
                      "EFI stub: Booting Linux Kernel", "EFI stub: Loaded initrd",
                      "EFI stub: Exiting boot services"):
            vl.wait_for(words, 60)
        self.wait_for_shell(vl)
        self.check_log(vl, "efi: EFI v2.10 by Das U-Boot",
                       "efifb: framebuffer at 0x11000000, using 3072k",
                       "Console: switching to colour frame buffer device 128x48")
        self.check_screen(vl)
        self.poweroff(vl)

    def check_screen(self, vl):
        """A bar of 80 white spaces in the first line, written to the kernel's console."""
        self.ask(vl, r"printf '\033[2J\033[H\033[7m%80s\033[0m' >/dev/tty0")
        vl.open_monitor()
        self.assertEqual(vl.command("screendump screen.ppm"), "")
        vl.close_monitor()
        width, height, pixels = vltest.read_ppm(self.path("screen.ppm"))
        self.assertEqual((width, height), (1024, 768))
        grey, black = b"\xaa\xaa\xaa", b"\0\0\0"
        for y in (0, 8, 13):
            self.assertEqual(pixels[y * width * 3:][:width * 3],
                             grey * 80 * 8 + black * (width - 80 * 8))
        # below it nothing; the cursor blinks in the line's last two rows
        self.assertEqual(pixels[16 * width * 3:], black * (width * (height - 16)))


if __name__ == "__main__":
    vltest.main()
