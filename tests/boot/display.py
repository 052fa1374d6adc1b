# SPDX-License-Identifier: MIT
"""The screen in a window, on an X server of the test's own; and without a window system."""
import os
import shutil
import subprocess
import time

import guestcode
import vltest
import xclient


class Window(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.xdotool = vltest.tool("xdotool", "xdotool")
        read_end, write_end = os.pipe()
        # the server picks a free number and tells it
        self.server = subprocess.Popen(
            [vltest.tool("Xvfb", "xvfb"), "-displayfd", str(write_end), "-screen", "0",
             "1280x1024x24", "-nolisten", "tcp", "-noreset"], pass_fds=[write_end],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end_server)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        self.assertTrue(number, "Xvfb did not start")
        self.display = ":" + number
        self.env = {k: v for k, v in os.environ.items()
                    if k not in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY")}
        self.env["DISPLAY"] = self.display

    def end_server(self):
        self.server.terminate()
        self.server.wait()

    def frozen_demo(self, *args):
        shutil.copy(os.environ["DEMO_IMG"], self.path("demo.img"))
        vl = self.start("-drive", "file=demo.img,format=raw,if=virtio", *args, env=self.env)
        vl.wait_for("space pause")
        vl.send("s")
        vl.wait_for("frozen at frame 60\r\n")
        return vl

    def windows(self):
        _, out, _ = vltest.run([self.xdotool, "search", "--onlyvisible", "--name", "^vl"],
                               env=self.env)
        return [int(number) for number in out.split()]

    def window(self):
        deadline = time.monotonic() + 20 * vltest.SLOWNESS
        while time.monotonic() < deadline:
            if found := self.windows():
                return found[0]
            time.sleep(0.05)
        self.fail("no window appears")

    def window_picture(self, window):
        status, _, err = vltest.run(
            [vltest.tool("import", "imagemagick"), "-window", str(window), "-depth", "8",
             "window.ppm"], cwd=self.folder, env=self.env)
        self.assertEqual(status, 0, err)
        return vltest.read_ppm(self.path("window.ppm"))

    def check_window(self, vl):
        window = self.window()
        vl.open_monitor()
        self.assertEqual(vl.command("screendump screen.ppm"), "")
        screen = vltest.read_ppm(self.path("screen.ppm"))
        self.assertEqual(screen[:2], (1024, 768))
        deadline = time.monotonic() + 10 * vltest.SLOWNESS
        while (shown := self.window_picture(window)) != screen:
            self.assertEqual(shown[:2], screen[:2])
            self.assertLess(time.monotonic(), deadline, "the window shows another picture")
            time.sleep(0.1)
        return window

    def test_the_window_shows_the_screen(self):
        vl = self.frozen_demo("-display", "sdl")
        window = self.check_window(vl)
        xclient.close_window(self.display, window)
        self.assertEqual(vl.wait_exit(), 0)

    def test_a_window_is_the_default(self):
        vl = self.frozen_demo()
        self.check_window(vl)
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)
        self.assertEqual(self.windows(), [])

    def test_the_user_may_refuse_it(self):
        for words in (["-display", "none"], ["-nographic"]):
            vl = self.frozen_demo(*words)
            self.assertEqual(self.windows(), [], words)
            vl.send("q")
            self.assertEqual(vl.wait_exit(), 0)


class NoWindowSystem(vltest.VlTest):
    ENV = {k: v for k, v in os.environ.items()
           if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}

    def test_default(self):
        vl = self.start(env=self.ENV)
        vl.wait_for("keys: q power off")
        vl.open_monitor()
        self.assertEqual(vl.command("screendump x.ppm"), "")
        self.assertEqual(vltest.read_ppm(self.path("x.ppm"))[:2], (1024, 768))
        vl.send("quit\n")
        self.assertEqual(vl.wait_exit(), 0)

    def test_a_display_that_is_gone(self):
        # nobody asked for a window: without one the machine still starts
        vl = self.start(env={**self.ENV, "DISPLAY": ":9999", "XDG_RUNTIME_DIR": self.folder})
        vl.wait_for("keys: q power off")

    def test_wish_that_cannot_be(self):
        env = {**self.ENV, "DISPLAY": ":9999", "XDG_RUNTIME_DIR": self.folder}
        status, out, err = self.run_vl("-display", "sdl", env=env)
        self.assertEqual((status, out), (1, ""))
        self.assertRegex(err, r"^vl: -display sdl: Could not initialize SDL\(.+\) - exiting\n$")

    def test_a_headless_start_does_not_load_sdl(self):
        strace = vltest.tool("strace", "strace")
        self.make_file("off.bin", guestcode.POWER_OFF)
        status, _, _ = vltest.run([strace, "-f", "-o", "trace", "-e", "trace=openat",
                                   vltest.vl_program(), "-display", "none", "-bios", "off.bin"],
                                  cwd=self.folder, env=self.ENV)
        self.assertEqual(status, 0)
        with open(self.path("trace")) as trace:
            opened = trace.read()
        self.assertIn("off.bin", opened)
        self.assertNotIn("SDL", opened)
        self.assertNotIn("ui-sdl", opened)


if __name__ == "__main__":
    vltest.main()
