// SPDX-License-Identifier: MIT
/* In place of the stamp of this build: a module with it is ours, but from elsewhere. */
extern "C" {
void qemu_module_dummy() {}
void qemu_stamp_0000000000000000000000000000000000000000() {}
}
