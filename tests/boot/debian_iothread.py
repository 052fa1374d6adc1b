# SPDX-License-Identifier: MIT
"""A Debian guest whose disks' requests are handled by iothreads: what it writes is what it reads, and
what is in the image."""
import hashlib

import debian_case
import vltest

MIB = 1 << 20


class DebianIOThread(debian_case.DebianCase):
    def digest(self, name):
        with open(self.path(name), "rb") as file:
            return hashlib.md5(file.read(4 * MIB)).hexdigest()

    def test_disks(self):
        words = ["-object", "iothread,id=io0", "-object", "iothread,id=io1"]
        for n, more in enumerate((",num-queues=2,iothread=io0", ",iothread=io1", "")):
            self.make_file("disk%d.img" % n, size=8 * MIB)
            words += ["-drive", "file=disk%d.img,format=raw,if=none,id=d%d" % (n, n),
                      "-device", "virtio-blk-device,drive=d%d%s" % (n, more)]
        vl = self.boot(*words)
        disks = set(self.ask(vl, "ls /sys/block").split())
        self.assertLessEqual({"vda", "vdb", "vdc"}, disks)  # else dd would make files
        self.ask(vl, "dd if=/dev/urandom of=/data bs=64k count=64 2>/dev/null")
        want = self.ask(vl, "md5sum </data").split()[0]
        # all at once
        self.ask(vl, "for d in a b c; do dd if=/data of=/dev/vd$d bs=64k conv=fsync 2>/dev/null & "
                     "done; wait", 120)
        self.ask(vl, "echo 3 >/proc/sys/vm/drop_caches")
        for n, disk in enumerate("abc"):
            got = self.ask(vl, "dd if=/dev/vd%s bs=64k count=64 2>/dev/null | md5sum" % disk, 60)
            self.assertEqual(got.split()[0], want, disk)
            self.assertEqual(self.digest("disk%d.img" % n), want, disk)
        vl.open_monitor()
        self.assertRegex(vl.command("info iothreads"), r"(?m)^io0:\n  thread_id=\d+$")
        vl.close_monitor()
        self.check_log(vl)
        self.poweroff(vl)


if __name__ == "__main__":
    vltest.main()
