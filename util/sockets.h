// SPDX-License-Identifier: MIT
/* Addresses of stream sockets, and the ways to listen on one and to connect to one. */
#pragma once

#include <string>

struct Error;
struct QemuOpts;

struct SocketAddress {
    std::string path; // of a Unix socket; empty: TCP
    std::string host; // empty: any of this machine's, to listen
    std::string port; // a number or a service's name
    int family = 0;   // AF_UNSPEC; AF_INET, AF_INET6: ipv4=on, ipv6=on

    bool is_unix() const { return !path.empty(); }
};

// From path=, or host=, port=, ipv4=, ipv6=. "chardev: socket: no port given"
[[nodiscard]] bool socket_address_parse(const QemuOpts &opts, SocketAddress *address, Error **errp);
// Listens there and returns the descriptor, which does not block; -1: *errp is set. A port of 0
// becomes the one found.
[[nodiscard]] int socket_listen(SocketAddress *address, Error **errp);
// Connects. Not `blocking`: the descriptor is writable once it has succeeded or failed (SO_ERROR).
[[nodiscard]] int socket_connect(const SocketAddress &address, bool blocking, Error **errp);

// "unix:PATH", "tcp:HOST:PORT"
std::string socket_address_to_string(const SocketAddress &address);
// The same of a connected socket's own end; and "HOST:PORT" of the other one.
std::string socket_local_name(int fd, const SocketAddress &address);
std::string socket_peer_name(int fd);
