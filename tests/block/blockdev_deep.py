# SPDX-License-Identifier: MIT
"""Options and nodes that are nested deeper than a stack is: refused in words. JSON has QEMU's limit;
nodes that stand on nodes have one of vl's own, where QEMU ends by a fault."""
import qmpclient
import vltest

JSON_TOO_DEEP = "JSON nesting depth limit exceeded"
NODES_TOO_DEEP = "Block nodes are nested too deep: more than 256 levels"
ARGS = ["-S", "-display", "none", "-serial", "none", "-monitor", "none"]


def nodes(count):
    """`count` nodes, one in the other."""
    return ('{"driver":"raw","node-name":"top","file":' + '{"driver":"raw","file":' * (count - 2) +
            '{"driver":"null-co"}' + "}" * (count - 1))


def in_brackets(levels):
    return '{"driver":"raw","x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


class Deep(vltest.VlTest):
    def refused(self, message, *args):
        status, _, err = self.run_vl(*ARGS, *args)
        self.assertEqual((status, err[-len(message) - 3:]), (1, ": %s\n" % message))

    def as_qemu(self, message, *args):
        self.refused(message, *args)
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([qemu, "-M", "virt", *ARGS, *args], cwd=self.folder)
        self.assertEqual((status, err[-len(message) - 3:]), (1, ": %s\n" % message))

    def qmp(self):
        vl = self.start(*ARGS, "-qmp", "unix:qmp,server=on,wait=off")
        client = qmpclient.QMPClient(self.path("qmp"))
        self.addCleanup(client.close)
        return vl, client

    def quit(self, vl, client):
        client.execute("quit")
        self.assertEqual(vl.wait_exit(), 0)

    def test_json(self):
        for levels, message in ((1024, "Parameter 'file' is missing"), (1025, JSON_TOO_DEEP),
                                (50000, JSON_TOO_DEEP)):
            with self.subTest(levels=levels):
                self.as_qemu(message, "-blockdev", in_brackets(levels))
        self.as_qemu("Could not parse the JSON options: " + JSON_TOO_DEEP,
                     "-drive", "if=none,file=json:" + '{"a":' * 20000)

    def test_object(self):
        self.as_qemu(JSON_TOO_DEEP, "-object", '{"a":' * 20000 + "1" + "}" * 20000)

    def test_keys(self):
        self.refused("Parameter 'driver' is missing", "-blockdev", "file." * 1000 + "driver=raw")
        self.refused("Invalid parameter '%sdriver'" % ("file." * 20000),
                     "-blockdev", "file." * 20000 + "driver=raw")
        self.refused("Must specify either driver or file",
                     "-drive", "if=none," + "file." * 20000 + "driver=raw")

    def test_qmp(self):
        """QMP's own limit, and what a client that goes on sees of the rest."""
        vl, client = self.qmp()
        for levels in (5000, 100000):
            client.send(b'{"execute":"blockdev-add","arguments":' + b'{"a":' * levels)
            self.assertEqual(client.reply()["error"]["desc"], JSON_TOO_DEEP)
            client.send(b"\xff")  # throws away what has come
            while "stray" not in client.reply()["error"]["desc"]:
                pass
        self.quit(vl, client)

    def test_nodes(self):
        self.refused(NODES_TOO_DEEP, "-blockdev", nodes(257))
        self.refused(NODES_TOO_DEEP, "-blockdev", nodes(1000))
        self.refused(NODES_TOO_DEEP, "-drive",
                     "if=none,file=json:" + nodes(1000).replace(",", ",,"))
        self.refused(NODES_TOO_DEEP, "-drive", "if=none,file=" + "blkdebug::" * 12000 + "disk.img")

    def test_as_deep_as_may_be(self):
        status, _, err = self.run_vl("-S", "-display", "none", "-serial", "none", "-monitor",
                                     "stdio", "-blockdev", nodes(256),
                                     "-device", "virtio-blk-device,drive=top",
                                     stdin="block_resize top 1M\nsystem_reset\nquit\n")
        self.assertEqual((status, "vl:" in err), (0, False), err)

    def test_names(self):
        """Nodes that name the one below come one by one, and as deep."""
        vl, client = self.qmp()
        client.execute("blockdev-add", driver="null-co", node_name="n0")
        for i in range(1, 256):
            client.execute("blockdev-add", driver="raw", node_name="n%d" % i,
                           file="n%d" % (i - 1))
        for node in ({"driver": "raw", "node-name": "more", "file": "n255"},
                     {"driver": "raw", "node-name": "more",
                      "file": {"driver": "raw", "file": "n254"}}):
            client.send({"execute": "blockdev-add", "arguments": node})
            self.assertEqual(client.reply()["error"]["desc"], NODES_TOO_DEEP)
        self.quit(vl, client)


if __name__ == "__main__":
    vltest.main()
