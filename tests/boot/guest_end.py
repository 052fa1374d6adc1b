# SPDX-License-Identifier: MIT
"""How a guest ends the machine, and what the process then says."""
import signal
import time

import vltest
from guestcode import LUI_T0_TEST, STAY, SW_T1_T0, UART_A0, finisher, load_t1, program, say_then


class GuestEnd(vltest.VlTest):
    def end(self, content, *args):
        self.make_file("guest.bin", content)
        status, out, err = self.run_vl("-display", "none", "-bios", "guest.bin", *args)
        return status, out, err

    def test_pass(self):
        self.assertEqual(self.end(finisher(0x5555)), (0, "", ""))

    def test_fail_has_the_guests_code(self):
        for code in (1, 2, 77, 255):
            self.assertEqual(self.end(finisher(code << 16 | 0x3333)), (code, "", ""), code)

    def test_reset(self):
        self.make_file("guest.bin", say_then("R", 0x7777))
        vl = self.start("-display", "none", "-bios", "guest.bin")
        for _ in range(5):
            vl.wait_for("R")

    def test_reset_ends_with_no_reboot(self):
        self.assertEqual(self.end(say_then("R", 0x7777), "-no-reboot"), (0, "R", ""))

    def test_the_guest_goes_no_further(self):
        jump, letter = 0x0040006F, ord("L") << 20 | 10 << 7 | 0x13  # j .+4; li a0, 'L'
        last = program(LUI_T0_TEST, *load_t1(0x5555), SW_T1_T0, jump, letter, *UART_A0, STAY)
        for _ in range(5):
            self.assertEqual(self.end(last), (0, "", ""))

    def test_elf_and_flat_kernel(self):
        self.make_file("kernel.bin", finisher(0x5555))
        status, out, err = self.run_vl("-display", "none", "-bios", "none", "-kernel", "kernel.bin")
        self.assertEqual((status, out, err), (0, "", ""))

    def test_serial_to_a_file(self):
        self.assertEqual(self.end(say_then("S", 0x5555), "-serial", "file:serial.txt"), (0, "", ""))
        with open(self.path("serial.txt")) as file:
            self.assertEqual(file.read(), "S")

    def test_serial_to_nothing(self):
        self.assertEqual(self.end(say_then("S", 0x5555), "-serial", "null"), (0, "", ""))

    def test_an_unknown_word_is_the_guests_mistake(self):
        self.make_file("guest.bin", finisher(0x1234))
        vl = self.start("-display", "none", "-bios", "guest.bin", "-d", "guest_errors")
        vl.wait_for("1234")
        vl.open_monitor()
        self.assertEqual(vl.command("info status"), "VM status: running\n")

    def test_traps_of_the_guest_do_not_end_the_process(self):
        # an illegal instruction with mtvec 0: traps without end
        self.make_file("guest.bin", program(0))
        vl = self.start("-display", "none", "-bios", "guest.bin")
        time.sleep(0.2)
        vl.open_monitor()
        self.assertEqual(vl.command("info status"), "VM status: running\n")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_signals(self):
        self.make_file("guest.bin", say_then("S", 0) + program(STAY))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            vl = self.start("-display", "none", "-bios", "guest.bin")
            vl.wait_for("S")
            vl.process.send_signal(number)
            self.assertEqual(vl.wait_exit(), 0)
            self.assertEqual(vl.output, "Svl: terminating on signal %d\n" % number)


if __name__ == "__main__":
    vltest.main()
