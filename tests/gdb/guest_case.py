# SPDX-License-Identifier: MIT
"""A debugger on the guest: vl with a gdb stub, and gdb-multiarch or a client of packets on it."""
import os
import time

import gdbremote
import guestcode
import vltest

PC, FIRST_F, FIRST_CSR, PRIV = 32, 33, 65, 65 + 4096

# Each hart counts up a word of its own.
COUNTER = """
_start:
    csrr t0, mhartid
    la   s0, data
    slli t1, t0, 3
    add  s0, s0, t1
loop:
    ld   t2, 0(s0)
    addi t2, t2, 1
store:
    sd   t2, 0(s0)
    j    loop
    .align 2
handler:
    j    handler
    .globl amo
amo:
    amoadd.d t3, t2, (s0)
    .align 12
data:
    .fill 512, 8, 0
"""


class GuestCase(vltest.VlTest):
    def assemble(self, source):
        """Makes guest.bin and guest.elf; self.symbols has the labels."""
        self.make_file("guest.bin", guestcode.assemble(self.folder, source))
        nm = vltest.tool("riscv64-unknown-elf-nm", "gcc-riscv64-unknown-elf")
        status, out, err = vltest.run([nm, self.path("guest.elf")])
        self.assertEqual(status, 0, err)
        rows = [line.split() for line in out.splitlines()]
        self.symbols = {row[2]: int(row[0], 16) for row in rows if len(row) == 3}

    def start_stub(self, *args, bios="guest.bin", stopped=True, **kwargs):
        """vl with its monitor on the terminal, waiting for gdb."""
        self.address = self.path("gdb.sock")
        words = ["-display", "none", "-serial", "null", "-monitor", "stdio",
                 "-gdb", "unix:" + self.address]
        if bios:
            words += ["-bios", bios]
        vl = self.start(*words, *(["-S"] if stopped else []), *args, **kwargs)
        vl.wait_for(vltest.PROMPT)
        return vl

    def connect(self, address=None, timeout=20):
        remote = gdbremote.Remote(address or self.address, timeout)
        self.addCleanup(remote.close)
        return remote

    def status(self, vl):
        return vl.command("info status").strip()

    def wait_status(self, vl, text):
        self.assertIn(text, vl.command_until("info status", text))

    def gdb(self, *lines, symbols=None, timeout=120):
        """What gdb-multiarch prints on those commands, once it is connected."""
        argv = [vltest.tool("gdb-multiarch", "gdb-multiarch"), "-nx", "-batch"]
        settings = ["set pagination off", "set width 0", "set confirm off",
                    "set debuginfod enabled off", "set architecture riscv:rv64"]
        for line in [*settings, "target remote " + self.address, *lines]:
            argv += ["-ex", line]
        status, out, err = vltest.run(argv + ([symbols] if symbols else []), cwd=self.folder,
                                      timeout=timeout)
        self.assertEqual(status, 0, out + err)
        return out + err

    def rises(self, read, seconds=5):
        """The number that read() gives rises."""
        first, deadline = read(), time.monotonic() + seconds * vltest.SLOWNESS
        while time.monotonic() < deadline:
            if read() > first:
                return True
            time.sleep(0.02)
        return False


def toy_rom_elf():
    path = os.environ["TOY_ROM_ELF"]
    if not os.access(path, os.R_OK):
        raise AssertionError("missing part: %s" % path)
    return path
