# SPDX-License-Identifier: MIT
"""docs/study.md: each `(gdb)` line is run, in order, and prints what stands below it there."""
import os
import re

import vltest
from gdb_case import SETTINGS
from kit_case import KIT, KitCase

PAGE = os.path.join(vltest.SOURCE, "docs", "study.md")


def session():
    """(the words behind vl's name, [(command, the lines below it)]) of the page."""
    words, commands = None, []
    with open(PAGE) as file:
        for line in file.read().splitlines():
            if line.startswith("    (gdb) "):
                commands.append((line[10:], []))
            elif line.startswith("    $ gdb -q --args "):
                words = line.split()[5:]
            elif line.startswith("    ") and commands and not line.startswith("    $ "):
                commands[-1][1].append(line[4:])
    return words, commands


def steady(line):
    """Without what differs from build to build: addresses, numbers of lines and nodes."""
    line = re.sub(r"0x[0-9a-f]{9,}", "ADDRESS", line)
    return re.sub(r" +", " ", re.sub(r"#block\d+", "#block", re.sub(r"\.cpp:\d+", ".cpp", line)))


class StudyPage(KitCase):
    def test_every_command_prints_what_the_page_says(self):
        words, commands = session()
        self.assertGreater(len(commands), 15)
        lines = [*SETTINGS, "source " + KIT, *self.asking([c for c, _ in commands]), "kill"]
        said = self.answers(self.gdb_lines(lines, *words), [c for c, _ in commands])
        for (command, want), text in zip(commands, said):
            with self.subTest(command=command):
                self.assertTrue(want, "the page shows no output")
                pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(steady(line)) + r"\n"
                                  for line in want)
                got = "".join(steady(line) + "\n" for line in text.splitlines())
                self.assertRegex(got, "^" + pattern + "$")


if __name__ == "__main__":
    vltest.main()
