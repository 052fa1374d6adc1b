# SPDX-License-Identifier: MIT
"""Random sequences of writes, zeroes, discards, flushes and resizes: vl's block layer and qemu-io end
with the same content and the same holes. BLOCK_IO names the program; VL_ROUNDS says how many."""
import json
import os
import random

import vltest

SIZE = 4 << 20
# as -drive options, and as image options of qemu-io, which discards unless told not to
MODES = {
    "": ",discard=ignore",
    ",discard=unmap": ",discard=unmap",
    ",discard=unmap,detect-zeroes=unmap": ",discard=unmap,detect-zeroes=unmap",
    ",detect-zeroes=on": ",discard=ignore,detect-zeroes=on",
    ",cache=none,discard=unmap,aio=io_uring": ",discard=unmap,cache.direct=on,file.aio=io_uring",
    ",cache=none": ",discard=ignore,cache.direct=on",
    ",aio=io_uring,discard=unmap": ",discard=unmap,file.aio=io_uring",
}


def operations(random_, count):
    """(our words, qemu-io's words) of one sequence, which keeps track of the size."""
    size = SIZE
    for _ in range(count):
        unit = random_.choice((512, 4096, 65536))
        offset = random_.randrange(size // unit) * unit if size >= unit else 0
        length = min(random_.randrange(1, 17) * unit, size - offset)
        kind = random_.choice(("write", "write", "zero", "unmap", "discard", "flush", "truncate"))
        if kind == "write":
            value = random_.choice((0, random_.randrange(1, 256)))
            yield f"write {offset} {length} {value}", f"write -P {value} {offset} {length}"
        elif kind == "zero":
            yield f"zero {offset} {length}", f"write -z {offset} {length}"
        elif kind == "unmap":
            yield f"unmap {offset} {length}", f"write -z -u {offset} {length}"
        elif kind == "discard":
            yield f"discard {offset} {length}", f"discard {offset} {length}"
        elif kind == "flush":
            yield "flush", "flush"
        elif random_.random() < 0.3:
            size = random_.randrange(SIZE // 2 // 4096, SIZE // 4096) * 4096
            yield f"truncate {size}", f"truncate {size}"


class LikeQemuIo(vltest.VlTest):
    PARENT = "/var/tmp"  # O_DIRECT and holes are for a file system on a disk, which /tmp may not be

    def ours(self, mode, lines):
        status, out, err = vltest.run(
            [os.environ["BLOCK_IO"], "format=raw,file=ours.img" + mode], cwd=self.folder,
            stdin="".join(line + "\n" for line in lines))
        self.assertEqual((status, err), (0, ""))
        return out

    def theirs(self, mode, lines):
        words = [word for line in lines for word in ("-c", line)]
        status, out, err = vltest.run(
            [vltest.tool("qemu-io", "qemu-utils"), "--image-opts",
             "driver=raw,file.driver=file,file.filename=theirs.img" + mode, *words],
            cwd=self.folder)
        self.assertEqual((status, err), (0, ""), out)

    def holes(self, name):
        """What QEMU sees of the file's holes. Pages in memory would count as data."""
        with open(self.path(name), "rb") as file:
            os.fsync(file)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        status, out, err = vltest.run([vltest.tool("qemu-img", "qemu-utils"), "map", "-f", "raw",
                                       "--output=json", name], cwd=self.folder)
        self.assertEqual((status, err), (0, ""))
        return [(entry["start"], entry["length"], "data" if entry["data"] else "zero")
                for entry in json.loads(out)]

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def compare(self, seed, mode):
        random_ = random.Random(seed)
        content = random_.randbytes(SIZE // 2)
        for name in ("ours.img", "theirs.img"):
            self.make_file(name, content, size=SIZE)
        both = list(operations(random_, 40))
        where = "seed %d, mode %r:\n%s" % (seed, mode, "\n".join(words for words, _ in both))
        self.ours(mode, [ours for ours, _ in both])
        self.theirs(MODES[mode], [theirs for _, theirs in both])
        holes = self.holes("ours.img")
        self.assertEqual(holes, self.holes("theirs.img"), where)
        self.assertEqual(self.ours(mode, ["map"]), "".join("%d %d %s\n" % h for h in holes), where)
        self.assertTrue(self.content("ours.img") == self.content("theirs.img"), where)

    def test_random(self):
        for seed in range(int(os.environ.get("VL_ROUNDS", "4"))):
            for mode in MODES:
                with self.subTest(seed=seed, mode=mode):
                    self.compare(seed, mode)


if __name__ == "__main__":
    vltest.main()
