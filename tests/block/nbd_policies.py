# SPDX-License-Identifier: MIT
"""rerror= and werror= with disks on a server that errs, finds no space, or hangs up: what the guest is
told, when the machine stops, and that nothing which was reported as written is lost."""
import os
import time

import vltest
from disk_guest import BUFFER, DiskGuest
from nbd_server import NbdCase

SIZE = 1 << 20


class NbdPolicies(NbdCase, DiskGuest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("disks"))

    def server(self, error, name, *args):
        """Serves the folder "disks"; fails all reads and writes while the file `name`.fail is there."""
        return self.nbdkit("--filter=error", "file", "dir=disks", "error=" + error,
                           "error-rate=100%", "error-file=%s.fail" % name, *args, name=name)

    def disks(self, *rows):
        """Arguments for disks d0, d1, ... of (socket, options)."""
        args = []
        for n, (socket, options) in enumerate(rows):
            self.make_file("disks/d%d" % n, size=SIZE)
            args += ["-drive", "if=none,id=d%d,format=raw,file=nbd+unix:///d%d?socket=%s%s" % (
                n, n, socket, options), "-device", "virtio-blk-device,drive=d%d" % n]
        return args

    def read(self, vl, disk):
        self.ask(vl, "virtio dev %d" % disk)
        return self.ask(vl, "virtio read %x 8 8" % BUFFER)

    def try_write(self, vl, disk, byte):
        self.ask(vl, "virtio dev %d" % disk)
        self.ask(vl, "mw.b %x %x 1000" % (BUFFER, byte))
        return self.ask(vl, "virtio write %x 8 8" % BUFFER)

    def type_request(self, vl, disk, kind):
        """A request that may stop the machine: does not wait for its end."""
        self.ask(vl, "virtio dev %d" % disk)
        line = "virtio %s %x 8 8\r" % (kind, BUFFER)
        vl.send(line)
        vl.wait_for(line)

    def goes_on(self, vl, mend, answer):
        """The machine has stopped. It goes on when `mend` has been called, maybe not at once."""
        vl.open_monitor()
        self.assertIn("io-error", vl.command_until("info status", "io-error"))
        self.assertIn("I/O status:", vl.command("info block"))
        mend()
        stopped_at = len(vl.output)
        deadline = time.monotonic() + 60 * vltest.SLOWNESS
        while answer not in vl.output[stopped_at:]:
            self.assertLess(time.monotonic(), deadline)
            vl.command("cont")
            time.sleep(0.05)
        vl.close_monitor()
        self.ask(vl, "true")  # an empty line would repeat the request

    def on_disk(self, disk):
        with open(self.path("disks/d%d" % disk), "rb") as file:
            return set(file.read()[4096:8192])

    def test_policies(self):
        self.server("EIO", "eio")
        self.server("ENOSPC", "full")
        vl = self.boot(*self.disks(
            ("eio", ",rerror=report,werror=report"),
            ("eio", ",rerror=ignore,werror=ignore"),
            ("eio", ",werror=enospc"),
            ("eio", ",rerror=stop,werror=stop"),
            ("full", ",werror=enospc"),
            ("full", "")))
        for disk in range(6):
            self.assertIn("8 blocks written: OK", self.try_write(vl, disk, 0x10 + disk))
        fails = [self.make_file(name + ".fail") for name in ("eio", "full")]

        for disk in (0, 2):
            self.assertIn("blocks read: ERROR", self.read(vl, disk))
            self.assertIn("blocks written: ERROR", self.try_write(vl, disk, 0xEE))
        self.assertIn("8 blocks read: OK", self.read(vl, 1))
        self.assertIn("8 blocks written: OK", self.try_write(vl, 1, 0xEE))
        self.assertIn("blocks read: ERROR", self.read(vl, 4))
        self.type_request(vl, 3, "read")
        self.goes_on(vl, lambda: os.unlink(fails[0]), "8 blocks read: OK")
        self.make_file("eio.fail")
        self.ask(vl, "mw.b %x 33 1000" % BUFFER)
        self.type_request(vl, 3, "write")
        self.goes_on(vl, lambda: os.unlink(fails[0]), "8 blocks written: OK")
        for disk in (4, 5):
            self.make_file("full.fail")
            self.type_request(vl, disk, "write")
            self.goes_on(vl, lambda: os.unlink(fails[1]), "8 blocks written: OK")

        self.assertEqual([self.on_disk(n) for n in range(6)],
                         [{0x10}, {0x11}, {0x12}, {0x33}, {0x33}, {0x33}])
        for disk in range(6):
            self.assertIn("8 blocks read: OK", self.read(vl, disk))

    def test_hang_up(self):
        server = self.nbdkit("file", "dir=disks")
        vl = self.boot(*self.disks(("s.sock", ",rerror=report,werror=report"),
                                   ("s.sock", ",rerror=ignore,werror=ignore"),
                                   ("s.sock", ",rerror=stop,werror=stop"),
                                   ("s.sock", ",file.reconnect-delay=60")))
        for disk in range(4):
            self.assertIn("8 blocks written: OK", self.try_write(vl, disk, 0x10 + disk))
        self.kill(server)
        self.assertIn("blocks read: ERROR", self.read(vl, 0))
        self.assertIn("blocks written: ERROR", self.try_write(vl, 0, 0xEE))
        self.assertIn("8 blocks written: OK", self.try_write(vl, 1, 0xEE))
        self.ask(vl, "mw.b %x 44 1000" % BUFFER)
        self.type_request(vl, 2, "write")
        self.goes_on(vl, lambda: self.nbdkit("file", "dir=disks"), "8 blocks written: OK")
        self.assertIn("8 blocks written: OK", self.try_write(vl, 3, 0x55))
        self.assertEqual([self.on_disk(n) for n in range(4)], [{0x10}, {0x11}, {0x44}, {0x55}])


if __name__ == "__main__":
    vltest.main()
