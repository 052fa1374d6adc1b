# SPDX-License-Identifier: MIT
"""Several monitors and gdb on one machine: while a command waits, none of them begins another, nor
when the machine has ended.

`stop` waits here for a request of the firmware's that a disk's server does not answer."""
import os
import select
import signal
import sys

import gdbremote
import qmpclient
import vltest

sys.path.insert(0, os.path.join(vltest.SOURCE, "tests", "block"))
from nbd_server import NbdCase  # noqa: E402


class OneAtATime(NbdCase):
    def setUp(self):
        super().setUp()
        self.server = self.nbdkit("memory", "1M")
        self.vl = self.start(
            "-S", "-display", "none", "-serial", "null", "-monitor", "stdio",
            "-trace", "virtio_blk_handle_read", "-trace", "handle_*_command", "-trace", "runstate_set",
            "-trace", "phase",
            "-qmp", "unix:qmp,server=on,wait=off", "-qmp", "unix:qmp2,server=on,wait=off",
            "-gdb", "unix:gdb", "-drive", "format=raw,file=nbd+unix:///?socket=s.sock")
        self.vl.wait_for(vltest.PROMPT)
        self.qmp, self.qmp2 = self.client("qmp"), self.client("qmp2")
        self.server.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.answer)
        self.qmp.execute("cont")
        self.vl.wait_for("virtio_blk_handle_read")
        for client in (self.qmp, self.qmp2):
            client.event("RESUME")

    def client(self, name):
        client = qmpclient.QMPClient(self.path(name))
        self.addCleanup(client.close)
        return client

    def answer(self):
        self.server.process.send_signal(signal.SIGCONT)

    def silent(self, s, seconds=0.3):
        """Nothing comes: what is asked is whether vl waits, so some time has to pass."""
        return not select.select([s], [], [], seconds)[0]

    def test_while_hmp_stops(self):
        self.vl.send("stop\n")
        self.vl.wait_for("runstate_set current_run_state running new_state paused")
        self.qmp.send({"execute": "query-status"})
        self.qmp2.send({"execute": "cont"})
        self.vl.send("info version\n")
        self.assertTrue(self.silent(self.qmp.socket) and self.silent(self.qmp2.socket))
        self.assertNotIn("query-status", self.vl.output)
        self.assertNotIn("info version", self.vl.output)
        self.answer()
        self.assertEqual(self.qmp2.reply(), {"return": {}})
        self.assertIn("status", self.qmp.reply()["return"])
        self.vl.wait_for("handle_hmp_command command info version")
        # the one that stopped it, then the one that let it run: in this order for everybody
        for client in (self.qmp, self.qmp2):
            client.event("STOP")
            client.event("RESUME")

    def test_while_qmp_stops(self):
        self.qmp.send({"execute": "stop"})
        self.vl.wait_for("runstate_set current_run_state running new_state paused")
        self.qmp.send({"execute": "query-name"})
        self.vl.send("cont\n")
        self.assertTrue(self.silent(self.qmp.socket))
        self.assertNotIn("handle_hmp_command", self.vl.output)
        self.answer()
        self.assertEqual(self.qmp.reply(), {"return": {}})
        self.qmp.event("STOP")
        self.vl.wait_for("handle_hmp_command command cont")
        self.assertEqual(self.qmp.reply(), {"return": {}})

    def test_gdb_comes_meanwhile(self):
        self.vl.send("stop\n")
        self.vl.wait_for("runstate_set current_run_state running new_state paused")
        remote = gdbremote.Remote(self.path("gdb"))
        self.addCleanup(remote.close)
        remote.send_bytes(remote.frame("?"))
        self.assertTrue(self.silent(remote.socket))
        self.answer()
        self.assertEqual(remote.byte(), b"+")
        self.assertEqual(remote.receive()[:3], "T05")
        self.qmp.execute("query-status")
        self.assertEqual([event["event"] for event in self.qmp.events].count("STOP"), 1)

    def test_while_gdb_stops(self):
        remote = gdbremote.Remote(self.path("gdb"))  # which stops it
        self.addCleanup(remote.close)
        self.vl.wait_for("runstate_set current_run_state running new_state paused")
        self.vl.send("info version\n")
        self.qmp.send({"execute": "query-status"})
        self.assertTrue(self.silent(self.qmp.socket))
        self.answer()
        self.assertEqual(self.qmp.reply()["return"]["status"], "paused")
        self.vl.wait_for("handle_hmp_command command info version")

    def test_while_the_drives_are_closed(self):
        """What a command could ask for is going: nobody gets an answer any more."""
        self.qmp.execute("quit")
        self.vl.wait_for("phase name cleanup")
        for line in ("info registers", "stop", "cont"):
            self.vl.send(line + "\n")
        for command, args in (("blockdev-add", {"driver": "null-co", "node-name": "late"}),
                              ("stop", {}), ("cont", {}), ("system_reset", {})):
            self.qmp2.send({"execute": command, "arguments": args})
        remote = gdbremote.Remote(self.path("gdb"))
        self.addCleanup(remote.close)
        remote.send_bytes(remote.frame("g"))
        self.qmp2.event("SHUTDOWN")
        self.assertTrue(self.silent(self.qmp2.socket) and self.silent(remote.socket))
        self.answer()
        self.assertEqual(self.vl.wait_exit(), 0)
        for command in ("info registers", "blockdev-add", "system_reset"):
            self.assertNotIn(command, self.vl.output.partition("phase name cleanup")[2])
        with self.assertRaises((EOFError, ConnectionResetError)):
            self.qmp2.reply()

    def test_gdb_goes_while_the_drives_are_closed(self):
        """It hears of the end, and hangs up; the harts do not run again for that."""
        self.answer()
        remote = gdbremote.Remote(self.path("gdb"))
        self.addCleanup(remote.close)
        self.vl.wait_for("runstate_set current_run_state running new_state paused")
        self.server.process.send_signal(signal.SIGSTOP)
        remote.send("c")
        self.vl.send("system_reset\n")  # the firmware reads the disk again
        self.qmp.event("RESET")
        self.vl.wait_for("virtio_blk_handle_read")
        self.qmp.execute("quit")
        self.assertEqual(remote.receive(), "W00")
        remote.close()
        self.vl.wait_for("phase name cleanup")
        self.answer()
        self.assertEqual(self.vl.wait_exit(), 0)


if __name__ == "__main__":
    vltest.main()
