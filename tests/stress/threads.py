# SPDX-License-Identifier: MIT
"""Many harts, each a thread: a guest that counts what goes wrong between them, left alone and
disturbed by the monitor."""
import random
import time

import vltest
from stress_case import REPORT, ROUNDS, SECONDS, DisturbedGuest, Stress


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


class Disturbed(DisturbedGuest):
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
            self.check_resets(harts, ROUNDS // 2)

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
            self.check_quit(vl, stopped=number % 2)


if __name__ == "__main__":
    vltest.main()
