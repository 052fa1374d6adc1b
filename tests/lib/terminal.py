# SPDX-License-Identifier: MIT
"""A terminal for tests: a pty, and a screen that understands what an xterm does."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import vltest

UP, DOWN, RIGHT, LEFT = ("\x1b[" + key for key in "ABCD")
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"
CSI = re.compile(rb"\x1b\[([?\d;]*)([@-~])")


class Screen:
    """Rows of characters and a cursor. What it does not know it refuses."""

    def __init__(self, columns=80, rows=24):
        self.columns, self.height = columns, rows
        self.rows = [[" "] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.rest = b""  # of a sequence or a character that has not come whole

    def feed(self, data):
        data, self.rest = self.rest + data, b""
        at = 0
        while at < len(data):
            if data[at] == 0x1b:
                found = CSI.match(data, at)
                if not found:
                    self.rest = data[at:]
                    if len(self.rest) > 20:
                        raise AssertionError("what is %r?" % self.rest)
                    return
                self.sequence(found[1].decode(), found[2].decode())
                at = found.end()
            else:
                size = 1 if data[at] < 0x80 else 2 if data[at] < 0xe0 else 3 if data[at] < 0xf0 else 4
                if at + size > len(data):
                    self.rest = data[at:]
                    return
                self.put(data[at:at + size].decode())
                at += size

    def put(self, char):
        if char == "\r":
            self.x = 0
        elif char == "\n":
            self.x = min(self.x, self.columns - 1)
            self.down()
        elif char == "\b":
            self.x = max(min(self.x, self.columns - 1) - 1, 0)
        elif char != "\a":
            if self.x == self.columns:  # it waits behind the last column
                self.x = 0
                self.down()
            self.rows[self.y][self.x] = char
            self.x += 1

    def down(self):
        self.y += 1
        if self.y == self.height:
            self.rows = self.rows[1:] + [[" "] * self.columns]
            self.y -= 1

    def sequence(self, numbers, letter):
        if letter in "mhl":
            return
        n = int(numbers.split(";")[0] or 0) if numbers else 0
        count, row = max(n, 1), self.rows[self.y]
        self.x = min(self.x, self.columns - 1)
        if letter == "A":
            self.y = max(self.y - count, 0)
        elif letter == "B":
            self.y = min(self.y + count, self.height - 1)
        elif letter == "C":
            self.x = min(self.x + count, self.columns - 1)
        elif letter == "D":
            self.x = max(self.x - count, 0)
        elif letter == "G":
            self.x = count - 1
        elif letter == "H":
            y, _, x = numbers.partition(";")
            self.y, self.x = int(y or 1) - 1, int(x or 1) - 1
        elif letter == "K" and n == 0:
            row[self.x:] = [" "] * (self.columns - self.x)
        elif letter == "P":
            row[self.x:] = row[self.x + count:] + [" "] * min(count, self.columns - self.x)
        elif letter == "@":
            row[self.x:] = ([" "] * count + row[self.x:])[:self.columns - self.x]
        elif letter == "J" and n in (0, 2):
            first = 0 if n == 2 else self.y + 1
            if n == 0:
                row[self.x:] = [" "] * (self.columns - self.x)
            for y in range(first, self.height):
                self.rows[y] = [" "] * self.columns
        else:
            raise AssertionError("what is ESC [ %s %s?" % (numbers, letter))

    def lines(self):
        return ["".join(row).rstrip() for row in self.rows]

    def text(self):
        return "\n".join(self.lines()).rstrip("\n") + "\n"


class OnTerminal:
    """A program on a pty of its own, as a user starts it."""

    def __init__(self, argv, cwd, columns=80, rows=24, lifetime=120):
        self.argv = argv
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.settings = termios.tcgetattr(self.slave)
        self.screen, self.bytes = Screen(columns, rows), b""
        self.process = subprocess.Popen(
            argv, cwd=cwd, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.deadline = time.monotonic() + lifetime * vltest.SLOWNESS

    def resize(self, columns, rows):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, size)

    def restored(self):
        """Are the terminal's settings what they were before the program?"""
        return termios.tcgetattr(self.slave) == self.settings

    def type(self, text):
        data = text.encode()
        while data:  # a pty takes part of it, until it is read
            if select.select([], [self.master], [], 0.01)[1]:
                data = data[os.write(self.master, data[:512]):]
            self.read(0)

    def read(self, seconds):
        """Reads what is there, after waiting at most that long for it."""
        if select.select([self.master], [], [], seconds)[0]:
            data = os.read(self.master, 65536)
            self.bytes += data
            self.screen.feed(data)

    def wait_until(self, happens, timeout=20):
        """Reads on until happens(the screen) is true."""
        deadline = min(time.monotonic() + timeout * vltest.SLOWNESS, self.deadline)
        while not happens(self.screen):
            if time.monotonic() > deadline:
                raise AssertionError("%s\nthe screen is, with the cursor at %d, %d:\n%s" % (
                    " ".join(self.argv), self.screen.x, self.screen.y, self.screen.text()))
            self.read(0.05)

    def wait_line(self, text, column=None):
        """Until the cursor is in that line, at its end or at a column."""
        column = len(text) if column is None else column
        self.wait_until(lambda s: s.lines()[s.y] == text.rstrip() and s.x == column)

    def wait_text(self, text):
        self.wait_until(lambda s: text in s.text())

    def wait_exit(self, timeout=20):
        deadline = time.monotonic() + timeout * vltest.SLOWNESS
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.05)
        return self.process.wait(0.1)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
