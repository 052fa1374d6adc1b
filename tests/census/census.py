# SPDX-License-Identifier: MIT
"""What registered itself, compared with the lists in golden/. A dropped constructor fails here.

CENSUS is the program that prints the lists. `census.py update` writes golden/ anew."""
import os
import re
import sys

import vltest

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")


def lists(*args):
    """{name of the list: its lines}, as the program prints them."""
    status, out, err = vltest.run([os.environ["CENSUS"], *args])
    if status != 0:
        raise AssertionError("census: status %d\n%s" % (status, err))
    found = {}
    for line in out.splitlines():
        if match := re.fullmatch(r"\[(.+)\]", line):
            name = match[1]
            found[name] = []
        elif line:
            found[name].append(line)
    return found


def options():
    """The command line's options with their arguments, in the order of the help."""
    status, out, _ = vltest.run([vltest.vl_program(), "-h"])
    if status != 0:
        raise AssertionError("vl -h: status %d" % status)
    return [re.split(r"  +", line)[0] for line in out.splitlines() if line.startswith("-")]


def everything(*args):
    return {**lists(*args), "options": options()}


def update():
    for name, lines in everything().items():
        with open(os.path.join(GOLDEN, name + ".txt"), "w") as file:
            file.write("".join(line + "\n" for line in lines))


class Census(vltest.VlTest):
    def compare(self, found):
        golden = {file.removesuffix(".txt") for file in os.listdir(GOLDEN)}
        self.assertEqual(set(found), golden)
        for name, lines in found.items():
            with self.subTest(list=name):
                with open(os.path.join(GOLDEN, name + ".txt")) as file:
                    want = file.read().splitlines()
                self.assertEqual(want, lines, "if this is meant: tests/census/update <build>")

    def test_as_linked(self):
        self.compare(everything())

    def test_every_trace_event_registers(self):
        # a row that its folder's trace.cpp forgets could never be switched on
        rows = []
        for folder, _, files in os.walk(vltest.SOURCE):
            if os.path.relpath(folder, vltest.SOURCE).split(os.sep)[0] in ("build", ".git"):
                continue
            for name in files:
                if name.startswith("trace") and name.endswith(".h"):
                    with open(os.path.join(folder, name)) as file:
                        rows += re.findall(r"trace_\w+\s*{\s*\"(\w+)\"", file.read())
        listed = [line.split(":")[0] for line in lists()["trace-events"]]
        self.assertEqual(sorted(set(rows) - {"raw_open"}), sorted(listed))

    def test_reversed(self):
        self.compare(everything("reversed"))


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    else:
        vltest.main()
