# SPDX-License-Identifier: MIT
"""The machine's one table (hw/riscv/toy.h), in its three other places: docs/machine.md, the memory
tree of a running machine, and the device tree."""
import os
import re
import struct

import vltest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROW = re.compile(r'\{ "([^"]+)",\s+(0x[0-9a-f]+), (0x[0-9a-f]+|0),\s+("[^"]+"|\w+),\s+(\d+),\s+(\d+)(, true)? \}')


def text_of(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def table():
    """The rows of toy_memmap: name, base, size (0: as -m says), device's type, region, line, and
    whether aclint=on is what brings it."""
    source = text_of("hw", "riscv", "toy.h")
    plic = re.search(r'TOY_PLIC_TYPE = "([^"]+)"', source).group(1)
    rows = []
    for name, base, size, device, region, irq, aclint in ROW.findall(source):
        device = {"nullptr": "-", "TOY_PLIC_TYPE": plic}.get(device, device.strip('"'))
        rows.append((name, int(base, 16), int(size, 16), device, int(region), int(irq), bool(aclint)))
    return rows


def device_tree_nodes(blob):
    """The properties of each node, by name (Devicetree Specification 0.4, 5.4)."""
    at, strings = struct.unpack_from(">2I", blob, 8)
    path = []
    while (token := struct.unpack_from(">I", blob, at)[0]) != 9:  # FDT_END
        at += 4
        if token == 1:  # FDT_BEGIN_NODE and a name
            at = (blob.index(b"\0", at) + 4) & ~3
            path.append({})
        elif token == 2:  # FDT_END_NODE
            yield path.pop()
        elif token == 3:  # FDT_PROP
            size, name = struct.unpack_from(">2I", blob, at)
            name = blob[strings + name:blob.index(b"\0", strings + name)].decode()
            path[-1][name] = blob[at + 8:at + 8 + size]
            at = (at + 8 + size + 3) & ~3


class MemoryMap(vltest.VlTest):
    def test_the_table_is_found(self):
        self.assertGreaterEqual(len(table()), 19)

    def test_docs(self):
        lines = text_of("docs", "machine.md").splitlines()
        start = lines.index("| name | base | size | device | irq |") + 2
        documented = []
        for line in lines[start:]:
            if not line.startswith("|"):
                break
            documented.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
        expected = [(name, f"{base:#010x}", f"{size:#010x}" if size else "-", device,
                     str(irq) if irq else "-") for name, base, size, device, _, irq, _ in table()]
        self.assertEqual(documented, expected)

    def device_tree(self, options=""):
        path = os.path.join(self.folder, "toy.dtb")
        status, _, _ = vltest.run([vltest.vl_program(), "-M", "toy,dumpdtb=" + path + options],
                                  cwd=self.folder)
        self.assertEqual(status, 0)
        with open(path, "rb") as file:
            return file.read()

    def check_device_tree(self, blob, aclint):
        for name, base, _, device, region, _, only_aclint in table():
            if device == "-" or region:
                continue  # memory has its own node
            # the CLINT's two blocks share one
            there = aclint or not (only_aclint or name == "clint.mtimer")
            self.assertEqual(b"@%x\0" % base in blob, there, name)

    def test_device_tree(self):
        self.check_device_tree(self.device_tree(), False)
        self.check_device_tree(self.device_tree(",aclint=off"), False)

    def test_interrupts_go_to_a_controller(self):
        nodes = list(device_tree_nodes(self.device_tree()))
        controllers = {n["phandle"] for n in nodes if "interrupt-controller" in n}
        parents = [n["interrupt-parent"] for n in nodes if "interrupt-parent" in n]
        self.assertTrue(parents)
        self.assertLessEqual(set(parents), controllers)

    def test_device_tree_with_aclint(self):
        blob = self.device_tree(",aclint=on")
        self.check_device_tree(blob, True)
        for name in (b"mswi@2000000", b"riscv,aclint-mswi", b"mtimer@2004000",
                     b"riscv,aclint-mtimer", b"sswi@2f00000", b"riscv,aclint-sswi"):
            self.assertIn(name + b"\0", blob)
        self.assertNotIn(b"clint0", blob)


if __name__ == "__main__":
    vltest.main()
