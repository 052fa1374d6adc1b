// SPDX-License-Identifier: MIT
/* Stream sockets. See util/sockets.h.
 *
 * In gdb: b socket_listen     b socket_connect */
#include "util/sockets.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/error.h"
#include "util/option.h"

// --- addresses

bool socket_address_parse(const QemuOpts &opts, SocketAddress *address, Error **errp) {
    const char *path = qemu_opt_get(&opts, "path"), *host = qemu_opt_get(&opts, "host"),
               *port = qemu_opt_get(&opts, "port");
    bool ipv4 = qemu_opt_get_bool(&opts, "ipv4", false);
    bool ipv6 = qemu_opt_get_bool(&opts, "ipv6", false);
    const char *wrong = nullptr;
    if (path && host)
        wrong = "None or one of 'path', 'fd' or 'host' option required.";
    else if (!path && !host)
        wrong = "chardev: socket: no host given";
    else if (host && (!port || !*port))
        wrong = "chardev: socket: no port given";
    if (wrong) {
        error_setg(errp, "%s", wrong);
        return false;
    }
    address->path = path ? path : "";
    address->host = host ? host : "";
    address->port = port ? port : "";
    if (ipv4 != ipv6) address->family = ipv4 ? AF_INET : AF_INET6;
    sockaddr_un un;
    if (!path || (*path && strlen(path) < sizeof un.sun_path)) return true;
    error_setg(errp, *path ? "UNIX socket path '%s' is too long" : "UNIX socket path '%s' is empty",
               path);
    return false;
}

static std::string host_and_port(const std::string &host, const std::string &port) {
    bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + port;
}

std::string socket_address_to_string(const SocketAddress &address) {
    if (address.is_unix()) return "unix:" + address.path;
    return "tcp:" + host_and_port(address.host, address.port);
}

static std::string name_of(const sockaddr_storage &address, socklen_t size) {
    char host[NI_MAXHOST], port[NI_MAXSERV];
    int why = getnameinfo(reinterpret_cast<const sockaddr *>(&address), size, host, sizeof host,
                          port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    return why == 0 ? host_and_port(host, port) : "unknown";
}

std::string socket_local_name(int fd, const SocketAddress &address) {
    if (address.is_unix()) return socket_address_to_string(address);
    sockaddr_storage name = {};
    socklen_t size = sizeof name;
    getsockname(fd, reinterpret_cast<sockaddr *>(&name), &size);
    return "tcp:" + name_of(name, size);
}

std::string socket_peer_name(int fd) {
    sockaddr_storage name = {};
    socklen_t size = sizeof name;
    getpeername(fd, reinterpret_cast<sockaddr *>(&name), &size);
    return name_of(name, size);
}

// --- opening

// Does `attempt` with each address that the name stands for until one succeeds: a descriptor, or -1
// and errno. `passive`: to listen.
static int try_addresses(const SocketAddress &address, bool passive, Error **errp,
                         int (*attempt)(const addrinfo &a)) {
    if (address.is_unix()) {
        sockaddr_un un = {};
        un.sun_family = AF_UNIX;
        memcpy(un.sun_path, address.path.data(), address.path.size());
        addrinfo a = {};
        a.ai_family = AF_UNIX;
        a.ai_socktype = SOCK_STREAM;
        a.ai_addr = reinterpret_cast<sockaddr *>(&un);
        a.ai_addrlen = sizeof un;
        return attempt(a);
    }
    addrinfo hints = {}, *found = nullptr;
    hints.ai_flags = passive ? AI_PASSIVE : 0;
    hints.ai_family = address.family;
    hints.ai_socktype = SOCK_STREAM;
    const char *host = address.host.empty() ? nullptr : address.host.c_str();
    int why = getaddrinfo(host, address.port.c_str(), &hints, &found);
    if (why != 0) {
        error_setg(errp, "address resolution failed for %s: %s",
                   host_and_port(address.host, address.port).c_str(), gai_strerror(why));
        return -1;
    }
    int fd = -1;
    for (const addrinfo *a = found; a && fd < 0; a = a->ai_next) fd = attempt(*a);
    int saved = errno;
    freeaddrinfo(found);
    errno = saved;
    return fd;
}

static int close_failed(int fd) {
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int try_to_listen(const addrinfo &a) {
    int on = 1, fd = socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (a.ai_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a.ai_addr, a.ai_addrlen) == 0 && listen(fd, 1) == 0) return fd;
    return close_failed(fd);
}

static int try_to_connect(const addrinfo &a, int flags) {
    int fd = socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) return -1;
    if (connect(fd, a.ai_addr, a.ai_addrlen) == 0 || errno == EINPROGRESS) return fd;
    return close_failed(fd);
}

static int try_to_connect_now(const addrinfo &a) { return try_to_connect(a, 0); }
static int try_to_connect_later(const addrinfo &a) { return try_to_connect(a, SOCK_NONBLOCK); }

// A socket's name that a process left behind; any other file stays, and is in the way.
static void remove_stale(const std::string &path) {
    struct stat info;
    if (lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) unlink(path.c_str());
}

int socket_listen(SocketAddress *address, Error **errp) {
    Error *err = nullptr;
    if (address->is_unix()) remove_stale(address->path);
    int fd = try_addresses(*address, true, &err, try_to_listen);
    if (fd < 0 && !err && address->is_unix())
        error_setg(&err, "Failed to bind socket to %s: %s", address->path.c_str(), strerror(errno));
    else if (fd < 0 && !err)
        error_setg(&err, "Failed to find an available port: %s", strerror(errno));
    error_propagate(errp, err);
    if (fd < 0 || address->is_unix()) return fd;
    std::string name = socket_local_name(fd, *address);
    address->port = name.substr(name.rfind(':') + 1);
    return fd;
}

int socket_connect(const SocketAddress &address, bool blocking, Error **errp) {
    Error *err = nullptr;
    int fd =
        try_addresses(address, false, &err, blocking ? try_to_connect_now : try_to_connect_later);
    if (fd < 0 && !err) {
        std::string name =
            address.is_unix() ? address.path : host_and_port(address.host, address.port);
        error_setg(&err, "Failed to connect to '%s': %s", name.c_str(), strerror(errno));
    }
    error_propagate(errp, err);
    if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}
