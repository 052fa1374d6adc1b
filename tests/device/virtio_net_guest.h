// SPDX-License-Identifier: MIT
/* A driver for virtio-net, as small as it can be. */
#pragma once

#include <cstring>

#include "hw/net/net.h"
#include "tests/device/virtio_guest.h"
#include "util/aio.h"

inline constexpr unsigned NET_RX = 0, NET_TX = 1, NET_CTRL = 2;
inline constexpr unsigned NET_F_CSUM = 0, NET_F_GUEST_CSUM = 1, NET_F_GUEST_TSO4 = 7,
                          NET_F_HOST_TSO4 = 11, NET_F_MRG_RXBUF = 15, NET_F_CTRL_VQ = 17,
                          NET_F_CTRL_RX = 18, NET_F_CTRL_MAC_ADDR = 23;
inline constexpr const char *NET_MAC = "52:54:00:12:34:99";
inline const std::string MY_MAC("\x52\x54\x00\x12\x34\x99", 6), BROADCAST(6, '\xff');

inline uint64_t bits(std::initializer_list<unsigned> all) {
    uint64_t mask = 0;
    for (unsigned bit : all) mask |= uint64_t{ 1 } << bit;
    return mask;
}

class NetGuest : public VirtioGuest {
public:
    explicit NetGuest(const std::string &netdev, Version version = Modern, Chip::Props props = {})
        : VirtioGuest("virtio-net-device", with(std::move(props), netdev), version) {}

    static constexpr hwaddr TX_BUFFER = DATA, RX_BUFFER = DATA + 0x20000,
                            CTRL_BUFFER = DATA + 0x800;
    static constexpr uint32_t RX_SIZE = 2048;
    size_t header = 12;

    void run(uint64_t features = 0, uint32_t rx_size = RX_SIZE) {
        start(features, 3);
        sent = taken = 0;
        for (unsigned n = 0; n < NUM; n++)
            descriptor(n, rx_buffer(n), rx_size, VRING_DESC_F_WRITE, 0, NET_RX);
    }
    static constexpr hwaddr rx_buffer(unsigned n) { return RX_BUFFER + 0x2000 * n; }
    // Gives the device `n` buffers.
    void offer(unsigned n, unsigned first = 0) {
        for (unsigned i = first; i < first + n; i++) publish(static_cast<uint16_t>(i), NET_RX);
        kick(NET_RX);
    }
    // Sends a frame behind a header with these fields.
    void send(const std::string &frame, uint8_t flags = 0, uint8_t gso = 0, uint16_t start = 0,
              uint16_t offset = 0) {
        uint16_t fields[6] = { static_cast<uint16_t>(flags | gso << 8), 0, 0, start, offset, 0 };
        memcpy(at(TX_BUFFER), fields, header);
        memcpy(at(TX_BUFFER) + header, frame.data(), frame.size());
        descriptor(0, TX_BUFFER, static_cast<uint32_t>(header + frame.size()), 0, 0, NET_TX);
        submit(0, NET_TX);
        wait_used(++sent, NET_TX);
    }
    // What the device wrote into buffer `n`, behind the header.
    std::string frame(unsigned n, uint32_t used_len) {
        return std::string(reinterpret_cast<char *>(at(rx_buffer(n))) + header, used_len - header);
    }
    // The next frame that comes in, its buffer given back; "" after two seconds.
    std::string receive() {
        constexpr int64_t millisecond = 1'000'000;
        for (int turns = 0; used_idx(NET_RX) == taken; turns++) {
            if (turns == 2000) return "";
            aio_poll(qemu_get_aio_context(), true, millisecond);
        }
        VRingUsedElem elem = used(taken++, NET_RX);
        std::string got = frame(elem.id, elem.len);
        offer(1, elem.id);
        return got;
    }
    uint8_t control(const std::string &request) {
        memcpy(at(CTRL_BUFFER), request.data(), request.size());
        descriptor(0, CTRL_BUFFER, static_cast<uint32_t>(request.size()), VRING_DESC_F_NEXT, 1,
                   NET_CTRL);
        descriptor(1, CTRL_BUFFER + 0x700, 1, VRING_DESC_F_WRITE, 0, NET_CTRL);
        *at(CTRL_BUFFER + 0x700) = 0xff;
        submit(0, NET_CTRL);
        return *at(CTRL_BUFFER + 0x700);
    }

    uint16_t sent = 0, taken = 0;

private:
    static Chip::Props with(Chip::Props props, const std::string &netdev) {
        props.push_back({ "mac", NET_MAC });
        if (!netdev.empty()) props.push_back({ "netdev", netdev });
        return props;
    }
};

// --- a peer that the test plays

inline constexpr NetClientInfo peer_info = { .type = "test",
                                             .takes_large_segments = true,
                                             .sends_good_checksums = true };

struct TestPeer : NetClientState {
    std::vector<std::string> got;

    TestPeer() { qemu_new_net_client(this, &peer_info, "test", "peer0"); }
    ~TestPeer() override { qemu_del_net_client(this); }
    ssize_t receive(const uint8_t *buf, size_t size) override {
        got.emplace_back(reinterpret_cast<const char *>(buf), size);
        return static_cast<ssize_t>(size);
    }
    ssize_t send(const std::string &frame) {
        return qemu_send_packet(this, reinterpret_cast<const uint8_t *>(frame.data()),
                                frame.size());
    }
};
