# SPDX-License-Identifier: MIT
"""The same QMP session with vl and with QEMU: the keys of each reply and the types of their values,
and the errors word for word."""
import qmpclient
import vltest

# What vl may leave out: it has no such thing.
QEMU_ALONE = {
    "query-machines": {"default-ram-id"},
    "query-chardev-backends": set(),
}
SAME_SHAPE = ["query-status", "query-version", "query-name", "query-kvm", "query-target",
              "query-cpus-fast", "query-machines", "query-block", "query-chardev",
              "query-chardev-backends", "query-commands", "x-query-roms", "query-iothreads",
              "query-memory-size-summary", "stop",
              "cont", "stop", "system_reset"]
SAME_ANSWER = [
    {"execute": "nope"},
    {"execute": "query-status", "arguments": {"x": 1}},
    {"execute": "qmp_capabilities"},
    {"execute": "qom-get"},
    {"execute": "qom-get", "arguments": {"path": "/nope", "property": "x"}},
    {"execute": "qom-get", "arguments": {"path": "/machine", "property": 1}},
    {"execute": "qom-list", "arguments": {"path": "nope"}},
    {"execute": "device_add", "arguments": {}},
    {"execute": "device_add", "arguments": {"driver": "nope"}},
    {"execute": "device_del", "arguments": {"id": "nope"}},
    {"execute": "object-add", "arguments": {"qom-type": "nope", "id": "a"}},
    {"execute": "object-add", "arguments": {"qom-type": "rng-builtin"}},
    {"execute": "object-add", "arguments": {"id": "a"}},
    {"execute": "object-add", "arguments": {"qom-type": "rng-builtin", "id": "1a"}},
    {"execute": "object-add", "arguments": {"qom-type": "rng-builtin", "id": "a", "b": 1}},
    {"execute": "object-add",
     "arguments": {"qom-type": "rng-random", "id": "a", "filename": "/nope/x"}},
    {"execute": "object-add", "arguments": {"qom-type": "rng-random", "id": "a"}},
    {"execute": "object-add", "arguments": {"qom-type": "rng-builtin", "id": "a"}},
    {"execute": "object-del", "arguments": {"id": "nope"}},
    {"execute": "object-del", "arguments": {"id": ""}},
    {"execute": "object-del", "arguments": {"id": "a"}},
    {"execute": "object-del", "arguments": {"id": "a"}},
    {"execute": "device-list-properties", "arguments": {"typename": "nope"}},
    {"execute": "device-list-properties", "arguments": {"typename": "device"}},
    {"execute": "block_resize", "arguments": {"device": "zz", "size": 512}},
    {"execute": "block_resize", "arguments": {"device": "d0", "size": -1}},
    {"execute": "block_resize", "arguments": {"device": "d0", "size": 1 << 21}},
    {"execute": "trace-event-get-state", "arguments": {"name": "runstate_set"}},
    {"execute": "trace-event-set-state", "arguments": {"name": "runstate_set", "enable": True}},
    {"execute": "trace-event-get-state", "arguments": {"name": "runstate_s*t"}},
    {"execute": "trace-event-get-state", "arguments": {"name": "nope"}},
    {"execute": "trace-event-get-state", "arguments": {"name": "nope*"}},
    {"execute": "trace-event-set-state", "arguments": {"name": "nope", "enable": True}},
    {"execute": "trace-event-get-state", "arguments": {"name": "runstate_set", "vcpu": 0}},
    {"execute": "trace-event-set-state",
     "arguments": {"name": "runstate_set", "enable": True, "vcpu": 0}},
    {"execute": "trace-event-set-state", "arguments": {"name": "nope*", "enable": True}},
    {"execute": "trace-event-set-state", "arguments": {"name": "runstate_set", "enable": False}},
    {"execute": "screendump"},
    {"execute": "query-command-line-options", "arguments": {"option": "zz"}},
    {"execute": "query-command-line-options", "arguments": {"option": "object"}},
    {"execute": "human-monitor-command", "arguments": {"command-line": "info status"}},
    {"execute": "human-monitor-command", "arguments": {"command-line": "foo"}},
    {"execute": "human-monitor-command",
     "arguments": {"command-line": "x", "cpu-index": 9}},
    {"execute": "query-name", "id": [1, {"x": None}]},
    {"execute": 1}, {"x": 1}, [], 1.5, "x", {"execute": "stop", "arguments": 1},
    b"foo ", b"}", b'{"execute":}', b'{"a" 1}', b'{"a":1 "b"}', b"{1:2}", b'{"a":tru}', b"[1 2]",
    b"\xff", b'{"execute":"\xff', b"{'execute':'query-name'}",
]


