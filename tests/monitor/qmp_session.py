# SPDX-License-Identifier: MIT
"""QMP: the protocol, its errors, its events, and each command once."""
import os
import time

import qmpclient
import vltest


class QMPCase(vltest.VlTest):
    def qmp(self, *args, negotiate=True):
        """A vl that waits under -S, and a client of it."""
        self.make_file("disk.img", size=1 << 20)
        self.vl = self.start("-display", "none", "-S", "-serial", "null", "-qmp",
                             "unix:qmp,server=on,wait=off", *args)
        return self.client(negotiate=negotiate)

    def client(self, name="qmp", **kwargs):
        client = qmpclient.QMPClient(self.path(name), **kwargs)
        self.addCleanup(client.close)
        return client

    def check_error(self, client, command, error_class, desc, **arguments):
        with self.subTest(command=command, arguments=arguments):
            with self.assertRaises(qmpclient.QMPError) as caught:
                client.execute(command, **arguments)
            self.assertEqual((caught.exception.error_class, caught.exception.desc),
                             (error_class, desc))


class Protocol(QMPCase):
    def test_greeting_and_capabilities(self):
        q = self.qmp(negotiate=False)
        self.assertEqual(set(q.greeting), {"version", "capabilities"})
        self.assertEqual(set(q.greeting["version"]), {"qemu", "package"})
        self.assertEqual(set(q.greeting["version"]["qemu"]), {"major", "minor", "micro"})
        expecting = "Expecting capabilities negotiation with 'qmp_capabilities'"
        self.check_error(q, "query-status", "CommandNotFound", expecting)
        self.check_error(q, "nope", "CommandNotFound", expecting)
        self.check_error(q, "qmp_capabilities", "GenericError", "Capability oob not available",
                         enable=["oob"])
        self.assertEqual(q.execute("qmp_capabilities"), {})
        self.check_error(q, "qmp_capabilities", "CommandNotFound",
                         "Capabilities negotiation is already complete, command ignored")
        self.assertEqual(q.execute("query-status")["status"], "prelaunch")

    def test_a_reply_in_qemus_layout(self):
        q = self.qmp()
        q.send(b'{"execute": "query-kvm"}')
        self.assertEqual(q.line(), b'{"return": {"enabled": false, "present": false}}')

    def test_pretty(self):
        self.start("-display", "none", "-S", "-serial", "null", "-qmp-pretty",
                   "unix:qmp,server=on,wait=off")
        s = qmpclient.connect(self.path("qmp"))
        self.addCleanup(s.close)
        self.assertEqual(s.makefile("rb").readline(), b"{\r\n")

    def test_ids(self):
        q = self.qmp()
        for id in (0, "text", None, [1, {"a": "b"}], {"x": [None, 1.5]}, "\u00e9", -1, 1 << 62):
            q.send({"execute": "query-name", "id": id})
            self.assertEqual(q.reply(), {"return": {}, "id": id})
            q.send({"execute": "nope", "id": id})
            self.assertEqual(q.reply()["id"], id)
        q.send({"execute": "query-name"})
        self.assertEqual(q.reply(), {"return": {}})

    def test_wrong_requests_do_not_end_it(self):
        q = self.qmp()
        for sent, desc in (
                (b"foo ", "JSON parse error, invalid keyword 'foo'"),
                (b'{"execute":}', "JSON parse error, expecting value"),
                (b"}", "JSON parse error, expecting value"),
                (b'{"a" 1}', "JSON parse error, missing : in object pair"),
                (b'{"a":1 "b"}', "JSON parse error, expected separator in dict"),
                (b'{"a":1,"a":2}', "JSON parse error, duplicate key"),
                (b"{1:2}", "JSON parse error, key is not a string in object"),
                (b'{"a":tru}', "JSON parse error, invalid keyword 'tru'"),
                (b'{"id":1e999}', "JSON parse error, number out of range"),
                (b"[1 2]", "JSON parse error, expected separator in list"),
                (b"\xff", "JSON parse error, stray '\ufffd'"),
                (b'{"execute":"qom-\xff', "JSON parse error, stray '\"qom-\ufffd'"),
                (b"[" * 1025, "JSON nesting depth limit exceeded"),
                (b"[1,2]", "QMP input must be a JSON object"),
                (b"12 ", "QMP input must be a JSON object"),
                (b'"text"', "QMP input must be a JSON object"),
                (b'{"execute":"query-status","extra":1}', "QMP input member 'extra' is unexpected"),
                (b'{"exec-oob":"x"}', "QMP input member 'exec-oob' is unexpected"),
                (b'{"execute":1}', "QMP input member 'execute' must be a string"),
                (b"{}", "QMP input lacks member 'execute'"),
                (b'{"execute":"stop","arguments":[]}',
                 "QMP input member 'arguments' must be an object")):
            with self.subTest(sent=sent[:40]):
                q.send(sent)
                self.assertEqual(q.reply(), {"error": {"class": "GenericError", "desc": desc}})
        self.assertEqual(q.execute("query-name"), {})

    def test_how_requests_may_lie_in_the_stream(self):
        q = self.qmp()
        q.send(b"{'execute':'query-name','id':'it\\'s \"quoted\"'}")
        self.assertEqual(q.reply(), {"return": {}, "id": "it's \"quoted\""})
        q.send(b'{"execute"\n:\t"query-name",\r\n"id":1}{"execute":"query-name","id":2}')
        self.assertEqual([q.reply()["id"] for _ in range(2)], [1, 2])
        for byte in b'{"execute":"query-name","id":"{[}]"}':
            q.send(bytes([byte]))
        self.assertEqual(q.reply()["id"], "{[}]")

    def test_arguments(self):
        q = self.qmp()
        self.check_error(q, "nope", "CommandNotFound", "The command nope has not been found")
        self.check_error(q, "query-status", "GenericError", "Parameter 'x' is unexpected", x=1)
        self.check_error(q, "qom-get", "GenericError", "Parameter 'path' is missing")
        self.check_error(q, "qom-get", "GenericError", "Parameter 'property' is missing",
                         path="/machine")
        self.check_error(q, "qom-get", "GenericError",
                         "Invalid parameter type for 'property', expected: string",
                         path="/machine", property=1)

    def test_clients_come_and_go(self):
        q = self.qmp()
        q.send(b'{"execute":"query-na')
        q.close()
        q = self.client()  # neither the half request nor its capabilities are left
        self.assertEqual(q.execute("query-name"), {})

    def test_several_monitors(self):
        q = self.qmp("-qmp", "unix:second,server=on,wait=off", "-chardev",
                     "socket,id=c,path=third,server=on,wait=off", "-mon", "c,mode=control")
        others = [self.client("second"), self.client("third")]
        q.execute("cont")
        for client in (q, *others):
            self.assertEqual(client.event("RESUME")["event"], "RESUME")

    def test_one_who_does_not_listen_holds_nobody_up(self):
        q = self.qmp("-qmp", "unix:deaf,server=on,wait=off")
        deaf = self.client("deaf")
        deaf.socket.settimeout(0.2)
        request = b'{"execute":"qom-list-types"}' * 200
        try:
            for _ in range(2000):
                deaf.socket.sendall(request)
        except TimeoutError:
            pass
        else:
            self.fail("vl goes on reading requests whose replies nobody reads")
        self.assertEqual(q.execute("query-name"), {})
        deaf.close()
        self.assertEqual(self.client("deaf").execute("query-name"), {})

    def test_hang_up_in_the_middle_of_a_reply(self):
        q = self.qmp("-qmp", "unix:rude,server=on,wait=off")
        for _ in range(20):
            rude = self.client("rude")
            rude.send(b'{"execute":"qom-list-types"}' * 50)
            rude.close()
        self.assertEqual(q.execute("query-name"), {})


