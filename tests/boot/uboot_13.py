# SPDX-License-Identifier: MIT
"""OpenSBI 1.6 and U-Boot 2025.01, of Debian 13."""
import time

import uboot_tests
import vltest


class Debian13(uboot_tests.UBootTests):
    guest = "uboot"


class Console(uboot_tests.UBootCase):
    """This U-Boot draws its console on the framebuffer that the device tree describes."""

    def screen(self, vl, name):
        vl.open_monitor()
        self.assertEqual(vl.command("screendump " + name), "")
        vl.close_monitor()
        return vltest.read_ppm(self.path(name))

    def text_rows(self, pixels, width, height):
        """Of each row of 16 pixels, left of the logo: how many pixels are lit."""
        rows = []
        for top in range(0, height, 16):
            lit = 0
            for y in range(top, top + 16):
                row = pixels[y * width * 3:y * width * 3 + 850 * 3]
                lit += sum(1 for x in range(0, len(row), 3) if row[x] > 128)
            rows.append(lit)
        return rows

    def settled(self, vl, name):
        """The screen once two pictures in a row are the same: the serial port is ahead of it."""
        last = self.screen(vl, name)
        for _ in range(100):
            time.sleep(0.1)
            now = self.screen(vl, name)
            if now == last:
                return now
            last = now
        self.fail("the screen does not come to rest")

    def check_logo(self, width, pixels):
        """At the top right: a blue ground, and a yellow submarine."""
        colours = {}
        for y in range(0, 148):
            for x in range(861, 1021):
                at = (y * width + x) * 3
                colour = tuple(pixels[at:at + 3])
                colours[colour] = colours.get(colour, 0) + 1
        red, _, blue = max(colours, key=colours.get)
        self.assertTrue(blue > 80 and blue > red + 50, (red, blue))
        yellow = sum(n for (r, g, b), n in colours.items() if r > 200 and 150 < g < 230 and b < 160)
        self.assertGreater(yellow, 3000)

    def test_console(self):
        vl = self.boot()
        width, height, pixels = self.settled(vl, "one.ppm")
        self.assertEqual((width, height), (1024, 768))
        before = self.text_rows(pixels, width, height)
        self.assertGreater(sum(before), 3000, "there is hardly any text")
        self.check_logo(width, pixels)

        # the prompt's row takes the command, the next one its output, then comes a new prompt
        prompt = max(i for i, lit in enumerate(before) if lit)
        self.ask(vl, "echo " + "W" * 40)
        after = self.text_rows(self.settled(vl, "two.ppm")[2], width, height)
        self.assertEqual(after[:prompt], before[:prompt])
        self.assertGreater(after[prompt], before[prompt] + 500)
        self.assertGreater(after[prompt + 1], 500)
        self.assertEqual(after[prompt + 2], before[prompt], "the new prompt is not as the old one")
        self.assertEqual(sum(after[prompt + 3:]), 0)


if __name__ == "__main__":
    vltest.main()
