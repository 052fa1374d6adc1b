# SPDX-License-Identifier: MIT
"""The human monitor's commands: their arguments and mistakes as QEMU has them, memory, objects."""
import json
import re

import qmpclient
import vltest

# Answered alike: expressions, formats, mistakes, properties.
LIKE_QEMU = """
x
x /4xw
xp /s 0x80000000
xp /4x
xp /0xw 0x80000000
xp /2xw 0x90000000000
x /2xw 0x90000000000
xp /4xw 0x80000000
xp/2wx 0x80000000
xp /20xb 0x80000000
xp /3xh 0x80000000
xp /2xg 0x80000000
xp /4cw 0x80000000
xp /3dw 0x80000000
xp /3uh 0x80000000
xp /3ow 0x80000000
xp /xw 0x80000000+4
xp /xw 0x80000000
xp 0x80000000
x /2xg 0x80000000
p
p 1+2*3
p /x 10+0x10
p/x 255
p /d -1
p /u -1
p /o 8
p /x 1/0
p 1%0
p (1+2)*3
p (1+2
p 1+
p ~1
p 7&3|8^1
p /c 'a'
p foo
p 1 2
p /z 1
p 0x
p 99999999999999999999
print 5
p /c 10
p $nope
qom-list
qom-list /nope
qom-get
qom-get /machine
qom-get /nope x
qom-set /machine
device_add
device_add nope
object_add
object_add id=a
object_add nope,id=a
object_add rng-backend,id=a
object_add rng-builtin
object_add rng-builtin,id=1a
object_add rng-builtin,id=a,bogus=1
object_add rng-random,id=a,filename=/nope/x
object_add rng-builtin,id=a
object_add rng-random,id=a
object_add rng-random,help
object_add rng-builtin,help
object_del
object_del nope
object_del a
object_del a
object_add iothread,id=a,bogus=1
object_add iothread,id=a
object_del a
info iothreads
device_del
device_del zz
log
log guest_errors
log none
logfile
logfile /nope/x
info qom-tree /nope
info nope
info mtree -z
info block -z
info status x
info registers -a x
stop x
quit now
system_reset x
screendump
screendump /nope/x
cpu
cpu x
cpu 7
commit
commit nope
block_resize
block_resize d0
block_resize d0 zz
block_resize zz 1M
block_resize d0 3
trace-event
trace-event x maybe
trace-event nope on
trace-event nope* on
trace-event runstate_set on 0
trace-event runstate_s* on 0
trace-event runstate_set on 0 0
info trace-events runstate_set
info trace-events nope
info trace-events nope*
info trace-events runstate_set 0
gdbserver foo
gdbserver none
help nope
nope /x
""".strip("\n").split("\n")


class HMPCase(vltest.VlTest):
    def session(self, program, name, *args):
        disk = self.make_file(name + ".img", size=1 << 20)
        kernel = self.make_file("kernel.bin", bytes.fromhex(
            "9702000013868202732540f183b5020283b2820167800200") + b"A quick\n\x00\xff fox\\'" * 4)
        self.start_raw([program, *args, "-display", "none", "-S", "-serial", "null", "-smp", "2",
                        "-bios", "none", "-kernel", kernel,
                        "-drive", "file=%s,format=raw,if=virtio,id=d0" % disk,
                        "-qmp", "unix:%s,server=on,wait=off" % name])
        client = qmpclient.QMPClient(self.path(name))
        self.addCleanup(client.close)
        return lambda line: client.execute("human-monitor-command", command_line=line).replace(
            "\r\n", "\n")

    def monitor(self, *args):
        return self.session(vltest.vl_program(), "ours", *args)


class LikeQEMU(HMPCase):
    def test_answers(self):
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        ours = self.monitor()
        theirs = self.session(qemu, "theirs", "-M", "virt")
        for line in LIKE_QEMU:
            with self.subTest(line=line):
                self.assertEqual(ours(line), theirs(line))


