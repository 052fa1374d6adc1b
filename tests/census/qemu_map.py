# SPDX-License-Identifier: MIT
"""docs/qemu-map.md: each file of ours that it names is there, and each name of ours is in the program."""
import glob
import os
import re

import vltest

PAGE = os.path.join(vltest.SOURCE, "docs", "qemu-map.md")
# Asked of gdb: what is neither a function, a variable nor a type?
UNKNOWN = """
import gdb
for name in %r:
    found = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbols(name)
    if not found:
        found = gdb.execute("info functions -q \\\\b%%s[<(]" %% name, to_string=True).strip()
    if not found:
        try:
            found = gdb.lookup_type(name)
        except gdb.error:
            print("unknown:", name)
print("that is all")
"""


def rows():
    """The cells of each row of a table whose first column is `here`."""
    with open(PAGE) as file:
        ours = False
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            ours = line.startswith("| here") or ours and line.startswith("|")
            if ours and not re.match(r"\| (here|-)|\|-", line):
                yield cells


def names(cell):
    """What stands in backquotes, but for QEMU's names, which stand in parentheses."""
    return re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", cell))


class QemuMap(vltest.VlTest):
    def test_files(self):
        count = 0
        for cells in rows():
            folder = ""
            for name in names(cells[0]):
                folder = os.path.dirname(name) if "/" in name else folder
                path = os.path.join(vltest.SOURCE, folder, os.path.basename(name))
                self.assertTrue(glob.glob(path), name)
                count += 1
        self.assertGreater(count, 60)

    def test_names(self):
        where = {name: cells[0] for cells in rows() if len(cells) == 4 for name in names(cells[3])}
        symbols = [name for name in where if re.fullmatch(r"\w+", name)]
        self.assertGreater(len(symbols), 60)
        self.make_file("ask.py", (UNKNOWN % symbols).encode())
        argv = [vltest.tool("gdb", "gdb"), "-nx", "-batch", "-iex", "set debuginfod enabled off",
                "-x", self.path("ask.py"), vltest.vl_program()]
        status, out, err = vltest.run(argv, timeout=60)
        self.assertEqual((status, out[-12:]), (0, "that is all\n"), err)
        unknown = re.findall(r"(?m)^unknown: (\w+)$", out)
        self.assertEqual([n for n in unknown if not self.is_inlined(n, names(where[n])[0])], [])

    def is_inlined(self, name, path):
        """A macro, or a function that is nowhere but inside others: the row's first file has it."""
        header = os.path.join(vltest.SOURCE, os.path.splitext(path)[0] + ".h")
        for file in (os.path.join(vltest.SOURCE, path), header):
            if os.path.isfile(file):
                with open(file) as source:
                    if re.search(r"(?m)^(#define |static .*\b)%s\(" % name, source.read()):
                        return True
        return False

    def test_options_and_commands(self):
        found = [name for cells in rows() if len(cells) == 4 for name in names(cells[3])]
        help_text = self.run_vl("-help")[1]
        formats = self.run_vl("-drive", "format=help")[1].split()
        for name in found:
            if name.startswith("-"):
                self.assertRegex(help_text, r"(?m)^%s\b" % name)
            elif "-" in name:
                self.assertIn(name, formats)


if __name__ == "__main__":
    vltest.main()
