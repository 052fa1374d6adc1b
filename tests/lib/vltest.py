# SPDX-License-Identifier: MIT
"""What the tests that drive the finished program share: starting vl, waiting for its words, typing
on its serial port and its monitor. Only Python's standard library.

The environment says what is tested: VL is the program. Each test runs in a folder of its own, which
is gone afterwards; a program that outlives its deadline is killed."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SLOWNESS = float(os.environ.get("VL_SLOWNESS", "1"))  # a sanitizer's build needs more time
# What lives as long as the process is no leak, and under a debugger the checker cannot work.
os.environ["ASAN_OPTIONS"] = ":".join(
    filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
PROMPT = "(vl) "
CTRL_A = "\x01"


def vl_program():
    path = os.environ.get("VL")
    if not path or not os.access(path, os.X_OK):
        sys.exit("VL must name the program to test: it is %r" % path)
    return path


def tool(name, package):
    """The path of a program that a test needs."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not path:
        raise AssertionError("missing part: install Debian package %s (for %s)" % (package, name))
    return path


def run(argv, cwd=None, stdin="", timeout=20, env=None):
    """Runs a program to its end: (status, standard output, standard error)."""
    try:
        done = subprocess.run(argv, cwd=cwd, input=stdin.encode(), capture_output=True,
                              timeout=timeout * SLOWNESS, env=env)
    except subprocess.TimeoutExpired as late:
        raise AssertionError("%s was still running after %g s; it said:\n%s%s" % (
            " ".join(argv), timeout * SLOWNESS, (late.stdout or b"").decode(errors="replace"),
            (late.stderr or b"").decode(errors="replace"))) from None
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(
        errors="replace")


class Running:
    """A program with pipes: its output is collected in the background."""

    def __init__(self, argv, cwd=None, env=None, lifetime=120):
        self.argv = argv
        self.output = ""
        self.seen = 0  # what wait_for has gone past
        self.changed = threading.Condition()
        self.process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.reaper = threading.Timer(lifetime * SLOWNESS, self.process.kill)
        self.reaper.daemon = True
        self.reaper.start()

    def _read(self):
        while data := os.read(self.process.stdout.fileno(), 65536):
            with self.changed:
                self.output += data.decode(errors="replace")
                self.changed.notify_all()
        with self.changed:
            self.output_ended = True
            self.changed.notify_all()

    output_ended = False

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def wait_for(self, text, timeout=20):
        """Waits until `text` comes after what was waited for before; returns what came up to it."""
        deadline = time.monotonic() + timeout * SLOWNESS
        with self.changed:
            while True:
                at = self.output.find(text, self.seen)
                if at >= 0:
                    before = self.output[self.seen:at]
                    self.seen = at + len(text)
                    return before
                left = deadline - time.monotonic()
                if left <= 0 or self.output_ended:
                    why = "ended without" if self.output_ended else "did not in time say"
                    raise AssertionError("%s\n%s %r; the last it said:\n%s" % (
                        " ".join(self.argv), why, text, self.output[-3000:]))
                self.changed.wait(left)

    def wait_exit(self, timeout=20):
        try:
            status = self.process.wait(timeout * SLOWNESS)
        except subprocess.TimeoutExpired:
            raise AssertionError("%s\ndid not end; the last it said:\n%s" % (
                " ".join(self.argv), self.output[-3000:])) from None
        self.reader.join(5)
        return status

    def close(self):
        self.reaper.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stdin.close()
        self.process.stdout.close()

    # --- the monitor

    def open_monitor(self):
        """Turns the keyboard to the monitor, for a vl whose serial port shares the terminal."""
        self.send(CTRL_A + "c")
        self.wait_for(PROMPT)

    def close_monitor(self):
        self.send(CTRL_A + "c")

    def command(self, line, timeout=20):
        """Types a monitor command; returns its answer, one line feed a line."""
        self.send(line + "\n")
        self.wait_for(line + "\r\n")  # its echo
        return self.wait_for(PROMPT, timeout).replace("\r\n", "\n")

    def command_until(self, line, text, timeout=20):
        """Repeats a monitor command until its answer has `text`; returns the last answer."""
        deadline = time.monotonic() + timeout * SLOWNESS
        while True:
            answer = self.command(line)
            if text in answer or time.monotonic() > deadline:
                return answer
            time.sleep(0.05)


class VlTest(unittest.TestCase):
    """A test case with a folder of its own, in which vl runs."""
    maxDiff = None
    PARENT = None  # of the folder; None: where temporary files go

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vltest-", dir=self.PARENT)
        self.addCleanup(shutil.rmtree, self.folder, True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make_file(self, name, content=b"", size=0):
        with open(self.path(name), "wb") as out:
            out.write(content)
            if size > len(content):
                out.truncate(size)
        return self.path(name)

    def run_vl(self, *args, **kwargs):
        return run([vl_program(), *args], cwd=self.folder, **kwargs)

    def start(self, *args, env=None, lifetime=120):
        vl = Running([vl_program(), *args], cwd=self.folder, env=env, lifetime=lifetime)
        self.addCleanup(vl.close)
        return vl

    def start_raw(self, argv, **kwargs):
        program = Running(argv, cwd=self.folder, **kwargs)
        self.addCleanup(program.close)
        return program


def guest(name, timeout=240):
    """The folder of a guest of scripts/guest, which makes it unless it is there."""
    script = os.path.join(SOURCE, "scripts", "guest")
    status, out, err = run([script, name], timeout=timeout)
    if status != 0:
        raise AssertionError("missing part: the guest %s; scripts/guest %s says:\n%s%s" % (
            name, name, out, err))
    return run([script, "path", name])[1].strip()


# --- pictures

def read_ppm(path):
    """(width, height, pixels as bytes: red, green, blue) of a binary PPM file."""
    with open(path, "rb") as file:
        data = file.read()
    fields, pos = [], 0
    while len(fields) < 4:
        while data[pos:pos + 1].isspace():
            pos += 1
        start = pos
        while not data[pos:pos + 1].isspace():
            pos += 1
        fields.append(data[start:pos])
    if fields[0] != b"P6" or fields[3] != b"255":
        raise AssertionError("%s is no 24-bit PPM file: %r" % (path, fields))
    return int(fields[1]), int(fields[2]), data[pos + 1:]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    unittest.main(verbosity=2)
