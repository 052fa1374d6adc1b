// SPDX-License-Identifier: MIT
/* -netdev user: a network of the guest's own behind the host's sockets, by libslirp. It has a
 * gateway (the host), a DHCP and a DNS server, and forwards ports of the host to the guest.
 *
 * A loadable module, net-slirp.so. libslirp asks for sockets to be watched anew before each wait;
 * an epoll instance holds what it wants, so that the main loop sees one descriptor. update() asks
 * after everything that may have changed the answer: an event, a timer, frames from the guest.
 *
 * Missing: smb=, guestfwd=, the addresses of IPv6
 * In gdb:  b net_slirp::receive     b net_slirp::ready, once the library is loaded */
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "hw/net/net.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"
#include "util/option.h"
#include "util/timer.h"

namespace net_slirp {

// --- state

static constexpr int64_t NANOSECONDS_PER_MILLISECOND = 1'000'000;

struct SlirpState : NetClientState {
    Slirp *slirp = nullptr;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    std::vector<pollfd> wanted;    // by the last update()
    std::vector<uint32_t> watched; // by epoll_fd: the events of each descriptor
    QEMUTimer timer;               // libslirp's next timeout
    bool update_scheduled = false;

    ~SlirpState() override;
    ssize_t receive(const uint8_t *buf, size_t size) override;
};
using S = SlirpState;

// --- which sockets to watch

// The same bits in both.
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLPRI == EPOLLPRI);

struct PollBit {
    int slirp;
    short host;
};
static constexpr PollBit poll_bits[] = {
    { SLIRP_POLL_IN, POLLIN },   { SLIRP_POLL_OUT, POLLOUT }, { SLIRP_POLL_PRI, POLLPRI },
    { SLIRP_POLL_ERR, POLLERR }, { SLIRP_POLL_HUP, POLLHUP },
};

static int add_poll(int fd, int events, void *opaque) {
    S &s = *static_cast<S *>(opaque);
    short host = 0;
    for (const PollBit &bit : poll_bits) host |= events & bit.slirp ? bit.host : short{ 0 };
    s.wanted.push_back({ fd, host, 0 });
    return static_cast<int>(s.wanted.size()) - 1;
}

static int get_revents(int index, void *opaque) {
    const S &s = *static_cast<S *>(opaque);
    int events = 0;
    for (const PollBit &bit : poll_bits) {
        events |= s.wanted[static_cast<size_t>(index)].revents & bit.host ? bit.slirp : 0;
    }
    return events;
}

static void watch(S &s, int fd, uint32_t events) {
    auto slot = static_cast<size_t>(fd);
    if (slot >= s.watched.size()) s.watched.resize(slot + 1);
    if (s.watched[slot] == events) return;
    epoll_event event = { .events = events, .data = { .fd = fd } };
    int what = !events ? EPOLL_CTL_DEL : s.watched[slot] ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    epoll_ctl(s.epoll_fd, what, fd, &event);
    s.watched[slot] = events;
}

static void update(S &s) {
    uint32_t timeout_ms = UINT32_MAX;
    s.wanted.clear();
    slirp_pollfds_fill(s.slirp, &timeout_ms, add_poll, &s);
    auto is_wanted = [&s](int fd) {
        return std::any_of(s.wanted.begin(), s.wanted.end(),
                           [fd](const pollfd &p) { return p.fd == fd; });
    };
    for (size_t fd = 0; fd < s.watched.size(); fd++) {
        if (s.watched[fd] && !is_wanted(static_cast<int>(fd))) watch(s, static_cast<int>(fd), 0);
    }
    for (const pollfd &p : s.wanted) watch(s, p.fd, static_cast<uint32_t>(p.events));
    if (timeout_ms == UINT32_MAX) return timer_del(&s.timer);
    timer_mod(&s.timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) +
                            int64_t{ timeout_ms } * NANOSECONDS_PER_MILLISECOND);
}

static void ready(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    int n = poll(s.wanted.data(), s.wanted.size(), 0);
    slirp_pollfds_poll(s.slirp, n < 0, get_revents, &s);
    update(s);
}

static void update_bh(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.update_scheduled = false;
    if (s.slirp) update(s);
}

static void schedule_update(S &s) {
    if (s.update_scheduled) return;
    s.update_scheduled = true;
    aio_bh_schedule_oneshot(qemu_get_aio_context(), update_bh, &s);
}

