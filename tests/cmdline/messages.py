# SPDX-License-Identifier: MIT
"""Every other mistake on the command line, compared with QEMU where it says the same."""
import struct

import guestcode
import vltest
from cmdline_case import CommandLineCase


class Options(CommandLineCase):
    def test_option_itself(self):
        self.check("-nope", None, "invalid option")
        self.check("--nope", None, "invalid option")
        for option in ("-drive", "-device", "-M", "-kernel"):
            self.check(option, None, "requires an argument")

    def test_unknown_names(self):
        self.check("-device", "nope", "'nope' is not a valid device model name")
        self.check("-accel", "nope", "invalid accelerator nope")
        self.check("-M", "nope", "unsupported machine type 'nope'", qemu=False)
        self.check("-M", "toy,aclint=maybe", "Parameter 'aclint' expects 'on' or 'off'", qemu=False)
        self.check("-d", "nope", "Invalid log item 'nope'", qemu=False)
        self.check("-serial", "nope", "'nope' is not a valid char driver\n"
                   "vl: -serial nope: could not connect serial device to character backend 'nope'")
        self.check("-display", "nope", "Parameter 'type' does not accept value 'nope'")
        for option in ("-monitor", "-qmp"):
            self.check(option, "nope", "'nope' is not a valid char driver\n"
                       "vl: %s nope: parse error: nope" % option)

    def test_dfilter(self):
        for text, message in (
                ("foo", "Bad range specifier"),
                ("0x1000", "Bad range specifier"),
                ("1.2", "Bad range specifier"),
                ("1..2,", "Bad range specifier"),
                (",1..2", "Bad range specifier"),
                ("..0x1000", "Invalid number to the left of .."),
                ("0x1000..", "Invalid number to the right of .."),
                ("0x1000...0x2000", "Invalid number to the right of .."),
                ("zz..2", "Invalid number to the left of .."),
                ("1 ..2", "Invalid number to the left of .."),
                ("1..2x", "Invalid number to the right of .."),
                ("1..18446744073709551616", "Invalid number to the right of .."),
                ("1+", "Invalid number to the right of +"),
                ("1+2+3", "Invalid number to the right of +"),
                ("1+-1", "Invalid number to the left of -"),
                ("-1..2", "Invalid number to the left of -"),
                ("1-", "Invalid number to the right of -"),
                ("0x2000..0x1000", "Invalid range"),
                ("0x1000+0", "Invalid range"),
                ("0x1000-0", "Invalid range"),
                ("0x1000-0x2000", "Invalid range"),
                ("0x10--1", "Invalid range"),
                ("0xfffffffffffff000+0x2000", "Invalid range"),
                ("1..2,5..4", "Invalid range")):
            self.check("-dfilter", text, message)

    def test_dfilter_takes_what_qemu_takes(self):
        # each accepted one is followed by one that is not, so that both come to an end
        for text in ("", " 1..2", "010..020", "0-1", "0+0xffffffffffffffff", "0+0", "1..1", "1..2,3+4"):
            self.check("-dfilter", "foo", "Bad range specifier", before=["-dfilter", text])

    def answer(self, *args):
        # one serial port and one screen: those under test
        if args[0] in ("-serial", "-display"):
            quiet = [*self.QUIET, "-serial", "null"]
            at = quiet.index(args[0])
            del quiet[at:at + 2]
            status, out, err = self.run_vl(*quiet, *args)
            self.assertEqual((status, out), (1, ""), err)
            return err
        return super().answer(*args)

    def test_device(self):
        drive = "file=disk.img,format=raw,if=none,id=a"
        self.check("-device", "virtio-blk-device,nope=1",
                   "Property 'virtio-blk-device.nope' not found")
        self.check("-device", "virtio-blk-device", "drive property not set")
        self.check("-device", "virtio-blk-device,drive=x",
                   "Property 'virtio-blk-device.drive' can't find value 'x'")
        self.check("-device", "virtio-blk-device,drive=a,bus=nope", "Bus 'nope' not found",
                   before=["-drive", drive])
        self.check("-device", "virtio-blk-device,drive=a",
                   "Drive 'a' is already in use by another device",
                   before=["-drive", drive, "-device", "virtio-blk-device,drive=a"])
        self.check("-device", "virtio-blk-device,drive=a,id=x", "Duplicate ID 'x' for device",
                   before=["-drive", drive, "-device", "virtio-blk-device,drive=a,id=x"])
        for limit, message in (
                ("num-queues=0", "num-queues property must be larger than 0"),
                ("max-discard-sectors=0",
                 "invalid max-discard-sectors property (0), must be between 1 and 4194303")):
            self.check("-device", "virtio-blk-device,drive=a," + limit, message,
                       before=["-drive", drive])
        self.check("-device", "virtio-blk-device,id=1a",
                   "Parameter 'id' expects an identifier\n"
                   "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.")
        self.check("-device", "virtio-mmio", "Parameter 'driver' expects a pluggable device type",
                   qemu=False)
        self.check("-device", "device", "Parameter 'driver' expects a non-abstract device type",
                   qemu=False)
        self.check("-device", "id=x", "Parameter 'driver' is missing")

    def test_object(self):
        self.check("-object", "nope", "Parameter 'qom-type' does not accept value 'nope'")
        self.check("-object", "nope,help", "Parameter 'qom-type' does not accept value 'nope'")
        self.check("-object", "rng-backend,id=a",
                   "Parameter 'qom-type' does not accept value 'rng-backend'")
        self.check("-object", "id=a", "Parameter 'qom-type' is missing")
        self.check("-object", "rng-builtin", "Parameter 'id' is missing")
        self.check("-object", "rng-builtin,id=1a",
                   "Parameter 'id' expects an identifier\n"
                   "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.")
        self.check("-object", "rng-builtin,id=a,bogus=1", "Invalid parameter 'bogus'")
        self.check("-object", "rng-random,id=a", "Duplicate ID 'a' for object",
                   before=["-object", "rng-builtin,id=a"])
        self.check("-object", "rng-random,id=a,filename=/nope/x",
                   "Could not open '/nope/x': No such file or directory", qemu=False)
        self.check("-object", "{bad", "JSON parse error, invalid keyword 'bad'")
        self.check("-object", '{"qom-type":"rng-builtin"}', "Parameter 'id' is missing")
        for rng, message in (("zz", "Device 'zz' not found"), (
                "a", "Invalid parameter type for 'rng', expected: rng-backend")):
            self.check("-device", "virtio-rng-device,rng=" + rng, message,
                       before=["-object", "rng-builtin,id=b", "-drive",
                               "file=disk.img,format=raw,if=none,id=c", "-device",
                               "virtio-blk-device,drive=c,id=a"])

    def test_iothread(self):
        drive = ["-drive", "file=disk.img,format=raw,if=none,id=d"]
        self.check("-object", "iothread", "Parameter 'id' is missing")
        self.check("-object", "iothread,id=a,bogus=1", "Invalid parameter 'bogus'")
        self.check("-device", "virtio-blk-device,drive=d,iothread=zz", "Device 'zz' not found",
                   before=drive)
        self.check("-device", "virtio-blk-device,drive=d,iothread=r",
                   "Invalid parameter type for 'iothread', expected: iothread",
                   before=[*drive, "-object", "rng-builtin,id=r"])
        # QEMU has no iothread for a virtio-mmio disk
        self.check("-device", "virtio-blk-device,drive=d,iothread=io0",
                   "iothread is not supported with -icount", qemu=False,
                   before=[*drive, "-icount", "3", "-object", "iothread,id=io0"])
        shared = ",format=raw,if=none,throttling.iops-total=9,throttling.group=g,id="
        self.check("-device", "virtio-blk-device,drive=d,iothread=io0",
                   "Throttle group 'g' is used in another iothread", qemu=False,
                   before=["-drive", "file=disk.img" + shared + "d", "-drive",
                           "file=disk.img,read-only=on" + shared + "e", "-object",
                           "iothread,id=io0"])

    def test_disk_sizes(self):
        logical = "Property x.logical_block_size doesn't take value "
        for options, message in (
                ("logical_block_size=100", logical + "100 (minimum: 512, maximum: 2097152)"),
                ("logical_block_size=4M", logical + "4194304 (minimum: 512, maximum: 2097152)"),
                ("logical_block_size=768", logical + "'768', it's not a power of 2"),
                ("logical_block_size=x", "Parameter 'logical_block_size' expects size"),
                ("logical_block_size=4k", "logical_block_size > physical_block_size not supported"),
                ("min_io_size=100", "min_io_size must be a multiple of logical_block_size"),
                ("min_io_size=64M", "min_io_size must not exceed 65535 logical blocks"),
                ("opt_io_size=100", "opt_io_size must be a multiple of logical_block_size"),
                ("opt_io_size=5G", "Property virtio-blk-device.opt_io_size doesn't take value "
                                   "5368709120 (maximum: 4294967295)"),
                ("discard_granularity=100",
                 "discard_granularity must be a multiple of logical_block_size"),
                ("cyls=5", "heads must be between 1 and 255"),
                ("heads=4", "cyls must be between 1 and 65535"),
                ("cyls=70000,heads=1,secs=1", "cyls must be between 1 and 65535"),
                ("cyls=1,heads=1,secs=300", "secs must be between 1 and 255")):
            self.check("-device", "virtio-blk-device,id=x,drive=a," + options, message,
                       before=["-drive", "file=disk.img,format=raw,if=none,id=a"])

    def test_all_slots_taken(self):
        # eight slots, one transport each
        drives = []
        for i in range(9):
            drives += ["-drive", "file=disk.img,format=raw,if=none,read-only=on,id=d%d" % i]
        devices = []
        for i in range(8):
            devices += ["-device", "virtio-blk-device,drive=d%d" % i]
        self.check("-device", "virtio-blk-device,drive=d8",
                   "No free 'virtio-bus' bus found for device 'virtio-blk-device'",
                   before=drives + devices, qemu=False)

    def test_numbers(self):
        hint = ("\nOptional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
                "and exabytes, respectively.")
        self.check("-m", "foo",
                   "Parameter 'size' expects a non-negative number below 2^64" + hint)
        self.check("-m", "-1",
                   "Parameter 'size' expects a non-negative number below 2^64" + hint)
        self.check("-m", "99999999999G",
                   "Value '99999999999G' is out of range for parameter 'size'")
        self.check("-drive", "file=disk.img,format=raw,index=99999999999999999999",
                   "Value '99999999999999999999' is too large for parameter 'index'")
        self.check("-smp", "foo", "Parameter 'cpus' expects a number", qemu=False)
        self.check("-smp", "0", "Invalid CPU topology: CPU count must be greater than zero",
                   qemu=False)

    def test_time(self):
        for shift in ("x", "", "11", "-1", "99999999999999999999"):
            self.check("-icount", "shift=" + shift, "icount: Invalid shift value")
        self.check("-icount", "3,sleep=x", "Parameter 'sleep' expects 'on' or 'off'")
        self.check("-icount", "3,nope=1", "Invalid parameter 'nope'")
        self.check("-rtc", "nope=1", "Invalid parameter 'nope'")
        self.check("-rtc", "clock=nope", "invalid option value 'nope'", qemu=False)
        for date in ("nope", "2026-13-01", "2026-01-01T00:00:00x"):
            self.check("-rtc", "base=" + date, "invalid datetime format\n"
                       "valid formats: '2006-06-17T16:01:21' or '2006-06-17'", qemu=False)

    def test_random_numbers(self):
        for seed in ("foo", "-1", "18446744073709551616", "1x"):
            self.check("-seed", seed, "Invalid seed number: " + seed)
        self.check("-device", "virtio-rng-device,period=0",
                   "'period' parameter expects a positive integer")
        self.check("-device", "virtio-rng-device,max-bytes=9223372036854775808",
                   "'max-bytes' parameter must be non-negative, and less than 2^63")

    def test_chardevs(self):
        for text, message in (
                ("foo,id=a", "'foo' is not a valid char driver name"),
                ("mon,id=a", "'mon' is not a valid char driver name"),
                ("null", "chardev: no id specified"),
                ("file,id=a", "chardev: file: no filename given"),
                ("file,id=a,path=/nope/nope",
                 "Could not open '/nope/nope': No such file or directory"),
                ("null,id=a,bogus=1", "Invalid parameter 'bogus'")):
            self.check("-chardev", text, message)
        self.check("-chardev", "null,id=a", "Duplicate ID 'a' for chardev",
                   before=["-chardev", "null,id=a"])
        self.check("-serial", "tcp:foo", "missing port in 'tcp:foo'\n"
                   "vl: -serial tcp:foo: could not connect serial device to character backend "
                   "'tcp:foo'", qemu=False)

    def test_sockets(self):
        both = "None or one of 'path', 'fd' or 'host' option required."
        client = "'wait' option is incompatible with socket in client connect mode"
        server = "'reconnect' option is incompatible with socket in server listen mode"
        for text, message in (
                ("host=x", "chardev: socket: no port given"),
                ("path=x,host=y,port=1", both),
                ("path=x,bogus=1", "Invalid parameter 'bogus'"),
                ("path=x,server=maybe", "Parameter 'server' expects 'on' or 'off'"),
                ("path=x,wait=off", client),
                ("path=x,server=on,reconnect=1", server),
                ("path=nope/x,server=on,wait=off",
                 "Failed to bind socket to nope/x: No such file or directory"),
                ("path=nope", "Failed to connect to 'nope': No such file or directory"),
                ("host=127.0.0.1,port=1",
                 "Failed to connect to '127.0.0.1:1': Connection refused")):
            self.check("-chardev", "socket,id=a," + text, message)
        # a disk is no socket that was left behind: it stays
        self.check("-chardev", "socket,id=a,path=disk.img,server=on,wait=off",
                   "Failed to bind socket to disk.img: Address already in use", qemu=False)
        self.check("-chardev", "pipe,id=a", "chardev: pipe: no device path given")
        self.check("-chardev", "pipe,id=a,path=nope",
                   "Could not open 'nope': No such file or directory")

    def test_monitors(self):
        null = ["-chardev", "null,id=a"]
        for text, message in (
                ("chardev=b", 'chardev "b" not found'),
                ("mode=control", "Parameter 'chardev' is missing"),
                ("a,mode=foo", "Parameter 'mode' does not accept value 'foo'"),
                ("a,pretty=x", "Parameter 'pretty' expects 'on' or 'off'"),
                ("a,bogus=x", "Invalid parameter 'bogus'"),
                ("a,pretty=on", "'pretty' is not compatible with HMP monitors")):
            self.check("-mon", text, message, before=null)
        self.check("-mon", "a", "Device 'a' is in use", before=[*null, "-mon", "a"])
        self.check("-monitor", "chardev:b", 'chardev "b" not found')

    def test_consoles(self):
        bus = ["-device", "virtio-serial-device"]
        for text, message in (
                ("virtconsole,chardev=nope",
                 "Property 'virtconsole.chardev' can't find value 'nope'"),
                ("virtconsole,nr=40",
                 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30"),
                ("virtserialport,nr=0",
                 "Port number 0 on virtio-serial devices reserved for virtconsole devices for "
                 "backward compatibility.")):
            self.check("-device", text, message, before=bus)
        self.check("-device", "virtconsole,nr=1", "virtio-serial-bus: A port already exists at id 1",
                   before=[*bus, "-device", "virtconsole,nr=1"])
        self.check("-device", "virtconsole,chardev=a",
                   "Property 'virtconsole.chardev' can't take value 'a': Device 'a' is in use",
                   before=["-chardev", "null,id=a", *bus, "-device", "virtconsole,chardev=a"])
        self.check("-device", "virtconsole",
                   "No 'virtio-serial-bus' bus found for device 'virtconsole'")
        self.check("-device", "virtio-serial-device,max_ports=0",
                   "Maximum number of serial ports not specified")

    def test_network(self):
        for text, message in (
                ("user", "Parameter 'id' is missing"),
                ("nope,id=n", "Parameter 'type' does not accept value 'nope'"),
                ("user,id=n0,bogus=1", "Invalid parameter 'bogus'"),
                ("user,id=n0,net=foo", "Failed to parse netmask"),
                ("user,id=n0,net=10.0.0.0/foo", "Failed to parse netmask (trailing chars)"),
                ("user,id=n0,net=10.0.0.0/99",
                 "Invalid netmask provided (must be in range 4-32)"),
                ("user,id=n0,host=1.2.3.4", "Host doesn't belong to network"),
                ("user,id=n0,host=foo", "Failed to parse host"),
                ("user,id=n0,host=10.0.2.3", "DNS must be different from host"),
                ("user,id=n0,dns=foo", "Failed to parse DNS"),
                ("user,id=n0,restrict=on,dns=1.2.3.4", "DNS doesn't belong to network"),
                ("user,id=n0,dhcpstart=foo", "Failed to parse DHCP start address"),
                ("user,id=n0,dhcpstart=1.2.3.4", "DHCP doesn't belong to network"),
                ("user,id=n0,dhcpstart=10.0.2.2", "DHCP must be different from host and DNS"),
                ("user,id=n0,restrict=foo", "Parameter 'restrict' expects 'on' or 'off'"),
                ("user,id=n0,ipv4=off,ipv6=off", "IPv4 and IPv6 disabled"),
                ("user,id=n0,ipv4=off,net=10.0.0.0/8",
                 "IPv4 disabled but netmask/host/dns provided"),
                ("user,id=n0,domainname=", "'domainname' parameter cannot be empty")):
            self.check("-netdev", text, message)
        self.check("-netdev", "user,id=n0", "Duplicate ID 'n0' for netdev",
                   before=["-netdev", "user,id=n0"])
        self.check("-nic", "foo", "Parameter 'type' does not accept value 'foo'")
        self.check("-nic", "user,mac=foo", "invalid syntax for ethernet address")
        self.check("-net", "foo", "Parameter 'type' does not accept value 'foo'")

    def test_forwarded_ports(self):
        for rule, why in (
                ("foo", "No : separators"), ("sctp::1-:22", "Bad protocol name"),
                ("tcp:1", "Missing : separator"), ("tcp:foo:22-:22", "Bad host address"),
                ("tcp::1", "Bad host port separator"), ("tcp::99999-:22", "Bad host port"),
                ("tcp::1-22", "Missing guest address"), ("tcp::70-x:22", "Bad guest address"),
                ("tcp::70-:99999", "Bad guest port"), ("tcp::70-:0", "Bad guest port")):
            self.check("-netdev", "user,id=n0,hostfwd=" + rule,
                       "Invalid host forwarding rule '%s' (%s)" % (rule, why))
        self.check("-netdev", "user,id=n0,hostfwd=tcp:1.1.1.1:1-:22",
                   "Could not set up host forwarding rule 'tcp:1.1.1.1:1-:22'")

    def test_network_cards(self):
        card = "virtio-net-device"
        self.check("-device", card + ",netdev=n0",
                   "Property 'virtio-net-device.netdev' can't find value 'n0'")
        self.check("-device", card + ",mac=foo",
                   "Property 'virtio-net-device.mac' doesn't take value 'foo'")
        self.check("-device", card + ",netdev=n0",
                   "Property 'virtio-net-device.netdev' can't take value 'n0', it's in use",
                   before=["-netdev", "user,id=n0", "-device", card + ",netdev=n0"])
        self.check("-device", card + ",rx_queue_size=3", "Invalid rx_queue_size (= 3), "
                   "must be a power of 2 between 256 and 1024.")

    def test_engine(self):
        self.check("-accel", "interp,thread=x", "Invalid 'thread' setting x", qemu=False)
        self.check("-accel", "jit,threshold=0",
                   "Parameter 'threshold' expects a number from 1 to 65535", qemu=False)
        self.check("-accel", "jit,threshold=x", "Parameter 'threshold' expects a number",
                   qemu=False)
        self.check("-accel", "interp,nope=1", "Property 'interp-accel.nope' not found", qemu=False)
        self.check("-accel", "interp,thread=multi", "No thread=multi when icount is enabled",
                   before=["-icount", "3"], qemu=False)

    def test_globals(self):
        self.check("-global", "driver=a", "Missing parameter 'property'", qemu=False)
        self.check("-global", "a", "Invalid parameter 'a'", qemu=False)
        self.check("-drive", "file=disk.img,format=raw,if=virtio",
                   "can't apply global virtio-blk-device.nope=1: "
                   "Property 'virtio-blk-device.nope' not found",
                   before=["-global", "virtio-blk-device.nope=1"])


class Machine(CommandLineCase):
    def refuses(self, want, *args):
        """`vl: want`, for what is wrong with the machine rather than with one option's text."""
        with self.subTest(args=args):
            self.assertEqual(self.answer(*args), "vl: %s\n" % want)

    def test_companions_of_kernel(self):
        for option in ("-append", "-initrd"):
            err = self.answer(option, "x")
            self.assertTrue(err.endswith(": %s only allowed with -kernel option\n" % option), err)

    def test_ram(self):
        self.check("-m", "0", "Invalid RAM size '0': a machine needs some", qemu=False)
        self.refuses("cannot set up guest memory 'toy.ram': Cannot allocate memory", "-m", "4P")

    def test_cpu_properties(self):
        self.refuses("Expected key=value format, found zba.", "-cpu", "rv64,zbb=off,zba")
        self.refuses("can't apply global rv64-riscv-cpu.nope=on: "
                     "Property 'rv64-riscv-cpu.nope' not found", "-cpu", "rv64,nope=on")
        self.refuses("Zacas extension requires A extension", "-cpu", "rv64,a=off,zacas=on")
        self.refuses("unable to find CPU model 'nope'", "-cpu", "nope,zba=off")

    def test_names_of_what_is_not_there(self):
        # what stands in front of the colon may be the option; the sentence names the thing
        for option, sentence in (
                ("-cpu", "unable to find CPU model 'nope'"),
                ("-bios", "Unable to find the RISC-V BIOS \"nope\""),
                ("-kernel", "could not load kernel 'nope': "
                            "Could not open 'nope': No such file or directory"),
                ("-dtb", "could not load device tree 'nope': "
                         "Could not open 'nope': No such file or directory")):
            with self.subTest(option=option):
                self.assert_sentence(self.answer(option, "nope"), sentence)

    def assert_sentence(self, err, sentence):
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("vl: "), err)
        self.assertTrue(err.endswith(": %s\n" % sentence) or err == "vl: %s\n" % sentence, err)

    # --- kernels that are none

    def elf(self, machine=243, phoff=64, phnum=1, segment=b"", klass=2):
        ident = b"\x7fELF" + bytes([klass, 1, 1]) + bytes(9)
        return ident + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0x80200000, phoff, 0, 0, 64,
                                   56, phnum, 0, 0, 0) + segment

    def segment(self, offset=120, address=0x80200000, size=0, memory=0):
        return struct.pack("<IIQQQQQQ", 1, 5, offset, address, address, size, memory, 4096)

    def test_unreadable_elf(self):
        rows = {
            "short.elf": (b"\x7fELF", "The image is truncated"),
            "x86.elf": (self.elf(machine=62), "The image is for another architecture"),
            "32.elf": (self.elf(klass=1), "The image is for another architecture"),
            "table.elf": (self.elf(phoff=1 << 40), "The image is truncated: no program headers"),
            "segment.elf": (self.elf(segment=self.segment(size=4096, memory=4096)),
                            "The image is truncated: a segment lies outside the file"),
            "none.elf": (self.elf(phnum=0), "The image has no loadable segments"),
            "empty": (b"", "The file is empty"),
        }
        for name, (content, why) in rows.items():
            with self.subTest(name=name):
                self.make_file(name, content)
                self.assert_sentence(self.answer("-bios", "none", "-kernel", name),
                                     "could not load kernel '%s': %s" % (name, why))

    def test_directory(self):
        self.assert_sentence(self.answer("-bios", "none", "-kernel", "folder"),
                             "could not load kernel 'folder': "
                             "Could not open 'folder': Is a directory")

    def test_larger_than_ram(self):
        self.make_file("large.bin", b"\x01", size=17 << 20)
        err = self.answer("-m", "16", "-bios", "none", "-kernel", "large.bin")
        self.assertRegex(err, r"^vl: .*could not load kernel 'large\.bin': 0x1100000 bytes at "
                              r"0x[0-9a-f]+ do not fit into RAM \(0x80000000-0x81000000\)\n$")
        self.make_file("low.elf", self.elf(segment=self.segment(address=0x1000, memory=16)))
        err = self.answer("-bios", "none", "-kernel", "low.elf")
        self.assertRegex(err, r"^vl: .*could not load kernel 'low\.elf': 0x10 bytes at 0x1000 "
                              r"do not fit into RAM")

    def test_network_nobody_uses(self):
        self.make_file("off.bin", guestcode.POWER_OFF)
        for words, warning in ((["-netdev", "user,id=n0"],
                                "vl: warning: netdev n0 has no peer\n"),
                               (["-nic", "user"], ""), (["-nic", "none"], ""),
                               (["-net", "none"], "")):
            status, _, err = self.run_vl(*self.QUIET, "-serial", "null", "-bios", "off.bin", *words)
            self.assertEqual((status, err), (0, warning), words)

    def test_unused_global(self):
        # a warning: the machine starts
        self.make_file("off.bin", guestcode.POWER_OFF)
        status, _, err = self.run_vl(*self.QUIET, "-serial", "null", "-bios", "off.bin",
                                     "-global", "nope.x=1",
                                     "-global", "virtio-mmio.force-legacy=on")
        self.assertEqual((status, err),
                         (0, "vl: warning: global nope.x has invalid class name\n"))


if __name__ == "__main__":
    vltest.main()
