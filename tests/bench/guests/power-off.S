// SPDX-License-Identifier: MIT
// The shortest guest: its first instructions write "pass" to the test device.
#include "guest.inc"

.globl _start
_start:
    power_off
