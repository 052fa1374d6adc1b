# SPDX-License-Identifier: MIT
"""A guest with nine requests at a time on an nbd disk, handled by an iothread: its server hangs up in the
middle again and again, errs and is asked anew by nbdkit's filter `retry`, or errs for good. No request
hangs, and no write that the guest was told is done is lost."""
import os
import random
import time

import vltest
from nbd_server import NbdCase
from records_guest import RecordsGuest

DRIVE = "file=nbd+unix:///?socket=s.sock"
HANG_UPS = 20
RETRY = ("--filter=retry", "--filter=error", "--filter=delay", "file", "disk.img", "delay-write=1ms",
         "error=EIO", "retry-delay=1", "retry-exponential=no")


class NbdRecords(NbdCase, RecordsGuest):
    def check_end(self, vl):
        self.kill_vl(vl)
        self.check(self.content())

    def test_hang_ups(self):
        """In the iothread, and in the main loop."""
        for device in (",iothread=io", ""):
            server = self.nbdkit("file", "disk.img")
            vl = self.start_guest(DRIVE + ",file.reconnect-delay=120", device)
            for _ in range(HANG_UPS):
                self.wait_for_flushes(vl, random.randrange(1, 10))
                self.kill(server)
                self.note_flushed(vl)
                self.check(self.content())  # before a lost record is written over
                server = self.nbdkit("file", "disk.img")
            self.wait_for_flushes(vl, len(vl.output.split("flushed ")))  # beyond what was said
            self.check_end(vl)
            self.kill(server)

    def test_stop_while_requests_wait(self):
        server = self.nbdkit("file", "disk.img")
        vl = self.start_guest(DRIVE + ",file.reconnect-delay=120", ",iothread=io")
        self.wait_for_flushes(vl, 5)
        self.kill(server)
        vl.open_monitor()
        vl.send("stop\n")
        self.nbdkit("file", "disk.img")
        self.assertIn("paused", vl.command_until("info status", "paused", 60))
        content = self.content()
        self.assertEqual(vl.command("info status"), "VM status: paused\n")
        self.assertEqual(self.content(), content)  # nobody writes
        vl.command("cont")
        vl.close_monitor()
        self.wait_for_flushes(vl, 20)
        self.check_end(vl)

    def test_retries_hide_errors(self):
        """Every tenth write fails in the server, which tries it again: the guest sees none of it."""
        self.nbdkit(*RETRY, "error-pwrite-rate=10%", "retries=8")
        vl = self.start_guest(DRIVE, ",iothread=io")
        self.wait_for_flushes(vl, 10)
        self.check_end(vl)

    def test_retries_come_to_an_end(self):
        """The server gives up: the machine stops, and goes on when all is well."""
        self.nbdkit(*RETRY, "error-rate=100%", "error-file=fail", "retries=1")
        vl = self.start_guest(DRIVE + ",werror=stop", ",iothread=io")
        for _ in range(2):
            self.wait_for_flushes(vl, 10)
            fail = self.make_file("fail")
            vl.open_monitor()
            self.assertIn("io-error", vl.command_until("info status", "io-error", 60))
            os.unlink(fail)
            stopped_at = len(vl.output)
            while "flushed" not in vl.output[stopped_at:]:
                vl.command("cont")  # some requests may fail only now
                time.sleep(0.05)
            vl.close_monitor()
        self.wait_for_flushes(vl, 10)
        self.check_end(vl)


if __name__ == "__main__":
    vltest.main()
