# SPDX-License-Identifier: MIT
"""The gdb stub, packet by packet."""
import re
import socket

import guest_case
import guestcode
import vltest
from guest_case import FIRST_CSR, FIRST_F, PC, PRIV

MSTATUS, MIE, MTVEC, MIP, MHARTID, SATP = (FIRST_CSR + number for number in (
    0x300, 0x304, 0x305, 0x344, 0xf14, 0x180))


class Packets(guest_case.GuestCase):
    def setUp(self):
        super().setUp()
        self.make_file("off.bin", guestcode.POWER_OFF)
        self.vl = self.start_stub(bios="off.bin")
        self.remote = self.connect()

    def test_acknowledgement(self):
        remote = self.remote
        remote.send("qC")
        self.assertEqual(remote.receive(ack=False), "QC01")
        remote.send_bytes(b"-")  # once more
        self.assertEqual(remote.receive(ack=False), "QC01")
        remote.send_bytes(b"+-")  # it has come; there is nothing to repeat
        self.assertTrue(remote.is_silent())
        self.assertEqual(remote.ask("qC"), "QC01")

    def test_bad_checksum(self):
        remote = self.remote
        for bad in (b"$qC#00", b"$qC#zz", b"$m1000,4#\xff\x00"):
            remote.send_bytes(bad)
            self.assertEqual(remote.byte(), b"-")
        self.assertEqual(remote.ask("qC"), "QC01")

    def test_no_ack(self):
        remote = self.remote
        self.assertIn("QStartNoAckMode+", remote.ask("qSupported:swbreak+;hwbreak+"))
        self.assertEqual(remote.no_ack(), "OK")
        self.assertEqual(remote.ask("qC"), "QC01")
        remote.send_bytes(b"$qC#00")  # no '-' is possible: it counts
        self.assertEqual(remote.receive(), "QC01")
        self.assertTrue(remote.is_silent())

    def test_garbage(self):
        remote = self.remote
        remote.send_bytes(b"\r\nGET / HTTP/1.1\r\n\x00\xff#00}}")
        self.assertEqual(remote.ask("qC"), "QC01")
        remote.send_bytes(b"$m1000,$qC#b4")  # the first was cut off
        self.assertEqual((remote.byte(), remote.receive()), (b"+", "QC01"))
        remote.send_bytes(remote.frame("M80000000,9000:" + "00" * 0x9000))
        self.assertEqual((remote.byte(), remote.receive()), (b"+", "E22"))
        for unknown in ("", "qNoSuch", "vMustReplyEmpty", "!", "Z9,0,4", "vCont;x", "qCRC:0,1",
                        "\xff\xfe", "gg"):
            self.assertEqual(remote.ask(unknown.encode("latin-1")), "", unknown)
        for wrong in ("m", "m1", "m1000", "m1000,zz", "m1000,9000", "M80000000,2:1",
                      "M80000000,2:zzzz", "X80000000,2:a", "p", "P5", "P5=", "P5=zz", "Hg", "Hgx",
                      "T9", "Hg3", "Z0", "Z0,1", "z0,1000,4", "Z2,1000,0",
                      "Z2,ffffffffffffffff,2", "vCont;", "vCont;c:", "vCont;s:9", "qRcmd,0",
                      "Qqemu.sstep=0", "Qqemu.sstep=8", "qThreadExtraInfo,9", "m%s,4" % ("f" * 17),
                      "G12", "c12x", "qXfer:features:read:target.xml:ffffff,1"):
            self.assertRegex(remote.ask(wrong), "^E(14|22)$", wrong)
        self.assertEqual(remote.ask("qC"), "QC01")

    def test_registers(self):
        remote = self.remote
        self.assertEqual(len(remote.ask("g")), 33 * 16)
        self.assertEqual(remote.register(PC), 0x1000)
        values = [0] + [0x0101010101010101 * n for n in range(1, 32)] + [0x80000000]
        everything = "".join(value.to_bytes(8, "little").hex() for value in values)
        self.assertEqual(remote.ask("G" + everything), "OK")
        self.assertEqual(remote.ask("g"), everything)
        for number, value in ((0, 0), (5, 1 << 63), (31, 7), (PC, 0x80000002), (FIRST_F + 3, 0x55),
                              (MTVEC, 0x80001001), (PRIV, 1)):
            self.assertEqual(remote.set_register(number, value), "OK")
            self.assertEqual(remote.register(number), value)
        self.assertEqual(remote.set_register(0, 5), "OK")
        self.assertEqual(remote.register(0), 0)
        for number in (MHARTID, FIRST_CSR + 0x800, PRIV + 1, 0xffff):
            self.assertEqual(remote.set_register(number, 1), "E22")
        self.assertEqual(remote.set_register(PRIV, 2), "E22")  # no such mode
        for number in (FIRST_CSR + 0x800, PRIV + 1, 0xffff):
            self.assertEqual(remote.ask("p%x" % number), "E14")

    def test_description(self):
        whole = self.remote.features()
        self.assertEqual(self.remote.features(size=61), whole)
        self.assertEqual(re.findall(r'feature name="(.*?)"', whole), [
            "org.gnu.gdb.riscv." + name for name in ("cpu", "fpu", "csr", "virtual")])
        numbers = {name: int(number) for name, number in
                   re.findall(r'reg name="(.*?)".*?regnum="(.*?)"', whole)}
        for name, number in (("zero", 0), ("t6", 31), ("pc", PC), ("ft0", FIRST_F),
                             ("mstatus", MSTATUS), ("pmpaddr15", FIRST_CSR + 0x3bf),
                             ("priv", PRIV)):
            self.assertEqual(numbers[name], number)
        for number in numbers.values():
            self.assertEqual(len(self.remote.ask("p%x" % number)), 16)
        self.assertEqual(self.remote.ask("qXfer:features:read:other.xml:0,10"), "E00")

    def test_no_fpu(self):
        vl = self.start_stub("-cpu", "rv64,f=off,d=off", bios="off.bin")
        remote = self.connect()
        text = remote.features()
        self.assertNotIn("riscv.fpu", text)
        self.assertNotIn('"fcsr"', text)
        self.assertEqual(remote.ask("p%x" % FIRST_F), "E14")
        self.assertEqual(self.status(vl), "VM status: paused (prelaunch)")

    def test_memory(self):
        remote = self.remote
        data = bytes(range(256)) * 2
        self.assertEqual(remote.set_memory(0x80000f80, data), "OK")  # over a page's end
        self.assertEqual(remote.memory(0x80000f80, len(data)), data)
        escaped = b"".join(b"}" + bytes([c ^ 0x20]) if c in b"#$}*" else bytes([c]) for c in data)
        self.assertEqual(remote.ask(b"X80004000,%x:" % len(data) + escaped), "OK")
        self.assertEqual(remote.memory(0x80004000, len(data)), data)
        self.assertEqual(remote.ask("X80004000,0:"), "OK")  # gdb's question whether there is an X
        rom = remote.memory(0x1000, 8)
        self.assertEqual(remote.set_memory(0x1000, rom[::-1]), "OK")  # also the ROM
        self.assertEqual(remote.memory(0x1000, 8), rom[::-1])
        self.assertEqual(remote.ask("m0,4"), "E14")
        self.assertEqual(remote.set_memory(0, b"abcd"), "E14")
        self.assertEqual(remote.memory(0x87fffffc, 8), bytes(4))  # as much as there is
        self.assertEqual(remote.ask("m80000000,0"), "")

    def test_virtual_memory(self):
        """A gigapage and, below another one, a page: read without leave, changed by nobody."""
        remote = self.remote
        root, middle, leaf, page = 0x80010000, 0x80011000, 0x80012000, 0x80013000
        V, R, U = 1, 2, 16
        for addr, entry in ((root + 8 * 2, 0x80000000 >> 2 | V | R), (root, middle >> 2 | V),
                            (middle + 8, leaf >> 2 | V), (leaf + 8 * 5, page >> 2 | V | R | U)):
            remote.set_memory(addr, entry.to_bytes(8, "little"))
        remote.set_memory(page, b"mapped!!")
        remote.set_memory(0x80005000, b"physical")
        self.assertEqual(remote.set_register(SATP, 8 << 60 | root >> 12), "OK")
        self.assertEqual(remote.ask("m205000,8"), "E14")  # M mode sees no page tables
        for mode in (0, 1):
            self.assertEqual(remote.set_register(PRIV, mode), "OK")
            self.assertEqual(remote.memory(0x205000, 8), b"mapped!!")
            self.assertEqual(remote.memory(0x80005000, 8), b"physical")
            self.assertEqual(remote.ask("m206000,8"), "E14")
            self.assertEqual(remote.ask("m8000000000205000,8"), "E14")  # not canonical
        self.assertEqual(remote.set_memory(0x205000, b"written!"), "OK")  # though it is read-only
        self.assertEqual(remote.ask("qqemu.PhyMemMode"), "0")
        self.assertEqual(remote.ask("Qqemu.PhyMemMode:1"), "OK")
        self.assertEqual(remote.ask("qqemu.PhyMemMode"), "1")
        self.assertEqual(remote.memory(page, 8), b"written!")
        self.assertEqual(remote.ask("m205000,8"), "E14")
        self.assertEqual(remote.memory(leaf + 40, 8), (page >> 2 | V | R | U).to_bytes(8, "little"))

    def test_monitor(self):
        remote = self.remote
        self.assertEqual(remote.monitor("info status"), "VM status: paused (prelaunch)\n")
        self.assertEqual(remote.monitor("nonsense"), "unknown command: 'nonsense'\n")
        self.assertIn("toy.ram", remote.monitor("info mtree"))
        self.assertIn("CPU#0", remote.monitor("info registers"))
        with self.assertRaises(EOFError):
            remote.monitor("gdbserver none")
        self.assertEqual(self.status(self.vl), "VM status: paused (prelaunch)")


