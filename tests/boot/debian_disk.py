# SPDX-License-Identifier: MIT
"""Debian 13 from the raw disk of the guest debian-disk: the whole chain to `login:`, dpkg, and what
is left on the disk when the host kills vl."""
import os

import debian_case
import vltest

PROMPT = "root@toy:~# "
ROOT_OFFSET = 65 << 20
CONTROL = r"Package: small\nVersion: 1\nArchitecture: all\nMaintainer: root <root@toy>\n" \
          r"Description: small\n"


class DebianDisk(vltest.VlTest):
    def setUp(self):
        super().setUp()
        folder = vltest.guest("debian-disk", timeout=3000)
        status, _, err = vltest.run(["cp", "--sparse=always", os.path.join(folder, "disk.img"),
                                     self.path("disk.img")])
        self.assertEqual(status, 0, err)

    def boot(self):
        """vl, with root logged in."""
        firmware = vltest.guest("uboot")
        vl = self.start("-m", "1G", "-smp", "2", "-nographic",
                        "-bios", os.path.join(firmware, "fw_jump.bin"),
                        "-kernel", os.path.join(firmware, "u-boot.bin"),
                        "-drive", "file=disk.img,format=raw,if=virtio", lifetime=900)
        vl.wait_for("toy login: ", 400)
        vl.send("root\n")
        vl.wait_for(PROMPT, 60)
        vl.send("bind 'set enable-bracketed-paste off'; stty columns 500\n")
        vl.wait_for(PROMPT, 60)
        return vl

    def ask(self, vl, line, timeout=120):
        """Types a line at the shell, which must succeed; returns what it prints."""
        vl.send(line + "; echo status=$?\n")
        vl.wait_for("status=$?", timeout)
        vl.wait_for("\n", timeout)
        answer = vl.wait_for("status=", timeout)
        self.assertTrue(vl.wait_for(PROMPT, timeout).startswith("0"), answer)
        return answer.replace("\r", "")

    def test_disk(self):
        vl = self.boot()
        self.assertIn("running", self.ask(vl, "systemctl is-system-running --wait", 300))
        self.check_packages(vl)
        self.ask(vl, "echo kept >file && sync")
        vl.process.kill()
        vl.wait_exit()

        vl = self.boot()
        self.assertIn("kept", self.ask(vl, "cat file"))
        self.assertIn("root: clean",
                      self.ask(vl, "journalctl -b --no-pager -u systemd-fsck-root.service"))
        vl.send("poweroff\n")
        self.assertEqual(vl.wait_exit(180), 0)
        status, out, err = vltest.run([vltest.tool("e2fsck", "e2fsprogs"), "-fn",
                                       "disk.img?offset=%d" % ROOT_OFFSET], cwd=self.folder)
        self.assertEqual(status, 0, out + err)

    def check_packages(self, vl):
        """dpkg's database is whole, and it installs a package that the guest makes."""
        self.assertEqual(self.ask(vl, "dpkg --audit").strip(), "")
        self.ask(vl, "apt-get check")
        self.ask(vl, "mkdir -p small/DEBIAN && printf '%s' >small/DEBIAN/control && "
                     "dpkg-deb -b small && dpkg -i small.deb" % CONTROL)
        self.assertIn("install ok installed", self.ask(vl, "dpkg-query -s small"))


if __name__ == "__main__":
    vltest.main()
