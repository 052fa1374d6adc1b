# SPDX-License-Identifier: MIT
"""The monitor, on the terminal and behind Ctrl-a c."""
import time

import vltest


class OnStdio(vltest.VlTest):
    def monitor(self, *args):
        self.make_file("disk.img", size=1 << 20)
        vl = self.start("-display", "none", "-monitor", "stdio", *args)
        vl.wait_for("monitor - type 'help' for more information")
        vl.wait_for(vltest.PROMPT)
        return vl

    def test_status(self):
        vl = self.monitor("-S")
        self.assertEqual(vl.command("info status"), "VM status: paused (prelaunch)\n")
        self.assertEqual(vl.command("c"), "")
        self.assertEqual(vl.command("info status"), "VM status: running\n")
        self.assertEqual(vl.command("stop"), "")
        self.assertEqual(vl.command("info status"), "VM status: paused\n")
        self.assertEqual(vl.command("cont"), "")
        self.assertEqual(vl.command("info status"), "VM status: running\n")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_unknown(self):
        vl = self.monitor()
        self.assertEqual(vl.command("foo"), "unknown command: 'foo'\n")
        self.assertEqual(vl.command("foo bar"), "unknown command: 'foo'\n")
        self.assertEqual(vl.command("info foo"), "unknown command: 'info foo'\n")
        self.assertEqual(vl.command(""), "")

    def test_help(self):
        vl = self.monitor()
        text = vl.command("help")
        for line in ("cont|c -- ", "info [subcommand] -- ", "quit|q -- ", "screendump filename -- ",
                     "stop|s -- ", "system_reset -- "):
            self.assertRegex(text, r"(?m)^%s\S" % line.replace("|", r"\|").replace("[", r"\["))
        self.assertEqual(vl.command("help quit").count("\n"), 1)
        info = vl.command("info")
        for item in ("status", "mtree", "qtree", "qom-tree", "block", "roms"):
            self.assertRegex(info, r"(?m)^info %s " % item)

    def test_mtree(self):
        vl = self.monitor()
        text = vl.command("info mtree")
        self.assertTrue(text.startswith("address-space: memory\n"), text)
        for start, end, kind, name in (
                ("00001000", "0000ffff", "rom", "toy.rom"),
                ("00100000", "00100fff", "i/o", "riscv.sifive.test"),
                ("00101000", "00101fff", "i/o", "goldfish_rtc"),
                ("0c000000", "0c5fffff", "i/o", "riscv.sifive.plic"),
                ("10000000", "10000007", "i/o", r"\S+"),
                ("10200000", "10200fff", "i/o", "toy-fb"),
                ("11000000", "11ffffff", "ram", "toy-fb.vram"),
                ("80000000", "87ffffff", "ram", "toy.ram")):
            self.assertRegex(text, r"(?m)^ +0{8}%s-0{8}%s \(prio 0, %s\): %s$" % (
                start, end, kind, name))
        self.assertEqual(text.count("): virtio-mmio\n"), 8)
        flat = vl.command("info mtree -f")
        self.assertNotIn("container", flat)
        self.assertIn("toy.ram", flat)

    def test_qtree(self):
        vl = self.monitor("-drive", "file=disk.img,format=raw,if=none,id=d",
                          "-device", "virtio-blk-device,drive=d,id=first")
        text = vl.command("info qtree")
        self.assertTrue(text.startswith("bus: main-system-bus\n  type System\n"), text)
        self.assertRegex(text, r'(?m)^      dev: virtio-blk-device, id "first"$')
        self.assertRegex(text, r'(?m)^        drive = "d"$')
        self.assertEqual(text.count("dev: virtio-mmio, "), 8)

    def test_qom_tree(self):
        self.make_file("second.img", size=1 << 20)
        vl = self.monitor("-drive", "file=disk.img,format=raw,if=virtio",
                          "-drive", "file=second.img,format=raw,if=none,id=d,read-only=on",
                          "-device", "virtio-blk-device,drive=d,id=first")
        text = vl.command("info qom-tree")
        self.assertTrue(text.startswith("/machine (toy-machine)\n"), text)
        self.assertIn("  /peripheral (container)\n    /first (virtio-blk-device)\n", text)
        self.assertIn("  /peripheral-anon (container)\n    /device[0] (virtio-blk-device)\n", text)
        self.assertIn("  /unattached (container)\n", text)
        below = vl.command("info qom-tree /machine/peripheral")
        self.assertEqual(below, "/peripheral (container)\n  /first (virtio-blk-device)\n")
        self.assertEqual(vl.command("info qom-tree /nope"),
                         "Path '/nope' could not be resolved.\n")

    def test_block(self):
        vl = self.monitor("-drive", "file=disk.img,format=raw,if=virtio",
                          "-drive", "file=disk.img,format=raw,if=none,id=d,read-only=on")
        text = vl.command("info block")
        self.assertRegex(text, r"(?m)^virtio0 \(#block\d+\): disk\.img \(raw\)$")
        self.assertRegex(text, r"(?m)^    Attached to: +/machine/peripheral-anon/device\[0\]$")
        self.assertRegex(text, r"(?m)^d \(#block\d+\): disk\.img \(raw, read-only\)$")
        self.assertNotIn("virtio0", vl.command("info block d"))

    def test_roms(self):
        self.make_file("kernel.bin", b"\x6f\0\0\0")
        vl = self.monitor("-bios", "none", "-kernel", "kernel.bin")
        text = vl.command("info roms")
        self.assertRegex(text, r'(?m)^addr=0{12}1000 size=0x[0-9a-f]+ mem=rom name=".*"$')
        self.assertRegex(text, r'(?m)^addr=0{8}80000000 size=0x000004 mem=ram name="kernel\.bin"$')

    def test_trace_events(self):
        vl = self.monitor("-S")
        self.assertEqual(vl.command("info trace-events runstate*"), "runstate_set : state 0\n")
        self.assertEqual(vl.command("trace-event runstate_set on"), "")
        self.assertEqual(vl.command("info trace-events runstate*"), "runstate_set : state 1\n")
        vl.send("c\n")
        vl.wait_for("runstate_set current_run_state prelaunch new_state running\n")
        vl.wait_for(vltest.PROMPT)
        self.assertEqual(vl.command("trace-event nope on"), 'unknown event "nope"\n')
        self.assertEqual(vl.command("trace-event runstate_set"),
                         "Expected 'on' or 'off'\nTry \"help trace-event\" for more information\n")

    def test_registers(self):
        vl = self.monitor("-S")
        text = vl.command("info registers")
        self.assertIn("CPU#0", text)
        self.assertRegex(text, r"(?m)^ *pc +0*1000$")

    def test_screendump(self):
        vl = self.monitor()
        self.assertEqual(vl.command("screendump"), "screendump: filename expected\n"
                         "Try \"help screendump\" for more information\n")
        self.assertRegex(vl.command("screendump nope/x.ppm"), "No such file or directory\n$")
        self.assertEqual(vl.command("screendump x.ppm"), "")
        self.assertEqual(vltest.read_ppm(self.path("x.ppm"))[:2], (1024, 768))

    def test_editing(self):
        vl = self.monitor("-S")
        vl.send("info statusx\x7f\n")
        vl.wait_for("VM status: paused (prelaunch)")
        vl.wait_for(vltest.PROMPT)
        vl.send("nonsense\x15info status\n")
        vl.wait_for("VM status: paused (prelaunch)")

    def test_system_reset(self):
        vl = self.monitor("-serial", "file:serial.txt")
        for starts in range(1, 4):
            self.wait_for_starts(starts)
            vl.command("system_reset")

    def wait_for_starts(self, number):
        """Until the ROM's report stands that often in the serial port's file."""
        deadline = time.monotonic() + 20 * vltest.SLOWNESS
        seen = 0
        while seen < number:
            self.assertLess(time.monotonic(), deadline, "%d starts of %d" % (seen, number))
            time.sleep(0.02)
            with open(self.path("serial.txt")) as file:
                seen = file.read().count("keys: q power off")

    def test_quit_while_paused(self):
        vl = self.monitor("-S")
        vl.send("q\n")
        self.assertEqual(vl.wait_exit(), 0)


