# SPDX-License-Identifier: MIT
"""auto-read-only: what may not be written is opened for reading, and the error comes when a device
wants to write. Each line is said to vl and to QEMU, and both say the same."""
import os

import vltest

COMMON = ["-S", "-display", "none", "-serial", "none"]
DISK = "virtio-blk-device,drive=d"
NODE = "driver=file,filename=ro.img,node-name=d"
DENIED = "Could not open 'ro.img': Permission denied"


class AutoReadOnly(vltest.VlTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.make_file("ro.img", b"\x55" * 512, size=1 << 20), 0o444)
        self.make_file("rw.img", size=1 << 20)
        # root may write everything, unless that right is taken away
        self.prefix = []
        if os.geteuid() == 0:
            rights = "-dac_override,-dac_read_search"
            self.prefix = [vltest.tool("setpriv", "util-linux"), "--bounding-set", rights]

    def programs(self):
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        return ("vl", [vltest.vl_program()]), ("qemu-system-riscv64", [qemu, "-M", "virt"])

    def refused(self, message, *args):
        """By both, with the last option as the one that caused it."""
        for name, argv in self.programs():
            with self.subTest(args=args, program=name):
                status, _, err = vltest.run(self.prefix + argv + COMMON + [*args],
                                            cwd=self.folder)
                self.assertEqual((status, err), (1, "%s: %s %s: %s\n" % (
                    name, args[-2], args[-1], message)))

    def shown(self, line, *args):
        """`info block` has that line behind the node's name, in both."""
        for name, argv in self.programs():
            with self.subTest(args=args, program=name):
                status, out, err = vltest.run(
                    self.prefix + argv + COMMON + ["-monitor", "stdio", *args], cwd=self.folder,
                    stdin="info block\nquit\n")
                self.assertEqual((status, err), (0, ""))
                first = [text for text in out.splitlines() if text.startswith("d")][0]
                self.assertEqual(first.partition(": ")[2], line)

    def test_drive(self):
        self.refused(DENIED, "-drive", "if=virtio,format=raw,file=ro.img")
        self.refused(DENIED, "-drive", "if=none,id=d,format=raw,file=ro.img", "-device", DISK)
        self.refused(DENIED, "-drive", "if=none,id=d,format=raw,file=ro.img,auto-read-only=off")
        self.shown("ro.img (raw)", "-drive", "if=none,id=d,format=raw,file=ro.img")
        self.shown("ro.img (raw, read-only)", "-drive",
                   "if=none,id=d,format=raw,file=ro.img,read-only=on", "-device", DISK)

    def test_blockdev(self):
        self.refused(DENIED, "-blockdev", NODE)
        self.refused(DENIED, "-blockdev", NODE + ",auto-read-only=on", "-device", DISK)
        self.refused(DENIED, "-blockdev", "driver=raw,node-name=d,auto-read-only=on,"
                     "file.driver=file,file.filename=ro.img", "-device", DISK)
        self.refused(DENIED, "-blockdev", "driver=raw,node-name=d,auto-read-only=on,"
                     "file.driver=file,file.filename=ro.img,file.auto-read-only=off")
        self.shown("ro.img (file, read-only)", "-blockdev", NODE + ",read-only=on", "-device",
                   DISK)

    def test_lower_node(self):
        drive = "if=none,id=d,format=raw,file=rw.img,file.read-only=on"
        self.shown("rw.img (raw)", "-drive", drive)
        self.refused("Block node is read-only", "-drive", drive, "-device", DISK)

    def test_nbd(self):
        server = self.start_raw([vltest.tool("nbdkit", "nbdkit"), "-f", "-r", "--unix", "s.sock",
                                 "--run", "echo ready; exec sleep 100", "memory", "1M"])
        server.wait_for("ready")
        nbd = "driver=nbd,server.type=unix,server.path=s.sock"
        raw = "if=none,id=d,format=raw,file=nbd+unix:///?socket=s.sock"
        self.refused("Could not open image: Permission denied", "-blockdev", nbd + ",node-name=d")
        self.refused("Could not open image: Permission denied", "-drive",
                     raw + ",auto-read-only=off")
        self.refused("Block node is read-only", "-drive", raw, "-device", DISK)
        self.shown("nbd+unix://?socket=s.sock (nbd, read-only)", "-drive", "if=none,id=d," + nbd,
                   "-device", DISK)


if __name__ == "__main__":
    vltest.main()
