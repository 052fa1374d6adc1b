# SPDX-License-Identifier: MIT
"""Debian 13's kernel and BusyBox's shell, of the guest debian-initrd, on the toy machine."""
import os

import vltest

PROMPT = "~ # "
# A warning about the host: another program had the processor.
HOST_WARNINGS = "hrtimer: interrupt took"


class DebianCase(vltest.VlTest):
    def boot(self, *args, append="", smp=2):
        """vl at the shell, without a boot loader: OpenSBI starts the kernel."""
        folder = vltest.guest("debian-initrd")
        vl = self.start("-m", "512M", "-smp", str(smp), "-nographic",
                        "-bios", os.path.join(vltest.guest("uboot"), "fw_dynamic.bin"),
                        "-kernel", os.path.join(folder, "Image"),
                        "-initrd", os.path.join(folder, "initrd.gz"),
                        "-append", "console=ttyS0 " + append, *args, lifetime=300)
        self.wait_for_shell(vl)
        return vl

    def wait_for_shell(self, vl):
        vl.wait_for("init: this is the initrd", 90)
        vl.wait_for(PROMPT, 60)

    def ask(self, vl, line, timeout=30):
        """Types a line at the shell; returns what it prints."""
        vl.send(line + "; echo status=$?\n")
        vl.wait_for("status=$?\r\n")
        answer = vl.wait_for("status=", timeout)
        vl.wait_for(PROMPT)
        return answer.replace("\r", "")

    def check_log(self, vl, *lines):
        """Nothing in the kernel's log is a warning, or worse; and the lines are there."""
        warnings = [line for line in self.ask(vl, "dmesg -r | grep '^<[0-4]>'").split("\n")
                    if line and HOST_WARNINGS not in line]
        self.assertEqual(warnings, [])
        log = self.ask(vl, "dmesg")
        for line in lines:
            self.assertRegex(log, line)

    def poweroff(self, vl):
        vl.send("poweroff\n")
        self.assertEqual(vl.wait_exit(60), 0)
