# SPDX-License-Identifier: MIT
"""configs/gdb/vl.py: what its commands and printers say of a machine that has been made."""
import re

import guestcode
import vltest
from kit_case import DRIVES, SMALL, KitCase

# Line 10, the serial port's, is made to interrupt the machine mode of hart 0, which does not look.
INTERRUPT = """
    li t0, 0x0c000000
    li t1, 3
    sw t1, 4 * 10(t0)       # its priority
    li t0, 0x0c002000
    li t1, 1 << 10
    sw t1, 0(t0)            # enabled for context 0
    li t0, 0x10000000
    li t1, 2
    sb t1, 1(t0)            # IER: the transmitter is empty
    li t0, 0x101000
    li t1, 0x70000000
    sw t1, 12(t0)           # the clock's alarm, in a distant century
    sw t1, 8(t0)
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .
"""


def golden(name):
    with open(os.path.join(GOLDEN, name + ".txt")) as file:
        return file.read().splitlines()


class Machine(KitCase):
    RUN = ["break main_loop", "run"]

    def monitor(self, *commands):
        vl = self.start("-display", "none", "-bios", "off.bin", *SMALL, *DRIVES, "-S",
                        "-monitor", "stdio")
        vl.wait_for(vltest.PROMPT)
        answers = [vl.command(command) for command in commands]
        vl.send("quit\n")  # the image is locked until it has gone
        vl.wait_exit()
        return answers

    def test_trees_are_the_monitor_s(self):
        tree, flat, qom = self.monitor("info mtree", "info mtree -f", "info qom-tree")
        said = self.both(self.RUN, ["vl mtree", "vl mtree -f", "vl qom"], *DRIVES)
        self.assertEqual(said["vl mtree"], tree)
        self.assertEqual(said["vl mtree -f"], flat)
        self.assertEqual(said["vl qom"], qom)

    def test_an_object_s_properties(self):
        said = self.both(self.RUN, ["vl qom toy-fb", "vl qom /machine/peripheral/disk"],
                         *DRIVES, "-global", "toy-fb.xres=800",
                         "-device", "virtio-blk-device,id=disk,drive=spare,serial=abc")
        self.assertRegex(said["vl qom toy-fb"], r"""(?x)
            ^/machine/toy-fb\ \(toy-fb\):\ a\ toy_fb::ToyFBState\ at\ 0x\w+\n
            \ \ type\ +string\ +"toy-fb"\n
            (.*\n)*\ \ realized\ +bool\ +true\n
            (.*\n)*\ \ xres\ +uint32\ +800\n
            \ \ yres\ +uint32\ +768\n
            /toy-fb\ \(toy-fb\)\n
            \ \ /toy-fb.vram\[0\]\ \(memory-region\)\n""")
        disk = said["vl qom /machine/peripheral/disk"]
        self.assertRegex(disk, r'(?m)^  drive +\w+ +"spare"$')
        self.assertRegex(disk, r'(?m)^  serial +str +"abc"$')
        self.assertIn("There is no object 'nothing'.", self.refused(self.RUN, "vl qom nothing"))
        self.assertIn("may be /machine/virtio0/virtio-mmio[0] or /machine/virtio1/virtio-mmio[0]",
                      self.refused(self.RUN, "vl qom virtio-mmio[0]"))

    def test_drives(self):
        said = self.both(self.RUN, ["vl bds"], *DRIVES)["vl bds"]
        self.assertEqual(said, """\
virtio0, held by /machine/peripheral-anon/device[0]
  root: top (raw), read-write, 2048 sectors, disk.img
    file: low (file), read-write, 2048 sectors, disk.img
spare, held by nobody
  root: nothing (null-co), read-write, 2048 sectors, json:{"driver": "null-co", "size": "1M"}
""")
        # raw_open of the lower node: the upper one is there and has no child yet
        said = self.both(["break raw_open", "run"], ["vl bds"], *DRIVES)["vl bds"]
        self.assertRegex(said, r"(?m)^no parent: \(no name\) \(closed\)|^no parent: top \(")

    def test_interrupt_lines(self):
        said = self.both(self.RUN, ["vl irq"])["vl irq"]
        self.assertRegex(said, r"(?m)^/machine/uart +irq 0 +-> /machine/plic line 10 "
                               r"\(sifive_plic::source_set\): priority 0, not enabled, low$")
        self.assertNotIn("pending", said)
        self.make_file("off.bin", guestcode.assemble(self.folder, INTERRUPT))
        said = self.both(["break qemu_system_shutdown_request_with_code", "run"],
                         ["vl irq", 'print $qom("rtc")->alarm', 'print *$qom("uart")->irq'])
        self.assertRegex(said["vl irq"],
                         r"(?m)^/machine/uart .*: priority 3, contexts 0, level pending$")
        self.assertRegex(said["vl irq"], r"(?m)^/machine/plic +out 0 +-> /machine/harts\[0\] line "
                                         r"11 \(riscv_cpu::set_irq\): pending$")
        self.assertRegex(said["vl irq"], r"(?m)^/machine/plic +out 1 .* line 9 .*: low$")
        self.assertRegex(said['print $qom("rtc")->alarm'],
                         r"= (host|virtual) at \d+ ns, calls goldfish_rtc::alarm_fired for "
                         r"/machine/rtc, pending$")
        self.assertRegex(said['print *$qom("uart")->irq'],
                         r"= /machine/plic line 10 \(sifive_plic::source_set\)$")

    def test_who_has_an_address(self):
        commands = ["vl whohas 0x10000005", "vl whohas 0x101000 + 4", "vl whohas 0x80000010",
                    "vl whohas 0x90000000000"]
        said = self.both(self.RUN, commands)
        self.assertRegex(said[commands[0]], r"""(?x)^0x10000005:\n
            \ \ ns16550a\ \+\ 0x5\ \(i/o\),\ of\ /machine/uart\ \(ns16550a\)\n
            \ \ read\ by\ .*,\ 1\ to\ 1\ bytes\n
            \ \ register\ 0x005\ LSR\ +RO\ reset\ 0x\w+\n$""")
        self.assertRegex(said[commands[1]], r"register 0x004 TIME_HIGH +RW reset 0x0\n$")
        self.assertRegex(said[commands[2]], r"^0x80000010:\n  toy.ram \+ 0x10 \(ram\), of /machine "
                                            r"\(toy-machine\)\n  host address 0x\w+\n$")
        self.assertEqual(said[commands[3]], "0x90000000000:\n  nobody: an access fault\n")
        host = re.search(r"host address (0x\w+)", said[commands[2]])[1]
        back = self.core(["vl whohas " + host])["vl whohas " + host]
        self.assertRegex(back, r"^%s is the guest's 0x80000010:\n  toy.ram \+ 0x10 " % host)
        self.assertIn("The guest has no memory yet",
                      self.refused(["vl break-phase board", "run"], "vl whohas 0"))


