# SPDX-License-Identifier: MIT
"""What the guest was told is on the disk is there, after kill -9 as well, and had vl's host lost its power;
and its flush, or without a write cache its write, is fdatasync on the host.

VL_KILLS says how often vl is killed, VL_SEED from which random number on."""
import os
import random
import re
import time

import logwrites
import vltest
from disk_guest import DiskGuest
from records_guest import RECORD_SECTORS, RecordsGuest

SECTORS = 2048
DRIVE = "file=disk.img,format=raw,if=virtio"

MODES = {
    "threads": "file=disk.img",
    "io_uring": "file=disk.img,aio=io_uring",
    "throttled": "file=disk.img,throttling.iops-write=2000",
    "logged": "file.driver=blklogwrites,file.file.driver=file,file.file.filename=disk.img,"
              "file.log.driver=file,file.log.filename=log,file.log-super-update-interval=1",
}
BYTES = RECORD_SECTORS * 512


class Records(RecordsGuest):
    def kill_at_work(self, mode, random_):
        """Kills vl somewhere behind some flush; returns how many records it had flushed."""
        self.make_file("log")
        vl = self.start_guest(MODES[mode], random_.choice(("", ",iothread=io")))
        self.wait_for_flushes(vl, random_.randrange(1, 40))
        time.sleep(random_.random() / 50)
        return self.kill_vl(vl)

    def after_power_failed(self, before, random_):
        """The disk as it may be if nothing but its flushes counted."""
        image = bytearray(before)
        size, entries = logwrites.read(self.path("log"))
        logwrites.crash(image, size, entries, random_)
        return image

    def test_kill(self):
        seed = int(os.environ.get("VL_SEED", random.randrange(1 << 32)))
        print("VL_SEED=%d" % seed, flush=True)
        told = 0
        for n in range(int(os.environ.get("VL_KILLS", "50"))):
            random_ = random.Random(seed + n)
            mode = list(MODES)[n % len(MODES)]
            with self.subTest(seed=seed + n, mode=mode):
                before = self.content()
                told += self.kill_at_work(mode, random_)
                self.check(self.content())
                if mode == "logged":
                    self.check(self.after_power_failed(before, random_))
        print("%d records flushed" % told)

    def test_what_is_lost_is_seen(self):
        """Each sector of a flushed record that is old, torn or elsewhere fails the check."""
        vl = self.start_guest(MODES["threads"])
        self.wait_for_flushes(vl, 20)
        self.kill_vl(vl)
        content = self.content()
        place = self.flushed.index(max(self.flushed)) * BYTES
        for at in range(place, place + BYTES, 512):
            other = content[at ^ 512:][:512]
            for wrong in (bytes(512), content[at:at + 504] + bytes(8), other):
                with self.assertRaises(AssertionError):
                    self.check(content[:at] + wrong + content[at + 512:])


class Flushed(DiskGuest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=SECTORS * 512)

    def kill_at_work(self, aio):
        """Boots, lets the guest write for a while, kills; compares what was reported as written."""
        expected = bytearray(self.content())
        vl = self.boot("-drive", DRIVE + ",aio=" + aio)
        for _ in range(random.randrange(1, 8)):
            block, count, byte = random.randrange(SECTORS - 64), random.randrange(1, 64), \
                random.randrange(256)
            self.write(vl, block, count, byte)
            expected[block * 512:(block + count) * 512] = bytes([byte]) * count * 512
        vl.send("mw.b 84000000 77 8000; virtio write 84000000 %x 40\r" % (SECTORS - 64))
        time.sleep(random.random() / 50)
        vl.process.kill()
        vl.process.wait()
        last = (SECTORS - 64) * 512  # this write may be there, or a part of it
        got = self.content()
        self.assertEqual(got[:last], bytes(expected[:last]))
        for n in range(last, len(got), 512):
            self.assertIn(got[n:n + 512], (bytes(expected[n:n + 512]), b"\x77" * 512))

    def test_kill(self):
        for aio in ("threads", "io_uring"):
            self.kill_at_work(aio)

    def traced(self):
        """In front of vl: its writes and flushes go to "calls". vl ends with strace."""
        return (vltest.tool("strace", "strace"), "-f", "-o", "calls", "-e",
                "trace=fdatasync,pwritev,pwrite64",
                vltest.tool("setpriv", "util-linux"), "--pdeathsig", "KILL")

    def test_fdatasync(self):
        # U-Boot cannot flush, so each of its writes is stable before it is reported (5.2.5.2).
        vl = self.boot("-drive", DRIVE, wrapper=self.traced())
        self.write(vl, 8, 2, 0x44)
        calls = self.content("calls").decode()
        self.assertRegex(calls, r'pwrite(v|64)\(\d+, .*(?s:.*)fdatasync\(\d+\) += 0')

    def test_nothing_is_stable_without_flushes(self):
        vl = self.boot("-drive", DRIVE + ",cache=unsafe", wrapper=self.traced())
        self.write(vl, 8, 2, 0x44)
        calls = self.content("calls").decode()
        self.assertEqual(re.findall("fdatasync", calls), [])
        self.assertRegex(calls, r"pwrite(v|64)\(")


class Refused(vltest.VlTest):
    def test_io_uring(self):
        self.make_file("disk.img", size=512)
        drive = "file=disk.img,format=raw,aio=io_uring"
        status, _, err = vltest.run([
            vltest.tool("strace", "strace"), "-f", "-o", "calls", "-e",
            "inject=io_uring_setup:error=EPERM", vltest.vl_program(), "-S", "-display", "none",
            "-drive", drive], cwd=self.folder)
        self.assertEqual((status, err), (
            1, "vl: -drive %s: Unable to use io_uring: failed to init linux io_uring ring\n" % drive))


if __name__ == "__main__":
    vltest.main()
