# SPDX-License-Identifier: MIT
"""Many harts, each a thread: a guest that counts what goes wrong between them, left alone and
disturbed by the monitor. A machine that hangs meets a deadline. Under the thread sanitizer a race
in vl is an exit status of its own.

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
    def words(self, harts, seconds):
        return ["-M", "toy,aclint=on", "-display", "none", "-smp", str(harts), "-bios", "none",
                "-kernel", os.environ["STRESS_ELF"], "-append", "seconds=%d" % seconds]


class Alone(Stress):
    def check_guest(self, harts, seconds, *args):
        status, out, err = self.run_vl(*self.words(harts, seconds), *args, timeout=seconds + 60)
        self.assertRegex(out, r"\Astress: %d harts, .*\r\n%s\r\n\Z" % (harts, REPORT))
        self.assertEqual((status, err), (0, ""), err[:6000])

    def test_four_harts(self):
        self.check_guest(4, SECONDS)

    def test_more_harts_than_processors(self):
        self.check_guest(16, max(2, SECONDS // 10))

    def test_turns_on_one_thread(self):
        self.check_guest(4, 1, "-accel", "interp,thread=single")
        self.check_guest(4, 1, "-icount", "shift=3")


class Disturbed(Stress):
    """The guest's words go to a file, and its end only stops it: the monitor stays."""

    def start_guest(self, harts, seconds):
        vl = self.start("-monitor", "stdio", "-serial", "file:serial.txt", "-no-shutdown",
                        *self.words(harts, seconds), lifetime=300)
        vl.wait_for(vltest.PROMPT)
        self.wait_for_starts(1)
        return vl

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
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0, vl.output[-6000:])
        vl.close()

    def test_stop_and_cont(self):
        for harts in (8, 32):
            vl = self.start_guest(harts, 2)
            for _ in range(ROUNDS // 2):
                vl.command("stop")
                if vl.command("info status") == "VM status: paused (shutdown)\n":
                    break  # a slow machine: the guest has come to its end meanwhile
                self.assertEqual(vl.command("info status"), "VM status: paused\n")
                vl.command("cont")
                time.sleep(random.random() / 100)
            self.check_end(vl)

    def test_system_reset(self):
        for harts in (8, 32):
            vl = self.start_guest(harts, 1)
            for number in range(ROUNDS // 2):
                time.sleep(random.random() / 20)
                vl.command("system_reset")
                self.wait_for_starts(number + 2)
            self.check_end(vl)

    def test_reset_while_stopped(self):
        vl = self.start_guest(8, 1)
        for number in range(ROUNDS // 4):
            vl.command("stop")
            vl.command("system_reset")
            vl.command("cont")
            self.wait_for_starts(number + 2)
            time.sleep(random.random() / 50)
        self.check_end(vl)

    def test_screendump(self):
        vl = self.start_guest(8, 2)
        for _ in range(ROUNDS // 4):
            vl.command("screendump screen.ppm")
            self.assertEqual(vltest.read_ppm(self.path("screen.ppm"))[:2], (1024, 768))
        self.check_end(vl)

    def test_quit(self):
        for number in range(ROUNDS // 2):
            vl = self.start_guest((8, 16, 32)[number % 3], 60)
            if number % 2:
                vl.command("stop")
            vl.send("quit\n")
            self.assertEqual(vl.wait_exit(), 0, vl.output[-6000:])
            vl.close()


if __name__ == "__main__":
    vltest.main()
