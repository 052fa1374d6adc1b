#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a raw disk image that the toy ROM boots: a boot sector, then the payload.

The format is in docs/specs/boot-sector.md.
"""
import argparse
import struct
import sys

SECTOR = 512
VERSION = 1
PAYLOAD_LBA = 1


def number(text):
    return int(text, 0)


def pad(data, size):
    return data + bytes(-len(data) % size)


def checksum(payload):
    words = struct.unpack(f"<{len(payload) // 4}I", payload)
    return sum(words) & 0xFFFFFFFF


def boot_sector(payload, name, load, entry):
    fields = struct.pack("<8sIIIIQQ32s", b"TOYBOOT", VERSION, PAYLOAD_LBA,
                         len(payload) // SECTOR, checksum(payload), load, entry, name)
    return fields.ljust(SECTOR - 2, b"\0") + b"\x55\xaa"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="", help="at most 32 bytes, shown by the ROM")
    parser.add_argument("--load", type=number, required=True, help="the payload's address in RAM")
    parser.add_argument("--entry", type=number, required=True, help="where to jump")
    parser.add_argument("--sectors", type=number, default=2048,
                        help="size of the image, if the payload needs no more (default: 2048)")
    parser.add_argument("payload")
    parser.add_argument("image")
    args = parser.parse_args()

    name = args.name.encode()
    if len(name) > 32:
        sys.exit(f"mkdisk.py: the name '{args.name}' is longer than 32 bytes")
    with open(args.payload, "rb") as file:
        payload = pad(file.read(), SECTOR)
    if not payload:
        sys.exit(f"mkdisk.py: '{args.payload}' is empty")
    image = boot_sector(payload, name, args.load, args.entry) + payload
    with open(args.image, "wb") as file:
        file.write(image.ljust(args.sectors * SECTOR, b"\0"))


if __name__ == "__main__":
    main()
