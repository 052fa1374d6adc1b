# SPDX-License-Identifier: MIT
"""blklogwrites: the same requests leave the same log in vl's block layer and in qemu-io, each appends to
what the other has begun, and the same mistakes are refused. BLOCK_IO names the program."""
import os

import logwrites
import vltest

# our words, and qemu-io's
REQUESTS = (
    ("write 0 1024 5", "write -P 5 0 1024"),
    ("flush", "flush"),
    ("write 4096 512 6", "write -P 6 4096 512"),
    ("zero 8192 65536", "write -z 8192 65536"),
    ("discard 16384 4096", "discard 16384 4096"),
    ("flush", "flush"),
    ("write 512 4096 7", "write -P 7 512 4096"),
)
NODES = ("file.driver=blklogwrites,file.file.driver=file,file.file.filename=disk.img,"
         "file.log.driver=file,file.log.filename=")


class BlkLogWrites(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)

    def ours(self, log, lines=(), options=""):
        status, _, err = vltest.run(
            [os.environ["BLOCK_IO"], "format=raw,discard=unmap," + NODES + log + options],
            cwd=self.folder, stdin="".join(line + "\n" for line in lines))
        return status, err.split(": ", 1)[-1].strip()

    def theirs(self, log, lines=(), options=""):
        words = [word for line in lines for word in ("-c", line)]
        status, _, err = vltest.run(
            [vltest.tool("qemu-io", "qemu-utils"), "-t", "writeback", "--image-opts",
             "driver=raw,discard=unmap," + NODES + log + options, *(words or ("-c", "quit"))],
            cwd=self.folder)
        return status, err.split("can't open: ", 1)[-1].strip()

    def both(self, options=""):
        for run, log in ((self.ours, "ours"), (self.theirs, "theirs")):
            lines = [row[run == self.theirs] for row in REQUESTS]
            self.assertEqual(run(log, lines, options), (0, ""))

    def entries(self, name):
        """Without the flush of closing, which QEMU does twice."""
        size, entries = logwrites.read(self.path(name))
        while entries[-1][1] == logwrites.FLUSH:
            entries.pop()
        return size, entries

    def test_same_log(self):
        for size in (512, 4096):
            with self.subTest(size=size):
                for log in ("ours", "theirs"):
                    self.make_file(log)
                self.both(",file.log-sector-size=%d" % size if size != 512 else "")
                ours = self.entries("ours")
                self.assertEqual(ours[0], size)
                self.assertEqual(ours, self.entries("theirs"))

    def test_appends(self):
        """Each to the other's."""
        for first, then in ((self.ours, self.theirs), (self.theirs, self.ours)):
            self.make_file("log")
            for run, options in ((first, ""), (then, ",file.log-append=on")):
                lines = [row[run == self.theirs] for row in REQUESTS]
                self.assertEqual(run("log", lines, options), (0, ""))
            data = [(sector, flags, data) for sector, flags, data in self.entries("log")[1]
                    if flags != logwrites.FLUSH]
            self.assertEqual(data[:5], data[5:])
            self.assertEqual(len(data), 10)

    def test_appends_behind_a_large_discard(self):
        """Which has no data in the log, however much it discards."""
        self.make_file("log")
        self.assertEqual(self.ours("log", ["discard 0 1048576"]), (0, ""))
        self.assertEqual(self.ours("log", ["write 0 512 5"], ",file.log-append=on"), (0, ""))
        data = [(sector, flags) for sector, flags, _ in self.entries("log")[1]
                if flags != logwrites.FLUSH]
        self.assertEqual(data, [(0, logwrites.DISCARD), (0, 0)])

    def test_a_crash_can_be_had_again(self):
        self.make_file("log")
        self.ours("log", [ours for ours, _ in REQUESTS])
        size, entries = logwrites.read(self.path("log"))
        image = bytearray(1 << 20)
        logwrites.crash(image, size, entries, None)  # behind a flush nothing is left to chance
        with open(self.path("disk.img"), "rb") as file:
            self.assertTrue(file.read() == bytes(image))

    def test_refused(self):
        self.make_file("log")
        self.make_file("zeroes", size=4096)
        self.make_file("version", b"\x72\x68\x73\x77\x66\x73\x6a\0\2", size=512)
        for log, options in (("log", ",file.log-sector-size=100"),
                             ("log", ",file.log-sector-size=16M"),
                             ("log", ",file.log-super-update-interval=0"),
                             ("log", ",file.log-append=on,file.log-sector-size=512"),
                             ("zeroes", ",file.log-append=on"),
                             ("version", ",file.log-append=on")):
            with self.subTest(options=options):
                ours = self.ours(log, (), options)
                self.assertEqual(ours[0], 1)
                self.assertEqual(ours, self.theirs(log, (), options))

    def test_broken_log(self):
        self.make_file("log", logwrites.SUPER.pack(logwrites.MAGIC, 1, 3, 512), size=1 << 20)
        self.assertEqual(self.ours("log", (), ",file.log-append=on"),
                         (1, "Failed to read log entry 0: Invalid argument"))


if __name__ == "__main__":
    vltest.main()
