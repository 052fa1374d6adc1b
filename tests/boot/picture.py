# SPDX-License-Identifier: MIT
"""Reads PNG files as vl writes them: 8 bits a channel, red, green, blue, not interlaced."""
import struct
import zlib


def paeth(a, b, c):
    pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    if pa <= pb and pa <= pc:
        return a
    return b if pb <= pc else c


def unfilter(kind, line, above):
    """One row's filter undone, in place; three bytes a pixel."""
    if kind == 2:
        line[:] = bytes((x + y) & 255 for x, y in zip(line, above))
    elif kind in (1, 3, 4):
        for i, value in enumerate(line):
            left = line[i - 3] if i >= 3 else 0
            up = above[i]
            if kind == 1:
                guess = left
            elif kind == 3:
                guess = (left + up) // 2
            else:
                guess = paeth(left, up, above[i - 3] if i >= 3 else 0)
            line[i] = (value + guess) & 255


def read_png(path):
    """(width, height, pixels as bytes: red, green, blue)."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise AssertionError("%s is no PNG file" % path)
    pos, packed = 8, b""
    while pos < len(data):
        size, kind = struct.unpack(">I4s", data[pos:pos + 8])
        chunk = data[pos + 8:pos + 8 + size]
        if zlib.crc32(kind + chunk) != struct.unpack(">I", data[pos + 8 + size:pos + 12 + size])[0]:
            raise AssertionError("%s: the chunk %s is damaged" % (path, kind))
        if kind == b"IHDR":
            width, height, *form = struct.unpack(">IIBBBBB", chunk)
            if form != [8, 2, 0, 0, 0]:
                raise AssertionError("%s: this kind of PNG is not read here: %s" % (path, form))
        elif kind == b"IDAT":
            packed += chunk
        pos += 12 + size
    raw, stride = zlib.decompress(packed), width * 3
    above, pixels = bytearray(stride), bytearray()
    for y in range(height):
        at = y * (stride + 1)
        line = bytearray(raw[at + 1:at + 1 + stride])
        unfilter(raw[at], line, above)
        pixels += line
        above = line
    return width, height, bytes(pixels)
