# SPDX-License-Identifier: MIT
"""-boot-timeline: what is in the files, and scripts/timeline-diff."""
import json
import os
import xml.dom.minidom

import guestcode
import vltest
from cmdline_case import CommandLineCase


class Timeline(CommandLineCase):
    def timeline(self, name, *args, content=guestcode.POWER_OFF):
        self.make_file("guest.bin", content)
        status, out, err = self.run_vl("-display", "none", "-bios", "guest.bin", *args,
                                       "-boot-timeline", name)
        self.assertEqual((status, err), (0, ""), out)
        with open(self.path(name)) as file:
            return file.read()

    def events(self, *args, **kwargs):
        return json.loads(self.timeline("t.json", *args, **kwargs))["traceEvents"]

    def test_messages(self):
        self.check("-boot-timeline", "t.txt",
                   "A timeline is a file called *.json, *.html or *.svg", qemu=False)
        self.check("-boot-timeline", "nope/t.svg",
                   "Could not open 'nope/t.svg': No such file or directory", qemu=False)

    def test_phases_follow_each_other(self):
        phases = [e for e in self.events() if e.get("cat") == "phase"]
        self.assertEqual([e["name"] for e in phases][:2], ["phase block", "phase qom"])
        self.assertEqual(phases[-1]["name"], "phase cleanup")
        for before, after in zip(phases, phases[1:]):
            self.assertAlmostEqual(before["ts"] + before["dur"], after["ts"], places=2)

    def test_what_begins_ends(self):
        open_spans = {}
        for event in self.events("-drive", "file=disk.img,format=raw,if=virtio"):
            if event["ph"] == "B":
                open_spans.setdefault(event["tid"], []).append(event)
            elif event["ph"] == "E":
                begun = open_spans[event["tid"]].pop()
                self.assertEqual(begun["name"], event["name"])
                self.assertLessEqual(begun["ts"], event["ts"])
        self.assertEqual([name for names in open_spans.values() for name in names], [])

    def test_every_step_is_there(self):
        events = self.events("-drive", "file=disk.img,format=raw,if=virtio")
        names = {(e.get("cat"), e["name"]) for e in events}
        for step in (("constructor", "do_qemu_init_bdrv_raw_init"),
                     ("module_init_function", "bdrv_raw_init"),
                     ("module_call_init", "module_call_init MODULE_INIT_QOM"),
                     ("bdrv_register", "bdrv_register raw"),
                     ("type_initialize", "type_initialize ns16550a"),
                     ("bdrv_open", "bdrv_open disk.img"),
                     ("device_set_realized", "device_set_realized virtio-blk-device"),
                     ("runstate_set", "runstate_set prelaunch"),
                     ("milestone", "first instruction")):
            self.assertIn(step, names)
        realize = next(e for e in events if e["name"] == "device_set_realized ns16550a")
        self.assertRegex(realize["args"]["where"], r"^hw/core/qdev\.cpp:\d+$")

    def test_every_bar_has_its_place(self):
        """A file of ours and a line in it; a constructor's is that of block_init and its like."""
        lines = {}
        count = 0
        for event in self.events("-drive", "file=disk.img,format=raw,if=virtio"):
            if event["ph"] == "M":
                continue
            file, _, line = event["args"]["where"].rpartition(":")
            if file not in lines:
                with open(os.path.join(vltest.SOURCE, file)) as source:
                    lines[file] = source.read().splitlines()
            text = lines[file][int(line) - 1]
            if event["cat"] == "constructor":
                function = event["name"].removeprefix("do_qemu_init_").split("::")[-1]
                self.assertRegex(text, r"^(block|opts|qapi|type|trace)_init\(%s\)$" % function)
                count += 1
        self.assertGreater(count, 50)

    def test_constructors_of_a_library(self):
        """They ran when it was loaded, in that moment of the main thread, and not before main."""
        events = self.events("-drive", "driver=null-co,size=1M,if=virtio")
        loaded = [e for e in events if e["name"] == "do_qemu_init_bdrv_null_init"]
        self.assertEqual([(e["tid"], e["cat"]) for e in loaded], [(0, "constructor")])
        self.assertRegex(loaded[0]["args"]["where"], r"^block/null-co\.cpp:\d+$")
        self.assertIn(("module_init_function", "bdrv_null_init"),
                      {(e.get("cat"), e["name"]) for e in events})
        begin, end = [e["ts"] for e in events if e.get("cat") == "module_load_module" and
                      e["args"]["name"].endswith("/block-null-co.so")]
        self.assertTrue(0 < begin < loaded[0]["ts"] < end)
        others = [e for e in events if e.get("cat") == "constructor" and e not in loaded]
        self.assertEqual({(e["tid"], e["ts"] < 0) for e in others}, {(-2, True)})

    def test_milestones(self):
        events = self.events(content=guestcode.say_then("S", 0x5555))
        reached = [e["name"] for e in events if e.get("cat") == "milestone"]
        self.assertEqual(reached, ["first instruction", "first byte on the serial port"])

    def test_a_start_that_fails_is_told_too(self):
        status, _, err = self.run_vl(*self.QUIET, "-boot-timeline", "t.json",
                                     "-drive", "file=nope.img,format=raw")
        self.assertEqual(status, 1, err)
        with open(self.path("t.json")) as file:
            events = json.load(file)["traceEvents"]
        error = next(e for e in events if e.get("cat") == "error_setg")
        self.assertIn("Could not open 'nope.img'", error["args"]["message"])

    def test_bytes_that_are_no_text(self):
        name = os.fsdecode(b"\xff\xc3.img")
        for file in ("t.json", "t.html", "t.svg"):
            status, _, err = self.run_vl(*self.QUIET, "-boot-timeline", file,
                                         "-drive", "file=%s,format=raw" % name)
            self.assertEqual(status, 1, err)
        with open(self.path("t.json"), encoding="utf-8") as file:
            text = json.dumps(json.load(file), ensure_ascii=False)
        self.assertIn("Could not open '\ufffd\ufffd.img'", text)

    def test_page_and_picture(self):
        page = self.timeline("t.html")
        self.assertIn("do_qemu_init_bdrv_raw_init", page)
        self.assertNotIn("/*TRACE*/", page)
        self.assertEqual(page.count("</script>"), 1)
        picture = xml.dom.minidom.parseString(self.timeline("t.svg"))
        titles = [t.firstChild.data for t in picture.getElementsByTagName("title")]
        self.assertTrue([t for t in titles if t.startswith("phase board\n")], titles[:5])

    def diff(self, *args):
        return vltest.run([os.path.join(vltest.SOURCE, "scripts/timeline-diff"), *args],
                          cwd=self.folder)

    def test_diff(self):
        for name, args in (("a.json", []), ("b.json", []), ("c.json", ["-smp", "2"])):
            self.timeline(name, *args)
        self.assertEqual(self.diff("a.json", "b.json"), (0, "", ""))
        status, out, _ = self.diff("a.json", "c.json")
        self.assertEqual(status, 1)
        self.assertIn("\n+device_set_realized rv64-riscv-cpu", out)
        self.assertNotIn("\n-device_set_realized", out)
        self.assertEqual(self.diff("a.json", "nope")[0], 1)


if __name__ == "__main__":
    vltest.main()
