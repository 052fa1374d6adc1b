# SPDX-License-Identifier: MIT
"""nbd: names and options that are refused, in QEMU's words."""
import os

import vltest
from nbd_server import NbdCase

COMMON = ["-S", "-display", "none", "-serial", "none", "-monitor", "null"]


class NbdMessages(NbdCase):
    def refused(self, drive, message, option="-drive", qemu=True):
        status, _, err = self.run_vl(*COMMON, option, drive)
        self.assertEqual((status, err), (1, "vl: %s %s: %s\n" % (option, drive, message)))
        if not qemu:
            return
        program = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([program, "-M", "virt", *COMMON, option, drive],
                                    cwd=self.folder)
        self.assertEqual((status, err), (1, "qemu-system-riscv64: %s %s: %s\n" % (
            option, drive, message)))

    def test_names(self):
        for name in ("nbd+unix:///a", "nbd+unix://h/a?socket=s", "nbd://h:x/", "nbd:///x"):
            self.refused("format=raw,file=" + name, "No valid URL specified")
        self.refused("format=raw,file=nbd:localhost", "error parsing address 'localhost'")
        self.refused("format=raw,file=nbd:h:", "error parsing address 'h:'")
        self.refused("format=raw,file=nbd://localhost/x,file.host=h",
                     "Option 'host' cannot be used with a file name")

    def test_options(self):
        self.refused("driver=nbd", "NBD server address missing")
        self.refused("driver=nbd,path=s,host=h", "path and host may not be used at the same time")
        self.refused("driver=nbd,path=s,port=1", "port may not be used without host")
        self.refused("driver=nbd,host=h,server.type=unix,server.path=s",
                     "Cannot use 'server' and path/host/port at the same time")
        self.refused("driver=nbd,server.path=s", "Parameter 'type' is missing")
        self.refused("driver=nbd,server.type=foo", "Parameter 'type' does not accept value 'foo'")
        self.refused("driver=nbd,server.type=unix", "Parameter 'path' is missing")
        self.refused("driver=nbd,server.type=inet,server.host=h", "Parameter 'port' is missing")
        self.refused("driver=nbd,server.type=unix,server.path=s,server.foo=1",
                     "Parameter 'foo' is unexpected")
        self.refused("driver=nbd,server.type=fd,server.str=77",
                     "File descriptor '77' is not a socket")
        self.refused("driver=nbd,server.type=fd,server.str=xx", "Unable to parse FD number xx")
        self.refused("driver=nbd,path=s,reconnect-delay=x",
                     "Parameter 'reconnect-delay' expects a number")
        self.refused("driver=nbd,path=%s" % ("x" * 120),
                     "UNIX socket path '%s' is too long\nPath must be less than 108 bytes" % (
                         "x" * 120))

    def test_nobody_there(self):
        self.refused("format=raw,file=nbd+unix:///e?socket=s",
                     "Failed to connect to 's': No such file or directory")
        self.refused("driver=nbd,host=127.0.0.1,port=1",
                     "Failed to connect to '127.0.0.1:1': Connection refused")
        self.refused("driver=nbd,path=s,open-timeout=1",
                     "Failed to connect to 's': No such file or directory")
        self.refused("driver=nbd,node-name=n,server.type=unix,server.path=s",
                     "Failed to connect to 's': No such file or directory", "-blockdev")

    def test_servers(self):
        self.make_file("disk.img", size=1 << 20)
        self.qemu_nbd("-f", "raw", "-x", "e", "disk.img")
        self.refused("format=raw,file=nbd+unix:///other?socket=s.sock",
                     "Requested export not available\n"
                     "server reported: export 'other' not present")
        self.nbdkit("-r", "memory", "1M", name="ro.sock")
        self.refused("format=raw,if=virtio,file=nbd+unix:///?socket=ro.sock",
                     "Block node is read-only")
        self.refused("driver=nbd,auto-read-only=off,server.type=unix,server.path=ro.sock",
                     "Could not open image: Permission denied")
        # QEMU tells how far it came
        self.nbdkit("--newstyle", "--tls=require", "--tls-psk=/dev/null", "memory", "1M",
                    name="tls.sock")
        status, _, err = self.run_vl(*COMMON, "-drive",
                                     "format=raw,file=nbd+unix:///?socket=tls.sock")
        self.assertEqual(status, 1)
        self.assertIn("Failed to negotiate with 'tls.sock': ", err)

    def test_module_not_there(self):
        os.symlink(vltest.vl_program(), self.path("vl"))
        os.mkdir(self.path("bin"))
        vltest.shutil.copy(vltest.vl_program(), self.path("bin/vl"))
        status, _, err = vltest.run([self.path("bin/vl"), *COMMON, "-drive", "file=nbd://h/x"],
                                    cwd=self.folder)
        self.assertEqual((status, err),
                         (1, "vl: -drive file=nbd://h/x: Unknown protocol 'nbd'\n"))

    def test_node_names(self):
        self.nbdkit("memory", "1M")
        for drive, name in (("driver=nbd,path=s.sock,export=e", "nbd+unix:///e?socket=s.sock"),
                            ("file=nbd:unix:s.sock,format=raw", "nbd+unix://?socket=s.sock"),
                            ("file=nbd+unix:///a%20b?socket=s.sock,format=raw",
                             "nbd+unix:///a b?socket=s.sock")):
            status, out, _ = self.run_vl("-S", "-display", "none", "-monitor", "stdio", "-serial",
                                         "none", "-drive", drive, stdin="info block\nquit\n")
            self.assertEqual(status, 0)
            self.assertIn("): %s (" % name, out)


if __name__ == "__main__":
    vltest.main()
