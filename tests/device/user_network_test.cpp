// SPDX-License-Identifier: MIT
/* The user network of libslirp behind a virtio network card: DHCP, a server on the host, a
 * forwarded port. Nothing leaves the host. */
#include <memory>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/device/virtio_net_guest.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

static constexpr const char *GATEWAY = "10.0.2.2", *ME = "10.0.2.15";

// --- packets

template <typename T>
static std::string bytes_of(const T &value) {
    return std::string(reinterpret_cast<const char *>(&value), sizeof(value));
}

template <typename T>
static T header_at(const std::string &frame, size_t offset) {
    T value = {};
    if (frame.size() >= offset + sizeof(T)) memcpy(&value, frame.data() + offset, sizeof(T));
    return value;
}

static std::string address(const char *text) {
    in_addr addr{ inet_addr(text) };
    return bytes_of(addr.s_addr);
}

static uint32_t sum_words(const std::string &text) {
    uint32_t sum = 0;
    for (size_t i = 0; i < text.size(); i++) {
        uint32_t byte = static_cast<uint8_t>(text[i]);
        sum += i % 2 ? byte : byte << 8;
    }
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static std::string ethernet(uint16_t type, const std::string &payload) {
    return BROADCAST + MY_MAC + bytes_of(htons(type)) + payload;
}

static std::string ipv4(const char *from, const char *to, uint8_t protocol,
                        const std::string &payload) {
    iphdr ip = {};
    ip.version = 4;
    ip.ihl = 5;
    ip.ttl = 64;
    ip.protocol = protocol;
    ip.tot_len = htons(static_cast<uint16_t>(sizeof(ip) + payload.size()));
    ip.saddr = inet_addr(from);
    ip.daddr = inet_addr(to);
    ip.check = htons(static_cast<uint16_t>(~sum_words(bytes_of(ip))));
    return ethernet(0x0800, bytes_of(ip) + payload);
}

static std::string udp(const char *from, const char *to, uint16_t source, uint16_t dest,
                       const std::string &payload) {
    udphdr head = {};
    head.source = htons(source);
    head.dest = htons(dest);
    head.len = htons(static_cast<uint16_t>(sizeof(head) + payload.size()));
    return ipv4(from, to, IPPROTO_UDP, bytes_of(head) + payload);
}

// Its checksum is left to the card, but for the pseudo header.
static std::string tcp(const char *to, tcphdr head, const std::string &payload) {
    head.doff = 5;
    head.window = htons(32768);
    auto size = static_cast<uint16_t>(sizeof(head) + payload.size());
    std::string pseudo =
        address(ME) + address(to) + bytes_of(htons(IPPROTO_TCP)) + bytes_of(htons(size));
    head.check = htons(static_cast<uint16_t>(sum_words(pseudo)));
    return ipv4(ME, to, IPPROTO_TCP, bytes_of(head) + payload);
}

static std::string arp_request(const char *whose) {
    return ethernet(0x0806, std::string("\x00\x01\x08\x00\x06\x04\x00\x01", 8) + MY_MAC +
                                address(ME) + std::string(6, '\0') + address(whose));
}

// --- the network

static bool start_network(const std::string &options, Error **errp) {
    static QemuOptsList list = { .name = "netdev", .implied_opt_name = "type" };
    qemu_init_exec_dir("");
    QemuOpts *opts = qemu_opts_parse(&list, options, true, &error_abort);
    bool ok = net_client_init(opts, opts->id, errp);
    qemu_opts_del(opts);
    return ok;
}

static constexpr size_t PAYLOAD = 14 + sizeof(iphdr); // of an IP frame

class UserNetwork : public testing::Test {
protected:
    std::unique_ptr<NetGuest> guest;

    // Starts the network and a driver; the gateway knows the guest's address then.
    void start(const std::string &options) {
        ASSERT_TRUE(start_network("user,id=n0,ipv6=off" + options, &error_abort));
        guest = std::make_unique<NetGuest>("n0");
        guest->run(bits({ NET_F_CSUM, NET_F_GUEST_CSUM }));
        guest->offer(VirtioGuest::NUM);
        guest->send(arp_request(GATEWAY));
        std::string reply = guest->receive();
        ASSERT_EQ(reply.substr(12, 2), "\x08\x06");
        ASSERT_EQ(reply.substr(28, 4), address(GATEWAY));
    }
    void TearDown() override {
        guest.reset();
        net_cleanup();
    }
};

// A socket of the host on the loopback address, with a deadline for whoever waits on it.
class HostSocket {
public:
    explicit HostSocket(int type) : fd_(socket(AF_INET, type, 0)) {
        timeval two_seconds = { 2, 0 };
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &two_seconds, sizeof(two_seconds));
        addr_.sin_family = AF_INET;
        addr_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    ~HostSocket() { close(fd_); }
    HostSocket(const HostSocket &) = delete;
    HostSocket &operator=(const HostSocket &) = delete;

    // Returns the port that it got.
    uint16_t listen_anywhere() {
        socklen_t size = sizeof(addr_);
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr *>(&addr_), size), 0);
        EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr *>(&addr_), &size), 0);
        return ntohs(addr_.sin_port);
    }
    int fd() const { return fd_; }
    sockaddr_in addr_{};

private:
    int fd_;
};

