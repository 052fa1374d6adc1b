// SPDX-License-Identifier: MIT
/* The chardev on a socket: Unix or TCP, listening or connecting, one peer at a time.
 *
 * A peer that does not read stops whoever writes (qemu_chr_fe_write), never vl; one that is gone
 * gets nothing. What a peer sends is read even while the front end has no room, up to MAX_RECEIVED,
 * so that its going is noticed.
 *
 * Spec:    the options of QEMU's -chardev socket
 * Missing: telnet, tn3270, websocket, TLS, file descriptors (fd=), abstract names, to=
 * In gdb:  b char_socket::peer_came     b char_socket::peer_went */
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/aio.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"
#include "util/sockets.h"
#include "util/timer.h"

namespace char_socket {

static constexpr size_t MAX_RECEIVED = 64 << 10;

struct SocketChardev : Chardev {
    SocketAddress address;
    bool is_server;
    bool nodelay;
    int64_t reconnect_ns; // 0: never
    int listen_fd = -1;
    int fd = -1;             // the peer's
    bool connecting = false; // fd is on its way there
    bool waits_output = false;
    std::string received;    // what the front end had no room for
    size_t delivered = 0;    // of these it has been given
    bool delivering = false; // deliver() is at work
    QEMUTimer reconnect_timer;

