# SPDX-License-Identifier: MIT
"""Debian's kernel on disks that fail: the guest sees an I/O error and goes on, and what it was told is
written is on the disk, whatever became of the server meanwhile."""
import os
import random

import debian_case
import vltest
from nbd_server import NbdCase

SIZE = 1 << 20


class DebianFaults(debian_case.DebianCase, NbdCase):
    def boot(self, *drives):
        vl = super().boot(*[word for drive in drives
                            for word in ("-drive", "if=virtio,format=raw," + drive)])
        # drivers look at their devices while the shell is there already
        last = "abcdefgh"[len(drives) - 1]
        self.ask(vl, "until [ -b /dev/vd%s ]; do sleep 0.1; done" % last)
        return vl

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def read(self, vl, disk, block=0, count=4):
        self.ask(vl, "echo 3 > /proc/sys/vm/drop_caches")
        return self.ask(vl, "dd if=/dev/%s of=/tmp/got bs=4k skip=%d count=%d 2>&1" % (
            disk, block, count), 60)

    def write(self, vl, disk, block, word):
        self.ask(vl, "printf '%%-4096s' %s > /tmp/new" % word)
        return self.ask(vl, "dd if=/tmp/new of=/dev/%s bs=4k seek=%d conv=fsync 2>&1" % (
            disk, block), 60)

    def test_errors(self):
        """A truncated image, a server that errs, and one that goes away; then all is well again."""
        self.make_file("cut.img", b"x" * SIZE)
        for name in ("errs.img", "goes.img"):
            self.make_file(name, size=SIZE)
        self.nbdkit("--filter=error", "file", "errs.img", "error=EIO", "error-rate=100%",
                    "error-file=fail", name="errs")
        server = self.nbdkit("file", "goes.img", name="goes")
        vl = self.boot("file=cut.img", "file=nbd+unix:///?socket=errs",
                       "file=nbd+unix:///?socket=goes")
        for disk in ("vdb", "vdc"):
            self.assertIn("4+0 records in", self.read(vl, disk))

        os.truncate(self.path("cut.img"), SIZE // 2)
        self.assertIn("4+0 records in", self.read(vl, "vda", 126))
        self.assertEqual(self.ask(vl, "tr -d 'x\\000' < /tmp/got | wc -c"), "0\n")
        self.assertEqual(self.ask(vl, "tr -d '\\000' < /tmp/got | wc -c"), "8192\n")

        fail = self.make_file("fail")
        self.kill(server)
        for disk in ("vdb", "vdc"):
            self.assertIn("Input/output error", self.read(vl, disk))
            self.assertIn("Input/output error", self.write(vl, disk, 8, "lost"))
        self.assertRegex(self.ask(vl, "dmesg"), "I/O error, dev vdb, sector 0 op 0x0:.READ")

        os.unlink(fail)
        self.nbdkit("file", "goes.img", name="goes")
        for disk in ("vdb", "vdc"):
            while "Input/output error" in self.read(vl, disk):
                pass  # each request is another attempt to connect
            self.assertNotIn("Input/output error", self.write(vl, disk, 16, "kept"))
        self.poweroff(vl)
        for name in ("errs.img", "goes.img"):
            self.assertEqual(self.content(name)[65536:69632], b"kept".ljust(4096))

    def test_no_write_is_lost(self):
        """A server is killed again and again while the guest writes, and another takes its place."""
        self.make_file("disk.img", size=SIZE)
        server = self.nbdkit("file", "disk.img")
        vl = self.boot("file=nbd+unix:///?socket=s.sock,file.reconnect-delay=120")
        vl.send("for i in $(seq 0 199); do printf '%-512d' $i | "
                "dd of=/dev/vda bs=512 seek=$i conv=fsync 2> /dev/null && echo block $i; done\n")
        vl.wait_for("done\r\n")
        done = 0
        for _ in range(6):
            done = random.randrange(done + 1, done + 30)
            vl.wait_for("block %d\r\n" % done, 60)
            self.kill(server)
            there = self.content("disk.img")
            for n in range(done + 1):
                self.assertEqual(there[n * 512:(n + 1) * 512], b"%-512d" % n)
            server = self.nbdkit("file", "disk.img")
        vl.wait_for("block 199\r\n", 120)
        vl.wait_for(debian_case.PROMPT)
        self.assertEqual(self.content("disk.img"),
                         b"".join(b"%-512d" % n for n in range(200)) + bytes(SIZE - 200 * 512))
        self.check_log(vl)
        self.poweroff(vl)


if __name__ == "__main__":
    vltest.main()
