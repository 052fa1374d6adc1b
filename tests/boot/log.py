# SPDX-License-Identifier: MIT
"""-d, -D and -dfilter: what the log has of small guests, line for line."""
import vltest
from guestcode import POWER_OFF, program

# Begins in M mode at the start of RAM.
GUEST = program(
    0x00000517,  # auipc a0,0
    0x00300593,  # addi  a1,zero,3
    0xfff58593,  # addi  a1,a1,-1
    0xfe059ee3,  # bne   a1,zero,-4
    0x60051513,  # clz   a0,a0
    0x00010001,  # c.addi zero,0; c.addi zero,0: two nops
) + POWER_OFF

HEADER = ["-" * 16, "IN: ", "Priv: 3; Virt: 0"]
FIRST = HEADER + [
    "0x0000000080000000:  00000517          auipc           a0,0x0 # 0x0000000080000000",
    "0x0000000080000004:  00300593          addi            a1,zero,3",
    "0x0000000080000008:  fff58593          addi            a1,a1,-1",
    "0x000000008000000c:  fe059ee3          bne             a1,zero,-4 # 0x0000000080000008",
    "",
]
SECOND = HEADER + [
    "0x0000000080000008:  fff58593          addi            a1,a1,-1",
    "0x000000008000000c:  fe059ee3          bne             a1,zero,-4 # 0x0000000080000008",
    "",
]
THIRD = HEADER + [
    "0x0000000080000010:  60051513          clz             a0,a0",
    "0x0000000080000014:  0001              c.addi          zero,0",
    "0x0000000080000016:  0001              c.addi          zero,0",
    "0x0000000080000018:  001002b7          lui             t0,0x100",
    "0x000000008000001c:  00005337          lui             t1,0x5",
    "0x0000000080000020:  5553031b          addiw           t1,t1,1365",
    "0x0000000080000024:  0062a023          sw              t1,0(t0)",
    "0x0000000080000028:  0000006f          jal             zero,0 # 0x0000000080000028",
    "",
]
ROM = ["-dfilter", "0x80000000..0x80000010"]  # neither the boot ROM nor the loop at the end


class Log(vltest.VlTest):
    def log(self, *args, guest=GUEST):
        self.make_file("guest.bin", guest)
        status, out, err = self.run_vl("-display", "none", "-serial", "null", "-bios", "guest.bin",
                                       "-D", "log", *args)
        self.assertEqual((status, out, err), (0, "", ""))
        with open(self.path("log")) as file:
            return file.read().splitlines()

    def test_in_asm(self):
        self.assertEqual(self.log("-d", "in_asm", *ROM), FIRST + SECOND + THIRD)

    def test_dfilter(self):
        # a block belongs to a range by its first address
        for ranges in ("0x80000008..0x80000010", "0x80000008+9", "0x80000010-9",
                       "1..2,0x80000010+1,0x80000008+1"):
            with self.subTest(ranges=ranges):
                self.assertEqual(self.log("-d", "in_asm", "-dfilter", ranges), SECOND + THIRD)
        self.assertEqual(self.log("-d", "in_asm", "-dfilter", ""), [])
        # of several, the last one
        self.assertEqual(self.log("-d", "in_asm", "-dfilter", "0..4", "-dfilter", "0x80000010+1"),
                         THIRD)

    def test_exec(self):
        trace = ["Trace 0: 0x%016x" % pc for pc in (0x80000000, 0x80000008, 0x80000008, 0x80000010)]
        # how often the last jump runs is the host's affair
        lines = self.log("-d", "exec", "-dfilter", "0x80000000..0x80000010")
        self.assertEqual(lines, trace)
        lines = self.log("-d", "exec,cpu", "-dfilter", "0x80000008..0x80000008")
        self.assertEqual([line for line in lines if line.startswith("Trace")], trace[1:3])
        self.assertEqual([line for line in lines if line.startswith(" pc ")],
                         [" pc       0000000080000008"] * 2)

    def test_a_hart_without_an_extension(self):
        guest = program(
            0x00000297,  # auipc t0,0
            0x01028293,  # addi  t0,t0,16
            0x30529073,  # csrrw zero,mtvec,t0
            0x60051513,  # clz   a0,a0
        ) + POWER_OFF
        lines = self.log("-d", "in_asm", "-cpu", "rv64,zbb=off", *ROM, guest=guest)
        self.assertIn("0x0000000080000008:  30529073          csrrw           zero,mtvec,t0", lines)
        self.assertIn("0x000000008000000c:  60051513          .4byte          0x60051513", lines)

    def test_cpu_reset(self):
        lines = self.log("-d", "cpu_reset", "-smp", "2")
        self.assertEqual({line for line in lines if line.startswith("CPU Reset")},
                         {"CPU Reset (CPU 0)", "CPU Reset (CPU 1)"})
        self.assertIn(" mhartid  0000000000000001", lines)

    def test_lines_of_several_harts_stay_whole(self):
        # every hart counts down from 2000; hart 0 then ends the machine, the others stay
        guest = program(
            0x7d000593,  # addi  a1,zero,2000
            0xfff58593,  # addi  a1,a1,-1
            0xfe059ee3,  # bne   a1,zero,-4
            0xf1402573,  # csrrs a0,mhartid,zero
            0x00051063,  # bne   a0,zero,0
        ) + POWER_OFF
        lines = self.log("-d", "exec", "-smp", "4", "-dfilter", "0x80000000..0x8000000c",
                         guest=guest)
        for line in lines:
            self.assertRegex(line, r"^Trace [0-3]: 0x[0-9a-f]{16}$")
        self.assertEqual(lines.count("Trace 0: 0x0000000080000004"), 1999)


if __name__ == "__main__":
    vltest.main()