// --- frames

ssize_t SlirpState::receive(const uint8_t *buf, size_t size) {
    slirp_input(slirp, buf, static_cast<int>(size));
    schedule_update(*this);
    return static_cast<ssize_t>(size);
}

// --- what libslirp asks of us

static ssize_t send_packet(const void *buf, size_t size, void *opaque) {
    return qemu_send_packet(static_cast<S *>(opaque), static_cast<const uint8_t *>(buf), size);
}

static void guest_error(const char *msg, void *) {
    qemu_log_mask(LOG_GUEST_ERROR, "slirp: %s\n", msg);
}

// The other ends of its connections live in the host's time.
static int64_t clock_get_ns(void *) { return qemu_clock_get_ns(QEMU_CLOCK_REALTIME); }

static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *) {
    auto *timer = new QEMUTimer;
    timer_init_ns(timer, QEMU_CLOCK_REALTIME, cb, cb_opaque);
    return timer;
}

static void timer_free(void *timer, void *) { delete static_cast<QEMUTimer *>(timer); }

static void timer_mod_ms(void *timer, int64_t expire_ms, void *) {
    timer_mod(static_cast<QEMUTimer *>(timer), expire_ms * NANOSECONDS_PER_MILLISECOND);
}

// A new socket, or one about to be closed: epoll forgets closed ones by itself, and so must we.
static void forget_fd(int fd, void *opaque) {
    S &s = *static_cast<S *>(opaque);
    if (static_cast<size_t>(fd) < s.watched.size()) watch(s, fd, 0);
}

static void notify(void *opaque) { schedule_update(*static_cast<S *>(opaque)); }

static constexpr SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_get_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod_ms,
    .register_poll_fd = forget_fd,
    .unregister_poll_fd = forget_fd,
    .notify = notify,
    .init_completed = nullptr,
    .timer_new_opaque = nullptr,
};

// --- options

// As the user gave them, and the addresses made of them.
struct Settings {
    bool ipv4 = true, ipv6 = true, restricted = false;
    in_addr net, mask, host, dhcp, dns;
    std::vector<const char *> search; // ends with a null
};

static bool known_name(const std::string &name) {
    static constexpr const char *names[] = {
        "type", "ipv4",     "ipv6",      "restrict",   "net",  "host",     "dhcpstart",
        "dns",  "hostname", "dnssearch", "domainname", "tftp", "bootfile", "hostfwd",
    };
    return std::any_of(std::begin(names), std::end(names),
                       [&name](const char *known) { return name == known; });
}

static bool check_names(const QemuOpts *opts, Error **errp) {
    for (const QemuOpt &opt : opts->opts) {
        if (!known_name(opt.name)) {
            error_setg(errp, "Invalid parameter '%s'", opt.name.c_str());
            return false;
        }
        if (opt.name == "domainname" && opt.value.empty()) {
            error_setg(errp, "'domainname' parameter cannot be empty");
            return false;
        }
    }
    return true;
}

static bool take_bool(const QemuOpts *opts, const char *name, bool *value, Error **errp) {
    const char *text = qemu_opt_get(opts, name);
    return !text || parse_option_bool(name, text, value, errp);
}

static bool take_address(const QemuOpts *opts, const char *name, const char *what, in_addr *addr,
                         Error **errp) {
    const char *text = qemu_opt_get(opts, name);
    if (!text || inet_aton(text, addr)) return true;
    error_setg(errp, "Failed to parse %s", what);
    return false;
}

// What the classes of old had, for a net without a mask.
static in_addr class_mask(in_addr net) {
    uint32_t addr = ntohl(net.s_addr);
    if (!(addr & 0x80000000)) return { htonl(0xff000000) };
    if ((addr & 0xfff00000) == 0xac100000) return { htonl(0xfff00000) };
    return { htonl((addr & 0xc0000000) == 0x80000000 ? 0xffff0000 : 0xffffff00) };
}

