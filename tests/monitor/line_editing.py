# SPDX-License-Identifier: MIT
"""The human monitor's line: keys, history and completion, on a terminal and on a socket."""
import os
import signal
import time

import qmpclient
import vltest
from terminal import DELETE, DOWN, END, HOME, LEFT, RIGHT, UP, OnTerminal, Screen

STATUS = "VM status: paused (prelaunch)"
PROMPT = vltest.PROMPT
CTRL = {chr(ord("a") + n): chr(n + 1) for n in range(26)}


class TerminalCase(vltest.VlTest):
    def terminal(self, *args, **kwargs):
        vl = OnTerminal([vltest.vl_program(), *args], self.folder, **kwargs)
        self.addCleanup(vl.close)
        return vl

    def monitor(self, *args, **kwargs):
        vl = self.terminal("-display", "none", "-S", "-monitor", "stdio", *args, **kwargs)
        vl.wait_line(PROMPT)
        return vl

    def check_keys(self, vl, keys, line, column=None):
        """These keys make that line, with the cursor there. Then the line is thrown away."""
        vl.type(keys)
        vl.wait_line(PROMPT + line, None if column is None else len(PROMPT) + column)
        vl.type(CTRL["e"] + CTRL["u"])
        vl.wait_line(PROMPT)

    def check_command(self, vl, keys, answer):
        vl.type(keys + "\r")
        vl.wait_until(lambda s: answer in s.text() and s.lines()[s.y] == PROMPT.rstrip())


class Editing(TerminalCase):
    def test_keys(self):
        vl = self.monitor()
        for keys, line, column in (
                ("info status", "info status", 11),
                ("info statux\x7fs", "info status", 11),
                ("info statux\bs", "info status", 11),
                ("ino status" + HOME + RIGHT * 2 + "f", "info status", 3),
                ("ino status" + CTRL["a"] + CTRL["f"] * 2 + "f", "info status", 3),
                ("info tatus" + LEFT * 5 + "s", "info status", 6),
                ("info xstatus" + "\x1bb" + DELETE, "info status", 5),
                ("info xstatus" + "\x1b[1;5D" + CTRL["d"], "info status", 5),
                ("xinfo" + "\x1bOH" + DELETE + END + " status", "info status", 11),
                ("status" + CTRL["a"] + "info ", "info status", 5),
                ("info status junk" + CTRL["w"] + CTRL["h"], "info status", 11),
                ("info status junk" + LEFT * 5 + CTRL["k"], "info status", 11),
                ("status" + CTRL["u"] + "info " + CTRL["y"], "info status", 11),
                ("info sttaus" + LEFT * 3 + CTRL["t"], "info status", 9),
                ("grüße ça" + LEFT * 3 + "€", "grüße€ ça", 6),
                ("\x00\x1b[5~\x1b[24~\x1b[Zinfo", "info", 4)):
            self.check_keys(vl, keys, line, column)
        self.check_command(vl, "nfo statusx" + HOME + "i" + END + "\x7f", STATUS)

    def test_long_line(self):
        """A line of three rows, changed in the first one."""
        vl = self.monitor(columns=40)
        vl.type("p " + "1+" * 45 + "1")
        vl.wait_until(lambda s: s.y == 4 or s.y == 3)
        vl.type(HOME + DELETE + "p")
        vl.wait_until(lambda s: s.x == len(PROMPT) + 1)
        self.check_command(vl, "", "\n0x2e\n")

    def test_window_changes(self):
        vl = self.monitor()
        vl.resize(30, 24)
        vl.screen = Screen(30, 24)
        vl.type("\r")
        vl.wait_line(PROMPT)
        vl.type("p 1" + "+1" * 20)
        vl.wait_until(lambda s: s.lines()[s.y] == "+1" * 9)
        self.check_command(vl, "", "\n0x15\n")

    def test_too_long(self):
        vl = self.monitor()
        vl.type("x" * 5000)
        left = 5000 - 4098  # the rest is a line of its own
        vl.wait_until(lambda s: s.lines()[s.y] == "x" * ((left + len(PROMPT)) % 80))
        self.check_command(vl, CTRL["u"] + "info status", STATUS)

    def test_clear_screen(self):
        vl = self.monitor()
        vl.type("info" + CTRL["l"])
        vl.wait_until(lambda s: s.y == 0 and s.lines()[0] == PROMPT + "info")

    def test_nothing_leaves_the_line(self):
        """Neither the end of a file nor libedit's own commands."""
        vl = self.monitor()
        self.check_command(vl, CTRL["d"] + CTRL["z"] + "\x1bx" + "info status", STATUS)


