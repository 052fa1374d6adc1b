# SPDX-License-Identifier: MIT
"""configs/gdb/vl.py: how gdb finds it, and what `vl modules`, `types` and `phase` say on the way from
the first constructor to the guest."""
import os
import re
import shutil

import vltest
from kit_case import DRIVES, KIT, SMALL, KitCase

GOLDEN = os.path.join(vltest.SOURCE, "tests", "census", "golden")


def golden(name):
    with open(os.path.join(GOLDEN, name + ".txt")) as file:
        return file.read().splitlines()


class Startup(KitCase):
    def test_modules_wait_run_and_have_run(self):
        said = self.both(["break main", "run"], ["vl modules", "vl types"])
        self.assertEqual(re.findall(r"(?m)^(MODULE\w+): has not begun$", said["vl modules"]),
                         ["MODULE_INIT_" + n for n in ("BLOCK", "OPTS", "QAPI", "QOM", "TRACE")])
        self.assertNotRegex(said["vl modules"], "(?m)^  (ran|runs) ")
        self.assertEqual(said["vl types"], "0 types, 0 with a class\n")

        said = self.both(["break bdrv_raw_init", "run"], ["vl modules"])["vl modules"]
        self.assertRegex(said, r"(?m)^  ran    bdrv_file_init +block/raw-posix.cpp:\d+ +built in\n")
        self.assertRegex(said, r"(?m)^MODULE_INIT_BLOCK\n(  ran .*\n)+"
                               r"  runs   bdrv_raw_init +block/raw_bsd.cpp:\d+ +built in\n"
                               r"(  waits .*\n)*MODULE_INIT_OPTS: has not begun\n(  waits .*\n)+")
        self.assertRegex(said, r"(?m)^MODULE_INIT_TRACE\n(  ran .*\n)+$")

    def test_modules_are_those_of_the_census(self):
        said = self.both(["break main_loop", "run"], ["vl modules"], *DRIVES)["vl modules"]
        listed, found = None, []
        for line in said.splitlines():
            if line.startswith("  "):
                state, name, place, *origin = line.split()
                self.assertEqual(state, "ran", line)
                self.assertRegex(place, r"^[\w/.-]+\.cpp:\d+$")
                if name == "bdrv_null_init":
                    self.assertEqual(origin, ["block-null-co.so"])
                else:
                    self.assertEqual(origin, ["built", "in"])
                    found.append(listed + " " + name)
            else:
                listed = line
        self.assertEqual(sorted(found), golden("modules"))

    def test_modules_of_a_library_that_is_being_loaded(self):
        said = self.both(["tbreak do_qemu_init_bdrv_null_init", "run", "finish"], ["vl modules"],
                         *DRIVES)["vl modules"]
        self.assertRegex(said, r"(?m)^dso_init_list: a library that is being loaded\n"
                               r"  waits  bdrv_null_init +block/null-co.cpp:\d+ +block-null-co.so$")

    def test_types(self):
        parents = {}
        for line in golden("types"):
            name, _, parent = line.removesuffix(" (abstract)").partition(" : ")
            parents[name] = parent
        said = self.both(["vl break-phase qapi", "run"], ["vl types", "vl types -tree"])
        self.assertIn("%d types, 0 with a class\n" % len(parents), said["vl types"])
        listed = re.findall(r"(?m)^- +(\S+)", said["vl types"])
        self.assertEqual(sorted(listed), sorted(parents))
        above, found = [], {}
        for indent, name in re.findall(r"(?m)^-           ( *)(\S+)", said["vl types -tree"]):
            depth = len(indent) // 2
            found[name] = above[depth - 1] if depth else ""
            above[depth:] = [name]
        self.assertEqual(found, parents)

    def test_types_get_their_class_when_used(self):
        said = self.live(["vl break-phase chardevs", "run"], ["vl types"])["vl types"]
        self.assertRegex(said, r"(?m)^class made  toy-machine$")
        self.assertRegex(said, r"(?m)^-           toy-fb$")

    def test_phases(self):
        names = re.findall(r"(?m)^  (\S+)", vltest.run([vltest.vl_program(), "-stop-at", "help"])[1])
        names.insert(0, "trace")
        self.assertGreaterEqual(len(names), 16)
        way = ["vl break-phase " + name for name in names] + ["run"]
        output = self.gdb_lines(["source " + KIT, *way, *["vl phase", "continue"] * len(names)],
                                *SMALL)
        self.assertEqual(re.findall(r"(?m)^-> (\S+) ", output), names)
        self.assertIn("exited normally", output)
        said = self.both(["vl break-phase drives", "run"], ["vl phase"])["vl phase"]
        self.assertRegex(said, r"(?m)^   chardevs .*\n-> drives +disk images are opened\n   board ")

    def test_wrong_words(self):
        self.assertIn("There is no process and no core file", self.refused([], "vl phase"))
        self.assertIn("Usage: vl break-phase NAME, of: trace block qom",
                      self.refused([], "vl break-phase lunch"))
        self.assertIn("vl has no command 'lunch'", self.refused([], "vl lunch"))
        self.assertIn("Usage: vl types [-tree]", self.refused(["break main", "run"], "vl types x"))


class Loading(KitCase):
    """gdb finds the kit by itself, wherever it is started, if it is told to trust the folder."""

    def gdb_ex(self, cwd, *commands):
        argv = [vltest.tool("gdb", "gdb"), "-batch"]
        for command in commands:
            argv += ["-ex", command]
        folder = os.path.dirname(vltest.vl_program())
        argv[2:2] = ["-iex", "set debuginfod enabled off",
                     "-iex", "add-auto-load-safe-path %s:%s" % (folder, vltest.SOURCE)]
        status, out, err = vltest.run(argv, cwd=cwd, env={**os.environ, "HOME": self.folder},
                                      timeout=60)
        self.assertEqual(status, 0, err)
        return out, err

    def test_beside_the_program(self):
        out, err = self.gdb_ex(self.folder, "file " + vltest.vl_program(), "vl")
        self.assertIn("  vl modules ", out)
        self.assertEqual(err, "")

    def test_gdbinit_and_program(self):
        out, err = self.gdb_ex(vltest.SOURCE, "file " + vltest.vl_program(), "info skip", "vl")
        self.assertEqual(out.count("util/coroutine.h"), 1, out)
        self.assertEqual(out.count("  vl modules "), 1)
        self.assertEqual(err, "")

    def test_without_the_library_s_printers(self):
        # a copy of the kit that does not find them
        folder = self.path("gdb")
        shutil.copytree(os.path.dirname(KIT), folder,
                        ignore=shutil.ignore_patterns("__pycache__"))
        with open(os.path.join(folder, "vl.py")) as file:
            text = file.read()
        self.assertIn("/usr/share/gcc/python", text)
        with open(os.path.join(folder, "vl.py"), "w") as file:
            file.write(text.replace("/usr/share/gcc/python", self.path("nowhere")))
        output = self.gdb_lines(["set auto-load off", "source " + folder + "/vl.py",
                                 "break main_loop", "run", "disable pretty-printer global std",
                                 "vl bds", "vl qom uart", "print *current_machine", "kill"],
                                *SMALL, *DRIVES)
        self.assertIn("file: low (file), read-write, 2048 sectors, disk.img", output)
        self.assertIn('cpu_model = "rv64"', output)
        self.assertRegex(output, r"(?m)^  clock-frequency +uint32 +3686400$")


if __name__ == "__main__":
    vltest.main()