class Ours(HMPCase):
    def test_registers(self):
        hmp = self.monitor()
        self.assertEqual(hmp("p /x $pc"), "0x1000\n")
        self.assertEqual(hmp("p $pc + 4"), "0x1004\n")
        self.assertEqual(hmp("p $mhartid"), "0\n")
        self.assertEqual(hmp("cpu 1"), "")
        self.assertRegex(hmp("info cpus"), r"^\* CPU #0: thread_id=0\n  CPU #1: thread_id=0\n$")
        self.assertIn("CPU#1", hmp("info registers 1"))
        self.assertNotIn("CPU#0", hmp("info registers 1"))
        both = hmp("info registers -a")
        self.assertIn("CPU#0", both)
        self.assertIn("CPU#1", both)
        self.assertEqual(hmp("info registers 2"), "CPU#2 not available\n")

    def test_code(self):
        hmp = self.monitor()
        lines = hmp("xp /3i 0x80000000").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], r"^0x0000000080000000:  00000297 +auipc +t0,0")
        self.assertRegex(lines[2], r"^0x0000000080000008:  f1402573 +csrrs +a0,mhartid,zero$")

    def test_quotes(self):
        hmp = self.monitor()
        self.assertEqual(hmp('qom-get "/machine" "type"'), '"toy-machine"\n')
        self.assertEqual(hmp('qom-list "a\\"b\\n"'), "Error: Device 'a\"b\n' not found\n")
        self.assertTrue(hmp('qom-list "/x').startswith("unterminated string\n"))
        self.assertTrue(hmp('qom-list "/\\q"').startswith("unsupported escape code: '\\q'\n"))

    def test_too_much(self):
        hmp = self.monitor()
        self.assertIn("too much at once", hmp("xp /2000000xb 0x80000000"))
        self.assertIn("too much at once", hmp("xp /99999999999999999999xg 0x80000000"))
        self.assertIn("expression too deep", hmp("p " + "(" * 10000))

    def test_objects(self):
        hmp = self.monitor("-device", "virtio-serial-device")
        self.assertIn("machine (child<toy-machine>)\n", hmp("qom-list /"))
        self.assertEqual(hmp("qom-get /machine type"), '"toy-machine"\n')
        self.assertEqual(hmp("qom-get /machine aclint"), "false\n")
        self.assertEqual(hmp("qom-set /machine aclint on"), "")
        self.assertEqual(hmp("qom-get /machine aclint"), "true\n")
        self.assertEqual(hmp("qom-set /machine aclint maybe"),
                         "Error: Parameter 'aclint' expects 'on' or 'off'\n")
        self.assertEqual(hmp("device_add virtserialport,id=vp,nr=2"), "")
        self.assertEqual(hmp("device_add virtserialport,id=vp"),
                         "Error: Duplicate device ID 'vp'\n")
        self.assertIn("/vp (virtserialport)", hmp("info qom-tree /machine/peripheral"))
        self.assertEqual(hmp("device_del vp"), "")
        self.assertNotIn("/vp", hmp("info qom-tree"))
        self.assertRegex(hmp("device_add virtio-rng-device"),
                         r"^Error: Bus 'virtio-mmio-bus\.\d' does not support hotplugging\n$")

    def test_graphs(self):
        hmp = self.monitor()
        tree = json.loads(hmp("info qom-tree -json"))
        self.assertEqual((tree["name"], tree["type"]), ("machine", "toy-machine"))
        text = hmp("info qom-tree")

        def count(node):
            return 1 + sum(count(child) for child in node["children"])
        self.assertEqual(count(tree), text.count("\n"))
        dot = hmp("info qom-tree -dot")
        self.assertTrue(dot.startswith("digraph objects {\n"))
        self.assertTrue(dot.endswith("}\n"))
        self.assertEqual(len(re.findall(r" \[label=", dot)), count(tree))
        self.assertEqual(len(re.findall(r" -> ", dot)), count(tree) - 1)
        types = {row["name"]: row for row in json.loads(hmp("info types -json"))}
        self.assertEqual(types["rv64-riscv-cpu"]["parent"], "riscv-cpu")
        self.assertTrue(types["toy-machine"]["initialized"])
        self.assertTrue(types["cpu"]["abstract"])
        self.assertEqual(hmp("info types").count("\n"), len(types))
        self.assertIn('  "riscv-cpu" -> "rv64-riscv-cpu";\n', hmp("info types -dot"))

    def test_every_command_has_help(self):
        hmp = self.monitor()
        names = [line.split(" -- ")[0] for line in hmp("help").splitlines() + hmp("info").splitlines()]
        for name in ("x /fmt addr", "xp /fmt addr", "print|p /fmt expr", "qom-get path property",
                     "device_add driver[,prop=value][,...]", "gdbserver [device]",
                     "info chardev", "info types [-dot|-json]"):
            self.assertIn(name, names)


if __name__ == "__main__":
    vltest.main()
