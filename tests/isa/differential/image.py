# SPDX-License-Identifier: MIT
"""Batches of programs in one image, and the emulators that run it."""
import os
import struct
import subprocess

import layout as at
from vltest import tool

HERE = os.path.dirname(os.path.abspath(__file__))

# What only one of the two has is off in it; A and D bits are set by hardware, as QEMU 7.2 does.
QEMU_CPU = ("rv64,h=false,Zfhmin=true,svinval=true,sstc=false,debug=false,pmu-num=0,marchid=0,"
            "mimpid=0")
VL_CPU = "rv64," + ",".join(f"{name}=off" for name in (
    "zicbom", "zicboz", "zicond", "zacas", "zawrs", "zfa", "zcb", "zihpm", "sstc", "svade", "svadu",
    "svnapot", "svpbmt"))
EXTENDED = {"vl": ",svnapot=on,svpbmt=on", "qemu": ",svnapot=true,svpbmt=true"}
DIGEST = 8
STATE_SIZE = at.STATE_END - at.STATE + at.SHARED_SIZE


class Runtime:
    """runtime.S, assembled in `folder`."""

    def __init__(self, folder):
        with open(os.path.join(folder, "layout.inc"), "w", encoding="ascii") as out:
            out.write(at.layout_inc())
        elf, binary = os.path.join(folder, "runtime.elf"), os.path.join(folder, "runtime.bin")
        package = "gcc-riscv64-unknown-elf"
        subprocess.run([tool("riscv64-unknown-elf-gcc", package), "-march=rv64g", "-mabi=lp64d",
                        "-nostdlib", "-static", "-Wl,--no-relax", "-Ttext", hex(at.RAM),
                        "-I", folder, os.path.join(HERE, "runtime.S"), "-o", elf], check=True)
        subprocess.run([tool("riscv64-unknown-elf-objcopy", package), "-O", "binary", elf, binary],
                       check=True)
        listing = subprocess.run([tool("riscv64-unknown-elf-nm", package), elf], check=True,
                                 capture_output=True, text=True).stdout
        self.symbols = {name: int(value, 16) for value, _, name in
                        map(str.split, listing.splitlines())}
        assert self.symbols["params"] == at.PARAMS
        with open(binary, "rb") as file:
            self.binary = file.read()

    def image(self, slots, verbose=False):
        head = bytearray(self.binary.ljust(at.SLOTS - at.RAM, b"\0"))
        struct.pack_into("<2Q", head, at.PARAMS - at.RAM, len(slots), verbose)
        return b"".join([head, *slots])


class Emulator:
    def __init__(self, name, path, cpu, *options):
        self.name, self.path, self.cpu, self.options = name, path, cpu, options

    def run(self, image, extended, size, timeout):
        """What it sends: `size` bytes, or fewer if it does not come to the end."""
        cpu = self.cpu + (EXTENDED[self.name] if extended else "")
        argv = [self.path, "-cpu", cpu, *self.options, "-M", "virt", "-m", "128M", "-bios", image,
                "-display", "none", "-serial", "stdio", "-monitor", "none"]
        try:
            out = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 timeout=timeout, check=False).stdout
        except subprocess.TimeoutExpired as late:
            out = late.stdout or b""
        return out[:size]
