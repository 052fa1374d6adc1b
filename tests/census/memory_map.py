# SPDX-License-Identifier: MIT
"""The machine's one table (hw/riscv/toy.h), in its three other places: docs/machine.md, the memory
tree of a running machine, and the device tree."""
import os
import re

import vltest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROW = re.compile(r'\{ "([^"]+)",\s+(0x[0-9a-f]+), (0x[0-9a-f]+|0),\s+("[^"]+"|\w+),\s+(\d+),\s+(\d+) \}')


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def table():
    """The rows of toy_memmap: name, base, size (0: as -m says), device's type, region, line."""
    source = text_of("hw", "riscv", "toy.h")
    plic = re.search(r'TOY_PLIC_TYPE = "([^"]+)"', source).group(1)
    rows = []
    for name, base, size, device, region, irq in ROW.findall(source):
        device = {"nullptr": "-", "TOY_PLIC_TYPE": plic}.get(device, device.strip('"'))
        rows.append((name, int(base, 16), int(size, 16), device, int(region), int(irq)))
    return rows


class MemoryMap(vltest.VlTest):
    def test_the_table_is_found(self):
        self.assertGreaterEqual(len(table()), 18)

    def test_docs(self):
        lines = text_of("docs", "machine.md").splitlines()
        start = lines.index("| name | base | size | device | irq |") + 2
        documented = []
        for line in lines[start:]:
            if not line.startswith("|"):
                break
            documented.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
        expected = [(name, f"{base:#010x}", f"{size:#010x}" if size else "-", device,
                     str(irq) if irq else "-") for name, base, size, device, _, irq in table()]
        self.assertEqual(documented, expected)

    def test_device_tree(self):
        path = os.path.join(self.folder, "toy.dtb")
        status, _, _ = vltest.run([vltest.vl_program(), "-M", "toy,dumpdtb=" + path],
                                  cwd=self.folder)
        self.assertEqual(status, 0)
        with open(path, "rb") as file:
            blob = file.read()
        for name, base, _, device, region, _ in table():
            if device == "-" or region or name == "clint.mtimer":
                continue  # memory has its own node; the CLINT's two blocks share one
            self.assertIn(b"@%x\0" % base, blob, name)


if __name__ == "__main__":
    vltest.main()
