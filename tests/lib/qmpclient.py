# SPDX-License-Identifier: MIT
"""A QMP client for tests, by the words of QEMU's specification: a greeting, the capabilities, then
requests with ids and their replies, and events whenever they come."""
import json
import select
import socket
import time

import vltest


def connect(address, timeout=20):
    """A socket to a path or a (host, port), once somebody listens there."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    deadline = time.monotonic() + timeout * vltest.SLOWNESS
    while True:
        s = socket.socket(family, socket.SOCK_STREAM)
        try:
            s.connect(address)
            s.settimeout(timeout * vltest.SLOWNESS)
            return s
        except (FileNotFoundError, ConnectionRefusedError):
            s.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


class QMPError(Exception):
    def __init__(self, error):
        super().__init__("%(class)s: %(desc)s" % error)
        self.error_class, self.desc = error["class"], error["desc"]


class QMPClient:
    def __init__(self, address, negotiate=True):
        self.socket = connect(address)
        self.buffer = b""
        self.events = []
        self.count = 0
        self.greeting = self.message()["QMP"]
        if negotiate:
            self.execute("qmp_capabilities")

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else json.dumps(data).encode())

    def line(self):
        while b"\r\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError("the other end has hung up; it had said %r" % self.buffer)
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def message(self):
        return json.loads(self.line())

    def reply(self):
        """The next message that is no event; events are kept."""
        while "event" in (message := self.message()):
            self.events.append(message)
        return message

    def execute(self, command, **arguments):
        """The command's `return`; QMPError if it fails. Underscores in names stand for dashes."""
        self.count += 1
        arguments = {name.replace("_", "-") if command != "block_resize" else name: value
                     for name, value in arguments.items()}
        self.send({"execute": command, "arguments": arguments, "id": self.count})
        reply = self.reply()
        assert reply.pop("id") == self.count, reply
        if "error" in reply:
            raise QMPError(reply["error"])
        return reply["return"]

    def event(self, name):
        """Waits for that event; drops what came before it."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    return event
            message = self.message()
            assert "event" in message, message
            self.events.append(message)

    def hung_up(self, timeout=20):
        ready, _, _ = select.select([self.socket], [], [], timeout * vltest.SLOWNESS)
        return bool(ready) and self.socket.recv(65536) == b""
