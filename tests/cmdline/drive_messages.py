# SPDX-License-Identifier: MIT
"""-drive: every message about an image that cannot be opened, compared with QEMU's own."""
import os

import guestcode
import vltest
from cmdline_case import CommandLineCase


class DriveMessages(CommandLineCase):
    def drive(self, text, message, **kwargs):
        self.check("-drive", text, message, **kwargs)

    def test_files(self):
        self.drive("file=nope.img,format=raw",
                   "Could not open 'nope.img': No such file or directory")
        self.drive("file=disk.img/x,format=raw", "Could not open 'disk.img/x': Not a directory")
        self.drive("file=folder,format=raw",
                   "'file' driver requires 'folder' to be a regular file")
        self.drive("file=folder", "'file' driver requires 'folder' to be a regular file")
        self.drive("file=nope:x,format=raw", "Unknown protocol 'nope'")

    def test_permission(self):
        self.make_file("secret.img", size=512)
        os.chmod(self.path("secret.img"), 0)
        self.as_nobody("file=secret.img,format=raw",
                       "Could not open 'secret.img': Permission denied")

    def test_drivers(self):
        self.drive("file=disk.img,format=nope", "Unknown driver 'nope'")
        self.drive("file=disk.img,driver=nope", "Unknown driver 'nope'")
        self.drive("file=disk.img,format=raw,driver=raw",
                   "Cannot specify both 'driver' and 'format'")

    def test_words(self):
        self.drive("file=disk.img,format=raw,if=foo", "unsupported bus type 'foo'")
        self.drive("file=disk.img,format=raw,cache=foo", "invalid cache option")
        self.drive("file=disk.img,format=raw,read-only=maybe",
                   "Parameter 'read-only' expects 'on' or 'off'")
        self.drive("file=disk.img,format=raw,index=foo", "Parameter 'index' expects a number")
        self.drive("file=disk.img,format=raw,bogus=1",
                   "Block format 'raw' does not support the option 'bogus'")

    def test_error_policies(self):
        self.drive("werror=never", "'never' invalid write error action")
        self.drive("werror=auto", "'auto' invalid write error action")
        self.drive("rerror=never", "'never' invalid read error action")
        self.drive("rerror=enospc", "'enospc' invalid read error action")
        self.drive("if=sd,werror=stop", "werror is not supported by this bus type")
        self.drive("if=pflash,rerror=stop", "rerror is not supported by this bus type")
        for name in ("werror", "rerror"):
            self.check("-device", "virtio-blk-device,%s=never" % name,
                       "Parameter '%s' does not accept value 'never'" % name)

    def test_limits(self):
        image = "file=disk.img,format=raw,if=none,"
        total = "bps/iops/max total values and read/write values cannot be used at the same time"
        for options, message in (
                ("throttling.bps-total=1,throttling.bps-read=1", total),
                ("iops_max=2,iops_rd_max=2,iops_rd=1", total),
                ("throttling.iops-size=1", "iops size requires an iops value to be set"),
                ("iops=1,throttling.iops-total-max-length=0", "the burst length cannot be 0"),
                ("iops=1,throttling.iops-total-max-length=2", "burst length set without burst rate"),
                ("iops=1,iops_max=1000000000,throttling.iops-total-max-length=100000000",
                 "burst length too high for this burst rate"),
                ("iops_max=1", "bps_max/iops_max require corresponding bps/iops values"),
                ("iops=2,iops_max=1", "bps_max/iops_max cannot be lower than bps/iops"),
                ("bps=1000000000000001",
                 "bps/iops/max values must be within [0, 1000000000000000]"),
                ("bps=1,throttling.bps-total=1",
                 "'throttling.bps-total' and its alias 'bps' can't be used at the same time"),
                ("bps=x", "Parameter 'throttling.bps-total' expects a number")):
            self.drive(image + options, message)

    def test_raw_window(self):
        self.drive("file=disk.img,format=raw,offset=2M",
                   "Offset (2097152) cannot be greater than size of the containing file (1048576)")
        self.drive("file=disk.img,format=raw,size=1000",
                   "Specified size is not multiple of 512")

    def test_two_drives(self):
        drive = "file=disk.img,format=raw,if=none,id=a"
        self.drive(drive, "Duplicate ID 'a' for drive", before=["-drive", drive])
        first = "file=disk.img,format=raw,if=virtio,index=0,read-only=on"
        self.drive(first, "drive with bus=0, unit=0 (index=0) exists", before=["-drive", first])

    def test_identifier(self):
        self.drive("file=disk.img,format=raw,id=1a",
                   "Parameter 'id' expects an identifier\n"
                   "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.")

    def as_nobody(self, text, message):
        """Root may read everything: as root, vl is started by another user."""
        argv = [vltest.vl_program(), *self.QUIET, "-serial", "null", "-drive", text]
        if os.geteuid() == 0:
            os.chmod(self.folder, 0o755)
            setpriv = vltest.tool("setpriv", "util-linux")
            argv = [setpriv, "--reuid", "65534", "--clear-groups", *argv]
        status, _, err = vltest.run(argv, cwd=self.folder)
        self.assertEqual((status, err), (1, "vl: -drive %s: %s\n" % (text, message)))


class DriveWarnings(CommandLineCase):
    """What is no error, and said all the same. The guest powers off at once."""

    def boot(self, *args):
        self.make_file("off.bin", guestcode.POWER_OFF)
        status, out, err = self.run_vl(*self.QUIET, "-serial", "null", "-bios", "off.bin", *args)
        self.assertEqual((status, out), (0, ""), err)
        return err

    def test_probed_raw(self):
        want = ("WARNING: Image format was not specified for 'disk.img' and probing guessed raw.\n"
                "         Automatically detecting the format is dangerous for raw images, "
                "write operations on block 0 will be restricted.\n"
                "         Specify the 'raw' format explicitly to remove the restrictions.\n")
        self.assertEqual(self.boot("-drive", "file=disk.img,if=none"), want)
        self.assertEqual(self.boot("disk.img"), want)
        self.assertEqual(self.boot("-drive", "file=disk.img,format=raw,if=virtio"), "")

    def test_orphan(self):
        self.assertEqual(
            self.boot("-drive", "file=disk.img,format=raw,if=ide"),
            "Warning: Orphaned drive without device: "
            "id=ide0-hd0,file=disk.img,if=ide,bus=0,unit=0\n")

    def test_odd_sizes(self):
        self.make_file("empty.img")
        self.make_file("odd.img", size=1000)
        for name in ("empty.img", "odd.img", "/dev/null"):
            text = "file=%s,format=raw,if=virtio" % name
            if name == "/dev/null":
                text = "file.driver=host_device,file.filename=/dev/null,format=raw,if=virtio"
            self.assertEqual(self.boot("-drive", text), "", name)

    def test_comma(self):
        self.make_file("a,b.img", size=512)
        self.assertEqual(self.boot("-drive", "file=a,,b.img,format=raw,if=virtio"), "")

    def test_last_duplicate_wins(self):
        self.assertEqual(self.boot("-drive", "file=nope,file=disk.img,format=nope,format=raw"), "")


if __name__ == "__main__":
    vltest.main()
