# SPDX-License-Identifier: MIT
"""Small archives for an initrd: the kernel unpacks one behind the other.

Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst
"""
import gzip


def entry(number, name, mode, data):
    """A file in the format newc: 13 fields of 8 hexadecimal digits, the name, the bytes."""
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    return padded(head) + padded(data)


def padded(data):
    return data + bytes(-len(data) % 4)


def archive(files):
    """Programs, {name: bytes}, packed."""
    entries = [entry(number, name, 0o100755, data)
               for number, (name, data) in enumerate(files.items(), 1)]
    return gzip.compress(b"".join(entries) + entry(0, "TRAILER!!!", 0, b""))
