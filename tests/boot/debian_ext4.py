# SPDX-License-Identifier: MIT
"""What a crash leaves of a Debian guest's ext4. blklogwrites records what the kernel writes; the log is cut
behind flushes and at random places between. Each time the journal alone makes the file system whole, and
each file that was fsynced by then is there. A block is written as a whole or not at all: ext4 takes that for
granted of its superblock."""
import hashlib
import os
import random

import debian_case
import logwrites
import vltest

DRIVE = ("if=virtio,format=raw,file.driver=blklogwrites,file.file.driver=file,"
         "file.file.filename=disk.img,file.log.driver=file,file.log.filename=log,"
         "file.log-super-update-interval=1,file.log-sector-size=4096")
FILES, CUTS = 16, 60


class DebianExt4(debian_case.DebianCase):
    def run_tool(self, *argv):
        return vltest.run([vltest.tool(argv[0], "e2fsprogs"), *argv[1:]], cwd=self.folder)

    def write_files(self, vl, random_):
        """While others come and go; [(entries in the log when it was fsynced, name, digest)]."""
        self.ask(vl, "mount /dev/vda /mnt; mkdir /mnt/others")
        self.ask(vl, "(while [ -d /mnt/others ]; do dd if=/dev/urandom of=/mnt/others/a bs=1k "
                     "count=40; mv /mnt/others/a /mnt/others/b; rm /mnt/others/b; done) "
                     "2>/dev/null & true")
        fsynced = []
        for n in range(FILES):
            self.ask(vl, "dd if=/dev/urandom of=/mnt/file%d bs=%d count=1 conv=fsync 2>/dev/null" % (
                n, random_.randrange(1, 60000)))
            entries = logwrites.count(self.path("log"))
            digest = self.ask(vl, "md5sum </mnt/file%d" % n).split()[0]
            fsynced.append((entries, "file%d" % n, digest))
        return fsynced

    def digest(self, name):
        with open(self.path(name), "rb") as file:
            return hashlib.md5(file.read()).hexdigest()

    def check_cut(self, image, files):
        self.make_file("crashed", bytes(image))
        status, out, err = self.run_tool("e2fsck", "-y", "-E", "journal_only", "crashed")
        self.assertIn(status, (0, 1), out + err)  # 1: it did something
        status, out, err = self.run_tool("e2fsck", "-fn", "crashed")
        self.assertEqual(status, 0, out + err)
        os.makedirs(self.path("out"), exist_ok=True)
        for name, digest in files:
            self.run_tool("debugfs", "-R", "dump /%s out/%s" % (name, name), "crashed")
            self.assertEqual(self.digest("out/" + name), digest, name)
            os.unlink(self.path("out/" + name))

    def test_crashes(self):
        seed = int(os.environ.get("VL_SEED", random.randrange(1 << 32)))
        print("VL_SEED=%d" % seed, flush=True)
        random_ = random.Random(seed)
        self.make_file("disk.img", size=16 << 20)
        self.make_file("log")
        status, _, err = self.run_tool("mkfs.ext4", "-q", "-b", "4096", "disk.img")
        self.assertEqual(status, 0, err)
        with open(self.path("disk.img"), "rb") as file:
            before = file.read()
        vl = self.boot("-drive", DRIVE)
        fsynced = self.write_files(vl, random_)
        vl.process.kill()
        vl.wait_exit()

        size, entries = logwrites.read(self.path("log"))
        flushes = [n + 1 for n, entry in enumerate(entries) if entry[1] & logwrites.FLUSH]
        cuts = random_.sample(flushes, min(CUTS // 2, len(flushes)))
        cuts += [random_.randrange(len(entries) + 1) for _ in range(CUTS // 2)] + [len(entries)]
        for cut in cuts:
            image = bytearray(before)
            logwrites.crash(image, size, entries[:cut], random_)
            with self.subTest(seed=seed, cut=cut, entries=len(entries)):
                self.check_cut(image, [row[1:] for row in fsynced if row[0] <= cut])


if __name__ == "__main__":
    vltest.main()
