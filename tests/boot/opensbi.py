# SPDX-License-Identifier: MIT
"""What OpenSBI prints about its platform is what -smp and -cpu asked for."""
import re

import vltest
from uboot_case import UBootCase

# Extensions that OpenSBI 1.6 knows and prints, in its order.
PRINTED = ["sstc", "zicntr", "zihpm", "zicboz", "zicbom", "svpbmt", "svade", "svadu"]


class OpenSBI(UBootCase):
    def platform(self, *args):
        """The names and values of its print-out."""
        vl = self.start("-nographic", "-bios", self.firmware(), *args)
        text = vl.wait_for("Boot HART MEDELEG", 30)
        vl.close()
        return dict(re.findall(r"(?m)^(\S.*?) +: (.*?)\r?$", text))

    def extensions(self, cpu):
        platform = self.platform("-cpu", cpu)
        return platform["Boot HART Base ISA"], [
            name for name in platform["Boot HART ISA Extensions"].split(",") if name in PRINTED]

    def test_harts(self):
        for harts in (1, 3, 32):
            platform = self.platform("-smp", str(harts))
            self.assertEqual(platform["Platform HART Count"], str(harts))
            self.assertEqual(platform["Domain0 HARTs"],
                             ",".join("%d*" % hart for hart in range(harts)))
            self.assertLess(int(platform["Boot HART ID"]), harts)

    def test_platform(self):
        platform = self.platform()
        for name, value in (("Platform Name", "vl,toy-machine"),
                            ("Platform IPI Device", "aclint-mswi"),
                            ("Platform Timer Device", "aclint-mtimer @ 10000000Hz"),
                            ("Platform Console Device", "uart8250"),
                            ("Platform Reboot Device", "syscon-reboot"),
                            ("Platform Shutdown Device", "syscon-poweroff"),
                            ("Boot HART Priv Version", "v1.12"),
                            ("Boot HART PMP Count", "16"),
                            ("Boot HART PMP Granularity", "2 bits"),
                            ("Boot HART PMP Address Bits", "54"),
                            ("Boot HART Debug Triggers", "0 triggers")):
            self.assertEqual(platform.get(name), value, name)

    def test_models(self):
        self.assertEqual(self.extensions("rv64"), (
            "rv64imafdc", [name for name in PRINTED if name != "svade"]))
        self.assertEqual(self.extensions("rva22s64"), (
            "rv64imafdc", ["zicntr", "zihpm", "zicboz", "zicbom", "svpbmt", "svade"]))

    def test_properties(self):
        # what the boot needs least, one at a time and all at once
        rv64 = [name for name in PRINTED if name != "svade"]
        for name in ("sstc", "zicboz", "zicbom", "svpbmt", "svadu"):
            self.assertEqual(self.extensions("rv64,%s=off" % name)[1],
                             [other for other in rv64 if other != name])
        self.assertEqual(self.extensions("rv64,svade=on,svadu=off,f=off,d=off"), (
            "rv64imac", [name for name in PRINTED if name != "svadu"]))


if __name__ == "__main__":
    vltest.main()
