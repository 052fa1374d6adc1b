# SPDX-License-Identifier: MIT
"""A guest that writes records for ever and says what it has flushed (guest/records.c), and what its disk
must have. RECORDS_ELF names the program."""
import fcntl
import functools
import os
import re
import struct

import vltest

# as in guest/records.c
RECORDS, RECORD_SECTORS, STRIDE = 64, 8, 37


@functools.lru_cache(None)
def sector_of_record(number):
    """What a sector has that begins with `number`."""
    words = [number]
    while len(words) < 64:
        words.append((words[-1] * 6364136223846793005 + 1442695040888963407) % (1 << 64))
    return struct.pack("<64Q", *words)


class RecordsGuest(vltest.VlTest):
    def setUp(self):
        super().setUp()
        self.make_file("disk.img", size=RECORDS * RECORD_SECTORS * 512)
        self.flushed = [0] * RECORDS  # the record that each place has at least

    def content(self):
        """When vl's locks are gone: what a ring had open is closed a moment after the process."""
        with open(self.path("disk.img"), "r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            return file.read()

    def start_guest(self, drive, device=""):
        """Its disk is `drive`, of format raw; `device` are more properties of virtio-blk-device."""
        vl = self.start("-nographic", "-bios", "none", "-kernel", os.environ["RECORDS_ELF"],
                        "-object", "iothread,id=io", "-drive", "if=none,id=d,format=raw," + drive,
                        "-device", "virtio-blk-device,drive=d" + device)
        vl.wait_for("begins with ")
        vl.first = int(vl.wait_for("\r\n"))
        return vl

    def wait_for_flushes(self, vl, count):
        for _ in range(count):
            vl.wait_for("flushed ", 60)
        vl.wait_for("\r\n")

    def note_flushed(self, vl):
        """What the guest was told by now; returns how many records that are."""
        self.assertEqual(re.findall("records: .*", vl.output), [])
        last = int(re.findall(r"flushed (\d+)\r\n", vl.output)[-1])
        for record in range(vl.first, last + 1):
            self.flushed[record * STRIDE % RECORDS] = record
        return last - vl.first + 1

    def kill_vl(self, vl):
        vl.process.kill()
        vl.wait_exit()
        vl.close()
        return self.note_flushed(vl)

    def check(self, content):
        """Each sector has what was flushed or what came later, and has it whole."""
        for n in range(RECORDS * RECORD_SECTORS):
            sector = content[n * 512:(n + 1) * 512]
            place, at = divmod(n, RECORD_SECTORS)
            number = int.from_bytes(sector[:8], "little")
            record = number // RECORD_SECTORS
            where = "sector %d has record %d" % (n, record)
            self.assertGreaterEqual(record, self.flushed[place], where)
            if record:
                self.assertEqual((record * STRIDE % RECORDS, number % RECORD_SECTORS), (place, at),
                                 where)
                self.assertTrue(sector == sector_of_record(number), where)
