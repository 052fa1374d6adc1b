# SPDX-License-Identifier: MIT
"""A device is one source file: VL is vl with extra_device.cpp beside it, nothing else changed."""
import vltest


class ExtraDevice(vltest.VlTest):
    def test_listed(self):
        status, out, _ = self.run_vl("-device", "help")
        self.assertEqual(status, 0)
        self.assertIn('Misc devices:\nname "toy-extra", desc "a device from one file"\n', out)

    def test_explained(self):
        status, out, _ = self.run_vl("-device", "toy-extra,help")
        self.assertEqual(status, 0)
        self.assertEqual(out, "toy-extra options:\n"
                              "  answer=<uint32>        - what it knows (default: 42)\n")

    def test_realized(self):
        vl = self.start("-display", "none", "-monitor", "stdio", "-S", "-device",
                        "toy-extra,answer=7", "-device", "toy-extra,id=second")
        vl.wait_for(vltest.PROMPT)
        tree = vl.command("info qom-tree")
        self.assertIn("  /peripheral (container)\n    /second (toy-extra)\n", tree)
        self.assertIn("  /peripheral-anon (container)\n    /device[0] (toy-extra)\n", tree)

    def test_refused(self):
        status, _, err = self.run_vl("-display", "none", "-device", "toy-extra,answer=101")
        self.assertEqual((status, err), (1, "%s: -device toy-extra,answer=101: the answer is at "
                                            "most 100, not 101\n" % self.name()))

    def test_global(self):
        status, _, err = self.run_vl("-display", "none", "-global", "toy-extra.answer=102",
                                     "-device", "toy-extra")
        self.assertEqual((status, err), (1, "%s: -device toy-extra: the answer is at most 100, "
                                            "not 102\n" % self.name()))

    def name(self):
        return vltest.vl_program().rpartition("/")[2]


if __name__ == "__main__":
    vltest.main()
