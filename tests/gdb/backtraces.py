# SPDX-License-Identifier: MIT
"""The two backtraces that the docs print come out, frame for frame."""
import os

import vltest
from gdb_case import HERE, GdbCase


class Backtraces(GdbCase):
    def check(self, script, frames, tail=()):
        output = self.gdb(os.path.join(HERE, script))
        got = self.frames(output)
        self.assertGreaterEqual(len(got), len(frames) + len(tail), output)
        for want, line in zip(frames, got):
            self.assertRegex(line, "^" + want + r":\d+$")
        for want, line in zip(tail, got[-len(tail):] if tail else []):
            self.assertRegex(line, want)
        return got

    def test_registration(self):
        got = self.check("registration.gdb", [
            r"register_module_init \(fn=<bdrv_raw_init(\(\))?>, type=MODULE_INIT_BLOCK\) "
            r"at .*/util/module\.cpp",
            r"do_qemu_init_bdrv_raw_init \(\) at .*/block/raw_bsd\.cpp",
        ], [r"^_start \(\)"])
        # between them: the C library's start-up, and nothing of ours
        for line in got[2:-1]:
            self.assertRegex(line, r"^(call_init|__libc_csu_init|__libc_start_main\w*|\?\?) ")

    def test_drivers(self):
        got = self.check("drivers.gdb", [
            r"bdrv_file_init \(\) at .*/block/raw-posix\.cpp",
            r"module_call_init \(type=MODULE_INIT_BLOCK\) at .*/util/module\.cpp",
            r"bdrv_init \(\) at .*/block/block\.cpp",
            r"bdrv_init_with_whitelist \(\) at .*/block/block\.cpp",
            r"main \(argc=(5|<optimized out>), argv=.*\) at .*/vl/vl\.cpp",
        ])
        self.assertEqual(len(got), 5)


if __name__ == "__main__":
    vltest.main()
