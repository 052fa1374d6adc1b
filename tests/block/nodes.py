# SPDX-License-Identifier: MIT
"""What the monitor tells of nodes: query-named-block-nodes and `info block`, of the same -blockdevs
in vl and in QEMU."""
import json
import re

import vltest

ARGS = [
    "-object", "throttle-group,id=g",
    "-blockdev", "driver=file,node-name=f,filename=disk.img",
    "-blockdev", "driver=raw,node-name=n,file=f",
    "-blockdev", "driver=raw,node-name=part,file=f,offset=512,size=4096,read-only=on",
    "-blockdev", "driver=raw,node-name=m,file.driver=null-co,read-only=on,detect-zeroes=on",
    "-blockdev", "driver=null-co,node-name=z,size=1048576,read-zeroes=on,cache.direct=on",
    "-blockdev", "driver=throttle,node-name=t,file=z,throttle-group=g",
    "-blockdev", '{"driver": "throttle", "node-name": "tt", "throttle-group": "g", "file": "t"}',
    "-blockdev", "driver=raw,node-name=o,file=tt,cache.no-flush=on",
    "-device", "virtio-blk-device,drive=o,id=vd",
    "-device", "virtio-blk-device,drive=n",
    "-drive", "file.driver=null-co,file.size=1048576,if=none,id=d,format=raw,detect-zeroes=on",
]
NAMES = ["f", "n", "part", "m", "z", "t", "tt", "o", "d", "vd", "nobody"]
# Of all drives QEMU lists the empty slots of its board too: those are asked for by name.
INFO = ["info block " + flags for flags in ("-n", "-n -v")]
INFO += ["info block %s%s" % (flags, name) for flags in ("", "-v ", "-n ", "-n -v ")
         for name in NAMES]
QUERIES = [{}, {"flat": False}, {"flat": True}, {"flat": 1}, {"bogus": True}]

# A node without a name has one that nobody knows before.
GENERATED = re.compile(r"#block\d+")
JSON_NAME = re.compile(r"json:(\{.*\})(?= \(|$)", re.MULTILINE)


def in_order(text):
    """The members that a json: name has, sorted: QEMU's stand in the order of a hash table."""
    return JSON_NAME.sub(lambda m: "json:" + json.dumps(json.loads(m[1]), sort_keys=True),
                         GENERATED.sub("#block", text.replace("\r\n", "\n")))


def comparable(value):
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return in_order(value) if isinstance(value, str) else value


class Nodes(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", b"abc", size=1 << 20)
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        self.programs = [[vltest.vl_program()], [qemu, "-M", "virt"]]

    def answers(self, argv, requests):
        """What each request returns, or its error."""
        lines = [{"execute": "qmp_capabilities"}]
        lines += [{"execute": name, "arguments": arguments, "id": i}
                  for i, (name, arguments) in enumerate(requests)]
        lines.append({"execute": "quit"})
        status, out, err = vltest.run(
            [*argv, "-S", "-display", "none", "-serial", "none", "-monitor", "null", "-qmp",
             "stdio", *ARGS], cwd=self.folder, stdin="\n".join(map(json.dumps, lines)) + "\n")
        self.assertEqual((status, err), (0, ""))
        replies = {r["id"]: r for r in map(json.loads, out.splitlines()) if "id" in r}
        return [comparable(replies[i].get("return", replies[i].get("error")))
                for i in range(len(requests))]

    def compare(self, requests):
        """Of both; returns the answers."""
        ours, theirs = [self.answers(argv, requests) for argv in self.programs]
        for request, our, their in zip(requests, ours, theirs):
            with self.subTest(request=request):
                self.assertEqual(our, their)
        return ours

    def test_query(self):
        nodes, _, flat, *_ = self.compare([("query-named-block-nodes", q) for q in QUERIES])
        # the one named last is the first
        names = [node["node-name"] for node in nodes]
        self.assertEqual(names, ["#block", "#block", "o", "tt", "t", "z", "m", "#block", "part",
                                 "n", "f"])
        self.assertEqual(names, [node["node-name"] for node in flat])
        self.assertIn("backing-image", nodes[names.index("t")]["image"])
        self.assertNotIn("backing-image", flat[names.index("t")]["image"])

    def test_info(self):
        answers = self.compare([("human-monitor-command", {"command-line": line})
                                for line in INFO])
        texts = dict(zip(INFO, answers))
        self.assertIn("\nt: json:", texts["info block -n"])
        self.assertIn("    Detect zeroes:    on\n", texts["info block m"])
        self.assertIn('"size": 1048576', texts["info block z"])
        self.assertIn('"size": "1048576"', texts["info block d"])

    def test_drives(self):
        """query-block has the same of each drive that both have."""
        ours, theirs = [self.answers(argv, [("query-block", {})])[0] for argv in self.programs]
        drives = [d for d in theirs if d["device"] == "d" or d["device"] == ""]
        self.assertEqual(ours, drives)
        self.assertEqual(len(drives), 3)

    def test_empty_name(self):
        for option, text in (
                ("-blockdev", "driver=null-co,node-name="),
                ("-blockdev", '{"driver":"null-co","node-name":""}'),
                ("-blockdev", "driver=raw,node-name=x,file.driver=null-co,file.node-name="),
                ("-drive", "if=none,format=raw,file.driver=null-co,node-name=")):
            for argv, name in zip(self.programs, ("vl", "qemu-system-riscv64")):
                with self.subTest(text=text, program=name):
                    status, _, err = vltest.run([*argv, "-S", "-display", "none", option, text],
                                                cwd=self.folder)
                    self.assertEqual((status, err), (1, "%s: %s %s: Invalid node-name: ''\n" % (
                        name, option, text)))


if __name__ == "__main__":
    vltest.main()