TEST_F(UserNetwork, OffersAnAddress) {
    start(",hostname=toy,dns=10.0.2.4,dhcpstart=10.0.2.20");
    std::string bootp = std::string("\x01\x01\x06\x00\xca\xfe\xba\xbe", 8) + std::string(20, '\0') +
                        MY_MAC + std::string(202, '\0') + "\x63\x82\x53\x63" +
                        "\x35\x01\x01\xff" /* DHCPDISCOVER */ + std::string(60, '\0');
    guest->send(udp("0.0.0.0", "255.255.255.255", 68, 67, bootp));
    std::string offer = guest->receive().substr(PAYLOAD + sizeof(udphdr));
    ASSERT_GT(offer.size(), 240u);
    EXPECT_EQ(offer.substr(4, 4), "\xca\xfe\xba\xbe");
    EXPECT_EQ(offer.substr(16, 4), address("10.0.2.20")); // yours
    std::string options = offer.substr(240);
    EXPECT_NE(options.find("\x35\x01\x02"), std::string::npos); // DHCPOFFER
    EXPECT_NE(options.find("\x36\x04" + address(GATEWAY)), std::string::npos);
    EXPECT_NE(options.find("\x06\x04" + address("10.0.2.4")), std::string::npos);
    EXPECT_NE(options.find("\x0c\x03toy"), std::string::npos);
}

TEST_F(UserNetwork, ReachesAServerOfTheHost) {
    HostSocket server(SOCK_DGRAM);
    uint16_t port = server.listen_anywhere();
    start("");
    guest->send(udp(ME, GATEWAY, 5000, port, "ping"));
    char buf[16];
    sockaddr_in from = {};
    socklen_t size = sizeof(from);
    ASSERT_EQ(
        recvfrom(server.fd(), buf, sizeof(buf), 0, reinterpret_cast<sockaddr *>(&from), &size), 4);
    EXPECT_EQ(std::string(buf, 4), "ping");
    ASSERT_EQ(sendto(server.fd(), "answer", 6, 0, reinterpret_cast<sockaddr *>(&from), size), 6);
    std::string frame = guest->receive();
    EXPECT_EQ(frame.substr(0, 6), MY_MAC);
    EXPECT_EQ(ntohs(header_at<udphdr>(frame, PAYLOAD).source), port);
    EXPECT_EQ(frame.substr(PAYLOAD + sizeof(udphdr)), "answer");
}

TEST_F(UserNetwork, RestrictedItReachesNobody) {
    HostSocket server(SOCK_DGRAM);
    uint16_t port = server.listen_anywhere();
    start(",restrict=on");
    guest->send(udp(ME, GATEWAY, 5000, port, "ping"));
    char buf[16];
    EXPECT_EQ(recv(server.fd(), buf, sizeof(buf), MSG_DONTWAIT), -1);
}

// The guest's side of a connection by hand; the gateway checks the checksums that the card made.
TEST_F(UserNetwork, ForwardsAPortOfTheHost) {
    uint16_t port = HostSocket(SOCK_STREAM).listen_anywhere(); // free again
    start(",hostfwd=tcp:127.0.0.1:" + std::to_string(port) + "-:7");
    HostSocket client(SOCK_STREAM);
    client.addr_.sin_port = htons(port);
    ASSERT_EQ(
        connect(client.fd(), reinterpret_cast<sockaddr *>(&client.addr_), sizeof(client.addr_)), 0);
    std::string frame = guest->receive();
    tcphdr syn = header_at<tcphdr>(frame, PAYLOAD);
    ASSERT_TRUE(syn.syn);
    EXPECT_EQ(ntohs(syn.dest), 7);

    tcphdr answer = {};
    answer.source = syn.dest;
    answer.dest = syn.source;
    answer.seq = htonl(1000);
    answer.ack_seq = htonl(ntohl(syn.seq) + 1);
    answer.syn = answer.ack = 1;
    guest->send(tcp(GATEWAY, answer, ""), 1, 0, PAYLOAD, offsetof(tcphdr, check));
    tcphdr ack = header_at<tcphdr>(guest->receive(), PAYLOAD);
    EXPECT_TRUE(ack.ack && !ack.syn && !ack.rst);
    EXPECT_EQ(ntohl(ack.ack_seq), 1001u);

    ASSERT_EQ(write(client.fd(), "hello", 5), 5);
    std::string data = guest->receive();
    EXPECT_EQ(data.substr(PAYLOAD + 4 * header_at<tcphdr>(data, PAYLOAD).doff), "hello");
    answer.syn = 0;
    answer.seq = htonl(1001);
    answer.ack_seq = htonl(ntohl(syn.seq) + 6);
    guest->send(tcp(GATEWAY, answer, "world!"), 1, 0, PAYLOAD, offsetof(tcphdr, check));
    char buf[16];
    ASSERT_EQ(recv(client.fd(), buf, sizeof(buf), 0), 6);
    EXPECT_EQ(std::string(buf, 6), "world!");
}

TEST(UserNetworkOptions, AreChecked) {
    const struct {
        const char *options, *message;
    } rows[] = {
        { "nope=1", "Invalid parameter 'nope'" },
        { "restrict=x", "Parameter 'restrict' expects 'on' or 'off'" },
        { "hostfwd=tcp::70-:22,net=foo", "Failed to parse netmask" },
    };
    for (const auto &row : rows) {
        Error *err = nullptr;
        EXPECT_FALSE(start_network(std::string("user,id=n1,") + row.options, &err));
        EXPECT_STREQ(error_get_pretty(err), row.message);
        error_free(err);
    }
    EXPECT_EQ(qemu_find_netdev("n1"), nullptr);
}
