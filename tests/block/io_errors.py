# SPDX-License-Identifier: MIT
"""What becomes of a write that finds no space: werror= of the drive and of the device. The image lies
on a small file system of its own, which is full."""
import os

import qmpclient
import vltest
from disk_guest import BUFFER, DiskGuest

SIZE = 1 << 20
DRIVE = "file=room/disk.img,format=raw,if=none,id=d"
FULL = """mkdir -p room && mount -t tmpfs -o size=1m tmpfs room && truncate -s 1M room/disk.img &&
head -c 1000k /dev/zero >room/filler && exec "$@"
"""


class IoErrors(DiskGuest):
    def boot_full(self, drive="", device="", *more):
        """A guest whose disk has room for a few sectors more."""
        return self.boot("-drive", DRIVE + drive, "-device", "virtio-blk-device,drive=d" + device, *more,
                         wrapper=(*self.may_mount(), "sh", "-c", FULL, "sh"))

    def may_mount(self):
        """What gives a command mounts of its own: a user namespace, which anybody may have. In a chroot
        nobody may; there it takes root, and the mount may be seen outside."""
        unshare = vltest.tool("unshare", "util-linux")
        if vltest.run([unshare, "-Ur", "true"])[0] == 0:
            return unshare, "-Urm"
        self.addCleanup(vltest.run, ["umount", "-q", self.path("room")])
        return unshare, "-m", "--propagation", "unchanged"

    def inside(self, vl, name):
        """A file of the full file system, which only vl has."""
        return "/proc/%d/cwd/room/%s" % (vl.process.pid, name)

    def write_starts(self, vl, block, count, byte):
        self.ask(vl, "mw.b %x %x %x" % (BUFFER, byte, count * 512))
        line = "virtio write %x %x %x\r" % (BUFFER, block, count)
        vl.send(line)
        vl.wait_for(line)  # then the keyboard may go to the monitor

    def status(self, vl):
        """What the monitor says, which has the keyboard until `cont`."""
        vl.open_monitor()
        return vl.command_until("info status", "io-error")

    def stopped(self, *args):
        vl = self.boot_full(*args)
        self.write_starts(vl, 8, 0x100, 0x5A)
        self.assertEqual(self.status(vl), "VM status: paused (io-error)\n")
        return vl

    def test_stops_until_there_is_room(self):
        vl = self.stopped()  # the default
        self.assertIn("    I/O status:       nospace\n", vl.command("info block"))
        vl.command("cont")
        self.assertIn("io-error", vl.command_until("info status", "io-error"))
        os.remove(self.inside(vl, "filler"))
        vl.command("cont")
        vl.wait_for("256 blocks written: OK")
        self.assertNotIn("I/O status", vl.command("info block"))
        with open(self.inside(vl, "disk.img"), "rb") as file:
            self.assertEqual(file.read(), b"\0" * 0x1000 + b"\x5A" * 0x20000 +
                             b"\0" * (SIZE - 0x21000))

    def test_event(self):
        """Who listens hears of the error, and then that the machine has stopped."""
        vl = self.boot_full("", "", "-qmp", "unix:%s,server=on,wait=off" % self.path("qmp"))
        client = qmpclient.QMPClient(self.path("qmp"))
        self.addCleanup(client.close)
        self.write_starts(vl, 8, 0x100, 0x5A)
        event = client.event("BLOCK_IO_ERROR")["data"]
        self.assertRegex(event.pop("node-name"), r"^#block\d+$")
        self.assertEqual(event, {"device": "d", "operation": "write", "action": "stop",
                                 "nospace": True, "reason": "No space left on device"})
        client.event("STOP")
        self.assertEqual(client.execute("query-status")["status"], "io-error")

    def test_device_says_stop(self):
        self.stopped(",werror=report", ",werror=stop")

    def test_quit(self):
        vl = self.stopped()
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_reset_forgets(self):
        vl = self.stopped()
        vl.command("system_reset")
        self.assertEqual(vl.command("info status"), "VM status: paused (prelaunch)\n")
        vl.command("cont")
        vl.close_monitor()
        vl.wait_for("Hit any key to stop autoboot", 60)
        vl.send(" ")
        vl.wait_for("=> ")
        self.ask(vl, "virtio scan")
        self.assertIn("2 blocks read: OK", self.ask(vl, "virtio read %x 0 2" % BUFFER))

    def test_report(self):
        for drive, device in ((",werror=report", ""), ("", ",werror=report")):
            vl = self.boot_full(drive, device)
            self.write_starts(vl, 8, 0x100, 0x5A)
            vl.wait_for("blocks written: ERROR")
            self.assertIn("2 blocks read: OK", self.ask(vl, "virtio read %x 0 2" % BUFFER))

    def test_ignore(self):
        vl = self.boot_full(",werror=ignore")
        self.write_starts(vl, 8, 0x100, 0x5A)
        vl.wait_for("256 blocks written: OK")


if __name__ == "__main__":
    vltest.main()