// "10.0.2.0/24", "10.0.2.0/255.255.255.0", "10.0.2.0"
static bool take_network(const QemuOpts *opts, Settings *set, Error **errp) {
    const char *given = qemu_opt_get(opts, "net");
    std::string text = given ? given : "10.0.2.0/24";
    size_t slash = text.find('/');
    if (!inet_aton(text.substr(0, slash).c_str(), &set->net)) {
        error_setg(errp, "Failed to parse netmask");
        return false;
    }
    if (slash == std::string::npos) {
        set->mask = class_mask(set->net);
    } else {
        std::string mask = text.substr(slash + 1);
        uint64_t bits = 0;
        if (parse_option_number("net", mask, &bits, nullptr)) {
            if (bits < 4 || bits > 32) {
                error_setg(errp, "Invalid netmask provided (must be in range 4-32)");
                return false;
            }
            set->mask.s_addr = htonl(static_cast<uint32_t>(UINT64_C(0xffffffff) << (32 - bits)));
        } else if (!inet_aton(mask.c_str(), &set->mask)) {
            error_setg(errp, "Failed to parse netmask (trailing chars)");
            return false;
        }
    }
    set->net.s_addr &= set->mask.s_addr;
    return true;
}

static in_addr host_of(const Settings &set, uint32_t number) {
    return { set.net.s_addr | (htonl(number) & ~set.mask.s_addr) };
}

static bool check_addresses(const Settings &set, Error **errp) {
    auto outside = [&set](in_addr a) { return (a.s_addr & set.mask.s_addr) != set.net.s_addr; };
    const char *wrong = nullptr;
    if (outside(set.host))
        wrong = "Host doesn't belong to network";
    else if (set.restricted && outside(set.dns))
        wrong = "DNS doesn't belong to network";
    else if (set.dns.s_addr == set.host.s_addr)
        wrong = "DNS must be different from host";
    else if (outside(set.dhcp))
        wrong = "DHCP doesn't belong to network";
    else if (set.dhcp.s_addr == set.host.s_addr || set.dhcp.s_addr == set.dns.s_addr)
        wrong = "DHCP must be different from host and DNS";
    if (wrong) error_setg(errp, "%s", wrong);
    return !wrong;
}

static bool take_settings(const QemuOpts *opts, Settings *set, Error **errp) {
    if (!check_names(opts, errp) || !take_bool(opts, "ipv4", &set->ipv4, errp) ||
        !take_bool(opts, "ipv6", &set->ipv6, errp) ||
        !take_bool(opts, "restrict", &set->restricted, errp)) {
        return false;
    }
    if (!set->ipv4 && !set->ipv6) {
        error_setg(errp, "IPv4 and IPv6 disabled");
        return false;
    }
    bool has_addresses =
        qemu_opt_get(opts, "net") || qemu_opt_get(opts, "host") || qemu_opt_get(opts, "dns");
    if (!set->ipv4 && has_addresses) {
        error_setg(errp, "IPv4 disabled but netmask/host/dns provided");
        return false;
    }
    if (!take_network(opts, set, errp)) return false;
    set->host = host_of(*set, 0x0202);
    set->dhcp = host_of(*set, 0x020f);
    set->dns = host_of(*set, 0x0203);
    for (const QemuOpt &opt : opts->opts) {
        if (opt.name == "dnssearch") set->search.push_back(opt.value.c_str());
    }
    set->search.push_back(nullptr);
    return take_address(opts, "host", "host", &set->host, errp) &&
           take_address(opts, "dhcpstart", "DHCP start address", &set->dhcp, errp) &&
           take_address(opts, "dns", "DNS", &set->dns, errp) && check_addresses(*set, errp);
}

// --- ports of the host

struct HostForward {
    bool udp = false;
    in_addr host = { INADDR_ANY }, guest = { 0 }; // guest 0: the first that DHCP gives out
    uint64_t host_port = 0, guest_port = 0;
};

// Takes what is in front of `separator` out of `text`; false if there is none.
static bool take_field(std::string *text, char separator, std::string *field) {
    size_t at = text->find(separator);
    if (at == std::string::npos) return false;
    *field = text->substr(0, at);
    text->erase(0, at + 1);
    return true;
}

static bool parse_port(const std::string &text, uint64_t least, uint64_t *port) {
    return parse_option_number("port", text, port, nullptr) && *port >= least && *port <= 65535;
}

