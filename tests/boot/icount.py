# SPDX-License-Identifier: MIT
"""Time as a count of instructions, and harts that share one host thread."""
import hashlib
import os
import time

import vltest
from guestcode import assemble
from uboot_case import UBootCase

# Ends the process with the low byte of a0 as its status.
END = """
end:    slli    a0, a0, 56
        srli    a0, a0, 40
        li      t1, 0x3333
        or      t1, t1, a0
        li      t0, 0x100000
        sw      t1, (t0)
        j       .
"""


class Time(vltest.VlTest):
    def end(self, source, *args):
        """The status that a guest ends with, twice the same."""
        self.make_file("guest.bin", assemble(self.folder, ".option norvc\n_start:\n" + source + END))
        ends = {self.run_vl("-display", "none", "-bios", "guest.bin", *args) for _ in range(2)}
        self.assertEqual(len(ends), 1, ends)
        status, out, err = ends.pop()
        self.assertEqual((out, err), ("", ""))
        return status

    # 1,250 instructions of 8 ns are 100 ticks of 100 ns, wherever they begin.
    NOPS = ".rept 1249\nnop\n.endr\n"

    def test_time_is_exact(self):
        read = "csrr a%d, time\n"
        self.assertEqual(self.end(read % 1 + self.NOPS + read % 2 + "sub a0, a2, a1",
                                  "-icount", "3"), 100)

    def test_mtime_is_exact(self):
        read = "lwu a%d, (t0)\n"
        self.assertEqual(self.end("li t0, 0x200bff8\n" + read % 1 + self.NOPS + read % 2 +
                                  "sub a0, a2, a1", "-icount", "shift=3"), 100)

    def test_smaller_shifts(self):
        # 3,200 instructions: 2^shift * 32 ticks
        for shift in range(3):
            nops = ".rept 3199\nnop\n.endr\n"
            self.assertEqual(self.end("csrr a1, time\n" + nops + "csrr a2, time\nsub a0, a2, a1",
                                      "-icount", str(shift)), 32 << shift)

    # mtimecmp = 2 * mtime's distance from 0, so far; mtvec = tick
    ARM = """
        la      t0, tick
        csrw    mtvec, t0
        li      t0, 0x80
        csrw    mie, t0
        li      t0, 0x2004000
        li      t1, %d
        sd      t1, (t0)
    """

    def test_a_timer_fires_between_two_instructions(self):
        # 100 ticks are 1,250 instructions; at the handler's first one, minstret is the count
        status = self.end(self.ARM % 100 + """
        csrsi   mstatus, 8
        j       .
        .balign 4
tick:   csrr    a0, minstret
        """, "-icount", "3")
        self.assertEqual(status, 1250 & 0xFF)

    def test_sleep_jumps_to_the_timer(self):
        # 1,000 s at once
        started = time.monotonic()
        status = self.end(self.ARM % 10_000_000_000 + """
        wfi
        li      a1, 10000000000
        csrr    a0, time
        sltu    a0, a0, a1
        .balign 4
tick:""", "-icount", "3,sleep=off")
        self.assertEqual(status, 0, "it woke up early")
        self.assertLess(time.monotonic() - started, 100)

    def test_sleep_passes_as_the_hosts_time(self):
        started = time.monotonic()
        self.end(self.ARM % 3_000_000 + "wfi\nli a0, 0\n.balign 4\ntick:", "-icount", "3")
        self.assertGreater(time.monotonic() - started, 2 * 0.3)

    def test_the_calendar_follows(self):
        # two seconds behind 1970-01-02: 86,402 s in nanoseconds, its low byte in units of 2^30
        status = self.end(self.ARM % 20_000_000 + """
        wfi
        .balign 4
tick:   li      t0, 0x101000
        lwu     a1, 0(t0)
        lwu     a0, 4(t0)
        """, "-icount", "3,sleep=off", "-rtc", "base=1970-01-02,clock=vm")
        self.assertEqual(status, 86_402_000_000_000 >> 32 & 0xFF)


    # 5,000 ticks, 462 or 463 instructions apart, wherever the two harts' loop is just then; 100
    # more of hart 0, which ends: how far the other one still comes is the host's affair
    TICKS = """
        csrr    a2, mhartid
        slli    a2, a2, 3
        li      s0, 0x2004000
        add     s0, s0, a2
        li      s1, 0x200bff8
        ld      s2, (s1)
        sd      s2, (s0)
        li      s3, 5000
        bnez    a2, 1f
        addi    s3, s3, 100
1:      la      t0, tick
        csrw    mtvec, t0
        li      t0, 0x80
        csrw    mie, t0
        csrsi   mstatus, 8
loop:   addi    a3, a3, 1
        mul     a4, a4, a3
        andi    a5, a3, 7
        bnez    a5, loop
        amoadd.d a6, a3, (sp)
        j       loop
        .balign 4
tick:   addi    s2, s2, 37
        sd      s2, (s0)
        slli    t1, a0, 5
        sub     a0, t1, a0
        csrr    t1, minstret
        add     a0, a0, t1
        csrr    t1, mepc
        add     a0, a0, t1
        addi    s3, s3, -1
        beqz    s3, last
        mret
last:   csrr    t1, mhartid
        bnez    t1, .
    """

    def test_engines_agree_on_the_instruction(self):
        engines = self.run_vl("-accel", "help")[1].splitlines()[1:]
        self.assertIn("interp", engines)
        ends, traps = set(), set()
        for engine in engines:
            log = self.path(engine + ".log")
            ends.add(self.end("li sp, 0x80010000\n" + self.TICKS, "-icount", "3", "-smp", "2",
                              "-accel", engine, "-d", "int", "-D", log))
            with open(log, encoding="ascii") as lines:
                traps.add(lines.read())
        self.assertEqual(len(ends), 1)
        self.assertEqual(len(traps), 1)
        self.assertGreater(traps.pop().count("\n"), 9000)


