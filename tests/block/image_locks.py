# SPDX-License-Identifier: MIT
"""Image locking: vl, QEMU and its tools refuse each other's open image, in either order."""
import vltest

WRITE = 'Failed to get "write" lock'
SHARED_WRITE = 'Failed to get shared "write" lock'


def again(name="disk.img"):
    return "Is another process using the image [%s]?\n" % name


class ImageLocks(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)

    def hold(self, drive, *args):
        """A stopped vl that has the drive open."""
        vl = self.start("-S", "-display", "none", "-monitor", "stdio", "-drive", drive, *args)
        vl.wait_for(vltest.PROMPT)
        return vl

    def hold_in_qemu(self, *args):
        qemu = self.start_raw([vltest.tool("qemu-system-riscv64", "qemu-system-misc"), "-M", "virt",
                               "-S", "-display", "none", "-serial", "none", "-monitor", "stdio",
                               *args])
        qemu.send("info status\n")
        qemu.wait_for("VM status: ")
        return qemu

    def refused(self, drive, message, *args):
        """A second vl says why not, and ends."""
        status, _, err = self.run_vl("-S", "-display", "none", "-drive", drive, *args)
        self.assertEqual((status, err), (1, "vl: -drive %s: %s\n%s" % (drive, message, again())))

    def accepted(self, drive, *args):
        out = self.run_vl("-S", "-display", "none", "-monitor", "stdio", "-drive", drive, *args,
                          stdin="quit\n")
        self.assertEqual((out[0], out[2]), (0, ""))

    def tool_says(self, status, message, *argv):
        """One of QEMU's tools, which work on disk.img."""
        got = vltest.run([vltest.tool(argv[0], "qemu-utils"), *argv[1:]], cwd=self.folder)
        self.assertEqual(got[0], status, got)
        if message:
            self.assertTrue(got[2].endswith("%s\n%s" % (message, again())), got)

    # --- two of us

    def test_one_writer(self):
        self.hold("file=disk.img,format=raw")
        self.refused("file=disk.img,format=raw", WRITE)
        self.refused("file=disk.img,format=raw,read-only=on", SHARED_WRITE)
        self.accepted("file=disk.img,format=raw,if=none")  # nobody does anything with it

    def test_many_readers(self):
        self.hold("file=disk.img,format=raw,read-only=on")
        self.accepted("file=disk.img,format=raw,read-only=on")
        self.refused("file=disk.img,format=raw", WRITE)

    def test_locking_off(self):
        self.hold("file=disk.img,format=raw,file.locking=off")
        self.accepted("file=disk.img,format=raw")
        held = self.hold("file=disk.img,format=raw,file.locking=on")
        self.refused("file=disk.img,format=raw,file.locking=on", WRITE)
        self.accepted("file=disk.img,format=raw,file.locking=off")
        held.send("quit\n")
        self.assertEqual(held.wait_exit(), 0)
        self.accepted("file=disk.img,format=raw")

    def test_share_rw(self):
        drive = "file=disk.img,format=raw,if=none,id=d"
        shared = ("-device", "virtio-blk-device,drive=d,share-rw=on")
        self.hold(drive, *shared)
        self.accepted(drive, *shared)
        status, _, err = self.run_vl("-S", "-display", "none", "-drive", drive,
                                     "-device", "virtio-blk-device,drive=d")
        self.assertEqual((status, err),
                         (1, "vl: -device virtio-blk-device,drive=d: %s\n%s" % (SHARED_WRITE,
                                                                                again())))

    def test_killed(self):
        held = self.hold("file=disk.img,format=raw")
        held.process.kill()
        held.process.wait()
        self.accepted("file=disk.img,format=raw")

    def test_one_process(self):
        status, _, err = self.run_vl("-S", "-display", "none",
                                     "-drive", "file=disk.img,format=raw,id=a",
                                     "-drive", "file=disk.img,format=raw,id=b")
        self.assertEqual(status, 1)
        self.assertIn("lock\n" + again(), err)

    # --- QEMU beside us

    def test_tools_are_refused(self):
        self.hold("file=disk.img,format=raw")
        self.tool_says(1, WRITE, "qemu-io", "-f", "raw", "-c", "write 0 512", "disk.img")
        self.tool_says(1, SHARED_WRITE, "qemu-img", "convert", "-f", "raw", "-O", "raw", "disk.img",
                       "copy.img")
        self.tool_says(1, WRITE, "qemu-img", "resize", "-f", "raw", "disk.img", "2M")
        self.tool_says(0, "", "qemu-img", "info", "-f", "raw", "disk.img")

    def test_tools_may_read_with_a_reader(self):
        self.hold("file=disk.img,format=raw,read-only=on")
        self.tool_says(0, "", "qemu-img", "info", "-f", "raw", "disk.img")
        self.tool_says(1, WRITE, "qemu-io", "-f", "raw", "-c", "write 0 512", "disk.img")

    def test_qemu_is_refused(self):
        self.hold("file=disk.img,format=raw")
        drive = "file=disk.img,format=raw,if=virtio"
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([qemu, "-M", "virt", "-S", "-display", "none", "-drive", drive],
                                    cwd=self.folder)
        self.assertEqual((status, err), (1, "qemu-system-riscv64: -drive %s: %s\n%s" % (
            drive, WRITE, again())))

    def test_we_are_refused(self):
        self.hold_in_qemu("-drive", "file=disk.img,format=raw,if=virtio")
        self.refused("file=disk.img,format=raw", WRITE)
        self.refused("file=disk.img,format=raw,read-only=on", SHARED_WRITE)

    def test_we_may_read_with_a_reader(self):
        self.hold_in_qemu("-drive", "file=disk.img,format=raw,if=virtio,read-only=on")
        self.accepted("file=disk.img,format=raw,read-only=on")
        self.refused("file=disk.img,format=raw", WRITE)

    def test_qemu_io_holds_it(self):
        tool = self.start_raw([vltest.tool("qemu-io", "qemu-utils"), "-f", "raw", "disk.img"])
        tool.send("write 0 512\n")
        tool.wait_for("wrote 512/512 bytes")
        self.refused("file=disk.img,format=raw", SHARED_WRITE)

    # --- while it is open

    def test_resize_asks(self):
        held = self.hold("file=disk.img,format=raw")
        self.assertEqual(held.command("block_resize virtio0 2"), "")
        self.tool_says(1, WRITE, "qemu-img", "resize", "-f", "raw", "disk.img", "3M")


if __name__ == "__main__":
    vltest.main()