class History(TerminalCase):
    def test_up_and_down(self):
        vl = self.monitor()
        for line in ("p 1", "p 2", "p 3", "p 2", ""):
            vl.type(line + "\r")
        vl.wait_line(PROMPT)
        vl.wait_text("0x3\n")
        # once each, the newest first
        for keys, line in ((UP, "p 2"), (UP, "p 3"), (UP, "p 1"), (UP, "p 1"), (DOWN, "p 3"),
                           (CTRL["p"], "p 1"), (CTRL["n"], "p 3"), (DOWN, "p 2"), (DOWN, "")):
            vl.type(keys)
            vl.wait_line(PROMPT + line)

    def test_changed(self):
        vl = self.monitor()
        self.check_command(vl, "p 41", "0x29\n")
        self.check_command(vl, UP + "+1", "0x2a\n")
        vl.type(UP + UP)
        vl.wait_line(PROMPT + "p 41")

    def test_search(self):
        vl = self.monitor()
        for line in ("info status", "p 1", "info version"):
            vl.type(line + "\r")
            vl.wait_until(lambda s: s.lines()[s.y] == PROMPT.rstrip() and
                          PROMPT + line in s.text())  # noqa: B023
        vl.type(CTRL["r"] + "tat")
        vl.wait_text("bck:")
        self.check_command(vl, "", "status\n" + STATUS)

    def test_each_monitor_has_its_own(self):
        vl = self.terminal("-display", "none", "-S", "-serial", "null",
                           "-chardev", "stdio,id=c,mux=on",
                           "-mon", "c", "-mon", "c")
        vl.wait_line(PROMPT)
        vl.type("p 1\r")
        vl.wait_text("0x1\n")
        vl.type(vltest.CTRL_A + "c")
        vl.wait_until(lambda s: s.text().count("monitor - type") == 2)
        self.check_command(vl, UP + "info status", STATUS)


class Completion(TerminalCase):
    def test_words(self):
        self.make_file("disk.img", size=1 << 20)
        os.mkdir(self.path("folder"))
        self.make_file("folder/first.png")
        vl = self.monitor("-drive", "file=disk.img,format=raw,if=none,id=mydisk",
                          "-device", "virtio-blk-device,drive=mydisk,id=blk0",
                          "-object", "rng-builtin,id=rng0",
                          "-blockdev", "driver=null-co,node-name=nodes",
                          "-device", "virtio-blk-device,drive=nodes")
        for keys, line in (
                ("system_r", "system_reset "),
                ("inf", "info "),
                ("info sta", "info status "),
                ("info qom-", "info qom-tree "),
                ("info qom-tree -j", "info qom-tree -json "),
                ("info qom-tree -json /mach", "info qom-tree -json /machine/"),
                ("qom-list /machine/peripheral/b", "qom-list /machine/peripheral/blk0 "),
                ("qom-get /machine acl", "qom-get /machine aclint "),
                ("info block my", "info block mydisk "),
                ("info block -v my", "info block -v mydisk "),
                ("block_resize m", "block_resize mydisk "),
                ("info block no", "info block nodes "),
                ("block_resize no", "block_resize nodes "),
                ("commit no", "commit no"),  # takes drives alone
                ("device_del b", "device_del blk0 "),
                ("object_del r", "object_del rng0 "),
                ("object_add rng-b", "object_add rng-builtin "),
                ("device_add virtserialp", "device_add virtserialport "),
                ("device_add virtserialport,cha", "device_add virtserialport,chardev="),
                ("device_add virtserialport,nr=1,b", "device_add virtserialport,nr=1,bus="),
                ("object_add rng-random,id=a,f", "object_add rng-random,id=a,filename="),
                ("object_add nope,f", "object_add nope,f"),
                ("trace-event runstate_s", "trace-event runstate_set "),
                ("trace-event runstate_set of", "trace-event runstate_set off "),
                ("info trace-events vm_st", "info trace-events vm_state_notify "),
                ("screendump dis", "screendump disk.img "),
                ("screendump fo", "screendump folder/"),
                ("screendump folder/", "screendump folder/first.png "),
                ("log gue", "log guest_errors "),
                ("log int,gue", "log int,guest_errors "),
                ("log int,trace:runstate_s", "log int,trace:runstate_set "),
                ("help scr", "help screendump "),
                ("help info ve", "help info version "),
                ("nonsense x", "nonsense x"),
                ("x /4", "x /4"),
                ("screendump /nope/", "screendump /nope/")):
            self.check_keys(vl, keys + "\t", line)

    def test_in_the_middle(self):
        vl = self.monitor()
        self.check_keys(vl, "inf status" + HOME + RIGHT * 3 + "\t", "info  status", 5)

    def test_list(self):
        vl = self.monitor()
        vl.type("info q\t")
        vl.wait_text("\nqom-tree  qtree\n")
        vl.wait_line(PROMPT + "info q")
        vl.type("t\t")
        vl.wait_line(PROMPT + "info qtree ")
        vl.type(CTRL["u"] + "sys\t")
        vl.wait_line(PROMPT + "system_reset ")
        vl.type(CTRL["u"] + "b\t")  # what they have in common, and the list
        vl.wait_line(PROMPT + "block_")
        self.assertIn("\nblock_resize           block_set_io_throttle\n", vl.screen.text())

    def test_narrow_list(self):
        vl = self.monitor(columns=20)
        vl.type("info q\t")
        vl.wait_text("\nqom-tree\nqtree\n")
        vl.wait_line(PROMPT + "info q")

    def test_all_commands(self):
        vl = self.monitor()
        vl.type("\t")
        vl.wait_until(lambda s: s.y > 4 and s.lines()[s.y] == PROMPT.rstrip())
        words = vl.screen.text().split()
        for name in ("cont", "c", "info", "x", "xp", "quit", "?"):
            self.assertIn(name, words)