    SocketChardev(SocketAddress a, const QemuOpts &opts);
    ~SocketChardev() override;
    int write(const uint8_t *buf, int size) override;
    void watch_output() override;
    void set_frontend(const CharFrontend &frontend) override;
    void accept_input() override;
    bool is_open() const override { return fd >= 0 && !connecting; }
    void watch();
    void name_it();
};

static void listener_ready(void *opaque);
static void connect_ended(void *opaque);
static void connect_again(void *opaque);
static void peer_readable(void *opaque);
static void peer_writable(void *opaque);

// --- what is waited for

void SocketChardev::watch() {
    AioContext *ctx = qemu_get_aio_context();
    if (listen_fd >= 0)
        aio_set_fd_handler(ctx, listen_fd, fd < 0 ? listener_ready : nullptr, nullptr, this);
    if (fd < 0) return;
    if (connecting) return aio_set_fd_handler(ctx, fd, nullptr, connect_ended, this);
    aio_set_fd_handler(ctx, fd, received.size() < MAX_RECEIVED ? peer_readable : nullptr,
                       waits_output ? peer_writable : nullptr, this);
}

// "disconnected:unix:/tmp/socket,server=on", "tcp:127.0.0.1:4444,server=on <-> 127.0.0.1:40001"
void SocketChardev::name_it() {
    std::string name = socket_address_to_string(address);
    if (is_open()) name = socket_local_name(fd, address);
    filename = (is_open() ? "" : "disconnected:") + name + (is_server ? ",server=on" : "");
    if (is_open() && !address.is_unix()) filename += " <-> " + socket_peer_name(fd);
}

// --- the peer comes and goes

static void close_peer(SocketChardev &s) {
    aio_set_fd_handler(qemu_get_aio_context(), s.fd, nullptr, nullptr, nullptr);
    close(s.fd);
    s.fd = -1;
    s.connecting = s.waits_output = false;
}

static void reconnect_later(SocketChardev &s) {
    if (s.reconnect_ns == 0) return;
    timer_mod(&s.reconnect_timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + s.reconnect_ns);
}

[[gnu::noinline]] static void peer_came(SocketChardev &s) {
    int on = s.nodelay; // a Unix socket refuses, and does so anyway
    setsockopt(s.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s.connecting = false;
    s.received.clear(); // the last peer's
    s.delivered = 0;
    s.name_it();
    s.watch();
    qemu_chr_be_event(&s, CHR_EVENT_OPENED);
}

[[gnu::noinline]] static void peer_went(SocketChardev &s) {
    close_peer(s);
    s.unsent.clear();
    s.name_it();
    s.watch();
    reconnect_later(s);
    qemu_chr_be_event(&s, CHR_EVENT_CLOSED);
    qemu_chr_be_writable(&s); // into the void
}

static void listener_ready(void *opaque) {
    auto &s = *static_cast<SocketChardev *>(opaque);
    s.fd = accept4(s.listen_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (s.fd >= 0) peer_came(s);
}

static void connect_ended(void *opaque) {
    auto &s = *static_cast<SocketChardev *>(opaque);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(s.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return peer_came(s);
    close_peer(s);
    reconnect_later(s);
}

static void connect_again(void *opaque) {
    auto &s = *static_cast<SocketChardev *>(opaque);
    s.fd = socket_connect(s.address, /*blocking=*/false, nullptr);
    if (s.fd < 0) return reconnect_later(s);
    s.connecting = true;
    s.watch();
}

// --- bytes

// What the front end does with it may lead here again, or change `received`.
static void deliver(SocketChardev &s) {
    if (s.delivering) return;
    s.delivering = true;
    while (s.delivered < s.received.size()) {
        int room = qemu_chr_be_can_write(&s);
        if (room <= 0) break;
        std::string part = s.received.substr(s.delivered, static_cast<size_t>(room));
        s.delivered += part.size();
        qemu_chr_be_write(&s, reinterpret_cast<const uint8_t *>(part.data()),
                          static_cast<int>(part.size()));
    }
    s.received.erase(0, s.delivered);
    s.delivered = 0;
    s.delivering = false;
}

static void peer_readable(void *opaque) {
    auto &s = *static_cast<SocketChardev *>(opaque);
    char buf[4096];
    ssize_t n = recv(s.fd, buf, sizeof buf, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return peer_went(s);
    s.received.append(buf, static_cast<size_t>(n));
    deliver(s);
    s.watch();
}

static void peer_writable(void *opaque) {
    auto &s = *static_cast<SocketChardev *>(opaque);
    s.waits_output = false;
    qemu_chr_be_writable(&s);
    s.watch();
}

int SocketChardev::write(const uint8_t *buf, int size) {
    if (!is_open()) return size;
    ssize_t n = send(fd, buf, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) return static_cast<int>(n);
    // one that is gone is noticed by the next read
    return errno == EAGAIN || errno == EINTR ? 0 : size;
}

void SocketChardev::watch_output() {
    waits_output = true;
    watch();
}

void SocketChardev::accept_input() {
    deliver(*this);
    watch();
}

void SocketChardev::set_frontend(const CharFrontend &frontend) {
    Chardev::set_frontend(frontend);
    accept_input();
}

// --- life cycle and registration

SocketChardev::SocketChardev(SocketAddress a, const QemuOpts &opts)
    : address(std::move(a)), is_server(qemu_opt_get_bool(&opts, "server", false)),
      nodelay(qemu_opt_get_bool(&opts, "nodelay", false)),
      reconnect_ns(static_cast<int64_t>(qemu_opt_get_number(&opts, "reconnect", 0)) *
                   NANOSECONDS_PER_SECOND) {
    timer_init_ns(&reconnect_timer, QEMU_CLOCK_REALTIME, connect_again, this);
    name_it();
}

SocketChardev::~SocketChardev() {
    if (fd >= 0) close_peer(*this);
    if (listen_fd < 0) return;
    aio_set_fd_handler(qemu_get_aio_context(), listen_fd, nullptr, nullptr, nullptr);
    close(listen_fd);
    if (address.is_unix()) unlink(address.path.c_str());
}

// wait=on: somebody has to come before the machine is made.
static bool wait_for_peer(SocketChardev &s, Error **errp) {
    info_report("QEMU waiting for connection on: %s", s.filename.c_str());
    while (s.fd < 0) {
        pollfd p{ s.listen_fd, POLLIN, 0 };
        if (poll(&p, 1, -1) < 0 && errno != EINTR) {
            error_setg(errp, "Unable to accept a connection: %s", strerror(errno));
            return false;
        }
        s.fd = accept4(s.listen_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    return true;
}

static bool start_server(SocketChardev &s, bool wait, Error **errp) {
    s.listen_fd = socket_listen(&s.address, errp);
    if (s.listen_fd < 0) return false;
    s.name_it(); // with the port that was free
    return !wait || wait_for_peer(s, errp);
}

static bool start_client(SocketChardev &s, Error **errp) {
    if (s.reconnect_ns) {
        connect_again(&s);
        return true;
    }
    s.fd = socket_connect(s.address, /*blocking=*/true, errp);
    return s.fd >= 0;
}

static bool options_ok(const QemuOpts &opts, Error **errp) {
    bool server = qemu_opt_get_bool(&opts, "server", false);
    const char *wrong = nullptr;
    if (!server && qemu_opt_get(&opts, "wait"))
        wrong = "'wait' option is incompatible with socket in client connect mode";
    if (server && qemu_opt_get_number(&opts, "reconnect", 0))
        wrong = "'reconnect' option is incompatible with socket in server listen mode";
    if (wrong) error_setg(errp, "%s", wrong);
    return !wrong;
}

static Chardev *open_socket(const QemuOpts &opts, Error **errp) {
    SocketAddress address;
    if (!options_ok(opts, errp) || !socket_address_parse(opts, &address, errp)) return nullptr;
    auto chr = std::make_unique<SocketChardev>(address, opts);
    bool wait = qemu_opt_get_bool(&opts, "wait", !qemu_opt_get_bool(&opts, "nowait", false));
    bool ok = chr->is_server ? start_server(*chr, wait, errp) : start_client(*chr, errp);
    if (!ok) return nullptr;
    if (chr->is_open()) peer_came(*chr);
    chr->watch();
    return chr.release();
}

static const ChardevDriver driver = { "socket",
                                      open_socket,
                                      { { "path" },
                                        { "host" },
                                        { "port" },
                                        { "ipv4", QEMU_OPT_BOOL },
                                        { "ipv6", QEMU_OPT_BOOL },
                                        { "server", QEMU_OPT_BOOL },
                                        { "wait", QEMU_OPT_BOOL },
                                        { "nowait", QEMU_OPT_BOOL },
                                        { "nodelay", QEMU_OPT_BOOL },
                                        { "reconnect", QEMU_OPT_NUMBER } } };

static void register_socket() { chardev_register(&driver); }

type_init(register_socket)

} // namespace char_socket
