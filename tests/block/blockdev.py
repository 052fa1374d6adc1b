# SPDX-License-Identifier: MIT
"""-blockdev: nodes of the user's own, below a -device, and their messages, compared with QEMU's."""
import vltest
from disk_guest import DiskGuest

RAW = "driver=raw,node-name=n,file.driver=file,file.filename=disk.img"


class Blockdev(DiskGuest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)

    def monitor(self, *args):
        vl = self.start("-S", "-display", "none", "-monitor", "stdio", *args)
        vl.wait_for(vltest.PROMPT)
        return vl

    def refused(self, text, message, *before):
        """vl and QEMU say the same of one -blockdev."""
        common = ["-S", "-display", "none", *before, "-blockdev", text]
        status, _, err = self.run_vl(*common)
        self.assertEqual((status, err), (1, "vl: -blockdev %s: %s\n" % (text, message)))
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([qemu, "-M", "virt", *common], cwd=self.folder)
        self.assertEqual((status, err),
                         (1, "qemu-system-riscv64: -blockdev %s: %s\n" % (text, message)))

    def test_guest_writes(self):
        vl = self.boot("-blockdev", "driver=file,node-name=f,filename=disk.img",
                       "-blockdev", "driver=raw,node-name=n,file=f,offset=512",
                       "-device", "virtio-blk-device,drive=n")
        self.write(vl, 0, 1, 0x66)
        self.assertEqual(self.content()[:1536], bytes(512) + b"\x66" * 512 + bytes(512))
        vl.open_monitor()
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_info_block(self):
        vl = self.monitor("-blockdev", RAW, "-device", "virtio-blk-device,drive=n")
        self.assertEqual(vl.command("info block"),
                         "n: disk.img (raw)\n"
                         "    Attached to:      /machine/peripheral-anon/device[0]\n"
                         "    Cache mode:       writeback\n")
        self.assertEqual(vl.command("block_resize n 2"), "")
        self.assertEqual(vl.command("info block -v n").partition("\n\n")[2],
                         "Images:\nimage: disk.img\nfile format: raw\n"
                         "virtual size: 2 MiB (2097152 bytes)\ndisk size: 0 B\n")

    def test_disk_size_of_nothing(self):
        vl = self.monitor("-blockdev", "driver=null-co,node-name=n",
                          "-device", "virtio-blk-device,drive=n")
        self.assertIn("virtual size: 1 GiB (1073741824 bytes)\ndisk size: 0 B\n",
                      vl.command("info block -v n"))

    def test_unused_nodes_are_closed(self):
        vl = self.monitor("-blockdev", RAW)
        self.assertEqual(vl.command("info block"), "")
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_one_node_two_devices(self):
        node = ["-blockdev", RAW, "-device", "virtio-blk-device,drive=n,id=a"]
        second = "virtio-blk-device,drive=n,id=b"
        status, _, err = self.run_vl("-S", "-display", "none", *node, "-device", second)
        self.assertEqual(status, 1)
        self.assertTrue(err.startswith(
            "vl: -device %s: Permission conflict on node 'n': permissions 'write' are both "
            "required by " % second), err)
        shared = [word + ",share-rw=on" if "drive=n" in word else word
                  for word in (*node, "-device", second)]
        self.monitor(*shared)

    def test_messages(self):
        self.refused("node-name=n", "Parameter 'driver' is missing")
        self.refused("driver=nope,node-name=n", "Parameter 'driver' does not accept value 'nope'")
        self.refused("driver=file,filename=disk.img",
                     "'node-name' must be specified for the root node")
        self.refused("driver=raw,node-name=n,file=nobody",
                     "Cannot find device='nobody' nor node-name='nobody'")
        self.refused("driver=file,node-name=f,filename=nope.img",
                     "Could not open 'nope.img': No such file or directory")
        self.refused("driver=raw,node-name=n,file.driver=file,file.filename=disk.img",
                     "Duplicate nodes with node-name='n'", "-blockdev", RAW)


if __name__ == "__main__":
    vltest.main()