class Ends(guest_case.GuestCase):
    def setUp(self):
        super().setUp()
        self.make_file("off.bin", guestcode.POWER_OFF)

    def test_guest_ends(self):
        vl = self.start_stub(bios="off.bin")
        remote = self.connect()
        remote.send("vCont;c")
        self.assertEqual(remote.receive(ack=False), "W00")
        self.assertEqual(vl.wait_exit(), 0)

    def test_guest_fails(self):
        self.make_file("fail.bin", guestcode.finisher(0x3333 | 5 << 16))
        vl = self.start_stub(bios="fail.bin")
        remote = self.connect()
        remote.send("c")
        self.assertEqual(remote.receive(ack=False), "W05")
        self.assertEqual(vl.wait_exit(), 5)

    def test_no_shutdown(self):
        vl = self.start_stub("-no-shutdown", bios="off.bin")
        remote = self.connect()
        remote.send("c")
        self.assertEqual(remote.receive(), "T03thread:01;")
        self.assertEqual(self.status(vl), "VM status: paused (shutdown)")

    def test_kill(self):
        for packet in ("k", "vKill;1"):
            vl = self.start_stub(bios="off.bin")
            remote = self.connect()
            remote.send(packet)
            self.assertEqual(vl.wait_exit(), 0)
            self.assertIn("vl: Terminated via GDBstub\n", vl.output.replace("\r", ""))

    def test_messages(self):
        for device, message in (
                ("foo", "'foo' is not a valid char driver"),
                ("tcp:", "missing port in 'tcp:'"),
                ("tcp::12,foo=1", "Invalid parameter 'foo'"),
                ("unix:/nonexistent/x",
                 "Failed to bind socket to /nonexistent/x: No such file or directory")):
            status, _, err = self.run_vl("-display", "none", "-gdb", device)
            self.assertEqual((status, err), (1, "vl: -gdb %s: %s\n" % (device, message)))

    def test_port(self):
        """TCP, from the command line and from the monitor."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            device = "tcp:127.0.0.1:%d" % port
            status, _, err = self.run_vl("-display", "none", "-gdb", device)
            self.assertEqual((status, err), (
                1, "vl: -gdb %s: Failed to find an available port: Address already in use\n" %
                device))
        vl = self.start("-display", "none", "-serial", "null", "-monitor", "stdio", "-S",
                        "-bios", "off.bin", "-gdb", device + ",server=on,wait=off")
        vl.wait_for(vltest.PROMPT)
        first = self.connect(("127.0.0.1", port))
        self.assertEqual(first.ask("?"), "T05thread:01;")
        self.assertEqual(vl.command("gdbserver none"), "Disabled gdbserver\n")
        with self.assertRaises(OSError):
            self.connect(("127.0.0.1", port))
        self.assertEqual(vl.command("gdbserver " + device),
                         "Waiting for gdb connection on device '%s'\n" % device)
        self.assertEqual(self.connect(("127.0.0.1", port)).ask("?"), "T05thread:01;")
        self.assertEqual(vl.command("gdbserver foo"),
                         "'foo' is not a valid char driver\n"
                         "Could not open gdbserver on device 'foo'\n")


if __name__ == "__main__":
    vltest.main()
