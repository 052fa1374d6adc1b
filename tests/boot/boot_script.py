# SPDX-License-Identifier: MIT
"""./boot as the README has it: to Debian's shell, to it on four harts twenty times in a row, and to
`login:` of Debian's disk."""
import os

import debian_case
import vltest

BOOTS = 20


class BootScript(debian_case.DebianCase):
    def boot(self, *words, lifetime=300):
        return self.start_raw([os.path.join(vltest.SOURCE, "boot"), *words], lifetime=lifetime)

    def test_debian(self):
        vl = self.boot("debian")
        self.wait_for_shell(vl)
        self.assertEqual(self.ask(vl, "nproc"), "2\n")
        self.poweroff(vl)

    def test_four_harts_again_and_again(self):
        for _ in range(BOOTS):
            vl = self.boot("debian", "-smp", "4")
            self.wait_for_shell(vl)
            self.check_log(vl, "smp: Brought up 1 node, 4 CPUs")
            self.poweroff(vl)
            vl.close()

    def test_debian_disk(self):
        """What the guest writes is thrown away: the disk is the user's."""
        vl = self.boot("debian-disk", "-snapshot", lifetime=3000)
        vl.wait_for("Debian GNU/Linux 13 toy ttyS0", 2400)
        vl.wait_for("toy login: ", 60)
        vl.send("root\n")
        vl.wait_for("root@toy:~# ", 60)
        vl.send("poweroff\n")
        self.assertEqual(vl.wait_exit(180), 0)


if __name__ == "__main__":
    vltest.main()