class Traces(UBootCase):
    LENGTH = 260_000_000  # bytes of the log: 9,000,000 blocks, U-Boot has looked for a system

    def trace(self, name):
        """The digest of what the harts ran up to some way behind the boot of U-Boot."""
        os.mkfifo(self.path(name))
        vl = self.start("-nographic", "-monitor", "none", "-icount", "10,sleep=off", "-smp", "3",
                        "-bios", self.firmware(), "-kernel", self.uboot(),
                        "-drive", self.disk(name + ".img", b"toy disk"), "-d", "exec,int",
                        "-D", name)
        digest = hashlib.sha256()
        left = self.LENGTH
        with open(self.path(name), "rb") as log:
            while left and (data := log.read(min(left, 1 << 20))):
                digest.update(data)
                left -= len(data)
        vl.wait_for("No ethernet found.", 1)
        vl.process.kill()
        vl.wait_exit()
        self.assertEqual(left, 0, vl.output)
        return digest.hexdigest()

    def test_two_boots_give_the_same_trace(self):
        self.assertEqual(self.trace("first"), self.trace("second"))


class OneThread(UBootCase):
    def threads(self, *args):
        """How many threads vl has when its harts have started."""
        vl = self.boot("-smp", "4", *args)
        return len(os.listdir("/proc/%d/task" % vl.process.pid))

    def test_harts_share_a_thread(self):
        separate = self.threads("-accel", "interp,thread=multi")
        self.assertEqual(self.threads("-accel", "interp"), separate)
        self.assertEqual(self.threads("-accel", "interp,thread=single"), separate - 3)
        self.assertEqual(self.threads("-icount", "5"), separate - 3)

    def test_stop_and_reset(self):
        vl = self.boot("-smp", "4", "-accel", "interp,thread=single")
        vl.open_monitor()
        for _ in range(3):
            vl.command("stop")
            self.assertEqual(vl.command("info status"), "VM status: paused\n")
            vl.command("c")
            self.assertEqual(vl.command("info status"), "VM status: running\n")
        vl.command("system_reset")
        vl.close_monitor()
        vl.wait_for("Hit any key to stop autoboot", 60)


if __name__ == "__main__":
    vltest.main()