class Commands(QMPCase):
    def test_run_state_and_events(self):
        before = time.time()
        q = self.qmp()
        self.assertEqual(q.execute("query-status"),
                         {"status": "prelaunch", "running": False, "singlestep": False})
        self.assertEqual(q.execute("cont"), {})
        resumed = q.event("RESUME")
        self.assertEqual(set(resumed), {"event", "timestamp"})
        stamp = resumed["timestamp"]
        self.assertEqual(set(stamp), {"seconds", "microseconds"})
        self.assertLessEqual(before - 1, stamp["seconds"] + stamp["microseconds"] / 1e6)
        self.assertLessEqual(stamp["seconds"], time.time() + 1)
        self.assertEqual(q.execute("query-status")["running"], True)
        self.assertEqual(q.execute("stop"), {})
        q.event("STOP")
        self.assertEqual(q.execute("query-status")["status"], "paused")
        self.assertEqual(q.execute("stop"), {})  # no second event
        self.assertEqual(q.execute("query-name"), {})
        self.assertEqual(q.events, [])
        q.execute("system_reset")
        self.assertEqual(q.event("RESET")["data"],
                         {"guest": False, "reason": "host-qmp-system-reset"})
        self.assertEqual(q.execute("quit"), {})
        self.assertEqual(q.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-qmp-quit"})
        self.assertTrue(q.hung_up())
        self.assertEqual(self.vl.wait_exit(), 0)
        self.assertFalse(os.path.exists(self.path("qmp")), "the socket's name is left behind")

    def test_shutdown_by_the_guest(self):
        # lui t0,0x100; lui t1,5; addiw t1,t1,1365; sw t1,0(t0): the test device's "pass"
        code = b"".join(w.to_bytes(4, "little")
                        for w in (0x001002b7, 0x00005337, 0x5553031b, 0x0062a023, 0x0000006f))
        self.make_file("off.bin", code)
        q = self.qmp("-bios", "none", "-kernel", "off.bin")
        q.execute("cont")
        self.assertEqual(q.event("SHUTDOWN")["data"], {"guest": True, "reason": "guest-shutdown"})
        self.assertEqual(self.vl.wait_exit(), 0)

    def test_signal(self):
        q = self.qmp()
        self.vl.process.terminate()
        self.assertEqual(q.event("SHUTDOWN")["data"], {"guest": False, "reason": "host-signal"})

    def test_version_commands_machines(self):
        q = self.qmp("-smp", "2")
        self.assertEqual(q.execute("query-version"), q.greeting["version"])
        names = [row["name"] for row in q.execute("query-commands")]
        self.assertEqual(len(names), len(set(names)))
        for name in ("qmp_capabilities", "query-commands", "quit", "qom-list"):
            self.assertIn(name, names)
        [machine] = q.execute("query-machines")
        self.assertEqual((machine["name"], machine["alias"], machine["is-default"]),
                         ("toy", "virt", True))
        self.assertEqual(machine["default-cpu-type"], "rv64-riscv-cpu")
        self.assertEqual(q.execute("query-target"), {"arch": "riscv64"})
        self.assertEqual(q.execute("query-memory-size-summary"), {"base-memory": 128 << 20})
        cpus = q.execute("query-cpus-fast")
        self.assertEqual([cpu["cpu-index"] for cpu in cpus], [0, 1])
        self.assertEqual(q.execute("qom-get", path=cpus[1]["qom-path"], property="hartid"), 1)
        q.execute("cont")
        while 0 in (ids := [cpu["thread-id"] for cpu in q.execute("query-cpus-fast")]):
            pass  # its threads are starting
        for thread in ids:
            self.assertTrue(os.path.exists("/proc/%d/task/%d" % (self.vl.process.pid, thread)))

    def test_chardevs(self):
        q = self.qmp("-chardev", "null,id=unused")
        rows = {row["label"]: row for row in q.execute("query-chardev")}
        self.assertEqual(rows["compat_monitor0"], {
            "label": "compat_monitor0", "filename": "unix:qmp,server=on", "frontend-open": True})
        self.assertEqual(rows["unused"]["frontend-open"], False)
        names = {row["name"] for row in q.execute("query-chardev-backends")}
        self.assertLessEqual({"stdio", "file", "pipe", "null", "socket"}, names)

    def test_qom(self):
        q = self.qmp()
        self.assertIn({"name": "machine", "type": "child<toy-machine>"},
                      q.execute("qom-list", path="/"))
        hart = q.execute("query-cpus-fast")[0]["qom-path"]
        self.assertIs(q.execute("qom-get", path=hart, property="realized"), True)
        self.assertEqual(q.execute("qom-get", path=hart, property="resetvec"), 4096)
        self.assertEqual(q.execute("qom-get", path="/machine", property="type"), "toy-machine")
        for value in (True, False):
            self.assertEqual(
                q.execute("qom-set", path="/machine", property="aclint", value=value), {})
            self.assertIs(q.execute("qom-get", path="/machine", property="aclint"), value)
        with self.assertRaisesRegex(qmpclient.QMPError, "after it was realized"):
            q.execute("qom-set", path=hart, property="resetvec", value=4100)
        self.check_error(q, "qom-list", "DeviceNotFound", "Device '/nope' not found", path="/nope")
        self.check_error(q, "qom-get", "GenericError", "Property 'toy-machine.nope' not found",
                         path="/machine", property="nope")
        self.check_error(q, "qom-set", "GenericError", "Property 'toy-machine.type' is not writable",
                         path="/machine", property="type", value=1)
        self.check_error(q, "qom-set", "GenericError",
                         "Invalid parameter type for 'realized', expected: boolean",
                         path=hart, property="realized", value="x")

    def test_types(self):
        q = self.qmp()
        cpus = q.execute("qom-list-types", implements="cpu")
        self.assertIn({"name": "rv64-riscv-cpu", "parent": "riscv-cpu"}, cpus)
        self.assertFalse(any(row.get("abstract") for row in cpus))
        self.assertIn({"name": "cpu", "parent": "device", "abstract": True},
                      q.execute("qom-list-types", implements="cpu", abstract=True))
        rows = {row["name"]: row
                for row in q.execute("device-list-properties", typename="virtio-blk-device")}
        self.assertEqual(rows["queue-size"]["default-value"], 256)
        self.assertIs(rows["event_idx"]["default-value"], True)
        self.assertNotIn("realized", rows)
        self.check_error(q, "device-list-properties", "DeviceNotFound", "Device 'nope' not found",
                         typename="nope")
        self.check_error(q, "device-list-properties", "GenericError",
                         "Parameter 'typename' expects a non-abstract device type",
                         typename="device")

    def test_block(self):
        q = self.qmp("-drive", "file=disk.img,format=raw,if=virtio,id=d0")
        [drive] = q.execute("query-block")
        self.assertEqual((drive["device"], drive["inserted"]["drv"], drive["inserted"]["file"]),
                         ("d0", "raw", "disk.img"))
        self.assertEqual(drive["inserted"]["image"]["virtual-size"], 1 << 20)
        self.assertEqual(q.execute("block_resize", device="d0", size=2 << 20), {})
        self.assertEqual(os.path.getsize(self.path("disk.img")), 2 << 20)
        self.check_error(q, "block_resize", "GenericError",
                         "Cannot find device='zz' nor node-name=''", device="zz", size=512)
        self.make_file("new.img", size=1 << 16)
        node = {"driver": "raw", "node-name": "n", "file": {"driver": "file", "filename": "new.img"}}
        q.send({"execute": "blockdev-add", "arguments": node})
        self.assertEqual(q.reply(), {"return": {}})
        node["node-name"] = "m"
        node["file"]["filename"] = "nope.img"
        q.send({"execute": "blockdev-add", "arguments": node})
        self.assertEqual(q.reply()["error"]["desc"],
                         "Could not open 'nope.img': No such file or directory")

    def test_devices_come_and_go(self):
        q = self.qmp("-device", "virtio-serial-device", "-chardev", "null,id=c")
        self.check_error(q, "device_add", "GenericError", "'nope' is not a valid device model name",
                         driver="nope")
        self.check_error(q, "device_add", "GenericError", "Parameter 'driver' is missing")
        with self.assertRaisesRegex(qmpclient.QMPError, "does not support hotplugging"):
            q.execute("device_add", driver="virtio-rng-device")
        for _ in range(2):  # the chardev is free again
            q.execute("device_add", driver="virtserialport", id="port", chardev="c", nr=3)
            self.assertEqual(q.execute("qom-get", path="/machine/peripheral/port", property="nr"), 3)
            self.check_error(q, "device_add", "GenericError", "Duplicate device ID 'port'",
                             driver="virtserialport", id="port")
            q.execute("device_del", id="port")
            self.assertEqual(q.event("DEVICE_DELETED")["data"],
                             {"device": "port", "path": "/machine/peripheral/port"})
        self.check_error(q, "device_del", "DeviceNotFound", "Device 'port' not found", id="port")

    def test_screendump(self):
        q = self.qmp()
        q.execute("screendump", filename=self.path("x.ppm"))
        self.assertEqual(vltest.read_ppm(self.path("x.ppm"))[:2], (1024, 768))
        q.execute("screendump", filename=self.path("picture"), format="png")
        with open(self.path("picture"), "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        self.check_error(q, "screendump", "GenericError",
                         "Parameter 'format' does not accept value 'gif'", filename="x", format="gif")

    def test_human_monitor_command(self):
        q = self.qmp()
        self.assertEqual(q.execute("human-monitor-command", command_line="info status"),
                         "VM status: paused (prelaunch)\r\n")
        self.assertEqual(q.execute("human-monitor-command", command_line="foo"),
                         "unknown command: 'foo'\r\n")
        self.check_error(q, "human-monitor-command", "GenericError",
                         "Parameter 'cpu-index' expects a CPU number",
                         command_line="info status", cpu_index=7)


if __name__ == "__main__":
    vltest.main()
