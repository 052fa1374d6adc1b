# SPDX-License-Identifier: MIT
"""Limits in QMP: each request is made of vl and of QEMU, and both answer the same; query-block then
tells the limits that were set."""
import json

import vltest

NONE = {"bps": 0, "bps_rd": 0, "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": 0}
REQUESTS = [
    {"bps": 1},
    NONE,
    {**NONE, "device": "d", "id": "v"},
    {**NONE, "device": "x"},
    {**NONE, "id": "x"},
    {**NONE, "device": "empty", "bps": 1},
    {**NONE, "device": "d", "bps": -1},
    {**NONE, "device": "d", "bps": 1, "bps_rd": 1},
    {**NONE, "device": "d", "bps": 1, "iops_size": 4},
    {**NONE, "device": "d", "bps": 5, "bps_max": 3},
    {**NONE, "device": "d", "bps": 5, "bps_max_length": 3},
    {**NONE, "device": "d", "bps": "5"},
    {**NONE, "device": "d", "bps": 5, "bogus": 1},
    {**NONE, "id": "v", "bps": 1000, "bps_max": 5000, "bps_max_length": 3, "iops": 6,
     "iops_size": 4, "group": "g"},
]


class LimitsQmp(vltest.VlTest):
    def answers(self, argv):
        """The error of each request, and what query-block says of the image in the end."""
        commands = [("block_set_io_throttle", request) for request in REQUESTS]
        commands.append(("query-block", {}))
        lines = ['{"execute":"qmp_capabilities"}']
        lines += [json.dumps({"execute": name, "arguments": arguments, "id": i})
                  for i, (name, arguments) in enumerate(commands)]
        status, out, err = vltest.run(
            [*argv, "-S", "-display", "none", "-serial", "none", "-monitor", "null", "-qmp",
             "stdio", "-drive", "if=none,id=d,format=raw,file=disk.img,detect-zeroes=on",
             "-drive", "if=none,id=empty", "-device", "virtio-blk-device,drive=d,id=v"],
            cwd=self.folder, stdin="\n".join(lines) + '\n{"execute":"quit"}\n')
        self.assertEqual((status, err), (0, ""))
        replies = {r["id"]: r for r in map(json.loads, out.splitlines()) if "id" in r}
        drives = replies[len(REQUESTS)]["return"]
        inserted = next(drive["inserted"] for drive in drives if drive["device"] == "d")
        limits = {name: value for name, value in inserted.items()
                  if name.startswith(("bps", "iops", "group", "detect_zeroes"))}
        return [replies[i].get("error", {}).get("desc") for i in range(len(REQUESTS))], limits

    def test_like_qemu(self):
        self.make_file("disk.img", size=1 << 20)
        qemu = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        ours, our_limits = self.answers([vltest.vl_program()])
        theirs, their_limits = self.answers([qemu, "-M", "virt"])
        for request, our, their in zip(REQUESTS, ours, theirs):
            with self.subTest(request=request):
                self.assertEqual(our, their)
        self.assertEqual(our_limits, their_limits)
        self.assertEqual(our_limits["bps_max_length"], 3)
        self.assertIsNone(ours[-1])


if __name__ == "__main__":
    vltest.main()
