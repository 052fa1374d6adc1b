# SPDX-License-Identifier: MIT
"""docs/qemu-map.md: each file of ours that it names is there, and each name of ours is in the program; and what the program
has is in the reference."""
import ast
import glob
import os
import re

import vltest

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
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

    def test_break_list(self):
        """What `vl break-...` breaks on has a row, with QEMU's files."""
        startup = os.path.join(vltest.SOURCE, "configs", "gdb", "vlgdb", "startup.py")
        with open(startup) as source:
            table = next(node for node in ast.parse(source.read()).body
                         if isinstance(node, ast.Assign) and node.targets[0].id == "BREAKS")
        found = {name for cells in rows() if len(cells) == 4 for name in names(cells[3])}
        for _, functions in ast.literal_eval(table.value).values():
            self.assertEqual([f for f in functions.split() if f not in found], [])

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


class Reference(vltest.VlTest):
    """Each option and each command of the lists in golden/ has its row in the reference."""

    def check(self, golden, page, row):
        with open(os.path.join(GOLDEN, golden)) as file:
            words = [line.rstrip("\n") for line in file]
        with open(os.path.join(vltest.SOURCE, "docs", page)) as file:
            text = file.read()
        self.assertGreater(len(words), 20)
        missing = [w for w in words if not re.search(row(w), text, re.M)]
        self.assertEqual(missing, [], "no row in docs/" + page)

    def test_options(self):
        self.check("options.txt", "command-line.md",
                   lambda line: r"^\|[^|]*`%s[ `]" % re.escape(line.split()[0]))

    def test_monitor_commands(self):
        self.check("monitor-commands.txt", "command-line.md",
                   lambda names: r"^\|[^|]*`%s[ `]" % re.escape(names.split("|")[0]))

    def test_qmp_commands(self):
        self.check("qmp-commands.txt", "monitor.md",
                   lambda line: r"^\|.*`%s`" % re.escape(line.split()[0]))


if __name__ == "__main__":
    vltest.main()
