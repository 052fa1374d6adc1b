// SPDX-License-Identifier: MIT
/* The socket that gdb connects to. See vl/gdbstub-socket.h.
 *
 * In gdb: b gdb_socket::client_came */
#include "vl/gdbstub-socket.h"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/aio.h"
#include "util/chardev.h"
#include "util/error.h"

namespace gdb_socket {

struct SocketChardev : Chardev {
    int listen_fd;
    int fd = -1;      // the client's
    std::string path; // a Unix socket's name, ours to remove
    std::string unsent;

    SocketChardev(int listening, std::string name) : listen_fd(listening), path(std::move(name)) {
        filename = path.empty() ? "tcp" : "unix:" + path;
        watch();
    }
    ~SocketChardev() override {
        aio_set_fd_handler(qemu_get_aio_context(), listen_fd, nullptr, nullptr, nullptr);
        close(listen_fd);
        drop_client();
        if (!path.empty()) unlink(path.c_str());
    }
    int write(const uint8_t *buf, int size) override;
    void send_unsent();
    void drop_client();
    void watch();
};

static void client_came(void *opaque);
static void client_readable(void *opaque);
static void client_writable(void *opaque) { static_cast<SocketChardev *>(opaque)->send_unsent(); }

// Without a client, the next one; with one, its bytes, unless it has not taken ours.
void SocketChardev::watch() {
    AioContext *ctx = qemu_get_aio_context();
    aio_set_fd_handler(ctx, listen_fd, fd < 0 ? client_came : nullptr, nullptr, this);
    if (fd < 0) return;
    if (unsent.empty())
        aio_set_fd_handler(ctx, fd, client_readable, nullptr, this);
    else
        aio_set_fd_handler(ctx, fd, nullptr, client_writable, this);
}

void SocketChardev::drop_client() {
    if (fd < 0) return;
    aio_set_fd_handler(qemu_get_aio_context(), fd, nullptr, nullptr, nullptr);
    close(fd);
    fd = -1;
    unsent.clear();
}

// A client that is gone is noticed by the next read.
void SocketChardev::send_unsent() {
    ssize_t n = send(fd, unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0)
        unsent.erase(0, static_cast<size_t>(n));
    else if (errno != EAGAIN && errno != EINTR)
        unsent.clear();
    watch();
}

int SocketChardev::write(const uint8_t *buf, int size) {
    if (fd < 0) return size;
    bool waits = !unsent.empty();
    unsent.append(reinterpret_cast<const char *>(buf), static_cast<size_t>(size));
    if (!waits) send_unsent();
    return size;
}

static void client_readable(void *opaque) {
    auto *chr = static_cast<SocketChardev *>(opaque);
    uint8_t buf[4096];
    ssize_t n = recv(chr->fd, buf, sizeof buf, MSG_DONTWAIT);
    if (n > 0) return qemu_chr_be_write(chr, buf, static_cast<int>(n));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    chr->drop_client();
    chr->watch();
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
}

[[gnu::noinline]] static void client_came(void *opaque) {
    auto *chr = static_cast<SocketChardev *>(opaque);
    chr->fd = accept4(chr->listen_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (chr->fd < 0) return;
    int on = 1; // packets are short: each goes at once. A Unix socket refuses, and does so anyway
    setsockopt(chr->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    chr->watch();
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
}

// --- listening

static int try_to_listen(const addrinfo &a) {
    int on = 1, fd = socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (a.ai_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a.ai_addr, a.ai_addrlen) == 0 && listen(fd, 1) == 0) return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

// "[HOST]:PORT"; an IPv6 address stands in brackets.
static int listen_tcp(const std::string &address, Error **errp) {
    size_t colon = address.rfind(':');
    if (colon == std::string::npos || colon + 1 == address.size()) {
        error_setg(errp, "missing port in 'tcp:%s'", address.c_str());
        return -1;
    }
    std::string host = address.substr(0, colon), port = address.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints = {}, *found = nullptr;
    hints.ai_flags = AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    int why = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
    if (why != 0) {
        error_setg(errp, "address resolution failed for %s: %s", address.c_str(),
                   gai_strerror(why));
        return -1;
    }
    int fd = -1;
    for (const addrinfo *a = found; a && fd < 0; a = a->ai_next) fd = try_to_listen(*a);
    if (fd < 0) error_setg(errp, "Failed to listen on %s: %s", address.c_str(), strerror(errno));
    freeaddrinfo(found);
    return fd;
}

static int listen_unix(const std::string &path, Error **errp) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        error_setg(errp, "UNIX socket path '%s' is too long or empty", path.c_str());
        return -1;
    }
    memcpy(address.sun_path, path.data(), path.size());
    unlink(path.c_str()); // one that a process left behind
    addrinfo a = {};
    a.ai_family = AF_UNIX;
    a.ai_socktype = SOCK_STREAM;
    a.ai_addr = reinterpret_cast<sockaddr *>(&address);
    a.ai_addrlen = sizeof address;
    int fd = try_to_listen(a);
    if (fd < 0)
        error_setg(errp, "Failed to bind socket to '%s': %s", path.c_str(), strerror(errno));
    return fd;
}

// What QEMU users write behind the address; it is what happens anyway.
static bool options_ok(std::string options, Error **errp) {
    while (!options.empty()) {
        size_t end = options.find(',');
        std::string option = options.substr(0, end);
        options = end == std::string::npos ? "" : options.substr(end + 1);
        bool known = false;
        for (const char *row :
             { "server", "server=on", "nowait", "wait=off", "nodelay", "nodelay=on" }) {
            known |= option == row;
        }
        if (known) continue;
        error_setg(errp, "Invalid parameter '%s'", option.substr(0, option.find('=')).c_str());
        return false;
    }
    return true;
}

} // namespace gdb_socket

Chardev *gdb_socket_open(const std::string &device, Error **errp) {
    using namespace gdb_socket;
    size_t colon = device.find(':'), comma = std::min(device.find(','), device.size());
    std::string kind = device.substr(0, std::min(colon, comma));
    std::string options = comma < device.size() ? device.substr(comma + 1) : "";
    if (colon > comma || (kind != "tcp" && kind != "unix")) {
        error_setg(errp, "'%s' is not a valid char driver", kind.c_str());
        return nullptr;
    }
    if (!options_ok(options, errp)) return nullptr;
    std::string address = device.substr(colon + 1, comma - colon - 1);
    bool is_unix = kind == "unix";
    int fd = is_unix ? listen_unix(address, errp) : listen_tcp(address, errp);
    return fd < 0 ? nullptr : new SocketChardev(fd, is_unix ? address : "");
}
