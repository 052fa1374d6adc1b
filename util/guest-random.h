// SPDX-License-Identifier: MIT
/* Random bytes for the guest: the host's, or a series that is the same in every run.
 *
 * In gdb: b qemu_guest_getrandom */
#pragma once

#include <cstddef>
#include <cstdint>

// Fills the buffer. Under the big lock.
void qemu_guest_getrandom(void *buf, size_t len);
// From now on a series that this number alone decides; not for keys (`-seed`, `-icount`).
void qemu_guest_random_seed(uint64_t seed);
bool qemu_guest_random_seeded();
