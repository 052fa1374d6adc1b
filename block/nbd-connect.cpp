// SPDX-License-Identifier: MIT
/* Protocol `nbd`: from a server's name to a connected socket.
 *
 * Runs in a worker thread, since a name server or a far host may take its time. Whoever waits for
 * it may go away meanwhile: the socket is closed then.
 *
 * In gdb: b nbd_connect_work */
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "block/nbd.h"

std::string NBDServer::name() const {
    if (type == UNIX) return path;
    if (type == FD) return "fd " + std::to_string(fd);
    return host + ":" + port;
}

static bool connect_to(int fd, const NBDServer &server, const sockaddr *addr, socklen_t len,
                       Error **errp) {
    if (fd >= 0 && connect(fd, addr, len) == 0) return true;
    error_setg(errp, "Failed to connect to '%s': %s", server.name().c_str(), strerror(errno));
    if (fd >= 0) close(fd);
    return false;
}

static int connect_unix(const NBDServer &server, Error **errp) {
    sockaddr_un addr = {};
    addr.sun_family = AF_UNIX;
    if (server.path.size() >= sizeof addr.sun_path) {
        error_setg(errp, "UNIX socket path '%s' is too long", server.path.c_str());
        error_append_hint(errp, "Path must be less than %zu bytes\n", sizeof addr.sun_path);
        return -1;
    }
    server.path.copy(addr.sun_path, sizeof addr.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect_to(fd, server, reinterpret_cast<sockaddr *>(&addr), sizeof addr, errp) ? fd : -1;
}

static int connect_inet(const NBDServer &server, Error **errp) {
    addrinfo hints = {}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    int ret = getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found);
    if (ret != 0) {
        error_setg(errp, "address resolution failed for %s: %s", server.name().c_str(),
                   gai_strerror(ret));
        return -1;
    }
    int fd = -1;
    Error *err = nullptr;
    for (addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        error_free(std::exchange(err, nullptr)); // the last address says why
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (!connect_to(fd, server, a->ai_addr, a->ai_addrlen, &err)) fd = -1;
    }
    freeaddrinfo(found);
    error_propagate(errp, err);
    int on = 1;
    if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// The user's descriptor stays his.
static int connect_fd(const NBDServer &server, Error **errp) {
    struct stat st;
    int fd = fstat(server.fd, &st) == 0 && S_ISSOCK(st.st_mode)
                 ? fcntl(server.fd, F_DUPFD_CLOEXEC, 0)
                 : -1;
    if (fd < 0) error_setg(errp, "File descriptor '%d' is not a socket", server.fd);
    return fd;
}

static int nbd_connect_work(void *opaque) {
    auto *attempt = static_cast<NBDConnect *>(opaque);
    LocationScope here(attempt->loc);
    static constexpr int (*connect_by_type[])(const NBDServer &, Error **) = {
        connect_inet,
        connect_unix,
        connect_fd,
    };
    attempt->fd = connect_by_type[attempt->server.type](attempt->server, &attempt->err);
    return 0;
}

static void nbd_connect_worked(void *opaque, int) {
    std::unique_ptr<NBDConnect> attempt(static_cast<NBDConnect *>(opaque));
    if (attempt->client) return nbd_connect_done(attempt->client, attempt->fd, attempt->err);
    if (attempt->fd >= 0) close(attempt->fd);
    error_free(attempt->err);
}

NBDConnect *nbd_connect_start(NBDClient *client, const NBDServer &server) {
    auto *attempt = new NBDConnect{ client, server, loc_current() };
    thread_pool_submit(client->ctx, nbd_connect_work, nbd_connect_worked, attempt);
    return attempt;
}
