# SPDX-License-Identifier: MIT
"""The toy ROM, alone and with the demonstration disk (DEMO_IMG)."""
import os
import shutil

import picture
import vltest

BANNER = "vl toy ROM"
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo-frame-60.png")


class ToyRom(vltest.VlTest):
    def test_without_a_disk(self):
        vl = self.start("-nographic")
        vl.wait_for(BANNER)
        report = vl.wait_for("keys: q power off, r reset").replace("\r", "")
        for line in ("machine +vl,toy-machine", "harts +1, rv64ima.*",
                     "memory +128.0 MiB at 0x80000000", "framebuffer +1024 x 768 at 0x11000000",
                     "virtio +8 slots, 0 with a disk"):
            self.assertRegex(report, "(?m)^  %s$" % line)
        self.assertIn("no bootable disk", report)
        vl.send("r")
        vl.wait_for(BANNER)
        vl.wait_for("keys: q power off, r reset")
        vl.send("q")
        self.assertEqual(vl.wait_exit(), 0)

    def test_a_disk_that_does_not_boot(self):
        self.make_file("zero.img", size=1 << 20)
        vl = self.start("-nographic", "-drive", "file=zero.img,format=raw,if=virtio")
        self.assertIn("disk 0 ", vl.wait_for("no bootable disk"))

    def test_it_paints_the_screen(self):
        vl = self.start("-nographic")
        vl.wait_for("keys: q power off, r reset")
        vl.open_monitor()
        vl.command("screendump rom.ppm")
        width, height, pixels = vltest.read_ppm(self.path("rom.ppm"))
        self.assertEqual((width, height), (1024, 768))
        colours = {pixels[i:i + 3] for i in range(0, len(pixels), 3)}
        self.assertGreater(len(colours), 3, "nothing is painted")

    def test_other_memory_sizes(self):
        for option, reported in (("16", "16.0 MiB"), ("1G", "1.0 GiB")):
            vl = self.start("-nographic", "-m", option)
            self.assertIn(reported + " at 0x80000000", vl.wait_for("keys: q power off"))


class Demonstration(vltest.VlTest):
    def demo(self, *args):
        image = os.environ["DEMO_IMG"]
        shutil.copy(image, self.path("demo.img"))
        vl = self.start("-nographic", "-drive", "file=demo.img,format=raw,if=virtio", *args)
        vl.wait_for(BANNER)
        vl.wait_for("booting disk 0")
        vl.wait_for("keys: q power off, r reset, space pause, s stop at frame 60")
        return vl

    def freeze(self, vl):
        vl.send("s")
        vl.wait_for("frozen at frame 60\r\n")

    def test_frame_60(self):
        vl = self.demo()
        self.freeze(vl)
        vl.open_monitor()
        self.assertEqual(vl.command("screendump frame.ppm"), "")
        self.assertEqual(vl.command("screendump frame.png"), "")
        width, height, pixels = vltest.read_ppm(self.path("frame.ppm"))
        self.assertEqual((width, height), (1024, 768))
        self.assertEqual(picture.read_png(self.path("frame.png")), (width, height, pixels),
                         "the two kinds of file show different pictures")
        golden = picture.read_png(GOLDEN)
        self.assertEqual(golden[:2], (width, height))
        if golden[2] != pixels:
            at = next(i for i in range(len(pixels)) if golden[2][i] != pixels[i]) // 3
            self.fail("frame 60 is not as in %s: first at column %d, row %d" % (
                GOLDEN, at % width, at // width))

    def test_it_moves(self):
        vl = self.demo()
        vl.open_monitor()
        pictures = set()
        for i in range(100):
            vl.command("screendump frame.ppm")
            with open(self.path("frame.ppm"), "rb") as file:
                pictures.add(file.read())
            if len(pictures) >= 3:
                return
        self.fail("the picture stands still")

    def test_keys(self):
        vl = self.demo()
        vl.send("x")
        vl.wait_for("key 'x'")
        vl.send(" ")
        vl.wait_for("paused after ")
        vl.send(" ")
        vl.wait_for("running")
        vl.send("\x01\x01")  # Ctrl-a twice is one for the guest
        vl.wait_for("key 0x1")
        vl.send("r")
        vl.wait_for(BANNER)
        vl.wait_for("space pause")
        vl.send("q")
        self.assertEqual(vl.wait_exit(), 0)

    def test_stop_and_continue(self):
        vl = self.demo()
        vl.open_monitor()
        vl.command("stop")
        self.assertEqual(vl.command("info status"), "VM status: paused\n")
        vl.command("screendump one.ppm")
        vl.command("screendump two.ppm")
        with open(self.path("one.ppm"), "rb") as one, open(self.path("two.ppm"), "rb") as two:
            self.assertEqual(one.read(), two.read(), "a stopped machine draws")
        vl.command("c")
        self.assertEqual(vl.command("info status"), "VM status: running\n")
        vl.close_monitor()
        vl.send("x")
        vl.wait_for("key 'x'")


if __name__ == "__main__":
    vltest.main()
