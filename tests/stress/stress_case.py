# SPDX-License-Identifier: MIT
"""The stress guest, left alone or disturbed by the monitor. A machine that hangs meets a deadline.
Under the thread sanitizer a race in vl is an exit status of its own.

STRESS_SECONDS says how long the guest that is left alone runs, STRESS_ROUNDS how often the others
are disturbed."""
import os
import random
import re
import time

import vltest

SECONDS = int(os.environ.get("STRESS_SECONDS", "4"))
ROUNDS = int(os.environ.get("STRESS_ROUNDS", "0")) or int(100 / vltest.SLOWNESS)
REPORT = r"stress: [1-9]\d* rounds, (\d+) errors"


class Stress(vltest.VlTest):
    MORE = []  # words of vl's

    def words(self, harts, seconds):
        return ["-M", "toy,aclint=on", "-display", "none", "-smp", str(harts), "-bios", "none",
                "-kernel", os.environ["STRESS_ELF"], "-append", "seconds=%d" % seconds, *self.MORE]


class DisturbedGuest(Stress):
    """The guest's words go to a file, and its end only stops it: the monitor stays."""

    def start_guest(self, harts, seconds):
        vl = self.start("-monitor", "stdio", "-serial", "file:serial.txt", "-no-shutdown",
                        *self.words(harts, seconds), lifetime=300)
        vl.wait_for(vltest.PROMPT)
        self.wait_for_starts(1)
        return vl

    def check_resets(self, harts, count):
        vl = self.start_guest(harts, 1)
        for number in range(count):
            time.sleep(random.random() / 20)
            vl.command("system_reset")
            self.wait_for_starts(number + 2)
        self.check_end(vl)

    def check_quit(self, vl, stopped):
        if stopped:
            vl.command("stop")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0, vl.output[-6000:])
        vl.close()

    def serial(self):
        with open(self.path("serial.txt")) as file:
            return file.read()

    def wait_for_starts(self, number):
        deadline = time.monotonic() + 20 * vltest.SLOWNESS
        while self.serial().count("zawrs, sswi") < number:
            self.assertLess(time.monotonic(), deadline, self.serial())
            time.sleep(0.005)

    def check_end(self, vl):
        """The guest comes to its end, and nothing but its starts and its report was said."""
        status = vl.command_until("info status", "shutdown", 60)
        self.assertEqual(status, "VM status: paused (shutdown)\n")
        self.assertEqual(re.search(REPORT, self.serial()).group(1), "0", self.serial())
        self.assertNotIn("hart ", self.serial())
        self.check_quit(vl, stopped=False)
