# SPDX-License-Identifier: MIT
"""The page of -boot-timeline in a browser: bars inside bars, search, zoom, the line of the source."""
import os
import re

import guestcode
import vltest
import webdriver

DRIVE = "file=disk.img,format=raw,if=virtio"
BAR = "return bars.find(b => b.name === arguments[0]).div"
# Of a bar on the screen: left, right, top.
BOX = """const box = bars.find(b => b.name === arguments[0]).div.getBoundingClientRect();
         return [box.left, box.right, box.top]"""
VIEW = "return [from, to]"


class TimelinePage(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)
        self.make_file("guest.bin", guestcode.say_then("S", 0x5555))
        status, _, err = self.run_vl("-display", "none", "-bios", "guest.bin", "-drive", DRIVE,
                                     "-boot-timeline", "boot.html")
        self.assertEqual((status, err), (0, ""))
        self.browser = webdriver.Browser(self)
        self.browser.open("file://" + self.path("boot.html"))

    def tearDown(self):
        self.assertEqual(self.browser.log(), [])  # no error in the page's script

    def bar(self, name):
        return self.browser.script(BAR, name)

    def test_bars_are_nested(self):
        for inner, outer in (("type_initialize toy-machine", "phase machine"),
                             ("bdrv_open disk.img", "phase drives"),
                             ("bdrv_choose_driver raw", "bdrv_open disk.img"),
                             ("bdrv_raw_init", "module_call_init MODULE_INIT_BLOCK"),
                             ("module_call_init MODULE_INIT_BLOCK", "phase block"),
                             ("device_set_realized virtio-blk-device", "phase devices")):
            left, right, top = self.browser.script(BOX, inner)
            from_, to, above = self.browser.script(BOX, outer)
            with self.subTest(inner=inner):
                self.assertGreaterEqual(left, from_ - 1)
                self.assertLessEqual(right, to + 2)  # a bar is at least two pixels wide
                self.assertGreater(top, above)
        lanes = self.browser.script(
            "return [...document.querySelectorAll('.lane > b')].map(b => b.textContent)")
        self.assertEqual(lanes[:3], ["before main: constructors", "main thread", "hart 0"])
        milestones = self.browser.script(
            "return [...document.querySelectorAll('.milestone')].map(b => b.textContent)")
        self.assertEqual(milestones, ["first instruction", "first byte on the serial port"])

    def test_search(self):
        search = self.browser.find("#search")
        self.browser.type(search, "NS16550A")
        found = int(re.fullmatch(r"(\d+) found", self.browser.text("#found"))[1])
        names = self.browser.script("return bars.filter(b => b.div.classList.contains('hit'))"
                                    ".map(b => b.name)")
        self.assertEqual(found, len(names))
        self.assertIn("device_set_realized ns16550a", names)
        self.assertIn("do_qemu_init_ns16550a::ns16550a_register_types", names)
        seen = []
        for _ in range(found):
            self.browser.type(search, webdriver.ENTER)
            name = self.browser.script("return chosen.name")
            self.assertIn(name, self.browser.text("#details"))
            left, right, top = self.browser.script(BOX, name)
            low = self.browser.script("return lanes.getBoundingClientRect().bottom")
            self.assertTrue(0 <= left < right <= 1400 and 0 <= top < low, (name, left, right, top))
            seen.append(name)
        self.assertEqual(sorted(seen), sorted(names))

    def test_a_click_leads_to_the_source(self):
        self.browser.click(self.bar("phase drives"))
        details = self.browser.text("#details")
        self.assertRegex(details, r"^phase drives\nat \d")
        file, line = re.search(r"(vl/phase\.cpp):(\d+)", details).groups()
        with open(os.path.join(vltest.SOURCE, file)) as source:
            text = source.read().splitlines()[int(line) - 1]
        self.assertIn("trace_phase(", text)
        # the line is in the page, between its neighbours
        self.assertEqual(self.browser.text("#details .here").split(None, 1), [line, text.strip()])
        # and the link opens the file
        self.browser.click(self.browser.find("#source"))
        self.browser.switch_to(self.browser.windows()[-1])
        self.assertEqual(self.browser.script("return location.href"),
                         "file://%s/%s#L%s" % (vltest.SOURCE, file, line))
        self.assertIn(text, self.browser.script("return document.body.innerText"))
        self.browser.switch_to(self.browser.windows()[0])

    def test_zoom_and_move(self):
        from_, to = self.browser.script(VIEW)
        middle = self.browser.script("const box = lanes.getBoundingClientRect();"
                                     "return [700, Math.round(box.bottom - 20)]")
        where = {"origin": "viewport", "x": middle[0], "y": middle[1]}
        self.browser.act("wheel", {"type": "scroll", "deltaX": 0, "deltaY": -100, "duration": 0,
                                   **where})
        near, far = self.browser.script(VIEW)
        self.assertTrue(from_ < near < far < to, (from_, near, far, to))
        self.assertAlmostEqual((far - near) / (to - from_), 0.8, places=3)
        move = {"type": "pointerMove", "duration": 0, **where}
        self.browser.act("pointer", move, {"type": "pointerDown", "button": 0},
                         {**move, "x": middle[0] - 300}, {"type": "pointerUp", "button": 0})
        left, right = self.browser.script(VIEW)
        self.assertAlmostEqual(right - left, far - near, places=3)
        self.assertGreater(left, near)
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.browser.act("pointer", move, *press, *press)
        self.assertEqual(self.browser.script(VIEW), self.browser.script("return [first, last]"))


if __name__ == "__main__":
    vltest.main()
