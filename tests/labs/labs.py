# SPDX-License-Identifier: MIT
"""labs.py NAME BUILD: runs the commands of README.md's section NAME and compares what they print.

A command begins with `$ `, and what the shell and the program say stands below it, word for word but
for the build's folder and the numbers of lines."""
import os
import re
import sys
import unittest

import vltest

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "README.md")
DEFAULT_BUILD = "build/release"


def transcript(name):
    """[(command, the lines below it)] of a section."""
    with open(PAGE) as file:
        sections = re.split(r"(?m)^## ", file.read())
    section = next(s for s in sections if s.split("\n", 1)[0] == name)
    commands = []
    for line in re.findall(r"(?m)^    (.*)$", section):
        if line.startswith("$ "):
            commands.append((line[2:], []))
        else:
            commands[-1][1].append(line)
    return commands


def steady(text, build):
    text = re.sub(r"(?m)^.*bash: line \d+: +\d+ (Aborted)\b.*$", r"\1", text)
    text = text.replace(build, DEFAULT_BUILD).replace(vltest.SOURCE + "/", "")
    return re.sub(r"\.cpp:\d+:", ".cpp:N:", text)


class Lab(unittest.TestCase):
    name, build = None, None

    def runTest(self):
        commands = transcript(self.name)
        self.assertTrue(commands)
        for command, want in commands:
            line = "exec 2>&1; ulimit -c 0; " + command.replace(DEFAULT_BUILD, self.build)
            _, out, err = vltest.run(["bash", "-c", line], cwd=vltest.SOURCE)
            got = steady(out + err, self.build)
            self.assertEqual(steady("\n".join(want) + "\n", self.build), got, command)


if __name__ == "__main__":
    Lab.name, Lab.build = sys.argv[1], os.path.relpath(sys.argv[2], vltest.SOURCE)
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(Lab()).wasSuccessful())
