# SPDX-License-Identifier: MIT
"""Character devices on sockets: who listens and who connects, peers that come, go and do not read."""
import os
import socket

import qmpclient
import vltest


def code(*words):
    return b"".join(word.to_bytes(4, "little") for word in words)


# lui t0,0x10000: the serial port. The loops look at LSR first.
ECHO = code(0x100002b7, 0x0052c383, 0x0013f393, 0xfe038ce3, 0x0002c303,
            0x0052c383, 0x0203f393, 0xfe038ce3, 0x00628023, 0xfe1ff06f)
COUNT = code(0x100002b7, 0x00000313,
             0x0052c383, 0x0203f393, 0xfe038ce3, 0x00628023, 0x00130313, 0xfedff06f)


class SocketCase(vltest.VlTest):
    def start_guest(self, guest, *args):
        self.make_file("guest.bin", guest)
        return self.start("-display", "none", "-bios", "none", "-kernel", "guest.bin", *args)

    def connect(self, address):
        s = qmpclient.connect(address)
        self.addCleanup(s.close)
        return s

    def listen(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        s = socket.socket(family, socket.SOCK_STREAM)
        self.addCleanup(s.close)
        s.bind(address)
        s.listen(1)
        s.settimeout(20 * vltest.SLOWNESS)
        return s

    def talk(self, s, line, until=b"(vl) "):
        """What comes behind the line, up to and with that text."""
        s.sendall(line)
        got = b""
        while not got.endswith(until):
            part = s.recv(4096)
            self.assertTrue(part, "hung up")
            got += part
        return got

    def check_echo(self, s, text):
        self.assertEqual(self.talk(s, text, until=text), text)


class Serial(SocketCase):
    def test_unix_server(self):
        self.start_guest(ECHO, "-serial", "unix:serial,server=on,wait=off", "-monitor", "none")
        for text in (b"the first", b"the second, after the first has gone"):
            s = self.connect(self.path("serial"))
            self.check_echo(s, text * 100)
            s.close()

    def test_tcp_server_on_any_free_port(self):
        self.start_guest(ECHO, "-serial", "tcp:127.0.0.1:0,server=on,wait=off",
                         "-qmp", "unix:qmp,server=on,wait=off")
        q = qmpclient.QMPClient(self.path("qmp"))
        self.addCleanup(q.close)

        def name():
            return {c["label"]: c["filename"] for c in q.execute("query-chardev")}["serial0"]
        self.assertRegex(name(), r"^disconnected:tcp:127\.0\.0\.1:[1-9]\d*,server=on$")
        s = self.connect(("127.0.0.1", int(name().split(":")[3].split(",")[0])))
        self.check_echo(s, b"over TCP")
        port = s.getsockname()[1]
        self.assertRegex(name(), r"^tcp:127\.0\.0\.1:\d+,server=on <-> 127\.0\.0\.1:%d$" % port)

    def test_wait(self):
        vl = self.start_guest(ECHO, "-serial", "unix:serial,server=on", "-monitor", "none")
        vl.wait_for("vl: -serial unix:serial,server=on: info: QEMU waiting for connection on: "
                    "disconnected:unix:serial,server=on\n")
        self.check_echo(self.connect(self.path("serial")), b"now it runs")

    def test_client(self):
        server = self.listen(self.path("there"))
        self.start_guest(ECHO, "-serial", "unix:there", "-monitor", "none")
        peer, _ = server.accept()
        with peer:
            self.check_echo(peer, b"it came by itself")

    def test_client_that_comes_again(self):
        self.start_guest(ECHO, "-serial", "unix:there,reconnect=1", "-monitor", "none")
        server = self.listen(self.path("there"))  # not there at the start, perhaps
        for text in (b"once", b"and again"):
            peer, _ = server.accept()
            with peer:
                self.check_echo(peer, text)

    def test_no_byte_is_lost_to_a_slow_reader(self):
        self.start_guest(COUNT, "-serial", "unix:serial,server=on",
                         "-qmp", "unix:qmp,server=on,wait=off")
        s = self.connect(self.path("serial"))
        q = qmpclient.QMPClient(self.path("qmp"))
        self.addCleanup(q.close)
        for _ in range(50):  # the socket is full soon; vl answers all the while
            self.assertTrue(q.execute("query-status")["running"])
        count = 0
        while count < 20000:
            part = s.recv(65536)
            self.assertEqual(part, bytes((count + i) & 255 for i in range(len(part))))
            count += len(part)

    def test_peer_that_hangs_up_on_a_talking_guest(self):
        vl = self.start_guest(COUNT, "-serial", "unix:serial,server=on,wait=off",
                              "-qmp", "unix:qmp,server=on,wait=off")
        q = qmpclient.QMPClient(self.path("qmp"))
        self.addCleanup(q.close)
        for _ in range(20):
            s = self.connect(self.path("serial"))
            self.assertTrue(s.recv(100))
            s.close()
        self.assertTrue(q.execute("query-status")["running"])
        q.execute("quit")
        self.assertEqual(vl.wait_exit(), 0)

    def test_pipe(self):
        for name in ("p.in", "p.out"):
            os.mkfifo(self.path(name))
        self.start_guest(ECHO, "-serial", "pipe:p", "-monitor", "none")
        with open(self.path("p.in"), "wb", buffering=0) as there:
            with open(self.path("p.out"), "rb", buffering=0) as back:
                there.write(b"x")
                self.assertEqual(back.read(1), b"x")


class Shared(SocketCase):
    def test_multiplexer_on_a_socket(self):
        self.start_guest(ECHO, "-serial", "mon:unix:serial,server=on,wait=off")
        for _ in range(2):
            s = self.connect(self.path("serial"))
            self.check_echo(s, b"guest")
            self.assertIn(b"monitor - type 'help' for more information", self.talk(s, b"\x01c"))
            s.sendall(b"\x01c")
            self.assertEqual(s.recv(4096), b"\r\n")
            s.close()

    def test_mux_option(self):
        self.start_guest(ECHO, "-chardev", "socket,id=c,path=serial,server=on,wait=off,mux=on",
                         "-serial", "chardev:c", "-mon", "chardev=c")
        s = self.connect(self.path("serial"))
        self.check_echo(s, b"guest")
        self.assertIn(b"VM status: running\r\n",
                      self.talk(s, b"\x01cinfo status\r", b"running\r\n(vl) "))

    def test_gdb_comes_and_goes(self):
        """The multiplexer is the user's: it outlives the stub that shared it."""
        self.start_guest(ECHO, "-chardev", "socket,id=c,path=serial,server=on,wait=off,mux=on",
                         "-serial", "chardev:c", "-mon", "chardev=c", "-gdb", "chardev:c")
        s = self.connect(self.path("serial"))
        self.check_echo(s, b"guest")
        # by the stub, which stops the guest, to the monitor
        for line, answer in ((b"\x01c\x01cgdbserver none\r", b"Disabled gdbserver\r\n(vl) "),
                             (b"gdbserver chardev:c\r", b"on device 'chardev:c'\r\n(vl) "),
                             (b"gdbserver none\r", b"Disabled gdbserver\r\n(vl) "),
                             (b"cont\r", b"cont\r\n(vl) "),
                             (b"\x01cguest", b"guest")):
            self.talk(s, line, answer)


class Monitor(SocketCase):
    def test_two_monitors_and_peers_that_change(self):
        self.start_guest(ECHO, "-serial", "null", "-monitor", "unix:one,server=on,wait=off",
                         "-monitor", "unix:two,server=on,wait=off")
        for name in ("one", "two", "one"):
            s = self.connect(self.path(name))
            self.assertIn(b"monitor - type 'help'", self.talk(s, b""))
            self.assertEqual(self.talk(s, b"info status\n"),
                             b"info status\r\nVM status: running\r\n(vl) ")
            s.sendall(b"info sta")  # is not the next one's
            s.close()

    def test_one_who_does_not_read(self):
        self.start_guest(ECHO, "-serial", "null", "-monitor", "unix:deaf,server=on,wait=off",
                         "-monitor", "unix:one,server=on,wait=off")
        deaf = self.connect(self.path("deaf"))
        deaf.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            for _ in range(2000):
                deaf.sendall(b"info qtree\n" * 100)
        s = self.connect(self.path("one"))
        self.talk(s, b"")
        self.assertIn(b"VM status: running", self.talk(s, b"info status\n"))

    def test_quit(self):
        vl = self.start_guest(ECHO, "-serial", "null", "-monitor", "unix:one,server=on,wait=off")
        s = self.connect(self.path("one"))
        self.talk(s, b"quit\n", b"quit\r\n")
        self.assertEqual(vl.wait_exit(), 0)


if __name__ == "__main__":
    vltest.main()