def shape(value):
    """The value with types in place of what is in it; a list is like its first element."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


class LikeQEMU(vltest.VlTest):
    def session(self, program, name, *args):
        disk = self.make_file(name + ".img", size=1 << 20)
        self.start_raw([program, *args, "-display", "none", "-S", "-serial", "null", "-smp", "2",
                        "-object", "iothread,id=io0",
                        "-drive", "file=%s,format=raw,if=virtio,id=d0" % disk,
                        "-qmp", "unix:%s,server=on,wait=off" % name])
        client = qmpclient.QMPClient(self.path(name))
        self.addCleanup(client.close)
        return client

    def test_session(self):
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        ours = self.session(vltest.vl_program(), "ours")
        theirs = self.session(qemu, "theirs", "-M", "virt")
        self.assertEqual(shape(ours.greeting["version"]), shape(theirs.greeting["version"]))
        for command in SAME_SHAPE:
            with self.subTest(command=command):
                got, want = shape(ours.execute(command)), shape(theirs.execute(command))
                for key in QEMU_ALONE.get(command, ()):
                    want[0].pop(key, None)
                if command == "query-machines":
                    got[0].pop("alias", None), got[0].pop("is-default", None)
                    want[0].pop("default-cpu-type", None), got[0].pop("default-cpu-type")
                if command == "query-name":
                    self.assertEqual(got, {})
                self.assertEqual(got, want)
        for event in ("RESUME", "STOP", "RESET"):
            self.assertEqual(shape(ours.event(event)), shape(theirs.event(event)))

    def test_answers(self):
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        ours = self.session(vltest.vl_program(), "ours")
        theirs = self.session(qemu, "theirs", "-M", "virt")
        for request in SAME_ANSWER:
            with self.subTest(request=request):
                for client in (ours, theirs):
                    client.send(request)
                    if request == 1.5:
                        client.send(b" ")
                self.assertEqual(ours.reply(), theirs.reply())

    def types(self, client):
        """{name: row} of the schema. Every type that a row names is there."""
        schema = client.execute("query-qmp-schema")
        rows = {row["name"]: row for row in schema}
        self.assertEqual(len(rows), len(schema))
        for row in schema:
            named = [row.get(key, "any") for key in ("arg-type", "ret-type", "element-type")]
            named += [member.get("type", "any") for member in row.get("members", ())]
            self.assertLessEqual(set(named), set(rows))
        return rows

    def test_schema(self):
        """What a command takes, and what an event tells: names, types, and what may be missing."""
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        client = self.session(vltest.vl_program(), "ours")
        ours, theirs = self.types(client), self.types(self.session(qemu, "theirs", "-M", "virt"))
        for kind in ("command", "event"):
            names = [name for name, row in ours.items() if row["meta-type"] == kind]
            self.assertLessEqual(set(names), {n for n, r in theirs.items() if r["meta-type"] == kind})
            for name in names:
                ours_take = ours[ours[name]["arg-type"]]["members"]
                theirs_take = {member["name"]: member
                               for member in theirs[theirs[name]["arg-type"]]["members"]}
                for member in ours_take:
                    with self.subTest(name=name, member=member["name"]):
                        other = theirs_take[member["name"]]
                        self.assertEqual("default" in member, "default" in other)
                        if theirs[other["type"]]["meta-type"] == "builtin":
                            self.assertEqual(member["type"], other["type"])
        commands = {row["name"] for row in client.execute("query-commands")}
        self.assertEqual(commands, {n for n, r in ours.items() if r["meta-type"] == "command"})
        self.assertEqual({n for n, r in ours.items() if r["meta-type"] == "event"},
                         {"BLOCK_IO_ERROR", "DEVICE_DELETED", "RESUME", "STOP", "RESET", "SHUTDOWN"})
        options = {row["option"]: row["parameters"]
                   for row in client.execute("query-command-line-options")}
        self.assertIn({"name": "pretty", "type": "boolean"}, options["mon"])
        self.assertIn({"name": "cpus", "type": "number"}, options["smp-opts"])


if __name__ == "__main__":
    vltest.main()
