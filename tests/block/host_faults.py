# SPDX-License-Identifier: MIT
"""A host that does less than it was asked for: an image that somebody else truncates or deletes, short
reads and writes, a device that is gone. BLOCK_IO names the program, SHORT_IO a library for it."""
import os
import random

import vltest

SIZE = 1 << 20
CUT = SIZE // 2 + 1000  # in the middle of a sector
# as -drive options, and as image options of qemu-io; with io_uring QEMU 7.2 waits for ever for the
# bytes that are gone
MODES = {
    "": "",
    ",aio=io_uring": None,
    ",cache=none": ",cache.direct=on",
    ",cache=none,aio=io_uring": None,
}


class HostFaults(vltest.VlTest):
    PARENT = "/var/tmp"  # O_DIRECT is for a file system on a disk, which /tmp may not be

    def setUp(self):
        super().setUp()
        self.make_file("disk.img", b"\x11" * SIZE)

    def content(self):
        with open(self.path("disk.img"), "rb") as file:
            return file.read()

    def start_ours(self, mode):
        io = self.start_raw([os.environ["BLOCK_IO"], "format=raw,file=disk.img" + mode])
        self.ours(io, "flush")
        return io

    def ours(self, io, *lines):
        """What is said about requests that fail."""
        io.send("".join(line + "\n" for line in (*lines, "say done")))
        return io.wait_for("say done\n")

    def start_theirs(self, mode):
        io = self.start_raw([vltest.tool("qemu-io", "qemu-utils"), "--image-opts",
                             "driver=raw,file.driver=file,file.filename=disk.img" + mode])
        io.wait_for("qemu-io> ")
        return io

    def theirs(self, io, *lines):
        for line in lines:
            io.send(line + "\n")
            answer = io.wait_for("qemu-io> ", 60)
            for word in ("failed", "verification", "error"):
                self.assertNotIn(word, answer)
        return ""

    # --- somebody else at the image

    def truncated(self, start, say, read, write):
        """The image is cut while it is open; what is left of it in the end."""
        self.make_file("disk.img", b"\x11" * SIZE)
        io = start()
        os.truncate(self.path("disk.img"), CUT)
        behind = -(-CUT // 512) * 512

        def check(offset, length, value):
            return read.format(offset=offset, length=length, value=value)
        self.assertEqual(say(io, "read 0 %d" % SIZE, check(0, CUT, 0x11),
                             check(CUT, SIZE - CUT, 0), check(behind, 4096, 0),
                             check(SIZE - 512, 512, 0)), "")
        # a write behind the end lets the file grow again
        self.assertEqual(say(io, write.format(offset=behind + 65536, length=4096, value=0x22),
                             check(behind + 65536, 4096, 0x22), check(behind, 65536, 0), "flush"),
                         "")
        io.close()
        return self.content()

    def test_truncated(self):
        """What is gone reads as zeroes, as in QEMU."""
        for mode, qemu_mode in MODES.items():
            with self.subTest(mode=mode):
                ours = self.truncated(lambda: self.start_ours(mode), self.ours,
                                      "verify {offset} {length} {value}",
                                      "write {offset} {length} {value}")
                self.assertEqual(len(ours), -(-CUT // 512) * 512 + 65536 + 4096)
                if qemu_mode is None:
                    continue
                theirs = self.truncated(lambda: self.start_theirs(qemu_mode), self.theirs,
                                        "read -P {value} {offset} {length}",
                                        "write -P {value} {offset} {length}")
                self.assertTrue(ours == theirs)

    def test_deleted(self):
        """The image has no name any more, and goes on working."""
        for mode in MODES:
            with self.subTest(mode=mode):
                self.make_file("disk.img", b"\x11" * SIZE)
                io = self.start_ours(mode)
                os.unlink(self.path("disk.img"))
                self.assertEqual(self.ours(io, "write 4096 4096 7", "flush", "verify 4096 4096 7",
                                           "verify 0 4096 17", "truncate %d" % (2 * SIZE),
                                           "verify %d 4096 0" % SIZE), "")
                io.close()

    # --- a host that does a part of it

    def short(self, mode, unit, seed):
        """Random requests, on a host that does never all of one; compared with what should be there."""
        random_ = random.Random(seed)
        self.make_file("disk.img", b"\x11" * SIZE)
        expected, lines = bytearray(self.content()), []
        for _ in range(200):
            block = random_.choice((512, 4096))
            offset = random_.randrange(SIZE // block) * block
            length = min(random_.randrange(1, 9) * block, SIZE - offset)
            value = random_.randrange(256)
            if random_.random() < 0.5:
                lines.append("write %d %d %d" % (offset, length, value))
                expected[offset:offset + length] = bytes([value]) * length
            lines.append("verify %d 512 %d" % (offset, expected[offset]))
            lines.append("read %d %d" % (offset, length))
        status, _, err = vltest.run(
            [os.environ["BLOCK_IO"], "format=raw,file=disk.img" + mode], cwd=self.folder,
            stdin="".join(line + "\n" for line in lines),
            env={**os.environ, "LD_PRELOAD": os.environ["SHORT_IO"], "SHORT_IO_UNIT": str(unit),
                 "SHORT_IO_COUNT": "count"})
        self.assertEqual((status, err), (0, ""))
        with open(self.path("count")) as file:
            self.assertGreater(int(file.read()), 50)
        self.assertTrue(self.content() == bytes(expected))

    def test_short(self):
        # with O_DIRECT what stops inside a block has met the end of the file
        for mode, unit in (("", 1), ("", 100), ("", 512), (",cache=none", 512),
                           (",cache=none", 4096)):
            with self.subTest(mode=mode, unit=unit):
                self.short(mode, unit, unit)

    # --- a device that is not there any more

    def test_gone(self):
        """Every call fails, as on a device that was unplugged; each request says so."""
        for error, message in (("EIO", "Input/output error"),
                               ("ENODEV", "No such device"),
                               ("ENXIO", "No such device or address")):
            status, _, err = vltest.run(
                [vltest.tool("strace", "strace"), "-f", "-qq", "-o", "calls",
                 "-e", "trace=preadv,preadv2,pwritev,fdatasync",
                 "-e", "inject=preadv,preadv2,pwritev,fdatasync:error=" + error,
                 os.environ["BLOCK_IO"], "format=raw,file=disk.img"], cwd=self.folder,
                stdin="read 0 4096\nwrite 0 4096 1\nflush\nread 8192 4096\n")
            self.assertEqual((status, err), (1, "".join(
                "%s: %s\n" % (line, message)
                for line in ("read 0 4096", "write 0 4096 1", "flush", "read 8192 4096"))))
            self.assertTrue(self.content() == b"\x11" * SIZE)

    def test_failed_flush_stays_failed(self):
        """The kernel forgets the pages that it could not write: no later flush may say all is well."""
        status, _, err = vltest.run(
            [vltest.tool("strace", "strace"), "-f", "-qq", "-o", "calls",
             "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=1",
             os.environ["BLOCK_IO"], "format=raw,file=disk.img"], cwd=self.folder,
            stdin="write 0 512 1\nflush\nwrite 512 512 2\nflush\n")
        self.assertEqual((status, err), (1, "flush: Input/output error\n" * 2))


if __name__ == "__main__":
    vltest.main()
