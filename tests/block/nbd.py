# SPDX-License-Identifier: MIT
"""nbd: what goes through it, and what happens when the server errs, is slow, stops or goes away."""
import os
import random
import time

import vltest
from nbd_server import NbdCase

DRIVE = "format=raw,discard=unmap,file=nbd+unix:///?socket=s.sock"
SIZE = 4 << 20


def operations(random_, count, block):
    """(block-io's words, the change of a bytearray) of random writes, zeroes and discards; these
    leave parts of a block as they are."""
    for _ in range(count):
        unit = random_.choice((512, 4096, 65536))
        offset = random_.randrange(SIZE // unit) * unit
        length = min(random_.randrange(1, 17) * unit, SIZE - offset)
        value = random_.randrange(256)
        kind = random_.choice(("write", "write", "zero", "unmap", "discard", "flush"))
        if kind == "write":
            yield f"write {offset} {length} {value}", offset, bytes([value]) * length
        elif kind == "flush":
            yield "flush", 0, b""
        elif kind == "discard":  # nbdkit and qemu-nbd zero what they trim in a file
            first, end = -(-offset // block) * block, (offset + length) // block * block
            yield f"discard {offset} {length}", first, bytes(max(end - first, 0))
        else:
            yield f"{kind} {offset} {length}", offset, bytes(length)


class Nbd(NbdCase):
    def block_io(self, lines, drive=DRIVE, status=0):
        """What block-io says on standard error."""
        got = vltest.run([os.environ["BLOCK_IO"], drive], cwd=self.folder,
                         stdin="".join(line + "\n" for line in lines))
        self.assertEqual(got[0], status, got)
        return got[2]

    def start_block_io(self, drive):
        return self.start_raw([os.environ["BLOCK_IO"], drive])

    def content(self, name="disk.img"):
        with open(self.path(name), "rb") as file:
            return file.read()

    # --- data

    def compare(self, seed, drive=DRIVE, block=512):
        random_ = random.Random(seed)
        expected = bytearray(random_.randbytes(SIZE))
        with open(self.path("disk.img"), "wb") as file:  # the server has it open
            file.write(expected)
        lines = []
        for words, offset, data in operations(random_, 60, block):
            lines.append(words)
            expected[offset:offset + len(data)] = data
            if data and not words.startswith("discard"):
                lines.append("verify %d %d %d" % (offset, len(data), data[0]))
        self.assertEqual(self.block_io(lines, drive), "", seed)
        self.assertTrue(self.content() == bytes(expected), "seed %d:\n%s" % (
            seed, "\n".join(lines)))

    def test_random_nbdkit(self):
        self.make_file("disk.img", size=SIZE)
        self.nbdkit("file", "disk.img")
        for seed in range(4):
            self.compare(seed)

    def test_random_qemu_nbd(self):
        self.make_file("disk.img", size=SIZE)
        self.qemu_nbd("-f", "raw", "--discard=unmap", "-x", "e", "disk.img")
        for seed in range(4, 8):
            self.compare(seed, DRIVE.replace("///?", "///e?"))

    def test_blocks_of_4096_bytes(self):
        self.make_file("disk.img", size=SIZE)
        self.nbdkit("--filter=blocksize-policy", "file", "disk.img", "blocksize-minimum=4096",
                    "blocksize-error-policy=error", "blocksize-maximum=65536")
        for seed in range(8, 10):
            self.compare(seed, block=4096)

    def test_old_server(self):
        """No structured replies, no extents, no zeroes, no trim: all of it is written."""
        self.nbdkit("--no-sr", "--filter=nozero", "--filter=noextents", "memory", "1M")
        self.assertEqual(self.block_io(["write 0 65536 7", "zero 0 4096", "verify 0 4096 0",
                                        "verify 4096 4096 7", "map"]), "")

    def test_map(self):
        self.nbdkit("memory", "1M")
        status, out, err = vltest.run(
            [os.environ["BLOCK_IO"], DRIVE], cwd=self.folder,
            stdin="write 65536 65536 1\nmap\nunmap 65536 65536\nmap\n")
        self.assertEqual((status, err, out), (0, "", "0 65536 zero\n65536 65536 data\n"
                                              "131072 917504 zero\n0 1048576 zero\n"))

    def test_odd_size(self):
        self.nbdkit("memory", "1000")
        err = self.block_io(["write 0 512 5", "verify 0 512 5", "verify 512 512 0",
                             "write 512 512 6", "verify 512 512 0"], status=1)
        self.assertEqual(err, "write 512 512 6: No space left on device\n")

    def test_stable_writes(self):
        """cache=writethrough: FUA if the server has it, else a flush behind each write."""
        for mode in (["fuamode=native"], []):
            server = self.nbdkit("--filter=log", "--filter=fua", "memory", "1M", "logfile=log.txt",
                                 *mode)
            io = self.start_block_io(DRIVE + ",cache=writethrough")
            io.send("write 0 512 1\nsay done\n")
            io.wait_for("say done")
            log = self.content("log.txt").decode()
            self.kill(server)
            os.unlink(self.path("log.txt"))
            write = [line for line in log.splitlines() if " Write " in line][0]
            self.assertIn("fua=%d" % len(mode), write)
            self.assertEqual(" Flush " in log, not mode, log)

    # --- errors

    def test_errors(self):
        self.nbdkit("--filter=error", "memory", "1M", "error=EIO", "error-rate=100%",
                    "error-file=fail")
        io = self.start_block_io(DRIVE)
        io.send("write 0 512 1\nsay ready\n")
        io.wait_for("ready")
        self.make_file("fail")
        io.send("write 0 512 2\nverify 0 512 1\nzero 0 4096\nsay failed\n")
        said = io.wait_for("say failed")
        for line in ("write 0 512 2", "verify 0 512 1", "zero 0 4096"):
            self.assertIn(line + ": Input/output error\n", said)
        os.unlink(self.path("fail"))
        io.send("verify 0 512 1\nsay done\n")
        self.assertEqual(io.wait_for("say done"), "\n")

    def test_slow_requests_pass_at_the_same_time(self):
        """48 requests of a quarter of a second each, sixteen at a time."""
        self.nbdkit("--filter=delay", "memory", "1M", "delay-read=250ms")
        status, _, err = vltest.run([os.environ["BLOCK_IO"], DRIVE, "bench", "r", "48", "16",
                                     "4096", "4096"], cwd=self.folder, timeout=8)
        self.assertEqual((status, err), (0, ""))

    # --- connections that break

    def test_waits_for_another_server(self):
        self.make_file("disk.img", size=1 << 20)
        server = self.nbdkit("file", "disk.img")
        io = self.start_block_io(DRIVE + ",file.reconnect-delay=60")
        io.send("write 0 512 1\nsay first\n")
        io.wait_for("say first")
        self.kill(server)
        io.send("write 512 512 2\nverify 0 512 1\nsay second\n")
        self.nbdkit("file", "disk.img")
        self.assertEqual(io.wait_for("say second"), "\n")
        self.assertEqual(self.content()[:1024], b"\1" * 512 + b"\2" * 512)

    def test_requests_under_way_are_sent_again(self):
        self.make_file("disk.img", size=1 << 20)
        server = self.nbdkit("--filter=delay", "file", "disk.img", "delay-write=3600")
        io = self.start_block_io(DRIVE + ",file.reconnect-delay=60")
        io.send("say ready\nwrite 0 512 1\nsay written\n")
        io.wait_for("say ready\n")
        self.kill(server)
        self.nbdkit("file", "disk.img")
        self.assertEqual(io.wait_for("say written"), "")
        self.assertEqual(self.content()[:512], b"\1" * 512)

    def test_fails_without_a_server(self):
        server = self.nbdkit("memory", "1M")
        io = self.start_block_io(DRIVE)
        io.send("say ready\n")
        io.wait_for("say ready\n")
        self.kill(server)
        io.send("write 0 512 1\nsay failed\n")
        self.assertEqual(io.wait_for("say failed\n"), "write 0 512 1: Input/output error\n")
        self.nbdkit("memory", "1M")
        deadline = time.monotonic() + 20 * vltest.SLOWNESS
        while time.monotonic() < deadline:  # a request hurries the next attempt
            io.send("write 0 512 1\nsay tried\n")
            if not io.wait_for("say tried\n"):
                break
        self.assertEqual(self.block_io(["verify 0 512 1"]), "")
        io.close()

    def test_waits_no_longer_than_told(self):
        server = self.nbdkit("memory", "1M")
        io = self.start_block_io(DRIVE + ",file.reconnect-delay=1")
        io.send("say ready\n")
        io.wait_for("say ready\n")
        self.kill(server)
        io.send("write 0 512 1\nsay failed\n")
        self.assertEqual(io.wait_for("say failed"), "write 0 512 1: Input/output error\n")

    def test_another_size_is_another_export(self):
        server = self.nbdkit("memory", "1M")
        io = self.start_block_io(DRIVE + ",file.reconnect-delay=1")
        io.send("say ready\n")
        io.wait_for("say ready\n")
        self.kill(server)
        self.nbdkit("memory", "2M")
        io.send("write 0 512 1\nsay failed\n")
        self.assertEqual(io.wait_for("say failed"), "write 0 512 1: Input/output error\n")

    def test_open_timeout(self):
        io = self.start_block_io(DRIVE + ",file.open-timeout=60")
        self.nbdkit("memory", "1M")
        io.send("verify 0 512 0\nsay done\n")
        self.assertEqual(io.wait_for("say done"), "")

    # --- a server that says nothing, below a machine whose firmware reads the disk

    def machine(self, server, options=""):
        """A vl with a request that is not answered."""
        vl = self.start("-S", "-display", "none", "-serial", "null", "-monitor", "stdio",
                        "-trace", "virtio_blk_handle_read", "-drive", DRIVE + options)
        vl.wait_for(vltest.PROMPT)
        server(self)
        vl.send("cont\n")
        vl.wait_for("virtio_blk_handle_read")
        return vl

    def test_quit_and_reset_with_a_silent_server(self):
        server = self.nbdkit("memory", "1M")
        vl = self.machine(lambda self: self.halt(server))
        vl.send("system_reset\ninfo status\n")
        vl.wait_for("VM status: running", 60)
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(60), 0)

    def test_quit_while_requests_wait(self):
        server = self.nbdkit("memory", "1M")
        vl = self.machine(lambda self: self.kill(server), ",file.reconnect-delay=2")
        vl.send("stop\n")
        self.assertIn("paused", vl.command_until("info status", "paused", 60))
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(60), 0)


if __name__ == "__main__":
    vltest.main()