// "[tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport"; what is wrong with it, or nullptr.
static const char *parse_hostfwd(std::string text, HostForward *fwd) {
    std::string field;
    if (!take_field(&text, ':', &field)) return "No : separators";
    fwd->udp = field == "udp";
    if (!fwd->udp && field != "tcp" && !field.empty()) return "Bad protocol name";
    if (!take_field(&text, ':', &field)) return "Missing : separator";
    if (!field.empty() && !inet_aton(field.c_str(), &fwd->host)) return "Bad host address";
    if (!take_field(&text, '-', &field)) return "Bad host port separator";
    if (field.empty()) field = "0"; // any that is free
    if (!parse_port(field, 0, &fwd->host_port)) return "Bad host port";
    if (!take_field(&text, ':', &field)) return "Missing guest address";
    if (!field.empty() && !inet_aton(field.c_str(), &fwd->guest)) return "Bad guest address";
    if (!parse_port(text, 1, &fwd->guest_port)) return "Bad guest port";
    return nullptr;
}

static bool add_hostfwd(S &s, const std::string &text, Error **errp) {
    HostForward fwd;
    if (const char *why = parse_hostfwd(text, &fwd)) {
        error_setg(errp, "Invalid host forwarding rule '%s' (%s)", text.c_str(), why);
        return false;
    }
    if (slirp_add_hostfwd(s.slirp, fwd.udp, fwd.host, static_cast<int>(fwd.host_port), fwd.guest,
                          static_cast<int>(fwd.guest_port)) < 0) {
        error_setg(errp, "Could not set up host forwarding rule '%s'", text.c_str());
        return false;
    }
    return true;
}

// --- life cycle and registration

static SlirpConfig make_config(const QemuOpts *opts, Settings *set) {
    SlirpConfig c = {};
    c.version = 1;
    c.restricted = set->restricted;
    c.in_enabled = set->ipv4;
    c.vnetwork = set->net;
    c.vnetmask = set->mask;
    c.vhost = set->host;
    c.vdhcp_start = set->dhcp;
    c.vnameserver = set->dns;
    c.in6_enabled = set->ipv6;
    inet_pton(AF_INET6, "fec0::", &c.vprefix_addr6);
    c.vprefix_len = 64;
    inet_pton(AF_INET6, "fec0::2", &c.vhost6);
    inet_pton(AF_INET6, "fec0::3", &c.vnameserver6);
    c.vhostname = qemu_opt_get(opts, "hostname");
    c.tftp_path = qemu_opt_get(opts, "tftp");
    c.bootfile = qemu_opt_get(opts, "bootfile");
    c.vdnssearch = set->search.size() > 1 ? set->search.data() : nullptr;
    c.vdomainname = qemu_opt_get(opts, "domainname");
    return c;
}

static constexpr NetClientInfo info = {
    .type = "user",
    // a segment goes into a socket, whatever its size
    .takes_large_segments = true,
    .sends_good_checksums = true,
};

SlirpState::~SlirpState() {
    aio_set_fd_handler(qemu_get_aio_context(), epoll_fd, nullptr, nullptr, nullptr);
    if (slirp) slirp_cleanup(slirp);
    slirp = nullptr;
    while (update_scheduled) aio_poll(qemu_get_aio_context(), /*blocking=*/false);
    close(epoll_fd);
}

static bool init(const QemuOpts *opts, const std::string &name, Error **errp) {
    Settings set;
    if (!take_settings(opts, &set, errp)) return false;
    SlirpConfig config = make_config(opts, &set);
    auto s = std::make_unique<S>();
    timer_init_ns(&s->timer, QEMU_CLOCK_REALTIME, ready, s.get());
    s->slirp = slirp_new(&config, &callbacks, s.get());
    if (!s->slirp || s->epoll_fd < 0) {
        error_setg(errp, "Could not start the user network: %s", strerror(errno));
        return false;
    }
    for (const QemuOpt &opt : opts->opts) {
        if (opt.name == "hostfwd" && !add_hostfwd(*s, opt.value, errp)) return false;
    }
    s->info_str =
        std::string("net=") + inet_ntoa(set.net) + ",restrict=" + (set.restricted ? "on" : "off");
    aio_set_fd_handler(qemu_get_aio_context(), s->epoll_fd, ready, nullptr, s.get());
    update(*s);
    qemu_new_net_client(s.release(), &info, "user", name);
    return true;
}

static const NetClientDriver driver = { "user", init };

static void register_user() { net_client_register(&driver); }

type_init(register_user)

} // namespace net_slirp
