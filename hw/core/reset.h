// SPDX-License-Identifier: MIT
/* Reset: what runs, in order, when the machine is reset. */
#pragma once

using QEMUResetHandler = void (*)(void *opaque);

// Handlers run in order of registration. The device tree is one of them.
void qemu_register_reset(QEMUResetHandler fn, void *opaque);
// Runs them all. The big lock is held and the CPUs are paused.
void qemu_devices_reset();
