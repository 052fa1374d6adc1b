# SPDX-License-Identifier: MIT
"""Logs of the driver blklogwrites (the kernel's dm-log-writes has the same): what a crash may leave."""
import struct

MAGIC, VERSION = 0x6A736677736872, 1
FLUSH, FUA, DISCARD = 1, 2, 4
SUPER, ENTRY = struct.Struct("<QQQL"), struct.Struct("<QQQQ")


def count(path):
    """How many entries the log has by now."""
    with open(path, "rb") as file:
        return SUPER.unpack(file.read(SUPER.size))[2]


def read(path):
    """The log's sector size, and its entries: (sector, flags, a list of what each sector has)."""
    with open(path, "rb") as file:
        log = file.read()
    magic, version, entries, size = SUPER.unpack_from(log)
    assert (magic, version) == (MAGIC, VERSION)
    found, at = [], size
    for _ in range(entries):
        sector, sectors, flags, _ = ENTRY.unpack_from(log, at)
        at += size
        data = [bytes(size)] * sectors
        if not flags & DISCARD:
            data = [log[at + n * size:at + (n + 1) * size].ljust(size, b"\0")
                    for n in range(sectors)]
            at += sectors * size
        found.append((sector, flags, data))
    return size, found


def crash(image, size, entries, random):
    """Makes of `image` (a bytearray) what a crash behind the last of `entries` may leave: what was
    flushed is there; each sector of the rest is old or new."""
    maybe = {}
    for sector, flags, data in entries:
        if flags & FLUSH:
            for at, contents in maybe.items():
                image[at * size:(at + 1) * size] = contents[-1]
            maybe = {}
        for at, content in enumerate(data, sector):
            if flags & FUA:
                image[at * size:(at + 1) * size] = content
                maybe.pop(at, None)
            else:
                maybe.setdefault(at, [bytes(image[at * size:(at + 1) * size])]).append(content)
    for at, contents in maybe.items():
        image[at * size:(at + 1) * size] = random.choice(contents)
