# SPDX-License-Identifier: MIT
"""Harts that wait cost the host nothing: WFI puts the thread to sleep until an interrupt comes."""
import os
import time

import vltest
from guestcode import assemble

SAY = """
        li      t0, 0x10000000
        li      t1, '%s'
        sb      t1, (t0)
"""

# Hart 0 says that it is there; all sleep for ever.
FOR_EVER = SAY % "S" + """
1:      wfi
        j       1b
"""

# Hart 0 sleeps through ten times 50 ms of mtimecmp, the others for ever.
TEN_TICKS = """
        csrr    t0, mhartid
1:      beqz    t0, 2f
        wfi
        j       1b
2:      li      t0, 0x80
        csrw    mie, t0
        li      s0, 0x2004000   # mtimecmp
        li      s1, 0x200bff8   # mtime
        li      s2, 10
3:      ld      t0, (s1)
        li      t1, 500000
        add     t0, t0, t1
        sd      t0, (s0)
4:      wfi
        csrr    t0, mip
        andi    t0, t0, 0x80
        beqz    t0, 4b
        addi    s2, s2, -1
        bnez    s2, 3b
        li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, (t0)
        j       .
"""


class Sleep(vltest.VlTest):
    def guest(self, source):
        self.make_file("guest.bin", assemble(self.folder, "_start:\n" + source))
        return ["-display", "none", "-bios", "guest.bin", "-smp", "4"]

    @staticmethod
    def seconds(pid):
        """Of the host's CPUs, so far."""
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_wfi(self):
        vl = self.start(*self.guest(FOR_EVER))
        vl.wait_for("S")
        time.sleep(0.2)
        before = self.seconds(vl.process.pid)
        time.sleep(1)
        self.assertLess(self.seconds(vl.process.pid) - before, 0.1)

    def test_wfi_ends_with_the_timer(self):
        guest = self.guest(TEN_TICKS)
        before, start = os.times(), time.monotonic()
        self.assertEqual(self.run_vl("-serial", "null", *guest), (0, "", ""))
        after, elapsed = os.times(), time.monotonic() - start
        used = after.children_user - before.children_user + (after.children_system -
                                                             before.children_system)
        self.assertGreaterEqual(elapsed, 0.5)
        self.assertLess(used, 0.25 * vltest.SLOWNESS)  # the start included


if __name__ == "__main__":
    vltest.main()
