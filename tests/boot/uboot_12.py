# SPDX-License-Identifier: MIT
"""OpenSBI 1.1 and U-Boot 2023.01, of Debian 12."""
import uboot_tests
import vltest


class Debian12(uboot_tests.UBootTests):
    guest = "uboot-12"


if __name__ == "__main__":
    vltest.main()
