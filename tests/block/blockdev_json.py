# SPDX-License-Identifier: MIT
"""Nodes described in JSON, by -blockdev and by a json: file name, and their messages, compared with
QEMU's."""
import vltest

COMMON = ["-S", "-display", "none", "-serial", "none", "-monitor", "null"]
FILE = '{"driver": "file", "filename": "disk.img"}'


class BlockdevJson(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=1 << 20)

    def info_block(self, *args):
        status, out, err = self.run_vl("-S", "-display", "none", "-monitor", "stdio", "-serial",
                                       "none", *args, stdin="info block -v\nquit\n")
        self.assertEqual((status, err), (0, ""))
        return out

    def refused(self, option, text, message):
        """vl and QEMU say the same."""
        status, _, err = self.run_vl(*COMMON, option, text)
        self.assertEqual((status, err), (1, "vl: %s %s: %s\n" % (option, text, message)))
        program = vltest.tool("qemu-system-riscv64", "qemu-system-misc")
        status, _, err = vltest.run([program, "-M", "virt", *COMMON, option, text],
                                    cwd=self.folder)
        self.assertEqual((status, err), (1, "qemu-system-riscv64: %s %s: %s\n" % (
            option, text, message)))

    def test_nested(self):
        out = self.info_block(
            "-blockdev", '{"driver": "raw", "node-name": "d0", "offset": 512, "read-only": true, '
            '"cache": {"direct": false}, "file": %s}' % FILE,
            "-device", "virtio-blk-device,drive=d0")
        self.assertIn('d0: json:{"driver": "raw", "offset": 512, "file": {"driver": "file", '
                      '"filename": "disk.img"}} (raw, read-only)', out)
        self.assertIn("(1048064 bytes)", out)

    def test_reference(self):
        out = self.info_block("-blockdev", '{"driver":"file","node-name":"f",'
                              '"filename":"disk.img"}',
                              "-blockdev", '{"driver":"raw","node-name":"d0","file":"f"}',
                              "-device", "virtio-blk-device,drive=d0")
        self.assertIn("d0: disk.img (raw)", out)

    def test_file_name(self):
        name = 'json:{"driver":"raw","offset":512,"file":%s}' % FILE
        drive = "if=virtio,file=" + name.replace(",", ",,")
        self.assertIn("(1048064 bytes)", self.info_block("-drive", drive))
        # what is said beside it wins
        self.assertIn("(1047552 bytes)", self.info_block("-drive", drive + ",offset=1024"))

    def test_bad_json(self):
        for text, message in (
                ("{", "JSON parse error, premature EOI"),
                ('{"driver":"raw"', "JSON parse error, premature EOI"),
                ("{bad", "JSON parse error, invalid keyword 'bad'"),
                ('{"driver":nope}', "JSON parse error, invalid keyword 'nope'"),
                ('{"driver"}', "JSON parse error, missing : in object pair"),
                ('{"driver":}', "JSON parse error, expecting value"),
                ('{"driver":"raw",}', "JSON parse error, expecting value"),
                ("{,}", "JSON parse error, expecting value"),
                ('{"driver":"raw" "x"}', "JSON parse error, expected separator in dict"),
                ('{"driver":["raw"}', "JSON parse error, expected separator in list"),
                ("{5:1}", "JSON parse error, key is not a string in object"),
                ('{"driver":"file","driver":"raw"}', "JSON parse error, duplicate key"),
                ('{"driver":"a\\q"}', "JSON parse error, invalid escape sequence in string"),
                ('{"driver":"raw"} x', "Expecting at most one JSON value"),
                ('{"driver":"raw"}}', "Expecting at most one JSON value"),
                ("{}", "Parameter 'driver' is missing")):
            with self.subTest(text=text):
                self.refused("-blockdev", text, message)

    def test_bad_file_names(self):
        for text, message in (
                ("json:{bad", "Could not parse the JSON options: JSON parse error, invalid keyword "
                              "'bad'"),
                ('json:{"driver":"raw"} x', "Could not parse the JSON options: Expecting at most "
                                            "one JSON value"),
                ("json:[1", "Could not parse the JSON options: JSON parse error, premature EOI"),
                ("json:[]", "Invalid JSON object given"),
                ("json:5", "Invalid JSON object given"),
                ('json:{"driver":"raw"}', 'A block device must be specified for "file"')):
            with self.subTest(text=text):
                self.refused("-drive", "if=none,file=" + text, message)


if __name__ == "__main__":
    vltest.main()
