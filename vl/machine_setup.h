// SPDX-License-Identifier: MIT
/* The phases of main() that turn options into a machine. Each ends the process with status 1 and a
 * sentence if the user asked for what cannot be. */
#pragma once

struct CommandLine;

// `-M`, `-accel`, `-m`, `-smp`, `-cpu`: select_machine, object_new at /machine, its properties.
void create_machine(const CommandLine *cmdline);
// `-object`; and the end of what it, or a monitor, has made.
void create_objects();
void delete_objects();
// `-chardev`, `-serial` and `-monitor`: opens the character devices that the board, the monitor and
// `-device` will use.
void create_chardevs(const CommandLine *cmdline);
// `-drive`: opens every image, before the board exists.
void create_drives();
// `-netdev`, `-nic`, `-net`: the host's ends of networks.
void create_network();
// The board's own harts, memory and devices.
void create_board();
// `-device`.
void create_devices();
// Loads firmware and kernel; warns of what nobody uses.
void finish_machine();
// `-gdb`, `-s`.
void create_gdbserver(const CommandLine *cmdline);
