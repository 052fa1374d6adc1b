# SPDX-License-Identifier: MIT
"""-trace and -stop-at: what they say, what they refuse, and where the process stands still."""
import json
import os
import re
import signal
import time

import guestcode
import vltest
from cmdline_case import CommandLineCase


class Trace(CommandLineCase):
    def ended(self, *args):
        """Standard error of a guest that powers off at once."""
        self.make_file("guest.bin", guestcode.POWER_OFF)
        status, out, err = self.run_vl("-display", "none", "-bios", "guest.bin", *args)
        self.assertEqual((status, out), (0, ""), err)
        return err

    def test_messages(self):
        self.check("-trace", "nope=1,x=2", "Invalid parameter 'nope'")
        self.check("-trace", "format=x", "Parameter 'format' expects 'log' or 'json'", qemu=False)
        self.check("-trace", "file=/nonexistent/x",
                   "Error opening logfile /nonexistent/x: No such file or directory", qemu=False)
        self.assertEqual(self.ended("-trace", "nope"),
                         "vl: -trace nope: warning: trace event 'nope' does not exist\n")
        self.assertEqual(self.ended("-trace", "nope*"), "")

    def test_help(self):
        status, out, err = self.run_vl("-trace", "help")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(self.run_vl("-d", "trace:help"), (0, out, ""))
        names = out.split()
        for name in ("phase", "module_call_init", "device_set_realized", "riscv_trap"):
            self.assertIn(name, names)

    def test_phases_in_order(self):
        err = self.ended("-trace", "phase")
        self.assertEqual(err.split("phase name ")[1:], [name + "\n" for name in (
            "block", "qom", "qapi", "opts", "command-line", "machine", "chardevs", "drives",
            "board", "devices", "firmware", "front-ends", "reset", "run", "cleanup")])

    def test_minus_and_files(self):
        self.make_file("events", b"# the start\nphase\n\nqemu_system_*\n-qemu_system_reset\n")
        self.assertEqual(self.ended("-trace", "phase", "-trace", "-phase"), "")
        err = self.ended("-trace", "events=events")
        self.assertIn("phase name run\nqemu_system_shutdown_request reason guest-shutdown status 0"
                      "\nphase name cleanup\n", err)
        self.assertNotIn("qemu_system_reset", err)

    def test_log_items(self):
        err = self.ended("-d", "trace:runstate_set")
        self.assertEqual(err, "runstate_set current_run_state prelaunch new_state running\n")

    def test_json_lines(self):
        self.assertEqual(self.ended("-trace", "device_set_realized,file=t.json,format=json"), "")
        with open(self.path("t.json")) as file:
            records = [json.loads(line) for line in file]
        uart = [r for r in records if r["type"] == "ns16550a"]
        self.assertEqual([r["phase"] for r in uart], ["B", "E"])
        self.assertLessEqual(uart[0]["ns"], uart[1]["ns"])
        self.assertEqual(uart[0]["file"], "hw/core/qdev.cpp")
        self.assertEqual(uart[0]["path"], "/machine/uart")


class Stories(CommandLineCase):
    """`-trace bdrv_*` tells how a drive was opened, or why it was not."""

    def story(self, drive, status=0):
        """(events of opening, in order, without addresses; what vl said besides)."""
        self.make_file("guest.bin", guestcode.POWER_OFF)
        got, _, err = self.run_vl(*self.QUIET, "-bios", "guest.bin", "-serial", "null",
                                  "-drive", drive, "-trace", "bdrv_[opw]*",
                                  "-trace", "bdrv_choose*", "-trace", "error_setg")
        self.assertEqual(got, status, err)
        lines = [re.sub(r"bs 0x[0-9a-f]+ |flags 0x[0-9a-f]+ ?|#block\d+|line \d+ ", "", line).strip()
                 for line in err.splitlines()]
        told = [line for line in lines if re.match("bdrv_|error_setg", line)]
        return told, [line for line in lines if line not in told]

    OPENED = ["bdrv_whitelist driver file read_only false allowed true",
              "bdrv_open_common filename disk.img format_name file",
              "bdrv_opened node_name  bytes 1048576"]

    def test_success(self):
        told, said = self.story("file=disk.img,format=raw,if=virtio")
        self.assertEqual(told, ["bdrv_open filename disk.img options driver=raw",
                                "bdrv_choose_driver driver raw because the option driver or "
                                "format says so",
                                "bdrv_choose_driver driver file because the name begins with no "
                                "protocol", *self.OPENED,
                                "bdrv_whitelist driver raw read_only false allowed true",
                                "bdrv_open_common filename disk.img format_name raw",
                                "bdrv_opened node_name  bytes 1048576"])
        self.assertEqual(said, [])

    def test_probing(self):
        told, _ = self.story("file=disk.img,if=virtio")
        self.assertIn("bdrv_choose_driver driver file because the name begins with no protocol",
                      told)
        self.assertIn("bdrv_probe driver raw score 1", told)
        self.assertIn("bdrv_choose_driver driver raw because it had the highest score for the "
                      "first bytes", told)

    def test_refusals(self):
        for drive, file, message in (
                ("file=nope.img,format=raw", "block/raw-posix.cpp",
                 "Could not open 'nope.img': No such file or directory"),
                ("file=disk.img,format=raw,bogus=1", "block/block.cpp",
                 "Block format 'raw' does not support the option 'bogus'"),
                ("file=disk.img,format=raw,offset=2M", "block/raw_bsd.cpp",
                 "Offset (2097152) cannot be greater than size of the containing file (1048576)"),
                ("driver=nope,file=disk.img", "block/block.cpp", "Unknown driver 'nope'"),
                ("file=nope:disk.img", "block/probe.cpp", "Unknown protocol 'nope'")):
            with self.subTest(drive=drive):
                told, _ = self.story(drive, status=1)
                self.assertEqual(told[-1], "error_setg file %s message %s" % (file, message))


class StopAt(CommandLineCase):
    def test_messages(self):
        self.check("-stop-at", "nope", "There is no phase 'nope' to stop at", qemu=False)
        status, out, _ = self.run_vl("-stop-at", "help")
        self.assertEqual(status, 0)
        self.assertIn("  board          the board is made: harts, memory, devices\n", out)

    def state(self, process):
        with open("/proc/%d/stat" % process.pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0]

    def test_stands_still_until_told(self):
        self.make_file("guest.bin", guestcode.POWER_OFF)
        for phase in ("block", "drives", "run", "cleanup"):
            vl = self.start("-display", "none", "-bios", "guest.bin", "-stop-at", phase)
            vl.wait_for("stopped before phase '%s'" % phase)
            vl.wait_for("kill -CONT %d" % vl.process.pid)
            deadline = time.monotonic() + 20
            while self.state(vl.process) != "T" and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertEqual(self.state(vl.process), "T")
            os.kill(vl.process.pid, signal.SIGCONT)
            self.assertEqual(vl.wait_exit(), 0)


if __name__ == "__main__":
    vltest.main()