class Terminals(TerminalCase):
    """Whatever ends vl, the terminal is as it was before."""

    def check_restored(self, vl):
        self.assertFalse(vl.restored())

    def test_quit(self):
        vl = self.monitor()
        self.assertFalse(vl.restored())
        vl.type("quit\r")
        self.assertEqual(vl.wait_exit(), 0)
        self.assertTrue(vl.restored())

    def test_control_c(self):
        vl = self.monitor()
        vl.type("half a li" + CTRL["c"])
        self.assertEqual(vl.wait_exit(), 0)
        self.assertIn("terminating on signal 2", vl.screen.text())
        self.assertTrue(vl.restored())

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            vl = self.monitor()
            vl.type("inf")
            vl.wait_line(PROMPT + "inf")
            vl.process.send_signal(number)
            self.assertEqual(vl.wait_exit(), 0)
            self.assertTrue(vl.restored())

    def test_mistake(self):
        vl = self.terminal("-monitor", "stdio", "-display", "none", "-device", "nope")
        self.assertEqual(vl.wait_exit(), 1)
        self.assertTrue(vl.restored())

    def test_behind_control_a(self):
        vl = self.terminal("-nographic")
        vl.wait_until(lambda s: "r reset\n" in s.text() and s.x == 0)  # the guest says no more
        vl.type(vltest.CTRL_A + "c")
        vl.wait_line(PROMPT)
        vl.type("nfo" + CTRL["a"] * 2 + "i" + CTRL["e"] + " sta\t")  # Ctrl-a has to be typed twice
        vl.wait_line(PROMPT + "info status ")
        vl.type("half" + CTRL["c"])  # Ctrl-c is a key here, and throws the line away
        vl.wait_line(PROMPT)
        vl.type("ha" + vltest.CTRL_A + "c")
        vl.type(vltest.CTRL_A + "c")
        vl.wait_until(lambda s: s.text().count("monitor - type") == 2)
        vl.wait_line(PROMPT)
        vl.type("quit\r")
        self.assertEqual(vl.wait_exit(), 0)
        self.assertTrue(vl.restored())


class OnSocket(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.start("-display", "none", "-S", "-monitor", "unix:mon,server=on,wait=off")

    def connect(self):
        s = qmpclient.connect(self.path("mon"))
        self.addCleanup(s.close)
        self.wait_for(s, PROMPT)
        return s

    def wait_for(self, s, text):
        got = b""
        while text.encode() not in got:
            part = s.recv(4096)
            self.assertTrue(part, got)
            got += part
        return got.decode()

    def test_keys_and_completion(self):
        s = self.connect()
        s.sendall(("ino" + LEFT + "f" + CTRL["e"] + " sta\t\r").encode())
        self.wait_for(s, STATUS)
        s.sendall(UP.encode() + b"\n")
        self.wait_for(s, STATUS)

    def test_parts_of_keys(self):
        s = self.connect()
        for byte in ("info statusé" + LEFT + DELETE + "\n").encode():
            s.sendall(bytes([byte]))
            time.sleep(0)
        self.wait_for(s, STATUS)

    def test_lines_of_a_program(self):
        """What a program sees of what it sends is the text itself."""
        s = self.connect()
        s.sendall(b"info status\np " + b"1+" * 500 + b"1\n")
        text = self.wait_for(s, "0x1f5\r\n" + PROMPT)
        self.assertEqual(text, "info status\r\n" + STATUS + "\r\n" + PROMPT +
                         "p " + "1+" * 500 + "1\r\n0x1f5\r\n" + PROMPT)

    def test_half_a_line_is_forgotten(self):
        for half in (b"nonsense", b"info\x1b", b"\x12stat", b"\xc3", b"\x16"):
            s = self.connect()
            s.sendall(half)
            s.close()
            s = self.connect()
            s.sendall(b"info status\n")
            self.wait_for(s, PROMPT[:0] + STATUS)
            s.close()


if __name__ == "__main__":
    vltest.main()
