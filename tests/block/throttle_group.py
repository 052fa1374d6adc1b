# SPDX-License-Identifier: MIT
"""Objects of type throttle-group and the filter throttle: each line is said to vl and to QEMU, and both
answer the same."""
import json

import vltest

COMMON = ["-S", "-display", "none", "-serial", "none", "-monitor", "null"]
FILE = {"driver": "file", "filename": "disk.img"}


def add(ident, limits=None, **properties):
    """object-add; an underscore is a minus."""
    arguments = {"qom-type": "throttle-group", "id": ident}
    arguments.update({name.replace("_", "-"): value for name, value in properties.items()})
    if limits is not None:
        arguments["limits"] = limits
    return "object-add", arguments


def change(value, name="limits", ident="a"):
    return "qom-set", {"path": "/objects/" + ident, "property": name, "value": value}


def get(name="limits", ident="a"):
    return "qom-get", {"path": "/objects/" + ident, "property": name}


def node(**members):
    return "blockdev-add", {"driver": "throttle", "node-name": "t2", "file": FILE,
                            **{name.replace("_", "-"): value for name, value in members.items()}}


COMMANDS = [
    add("a", {"iops-total": 100}), get(), get("x-iops-total"), get("x-iops-size"),
    get("x-iops-total-max-length"),
    change(5, "x-iops-total"), change(-5, "x-iops-total"), get("x-bogus"),
    # what is not named stays as it is
    change({"iops-total": 7, "iops-read": 3}), change({"bps-read": 7}), get(),
    change({"iops-total": 0, "iops-read": 3}), get(), change({}), get(),
    *(change(value) for value in (
        3, [], "x", True, {"bogus": 3}, {"iops-read": "3"}, {"iops-read": 1.5}, {"iops-read": -1},
        {"iops-read": 10 ** 16}, {"iops-read": 1 << 63}, {"iops-read-max": 1},
        {"iops-read-max": 10, "iops-read-max-length": 5000000000},
        {"iops-read-max-length": 0}, {"iops-read-max-length": -1}, {"iops-read-max-length": 2})),
    change({"iops-read-max": 10, "iops-read-max-length": 60, "iops-size": 4096}), get(),
    # names, and what is refused at once
    add("a"), add("g"), add("1a"),
    *(add("b", limits) for limits in (
        4, {"iops-total": 1, "iops-read": 1}, {"iops-total": -1}, {"bogus": 1}, {"iops-size": 5},
        {"bps-total": 5, "bps-total-max": 3})),
    *(add("b", x_iops_total=value) for value in ("q", -4, 10 ** 16, 1.5, None)),
    *(add("b", x_iops_total_max_length=value) for value in (-4, 0, 2, 5000000000)),
    add("b", {"iops-total": 10}, x_iops_read=3),
    add("b", bogus=1),
    add("b", x_iops_total=5, x_iops_size=512), get(ident="b"),
    # the filter
    *(node(**members) for members in (
        {}, {"throttle_group": "x"}, {"throttle_group": 5}, {"throttle_group": ""},
        {"throttle_group": "a", "iops_total": 5}, {"throttle_group": "a", "file": "nobody"},
        {"throttle_group": "a", "file": 5})),
    ("object-del", {"id": "b"}),
    node(throttle_group="a"),
    ("object-del", {"id": "a"}), ("object-del", {"id": "g"}),
    # a drive joins the object's group
    ("block_set_io_throttle", {"device": "d", "bps": 0, "bps_rd": 0, "bps_wr": 0, "iops": 44,
                               "iops_rd": 0, "iops_wr": 0, "group": "a"}),
    get(), add("g"), ("object-del", {"id": "g"}),
]

OBJECTS = [
    "x-iops-total=1,x-iops-read=1", "x-iops-total=x", "x-iops-total=1k", "x-iops-total=",
    "x-iops-total=" + "9" * 20, "x-iops-total=-1", "x-iops-size=2", "bogus=2", "limits.iops-total=2",
    "x-iops-total=1,x-iops-total-max-length=0", "x-bps-read-max-length=5000000000", "x-bps-read-max=1",
    {"limits": {"iops-total": "1"}}, {"limits": {"bogus": 1}}, {"limits": 3},
    {"x-iops-total": "3"}, {"x-iops-total": 3, "x-iops-write": 3}, {"id": 5},
]
DRIVES = ["driver=throttle", "driver=throttle,throttle-group=x",
          "driver=throttle,throttle-group=tg0,bogus=1"]


class ThrottleGroup(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)
        self.make_file("other.img", size=1 << 20)
        self.qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")

    def answers(self, argv):
        lines = ['{"execute":"qmp_capabilities"}']
        lines += [json.dumps({"execute": name, "arguments": arguments, "id": i})
                  for i, (name, arguments) in enumerate(COMMANDS)]
        status, out, err = vltest.run(
            [*argv, *COMMON, "-qmp", "stdio", "-drive",
             "if=none,id=d,format=raw,file=other.img,throttling.group=g,throttling.iops-total=5"],
            cwd=self.folder, stdin="\n".join(lines) + '\n{"execute":"quit"}\n')
        self.assertEqual((status, err), (0, ""))
        replies = {r["id"]: r for r in map(json.loads, out.splitlines()) if "id" in r}
        return [replies[i].get("error", replies[i].get("return")) for i in range(len(COMMANDS))]

    def test_qmp(self):
        ours = self.answers([vltest.vl_program()])
        theirs = self.answers([self.qemu, "-M", "virt"])
        for command, our, their in zip(COMMANDS, ours, theirs):
            with self.subTest(command=command):
                self.assertEqual(our, their)
        self.assertEqual(theirs[0], {})

    def message(self, program, options):
        """The message alone; QEMU tells some without saying whose fault it is."""
        status, _, err = vltest.run([*program, *COMMON, *options], cwd=self.folder)
        self.assertEqual(status, 1, options)
        return err.rstrip("\n").removeprefix(program[0].rsplit("/", 1)[-1] + ": ").removeprefix(
            " ".join(options[-2:]) + ": ")

    def same_message(self, options):
        with self.subTest(options=options):
            self.assertEqual(self.message([vltest.vl_program()], options),
                             self.message([self.qemu, "-M", "virt"], options))

    def test_command_line(self):
        for object_ in OBJECTS:
            if isinstance(object_, dict):
                object_ = json.dumps({"qom-type": "throttle-group", "id": "tg0", **object_})
            else:
                object_ = "throttle-group,id=tg0," + object_
            self.same_message(["-object", object_])
        for drive in DRIVES:
            self.same_message(["-object", "throttle-group,id=tg0", "-drive",
                               "if=none,file=disk.img," + drive])

    def test_help(self):
        ask = ["-object", "throttle-group,help"]
        ours = vltest.run([vltest.vl_program(), *ask])
        self.assertEqual(ours, vltest.run([self.qemu, "-M", "virt", *ask]))
        self.assertIn("x-iops-total=<int>", ours[1])


if __name__ == "__main__":
    vltest.main()
