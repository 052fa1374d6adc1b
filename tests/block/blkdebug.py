# SPDX-License-Identifier: MIT
"""blkdebug: the same rules and requests fail the same way in vl's block layer and in qemu-io.
BLOCK_IO names the program."""
import os
import re

import vltest

STATES = """# the write behind the first read finds no space, once
[set-state]
event = "read_aio"
new_state = "2"

[inject-error]
event = "write_aio"
state = "2"
errno = "28"
once = "on"
"""
WORDS = ("read 0 512", "write 0 1024", "write 512 512", "read 512 512", "read 1024 512",
         "zero 512 512", "write 512 7680", "write 1024 512", "read 0 4096")


class Blkdebug(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)
        self.make_file("states.conf", STATES.encode())

    def ours(self, options):
        """Whether each request failed, and why; or why the image could not be opened."""
        status, _, err = vltest.run(
            [os.environ["BLOCK_IO"], "format=raw," + options], cwd=self.folder,
            stdin="".join(line + (" 1\n" if line[0] == "w" else "\n") for line in WORDS))
        if "Image size" in err or status and not re.match("(read|write|zero) ", err):
            return err.split(": ", 1)[1].strip()
        failed = dict.fromkeys(WORDS, "")
        failed.update(line.rsplit(" 1: " if line[0] == "w" else ": ", 1)
                      for line in err.splitlines())
        return list(failed.values())

    def theirs(self, options):
        words = [w for line in WORDS for w in ("-c", line.replace("zero", "write -z"))]
        options = re.sub("^file=", "file.filename=", options)
        status, out, err = vltest.run(
            [vltest.tool("qemu-io", "qemu-utils"), "-t", "writeback", "--image-opts",
             "driver=raw," + options, *words],
            cwd=self.folder)
        if "can't open" in err:
            return err.split("can't open: ", 1)[1].strip()
        return [(re.match(".* failed: (.*)", line) or ("", ""))[1] for line in out.splitlines()
                if re.match(r"(read|wrote|write) .*(offset|failed)", line)]

    def same(self, rules, expected=None):
        with self.subTest(rules=rules):
            options = "file.driver=blkdebug,file.image.filename=disk.img," + rules
            ours = self.ours(options)
            self.assertEqual(ours, self.theirs(options))
            if expected:
                self.assertEqual(ours, expected)
            return ours

    def test_events(self):
        for event in ("none", "read_aio", "write_aio", "pwritev", "pwritev_zero", "pwritev_done"):
            for rest in ("", ",file.inject-error.0.once=on",
                         ",file.inject-error.0.sector=1,file.inject-error.0.errno=28",
                         ",file.inject-error.0.iotype=write,file.inject-error.0.immediately=on",
                         ",file.inject-error.0.iotype=write-zeroes"):
                self.same("file.inject-error.0.event=" + event + rest)

    def test_parts_of_blocks(self):
        # Writes alone: QEMU goes on with a block that it could not read, and vl does not.
        for event in ("none", "pwritev_rmw_head", "pwritev_rmw_after_head", "pwritev_rmw_tail",
                      "pwritev_rmw_after_tail"):
            for once in ("", ",file.inject-error.0.once=on"):
                self.same("file.align=4096,file.inject-error.0.iotype=write,"
                          "file.inject-error.0.event=" + event + once)

    def test_part_of_a_block_that_cannot_be_read(self):
        got = self.ours("file.driver=blkdebug,file.image.filename=disk.img,file.align=4096,"
                        "file.inject-error.0.event=pwritev_rmw_tail")
        self.assertEqual(got[:2], ["", "Input/output error"])
        with open(self.path("disk.img"), "rb") as file:
            self.assertEqual(file.read(1024), b"\0" * 1024)

    def test_states(self):
        got = self.same("file.config=states.conf")
        self.assertEqual(got[1], "No space left on device")
        self.same("file.set-state.0.event=read_aio,file.set-state.0.state=1,"
                  "file.set-state.0.new_state=7,file.inject-error.0.event=write_aio,"
                  "file.inject-error.0.state=7,file.inject-error.1.event=read_aio,"
                  "file.inject-error.1.errno=22,file.inject-error.1.state=7")

    def allocated(self):
        """The image's content, and where its data is."""
        with open(self.path("disk.img"), "rb") as file:
            os.fsync(file)
            at, data = 0, []
            while True:
                try:
                    start = os.lseek(file.fileno(), at, os.SEEK_DATA)
                except OSError:
                    break
                at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                data.append((start, at))
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            return file.read(), data

    def test_limits(self):
        """Requests larger than a limit come in parts, and so do those that begin or end in the midst
        of what the driver does well: the image ends with the same content and holes."""
        requests = (("write 0 1048576 5", "write -P 5 0 1048576"),
                    ("zero 10240 300032", "write -z 10240 300032"),
                    ("unmap 400384 262656", "write -z -u 400384 262656"),
                    ("discard 700416 200704", "discard 700416 200704"),
                    ("write 5120 70656 6", "write -P 6 5120 70656"),
                    ("read 512 1048064", "read 512 1048064"))
        left = set()
        for limits in ("", ",file.max-transfer=64k", ",file.opt-write-zero=64k",
                       ",file.opt-write-zero=64k,file.max-write-zero=128k",
                       ",file.max-write-zero=32k,file.max-discard=8k", ",file.opt-discard=48k",
                       ",file.opt-discard=64k,file.max-discard=64k,file.max-transfer=4k",
                       ",file.align=4096,file.opt-write-zero=16k,file.max-transfer=12k"):
            with self.subTest(limits=limits):
                options = ("discard=unmap,file.driver=blkdebug,file.image.driver=file,"
                           "file.image.filename=disk.img" + limits)
                self.make_file("disk.img", size=1 << 20)
                status, _, err = vltest.run(
                    [os.environ["BLOCK_IO"], "format=raw," + options], cwd=self.folder,
                    stdin="".join(ours + "\n" for ours, _ in requests))
                self.assertEqual((status, err), (0, ""))
                ours = self.allocated()
                self.make_file("disk.img", size=1 << 20)
                words = [w for _, theirs in requests for w in ("-c", theirs)]
                status, _, err = vltest.run(
                    [vltest.tool("qemu-io", "qemu-utils"), "-t", "writeback", "--image-opts",
                     "driver=raw," + options, *words], cwd=self.folder)
                self.assertEqual((status, err), (0, ""))
                theirs = self.allocated()
                self.assertEqual(ours[1], theirs[1])
                self.assertTrue(ours[0] == theirs[0])
                left.add(tuple(ours[1]))
        self.assertGreater(len(left), 1)  # the limits do show

    def test_refused(self):
        for rules in ("file.inject-error.0.event=bogus", "file.inject-error.0.errno=5",
                      "file.inject-error.0.event=none,file.inject-error.0.iotype=x",
                      "file.inject-error.0.event=none,file.inject-error.0.once=maybe",
                      "file.inject-error.0.event=none,file.inject-error.0.errno=x",
                      "file.set-state.0.event=none,file.set-state.0.foo=1",
                      "file.align=3", "file.config=nope.conf",
                      "file.max-transfer=1000,file.align=512", "file.max-transfer=4G",
                      "file.align=512,file.opt-write-zero=700",
                      "file.opt-write-zero=64k,file.max-write-zero=96k",
                      "file.align=4k,file.max-write-zero=512", "file.opt-discard=1k,file.align=4k",
                      "file.opt-discard=64k,file.max-discard=32k"):
            self.assertIsInstance(self.same(rules), str)


if __name__ == "__main__":
    vltest.main()
