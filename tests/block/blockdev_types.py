# SPDX-License-Identifier: MIT
"""What the options of a -blockdev, or of blockdev-add, must be: each line is said to vl and to QEMU,
and both answer the same."""
import json

import vltest

COMMON = ["-S", "-display", "none", "-serial", "none", "-monitor", "null"]
NULL = {"driver": "null-co"}

# Members beside driver=raw, node-name=n, file=NULL; or of another driver.
JSON = [
    # one value of each type for a number without a sign, and with one
    *({"offset": v} for v in ("x", "512", True, 1.5, None, {}, [], 1 << 63, -1, 10 ** 30)),
    *({"driver": "null-co", "latency-ns": v} for v in ("x", True, 1.5, None, {}, -1)),
    *({"driver": "null-co", "read-zeroes": v} for v in ("on", 1, None, [])),
    *({"discard": v} for v in ("x", "on", 1, None, {})),
    *({"detect-zeroes": v} for v in ("x", True)),
    {"read-only": "on"},
    {"cache": "x"}, {"cache": {"direct": "x"}}, {"cache": {"bogus": True}},
    {"cache": {"writeback": True}}, {"cache": []},
    {"node-name": 5},
    *({"file": v} for v in (5, None, [], {}, True, "", "nobody", {"driver": "nope"},
                            {"driver": 5}, {"driver": "file"}, {"filename": "x"},
                            {"driver": "file", "filename": 5},
                            {"driver": "file", "filename": "x", "bogus": 1},
                            {"driver": "file", "filename": "x", "aio": "x"},
                            {"driver": "file", "filename": "x", "locking": True},
                            {"driver": "raw", "file": {"driver": "null-co", "size": "x"}},
                            {"driver": "file", "filename": "nope.img"})),
    {"bogus": 1}, {"bogus": {"a": 1}}, {"offset": "x", "bogus": 1},
    {"driver": "file", "filename": "x", "file": "y"},
    {"driver": "nope"}, {"driver": 5},
    *({"driver": "nbd", "server": v} for v in (
        {}, "x", {"type": "x"}, {"type": 5}, {"type": "unix"}, {"type": "fd"},
        {"type": "unix", "path": 5}, {"type": "unix", "path": "x", "host": "y"},
        {"type": "inet", "host": "x"}, {"type": "inet", "host": "x", "port": 10})),
    {"driver": "nbd"}, {"driver": "nbd", "host": "x"},
    *({"driver": "nbd", "server": {"type": "unix", "path": "x"}, "reconnect-delay": v}
      for v in (-1, 1 << 32, "1")),
    {"driver": "blkdebug"},
    {"driver": "blkdebug", "image": NULL, "align": "x"},
    *({"driver": "blkdebug", "image": NULL, "inject-error": v} for v in (
        5, {}, [5], [{}], [{"event": "x"}], [{"event": "none", "errno": "x"}],
        [{"event": "none"}, {"event": "none", "bogus": 1}],
        [{"event": "none", "iotype": "x"}], [{"event": "none", "once": 1}])),
    {"driver": "blkdebug", "image": NULL, "set-state": [{"event": "none"}]},
    {"driver": "blklogwrites", "file": NULL},
    {"driver": "blklogwrites", "file": NULL, "log": NULL, "log-sector-size": "x"},
    {"driver": "blklogwrites", "file": NULL, "log": NULL, "log-sector-size": 1 << 32},
    {"driver": "throttle", "file": NULL},
    {"driver": "throttle", "file": NULL, "throttle-group": 5},
    {"driver": "throttle", "throttle-group": "x"},
    {"driver": "throttle", "file": NULL, "throttle-group": "x", "bps": 5},
    {"driver": "throttle", "file": NULL, "throttle-group": "x"},
    # and what is well
    {"node-name": "a", "offset": 512, "read-only": True, "discard": "unmap",
     "cache": {"direct": False, "no-flush": True}},
    {"node-name": "b", "file": "a", "read-only": True},
    {"driver": "null-co", "node-name": "c", "latency-ns": 0, "size": 1 << 20},
]

