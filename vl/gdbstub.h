// SPDX-License-Identifier: MIT
/* The gdb stub: a debugger of the guest, over a socket. Threads are harts.
 *
 * bytes -> gdbstub-packet.cpp -> gdbstub.cpp -> a row of gdbstub-commands.cpp or gdbstub-query.cpp
 * -> the CPU's virtual functions and hw/core/cpu-debug.h. */
#pragma once

#include <string>

struct Chardev;
struct Error;

inline constexpr char DEFAULT_GDBSTUB_DEVICE[] = "tcp::1234"; // -s

// `-gdb DEVICE`: "tcp:[HOST]:PORT" and "unix:PATH" wait for gdb there, "none" for nobody; any other
// chardev is where gdb is. What was before it is closed.
[[nodiscard]] bool gdbserver_start(const std::string &device, Error **errp);
// Same, on a chardev, which it owns.
void gdbserver_start_chardev(Chardev *chr);
// The process ends with that status: gdb is told.
void gdbserver_exit(int status);
