# SPDX-License-Identifier: MIT
"""gdb-multiarch on the toy ROM, on OpenSBI, on U-Boot and on a kernel."""
import gzip
import os
import re

import guest_case
import vltest

SP = 2
STVEC, SATP = (guest_case.FIRST_CSR + number for number in (0x105, 0x180))


class ToyRom(guest_case.GuestCase):
    """With symbols, from the reset vector."""

    def start_rom(self, *args):
        self.make_file("disk.img", size=1 << 20)
        return self.start_stub(*args, bios=None)

    def test_reset_vector(self):
        self.start_rom()
        out = self.gdb("info registers pc", "x/2i $pc", "stepi", "stepi", "info registers pc",
                       "print $mhartid", "print $priv", "info registers mstatus",
                       symbols=guest_case.toy_rom_elf())
        self.assertEqual(re.findall(r"(?m)^pc +(0x\w+)", out), ["0x1000", "0x1008"])
        self.assertIn("=> 0x1000:\tauipc\tt0,", out)
        self.assertRegex(out, r"(?m)^\$1 = 0$")
        self.assertRegex(out, r"(?m)^\$2 = 3$")
        self.assertRegex(out, r"(?m)^mstatus +0xa00000000")

    def test_source(self):
        """Breakpoints by name, a watched variable, source lines and a backtrace."""
        self.start_rom()
        out = self.gdb("break rom_main", "continue", "watch uart", "continue", "delete",
                       "hbreak screen_open", "continue", "backtrace", "finish",
                       symbols=guest_case.toy_rom_elf(), timeout=30)
        self.assertIn("\nBreakpoint 1, rom_main (hart=0, ", out)
        self.assertIn("\nHardware watchpoint 2: uart\n\nOld value = 0\nNew value = 268435456\n"
                      "console_open (", out)
        self.assertIn("\nBreakpoint 3, screen_open (", out)
        self.assertRegex(out, r"#1 .* in rom_main \(")
        self.assertRegex(out, r"(?m)^rom_main \(.*main\.c:126$")

    def test_threads(self):
        vl = self.start_rom("-smp", "3")
        out = self.gdb("info threads", "thread 3", "stepi", "info threads", "print $mhartid",
                       "monitor info status", "detach")
        self.assertEqual(re.findall(r"Thread (\d) \(CPU#(\d) \[running\]\)", out)[:3],
                         [("1", "0"), ("2", "1"), ("3", "2")])
        self.assertIn("VM status: paused", out)
        self.wait_status(vl, "VM status: running")
        # a second one, on a machine that runs; it goes and leaves it running
        again = self.gdb("info threads", "print $pc", "detach")
        self.assertEqual(len(re.findall(r"Thread \d \(CPU#", again)), 3)
        self.wait_status(vl, "VM status: running")


class Firmware(guest_case.GuestCase):
    def setUp(self):
        super().setUp()
        self.firmware = vltest.guest("uboot")

    def test_opensbi_and_uboot(self):
        uboot = os.path.join(self.firmware, "u-boot.bin")
        self.start_stub("-kernel", uboot, "-smp", "3",
                        bios=os.path.join(self.firmware, "fw_jump.bin"))
        out = self.gdb(
            "break *0x80000000", "continue", "print $priv", "delete", "hbreak *0x80200000",
            "continue", "print $priv", "stepi", "info threads", "print/x $medeleg")
        self.assertRegex(out, r"Thread \d hit Breakpoint 1, 0x0000000080000000 in")
        self.assertRegex(out, r"Thread \d hit Breakpoint 2, 0x0000000080200000 in")
        self.assertEqual(re.findall(r"(?m)^\$[12] = (\d)$", out), ["3", "1"])
        self.assertRegex(out, r"\n0x0000000080200002 in")
        self.assertEqual(len(re.findall(r"Thread \d \(CPU#\d \[halted\]\)", out)), 2)
        self.assertRegex(out, r"(?m)^\$3 = 0x[^0]")

    def test_kernel_and_process(self):
        """From the kernel's first instruction to the first one of a process."""
        guest = vltest.guest("debian-initrd")
        vl = self.start_stub(
            "-m", "512M", "-kernel", os.path.join(guest, "Image"),
            "-initrd", os.path.join(guest, "initrd.gz"), "-append", "console=ttyS0",
            bios=os.path.join(self.firmware, "fw_dynamic.bin"), lifetime=300)
        remote = self.connect(timeout=120)
        self.assertEqual(remote.ask("Z1,80200000,4"), "OK")
        remote.send("c")
        self.assertEqual(remote.receive(), "T05thread:01;")
        self.assertEqual(remote.register(guest_case.PC), 0x80200000)
        self.assertEqual(remote.register(guest_case.PRIV), 1)
        self.assertEqual(remote.memory(0x80200000, 2), b"MZ")
        remote.ask("z1,80200000,4")
        elf = self.file_of(os.path.join(guest, "initrd.gz"), "bin/busybox")
        entry = int.from_bytes(elf[24:32], "little")
        self.assertEqual(remote.ask("Z1,%x,2" % entry), "OK")
        remote.send("c")
        self.assertEqual(remote.receive(), "T05thread:01;")
        self.assertEqual(remote.register(guest_case.PC), entry)
        self.assertEqual(remote.register(guest_case.PRIV), 0)
        self.assertIn(remote.register(SATP) >> 60, (8, 9, 10))  # Sv39, Sv48, Sv57
        self.assertEqual(remote.memory(entry, 64), elf[entry - 0x10000:][:64])
        self.assertEqual(self.status(vl), "VM status: paused (debug)")
        # its stack has its name; the kernel's memory can be read too
        self.assertEqual(remote.word(remote.register(SP)) >> 8, 0)
        self.assertEqual(len(remote.memory(remote.register(STVEC), 64)), 64)
        self.assertEqual(remote.ask("D"), "OK")
        self.wait_status(vl, "VM status: running")

    def file_of(self, initrd, name):
        """A file's bytes in a cpio archive of the kind newc."""
        with gzip.open(initrd) as file:
            data, at = file.read(), 0
        while data[at:at + 6] == b"070701":
            size, name_size = (int(data[at + n:at + n + 8], 16) for n in (54, 94))
            start = at + 110 + name_size
            start += -start % 4
            if data[at + 110:at + 109 + name_size].decode().removeprefix("./") == name:
                return data[start:start + size]
            at = start + size + -size % 4
        raise AssertionError("there is no %s in %s" % (name, initrd))


if __name__ == "__main__":
    vltest.main()