RAW = "driver=raw,node-name=n,file.driver=null-co"
NBD = "driver=nbd,node-name=n,server.type=inet,server.host=x,server.port=y"
DEBUG = "driver=blkdebug,node-name=n,image.driver=null-co"
KEYVAL = [
    *(RAW + ",offset=" + v for v in ("x", "1k", "1.5", "", "512x", "9" * 20)),
    *(RAW + "," + v for v in ("bogus=1", "file.bogus=1", "read-only=x", "read-only=TRUE",
                              "discard=on", "detect-zeroes=true", "cache=x", "cache.direct=x",
                              "cache.bogus=1", "file=x", "offset.x=5", "file.x.y=3", "bogus",
                              "=5", ".x=5", "5=3", "file..a=5", "file.=5", "-file=5", "fi le=5",
                              "help", "offset=1,offset=x", "file.0=x")),
    "driver=raw,node-name=n", "driver=raw,node-name=n,file.filename=x", "driver=", "driver.x=raw",
    "raw,node-name=n", "driver=raw,node-name=n,file.0.driver=x", "driver=raw,node-name=n,",
    "driver=raw,node-name=n,file.driver=raw,file.file.driver=null-co,file.file.size=x",
    "driver=null-co,node-name=n,latency-ns=1k", "help", "driver=help", "",
    "driver=nbd,node-name=n,server=x", NBD + ",reconnect-delay=x",
    NBD + ",reconnect-delay=4294967296", NBD + ",bogus.x=1",
    DEBUG + ",inject-error.0.event=none,inject-error.0.errno=x",
    DEBUG + ",inject-error.event=none", DEBUG + ",inject-error=none",
    DEBUG + ",inject-error.1.event=none", DEBUG + ",inject-error.0=5",
    DEBUG + ",inject-error.0.event=none,inject-error.0.once=5",
]


def full(members):
    """A node, where the members say only what is special."""
    node = {"driver": "raw", "node-name": "n", **members}
    if node["driver"] == "raw" and "file" not in node:
        node["file"] = NULL
    return node


class BlockdevTypes(vltest.VlTest):
    def qemu(self):
        return vltest.tool("qemu-system-riscv64", "qemu-system-misc")

    def test_json(self):
        programs = [[vltest.vl_program()], [self.qemu(), "-M", "virt"]]
        answers = [self.ask([*argv, *COMMON, "-qmp", "stdio"]) for argv in programs]
        for members, ours, theirs in zip(JSON, *answers):
            with self.subTest(node=members):
                self.assertEqual(ours, theirs)
        self.assertEqual(answers[0][-3:], ["", "", ""])

    def ask(self, argv):
        """The answer to each of JSON, in order."""
        requests = ['{"execute":"qmp_capabilities"}']
        requests += [json.dumps({"execute": "blockdev-add", "arguments": full(members), "id": i})
                     for i, members in enumerate(JSON)]
        requests.append('{"execute":"quit"}')
        status, out, err = vltest.run(argv, cwd=self.folder, stdin="\n".join(requests) + "\n")
        self.assertEqual((status, err), (0, ""))
        replies = {reply["id"]: reply.get("error", {}).get("desc", "")
                   for reply in map(json.loads, out.splitlines()) if "id" in reply}
        return [replies[i] for i in range(len(JSON))]

    def test_key_value(self):
        for text in KEYVAL:
            with self.subTest(text=text):
                status, _, err = self.run_vl(*COMMON, "-blockdev", text)
                argv = [self.qemu(), "-M", "virt", *COMMON, "-blockdev", text]
                self.assertEqual(status, 1)
                theirs = vltest.run(argv, cwd=self.folder)
                self.assertEqual((status, err.removeprefix("vl: ")),
                                 (theirs[0], theirs[2].removeprefix("qemu-system-riscv64: ")))


if __name__ == "__main__":
    vltest.main()