class BehindCtrlA(vltest.VlTest):
    def start_rom(self):
        vl = self.start("-nographic")
        vl.wait_for("keys: q power off")
        return vl

    def test_help(self):
        vl = self.start_rom()
        vl.send(vltest.CTRL_A + "h")
        for line in ("C-a h    print this help", "C-a x    exit emulator",
                     "C-a c    switch between console and monitor", "C-a C-a  sends C-a"):
            vl.wait_for(line)

    def test_exit(self):
        vl = self.start_rom()
        vl.send(vltest.CTRL_A + "x")
        self.assertEqual(vl.wait_exit(), 0)
        self.assertTrue(vl.output.endswith("vl: Terminated\r\n"), vl.output)

    def test_there_and_back(self):
        vl = self.start_rom()
        vl.open_monitor()
        self.assertEqual(vl.command("info status"), "VM status: running\n")
        vl.send("q")  # into the monitor's line, not to the guest
        vl.close_monitor()
        vl.send("r")
        vl.wait_for("vl toy ROM")
        vl.wait_for("keys: q power off")
        vl.send("q")
        self.assertEqual(vl.wait_exit(), 0)

    def test_end_of_input_does_not_end_the_machine(self):
        vl = self.start_rom()
        vl.process.stdin.close()
        self.assertIsNone(vl.process.poll())
        vl.process.terminate()
        self.assertEqual(vl.wait_exit(), 0)


if __name__ == "__main__":
    vltest.main()
