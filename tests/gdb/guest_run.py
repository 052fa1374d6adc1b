# SPDX-License-Identifier: MIT
"""The gdb stub, packet by packet: harts that run, step and stop."""
import guest_case
import vltest
from guest_case import FIRST_CSR, PC

MSTATUS, MIE, MTVEC, MIP = (FIRST_CSR + number for number in (0x300, 0x304, 0x305, 0x344))
T2, T3, S0 = 7, 28, 8


class Running(guest_case.GuestCase):
    """Two harts that count."""
    def setUp(self):
        super().setUp()
        self.assemble(guest_case.COUNTER)
        self.loop, self.store, self.data = (
            self.symbols[name] for name in ("loop", "store", "data"))

    def begin(self, *args, harts=2):
        """A client that has let every hart come to the loop."""
        self.vl = self.start_stub("-smp", str(harts), *args)
        self.remote = self.connect()
        for hart in range(harts):
            self.remote.ask("Z0,%x,2" % self.loop)
            self.assertEqual(self.go("vCont;c:%d" % (hart + 1)), "T05thread:%02x;" % (hart + 1))
            self.assertEqual(self.pc(hart), self.loop)
            self.remote.ask("z0,%x,2" % self.loop)

    def go(self, packet):
        self.remote.send(packet)
        return self.remote.receive()

    def pc(self, hart):
        self.assertEqual(self.remote.ask("Hg%x" % (hart + 1)), "OK")
        return self.remote.register(PC)

    def count(self, hart):
        return self.remote.word(self.data + 8 * hart)

    def count_by_monitor(self, hart):
        """The same, without a gdb that would stop the machine."""
        answer = self.vl.command("xp /xg 0x%x" % (self.data + 8 * hart))
        return int(answer.split()[-1], 16)

    def test_threads(self):
        self.begin(harts=3)
        self.assertEqual(self.remote.ask("qfThreadInfo"), "m01,02,03")
        self.assertEqual(self.remote.ask("qsThreadInfo"), "l")
        self.assertEqual(self.remote.ask("T3"), "OK")
        self.assertEqual(self.remote.ask("Hg2"), "OK")
        self.assertEqual(self.remote.ask("qC"), "QC02")
        text = bytes.fromhex(self.remote.ask("qThreadExtraInfo,2")).decode()
        self.assertEqual(text, "CPU#1 [running]")

    def test_step_one(self):
        self.begin()
        for expected in ("T05thread:01;", "T05thread:01;"):
            self.assertEqual(self.go("vCont;s:1"), expected)
        self.assertEqual((self.pc(0), self.pc(1)), (self.store, self.loop))
        self.assertEqual(self.go("vCont;s:2"), "T05thread:02;")
        self.assertEqual(self.pc(0), self.store)
        self.assertNotEqual(self.pc(1), self.loop)
        self.assertEqual((self.count(0), self.count(1)), (0, 0))

    def test_step_while_others_run(self):
        self.begin()
        self.assertTrue(self.rises(lambda: (self.go("vCont;s:2;c"), self.count(0))[1]))
        self.assertEqual(self.go("vCont;s:2;c"), "T05thread:02;")
        self.assertEqual(self.remote.ask("Hc1"), "OK")
        self.assertEqual(self.go("s"), "T05thread:01;")
        self.assertEqual(self.go("s%x" % self.store), "T05thread:01;")
        self.assertIn(self.pc(0), range(self.store + 2, self.store + 5))

    def test_breakpoint(self):
        for kind in (0, 1):
            self.begin()
            self.assertEqual(self.remote.ask("Z%d,%x,2" % (kind, self.store)), "OK")
            self.assertEqual(self.remote.ask("Z%d,%x,2" % (kind, self.store)), "OK")  # once
            self.assertEqual(self.go("vCont;c:2"), "T05thread:02;")
            self.assertEqual((self.pc(1), self.pc(0)), (self.store, self.loop))
            self.assertEqual(self.status(self.vl), "VM status: paused (debug)")
            self.assertEqual(self.go("vCont;c:2"), "T05thread:02;")  # it is still there
            self.assertEqual(self.count(1), 0)
            self.assertEqual(self.go("vCont;s:2"), "T05thread:02;")  # a step goes over it
            self.assertEqual(self.count(1), 1)
            self.assertEqual(self.go("vCont;c:2"), "T05thread:02;")  # once around
            self.assertEqual((self.pc(1), self.count(1)), (self.store, 1))
            self.assertEqual(self.remote.ask("z%d,%x,2" % (kind, self.store)), "OK")
            self.assertEqual(self.remote.ask("z%d,%x,2" % (kind, self.store)), "E22")
            self.remote.send("c")
            self.assertTrue(self.remote.is_silent())
            self.assertEqual(self.remote.interrupt()[:3], "T02")
            self.vl.close()

    def check_watchpoint(self, kind, name, passes, count):
        self.begin()
        point = "%d,%x,8" % (kind, self.data)
        self.assertEqual(self.remote.ask("Z" + point), "OK")
        self.assertEqual(self.go("vCont;c"), "T05thread:01;%s:%x;" % (name, self.data))
        # behind the instruction
        self.assertEqual((self.pc(0), self.count(0)), (passes, count))
        self.remote.ask("z" + point)
        self.remote.send("c")
        self.assertTrue(self.remote.is_silent())
        self.assertEqual(self.remote.interrupt()[:3], "T02")
        self.assertTrue(self.rises(lambda: (self.remote.send("c"), self.remote.interrupt(),
                                            self.count(0))[2]))
        self.vl.close()

    def test_watchpoints(self):
        behind_load, behind_store = self.loop + 4, self.store + 4
        self.check_watchpoint(2, "watch", behind_store, 1)
        self.check_watchpoint(3, "rwatch", behind_load, 0)
        self.check_watchpoint(4, "awatch", behind_load, 0)

    def test_watch_part(self):
        """One byte of the word; the other hart's neighbour is on the same page."""
        self.begin()
        self.assertEqual(self.remote.ask("Z2,%x,1" % (self.data + 9)), "OK")
        self.assertEqual(self.go("vCont;c"), "T05thread:02;watch:%x;" % (self.data + 9))
        self.assertEqual(self.count(1), 1)

    def test_watch_amo(self):
        self.begin(harts=1)
        for kind, name in ((2, "watch"), (3, "rwatch")):
            self.remote.set_register(PC, self.symbols["amo"])
            self.remote.set_register(T2, 5)
            before = self.count(0)
            self.assertEqual(self.remote.ask("Z%d,%x,8" % (kind, self.data)), "OK")
            self.assertEqual(self.go("c"), "T05thread:01;%s:%x;" % (name, self.data))
            self.assertEqual(self.pc(0), self.symbols["amo"] + 4)
            self.assertEqual((self.remote.register(T3), self.count(0)), (before, before + 5))
            self.remote.ask("z%d,%x,8" % (kind, self.data))

    def test_step_over_watched(self):
        self.begin(harts=1)
        self.remote.ask("Z2,%x,8" % self.data)
        self.remote.set_register(PC, self.store)
        self.assertEqual(self.go("vCont;s:1"), "T05thread:01;watch:%x;" % self.data)

    def test_interrupts_wait_for_step(self):
        """An interrupt is pending and enabled: a step runs the next instruction nevertheless."""
        self.begin(harts=1)
        SSIP, MSTATUS_MIE = 2, 8
        for number, value in ((MTVEC, self.symbols["handler"]), (MIE, SSIP), (MIP, SSIP),
                              (MSTATUS, MSTATUS_MIE)):
            self.assertEqual(self.remote.set_register(number, value), "OK")
        self.assertEqual(self.remote.ask("qqemu.sstepbits"), "ENABLE=1,NOIRQ=2,NOTIMER=4")
        self.assertEqual(self.remote.ask("qqemu.sstep"), "0x7")
        self.go("vCont;s:1")
        self.assertEqual(self.pc(0), self.loop + 4)
        self.assertEqual(self.remote.ask("Qqemu.sstep=1"), "OK")
        self.assertEqual(self.remote.ask("qqemu.sstep"), "0x1")
        self.go("vCont;s:1")
        self.assertEqual(self.pc(0), self.symbols["handler"])

    def test_wfi(self):
        """A step over an instruction that waits; a hart that sleeps can be stopped."""
        self.begin(harts=1)
        self.remote.set_memory(self.loop, (0x10500073).to_bytes(4, "little"))
        self.go("vCont;s:1")
        self.assertEqual(self.pc(0), self.loop + 4)
        self.remote.set_register(PC, self.loop)
        self.remote.send("c")
        self.assertTrue(self.remote.is_silent())
        self.assertEqual(self.remote.interrupt(), "T02thread:01;")
        self.assertEqual(bytes.fromhex(self.remote.ask("qThreadExtraInfo,1")), b"CPU#0 [halted]")
        self.assertEqual(self.pc(0), self.loop + 4)

    def test_changed_code(self):
        """What gdb writes into code is what runs next, kept or not."""
        self.begin(harts=1)
        self.remote.send("c")
        self.remote.interrupt()
        self.remote.ask("Z0,%x,4" % self.loop)
        self.go("c")
        add_16 = (16 << 20 | T2 << 15 | T2 << 7 | 0x13).to_bytes(4, "little")
        compressed = self.store - self.loop == 6
        self.remote.set_memory(self.loop + 4, b"\xc1\x03" if compressed else add_16)
        before = self.count(0)
        self.go("vCont;s:1")
        self.go("c")
        self.assertEqual(self.count(0), before + 16)

    def test_packet_stops(self):
        """Any packet stops the machine; then gdb hears why."""
        self.begin()
        self.remote.send("c")
        self.remote.send_bytes(self.remote.frame("qC"))
        self.assertEqual(self.remote.receive(), "T02thread:02;")  # the last it spoke of
        self.assertEqual((self.remote.byte(), self.remote.receive()), (b"+", "QC02"))
        self.assertEqual(self.status(self.vl), "VM status: paused")

    def test_monitor_stops(self):
        self.begin()
        self.remote.send("c")
        self.vl.command("stop")
        self.assertEqual(self.remote.receive()[:3], "T02")
        self.vl.command("cont")  # gdb has not asked for it and hears nothing
        self.vl.command("stop")
        self.assertTrue(self.remote.is_silent())

    def test_detach(self):
        self.begin()
        self.remote.ask("Z0,%x,2" % self.store)
        self.assertEqual(self.remote.ask("D;1"), "OK")
        self.remote.close()
        self.assertEqual(self.status(self.vl), "VM status: running")
        for hart in (0, 1):  # neither breakpoint nor gdb holds it
            self.assertTrue(self.rises(lambda: self.count_by_monitor(hart)))  # noqa: B023
        self.remote = self.connect()  # which stops it
        self.assertEqual(self.remote.ask("?"), "T05thread:01;")
        self.assertEqual(self.status(self.vl), "VM status: paused")

    def test_lost_connection(self):
        """A machine that runs goes on, without breakpoints; one that stood still does so yet."""
        self.begin()
        self.remote.ask("Z0,%x,2" % self.store)
        self.remote.close()
        self.wait_status(self.vl, "paused")
        self.remote = self.connect()
        self.remote.send("vCont;c:1")
        self.remote.close()
        self.wait_status(self.vl, "running")
        self.remote = self.connect()
        # the hart that was held ran as well
        self.assertTrue(self.rises(lambda: (self.remote.send("c"), self.remote.interrupt(),
                                            self.count(1))[2]))
        self.assertGreater(self.count(0), 0)

    def test_attach_while_running(self):
        vl = self.start_stub("-smp", "2", stopped=False)
        self.assertEqual(self.status(vl), "VM status: running")
        self.remote = self.connect()
        self.assertEqual(self.remote.ask("?")[:3], "T05")
        self.assertEqual(self.status(vl), "VM status: paused")
        for _ in range(20):
            self.remote.send("c")
            self.assertEqual(self.remote.interrupt()[:3], "T02")
        self.assertTrue(self.rises(lambda: (self.remote.send("c"), self.remote.interrupt(),
                                            self.count(1))[2]))

    def test_one_thread(self):
        """Harts that take turns on one host thread, and time that is a count."""
        for args in (["-accel", "interp,thread=single"], ["-icount", "shift=3"]):
            self.begin(*args)
            self.assertEqual(self.go("vCont;s:1"), "T05thread:01;")
            self.assertEqual(self.pc(1), self.loop)
            self.remote.ask("Z1,%x,2" % self.store)
            self.assertEqual(self.go("vCont;c:2"), "T05thread:02;")
            self.assertEqual(self.pc(1), self.store)
            self.assertEqual(self.count(0), 0)
            self.vl.close()


if __name__ == "__main__":
    vltest.main()
