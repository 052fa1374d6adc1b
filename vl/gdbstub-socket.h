// SPDX-License-Identifier: MIT
/* Where gdb connects to: a listening TCP or Unix socket, one client at a time. */
#pragma once

#include <string>

struct Chardev;
struct Error;

// "tcp:[HOST]:PORT" or "unix:PATH"; options as QEMU has them may follow: server, nowait, wait=off,
// nodelay. The front end hears of each client by CHR_EVENT_OPENED and CHR_EVENT_CLOSED.
Chardev *gdb_socket_open(const std::string &device, Error **errp);
