# SPDX-License-Identifier: MIT
"""What the tests of configs/gdb/vl.py share: its commands, asked of a process and of its core."""
import os

import vltest
from gdb_case import SETTINGS, GdbCase

KIT = os.path.join(vltest.SOURCE, "configs", "gdb", "vl.py")
MARK = "==== "
SMALL = ["-m", "16M", "-serial", "null"]
DRIVES = ["-drive", "file=disk.img,format=raw,if=virtio,node-name=top,file.node-name=low",
          "-drive", "driver=null-co,size=1M,if=none,id=spare,node-name=nothing"]


class KitCase(GdbCase):
    def answers(self, output, commands):
        """What each of the commands printed."""
        said = [part.split("\n", 1) for part in output.split(MARK)[1:]]
        self.assertEqual([command for command, _ in said], [*commands, "end"], output)
        return [text for _, text in said[:-1]]

    def asking(self, commands):
        lines = []
        for command in [*commands, "end"]:
            lines.append("echo %s%s\\n" % (MARK, command))
            if command != "end":
                lines.append(command)
        return lines

    def live(self, way, commands, *args, after=()):
        """{command: what it says} once `way` has led to a place."""
        lines = ["source " + KIT, *way, *self.asking(commands), *after, "kill"]
        return dict(zip(commands, self.answers(self.gdb_lines(lines, *SMALL, *args), commands)))

    def refused(self, way, command, *args):
        """What gdb says of a command that fails."""
        line = "try: gdb.execute(%r)\nexcept gdb.error as e: print('refused:', e)" % command
        lines = ["source " + KIT, *way, "python exec(%r)" % line]
        return self.gdb_lines(lines, *SMALL, *args).partition("refused: ")[2]

    def core(self, commands, name="core"):
        self.make_file("core.gdb", "\n".join(
            [*SETTINGS, "source " + KIT, *self.asking(commands)]).encode() + b"\n")
        argv = [vltest.tool("gdb", "gdb"), "-nx", "-batch", "-x", self.path("core.gdb"),
                vltest.vl_program(), self.path(name)]
        status, out, err = vltest.run(argv, cwd=self.folder, timeout=120)
        self.assertEqual(status, 0, out + err)
        return dict(zip(commands, self.answers(out, commands)))

    def both(self, way, commands, *args):
        """The same, of the process and of its core file."""
        said = self.live(way, commands, *args,
                         after=["generate-core-file " + self.path("core")])
        again = self.core(commands)
        for command in commands:
            self.assertEqual(said[command], again[command], command)
            self.assertNotIn("Python Exception", said[command])
        return said