class Printers(KitCase):
    def test_registration(self):
        command = "print *init_type_list[MODULE_INIT_BLOCK].first"
        said = self.both(["break main", "run"], [command])
        self.assertRegex(said[command], r"= bdrv_file_init \(MODULE_INIT_BLOCK\), "
                                        r"block/raw-posix.cpp:\d+, built in$")

    def test_types_and_objects(self):
        way = ["break main_loop", "run"]
        commands = ["print *current_machine->klass->type", "print *current_machine",
                    "print *address_space_memory.root->subregions._M_impl._M_start[0]",
                    "print goldfish_rtc::regs[4]"]
        said = self.both(way, commands)
        self.assertRegex(said[commands[0]], r"= toy-machine : machine, class at 0x\w+$")
        machine = said[commands[1]]
        self.assertRegex(machine, r"= /machine \(toy-machine\) = {")
        for field in (r'\[type\] = "toy-machine"', r"\[uart\] = /machine/uart",
                      r"\[dumpdtb\] = what dumpdtb_get says", "ram_size = 16777216",
                      'cpu_model = "rv64"'):
            self.assertRegex(machine, r"(?m)(^|[ {])%s(,|$)" % field)
        self.assertRegex(said[commands[2]], r'= /machine/toy.ram\[0\] \(memory-region\) "toy.ram", '
                                            r"0x1000000 bytes = {")
        self.assertRegex(said[commands[3]], r"= 0x010 IRQ_ENABLED +RW reset 0x0, is irq_enabled, "
                                            r"written by goldfish_rtc::\w+$")

    def test_block_nodes(self):
        commands = ["print *bs", "print *bs->file"]
        said = self.both(["break bdrv_refresh_total_sectors if bs->file", "run"], commands, *DRIVES)
        self.assertRegex(said[commands[0]], r"= top \(raw\) -> low \(file\) -> disk.img = {")
        self.assertIn('node_name = "top"', said[commands[0]])
        self.assertRegex(said[commands[1]], r"= file: low \(file\) -> disk.img$")

    def test_options_and_errors(self):
        command = "print *opts"
        said = self.both(["break qdev_device_add", "run"], [command], "-device",
                         "virtio-rng-device,id=dice,max-bytes=1k")
        self.assertRegex(said[command], r"= device: driver=virtio-rng-device,max-bytes=1k,id=dice$")
        command = "print *err"
        said = self.both(["break error_report_err", "break error_free", "run"], [command],
                         "-drive", "file=nope.img,format=raw", "-device", "virtio-blk-device")
        self.assertRegex(said[command], r"""(?x)= \ "Could\ not\ open\ 'nope.img':\ No\ such\ file
            \ or\ directory",\ set\ by\ \w+\ at\ block/\S+\.cpp:\d+""")


if __name__ == "__main__":
    vltest.main()
