# SPDX-License-Identifier: MIT
"""docs/adding-a-device.md and -driver.md, carried out as they stand, in a copy of the checkout.

A fenced block with `file=NAME` behind its language is written to that file. A block `diff` is
applied, exactly. A block `console` is typed, and what it prints is compared with the page.

TREE is where the copy stays, so that the next run compiles only what has changed."""
import filecmp
import os
import re
import shutil
import subprocess

import transcript
import vltest

TREE = os.environ["TREE"]
LEFT_OUT = {".git", "build", "__pycache__", ".cache", ".ccache"}


def files_below(folder):
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in set(names) - LEFT_OUT:  # in a worktree .git is a file
            yield os.path.relpath(os.path.join(path, name), folder)


def copy_checkout():
    """Makes the copy like the checkout. What is the same keeps its time."""
    os.makedirs(TREE, exist_ok=True)
    wanted = set(files_below(vltest.SOURCE))
    for name in set(files_below(TREE)) - wanted:
        os.unlink(os.path.join(TREE, name))
    for name in wanted:
        source, copy = os.path.join(vltest.SOURCE, name), os.path.join(TREE, name)
        if not os.path.exists(copy) or not filecmp.cmp(source, copy, shallow=False):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)


def blocks(lines):
    """(words behind the fence, first line, lines) of each fenced block."""
    words, start = None, 0
    for number, line in enumerate(lines):
        if words is None and line.startswith("```"):
            words, start = line[3:].split(), number + 1
        elif line == "```":
            yield words, start, lines[start:number]
            words = None


class Page(vltest.VlTest):
    def setUp(self):
        super().setUp()
        copy_checkout()

    def write(self, name, lines):
        path = os.path.join(TREE, name)
        self.assertFalse(os.path.exists(path), "the page makes %s, which is there" % name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")

    def apply(self, lines):
        patch = vltest.tool("patch", "patch")
        done = subprocess.run([patch, "-p1", "--fuzz=0", "--batch"], cwd=TREE, text=True,
                              input="\n".join(lines) + "\n", capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, "\n".join([*lines, done.stdout, done.stderr]))

    def type(self, page, lines):
        """Runs commands and compares."""
        commands = transcript.parse(["```console", *lines, "```"])
        transcript.run(commands, self, folder=TREE, path=os.path.join(TREE, "build", "study"),
                       timeout=1500)
        problems = [text for text in map(transcript.problem, commands) if text]
        self.assertFalse(problems, "\n\n".join([page, *problems]))

    def carry_out(self, name):
        page = os.path.join(vltest.SOURCE, "docs", name)
        with open(page) as file:
            lines = file.read().splitlines()
        done = set()
        for words, _, block in blocks(lines):
            target = re.fullmatch(r"file=(\S+)", words[1]) if len(words) > 1 else None
            if target:
                self.write(target[1], block)
            elif words == ["diff"]:
                self.apply(block)
            elif words == ["console"]:
                self.type(page, block)
            else:
                self.fail("what is to be done with a block `%s`?" % " ".join(words))
            done.add(words[0])
        self.assertTrue({"cpp", "diff", "console"} <= done, done)

    def test_adding_a_device(self):
        self.carry_out("adding-a-device.md")

    def test_adding_a_driver(self):
        self.carry_out("adding-a-driver.md")


if __name__ == "__main__":
    vltest.main()
