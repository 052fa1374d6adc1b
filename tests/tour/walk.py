#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""walk.py [--update] [PAGE...]: runs the commands of pages of docs/tour, and compares.

With --update it writes what was printed into the pages, build/study/vl being the program: then
`git diff` says what has changed. Without a PAGE, all of them. The environment's VL is the program."""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import transcript  # noqa: E402
import vltest  # noqa: E402

TOUR = os.path.join(vltest.SOURCE, "docs", "tour")


class Walk(vltest.VlTest):
    page, updates = None, False

    def runTest(self):
        with open(self.page) as file:
            lines = file.read().splitlines()
        commands = transcript.parse(lines)
        self.assertTrue(commands, "the page has no commands")
        transcript.run(commands, self)
        if self.updates:
            text = "\n".join(transcript.update(lines, commands)) + "\n"
            with open(self.page, "w") as file:
                file.write(text)
            return
        problems = [text for text in map(transcript.problem, commands) if text]
        self.assertFalse(problems, "\n\n".join([self.page, *problems]))


def main():
    words = sys.argv[1:]
    Walk.updates = "--update" in words
    if Walk.updates:
        words.remove("--update")
        os.environ.setdefault("VL", os.path.join(vltest.SOURCE, "build", "study", "vl"))
    pages = [os.path.abspath(word) for word in words]
    suite = unittest.TestSuite()
    for page in pages or sorted(os.path.join(TOUR, name) for name in os.listdir(TOUR)
                                if name[0].isdigit()):
        suite.addTest(type("Walk", (Walk,), {"page": page})())
    return not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
