# SPDX-License-Identifier: MIT
"""A client of gdb's remote protocol, of bytes and packets: what gdb would not send, too."""
import socket

import vltest


class Remote:
    def __init__(self, address, timeout=20):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.settimeout(timeout * vltest.SLOWNESS)
        self.socket.connect(address)
        self.input = b""
        self.acks = True

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def byte(self):
        if not self.input:
            self.input = self.socket.recv(65536)
            if not self.input:
                raise EOFError("the stub has closed the connection")
        first, self.input = self.input[:1], self.input[1:]
        return first

    def is_silent(self, seconds=0.2):
        """Nothing comes."""
        old = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self.input += self.socket.recv(65536)
        except TimeoutError:
            pass
        self.socket.settimeout(old)
        return not self.input

    @staticmethod
    def frame(body):
        body = body.encode() if isinstance(body, str) else body
        return b"$%s#%02x" % (body, sum(body) & 255)

    def send(self, body):
        """Sends a packet and takes the '+' for it."""
        self.send_bytes(self.frame(body))
        if self.acks and (answer := self.byte()) != b"+":
            raise AssertionError("no '+' for %r: %r" % (body, answer))

    def receive(self, ack=True):
        """The body of the next packet, which comes at once and is right."""
        if (first := self.byte()) != b"$":
            raise AssertionError("%r, not a packet" % (first + self.input))
        body = b""
        while (byte := self.byte()) != b"#":
            body += byte
        if int(self.byte() + self.byte(), 16) != sum(body) & 255:
            raise AssertionError("the checksum of %r is wrong" % body)
        if ack and self.acks:
            self.send_bytes(b"+")
        return body.decode("latin-1")

    def ask(self, body):
        self.send(body)
        return self.receive()

    def no_ack(self):
        answer = self.ask("QStartNoAckMode")
        self.acks = False
        return answer

    def interrupt(self):
        self.send_bytes(b"\x03")
        return self.receive()

    # --- what packets mean

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask("p%x" % number)), "little")

    def set_register(self, number, value):
        return self.ask("P%x=%s" % (number, (value & (1 << 64) - 1).to_bytes(8, "little").hex()))

    def memory(self, addr, size):
        return bytes.fromhex(self.ask("m%x,%x" % (addr, size)))

    def word(self, addr):
        return int.from_bytes(self.memory(addr, 8), "little")

    def set_memory(self, addr, data):
        return self.ask("M%x,%x:%s" % (addr, len(data), data.hex()))

    def monitor(self, line):
        """What a monitor command prints."""
        self.send("qRcmd," + line.encode().hex())
        text = ""
        while (answer := self.receive()).startswith("O") and answer != "OK":
            text += bytes.fromhex(answer[1:]).decode()
        return text if answer == "OK" else answer

    def features(self, size=0x800):
        """The target description, in pieces of that size."""
        text = ""
        while True:
            part = self.ask("qXfer:features:read:target.xml:%x,%x" % (len(text), size))
            text += part[1:]
            if part[0] != "m":
                return text
