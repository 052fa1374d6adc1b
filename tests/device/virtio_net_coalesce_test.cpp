// SPDX-License-Identifier: MIT
/* Large segments towards the guest: what becomes one, what does not, and in which order. */
#include <arpa/inet.h>

#include "hw/net/net-checksum.h"
#include "tests/device/virtio_net_guest.h"

static constexpr uint8_t FIN = 1, PSH = 8, ACK = 16;
static constexpr size_t HEADERS = 54, DATA_SIZE = 1000;

static std::string data_of(uint32_t seq, size_t size) {
    std::string text(size, 0);
    for (size_t i = 0; i < size; i++) text[i] = static_cast<char>((seq + i) * 31);
    return text;
}

static void put(std::string *frame, size_t at, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; i++) {
        (*frame)[at + i] = static_cast<char>(value >> (8 * (size - 1 - i)));
    }
}

static uint16_t sum_of(const std::string &text, uint64_t start = 0) {
    return internet_sum(reinterpret_cast<const uint8_t *>(text.data()), text.size(), start);
}

// The TCP checksum as it is sent: over the pseudo header and the segment, whose own field is 0.
static uint16_t tcp_checksum(std::string frame) {
    std::string pseudo = frame.substr(26, 8) + std::string("\0\6\0\0", 4);
    put(&pseudo, 10, frame.size() - 34, 2);
    put(&frame, 50, 0, 2);
    return static_cast<uint16_t>(~sum_of(frame.substr(34), sum_of(pseudo)));
}

static std::string segment(uint32_t seq, uint8_t flags = ACK, size_t size = DATA_SIZE) {
    std::string frame = MY_MAC + BROADCAST + std::string("\x08\x00\x45", 3);
    frame.resize(HEADERS);
    put(&frame, 16, 40 + size, 2);
    put(&frame, 22, 64, 1);         // time to live
    put(&frame, 23, 6, 1);          // TCP
    put(&frame, 26, 0x0a000202, 4); // from 10.0.2.2
    put(&frame, 30, 0x0a00020f, 4);
    uint16_t sum = static_cast<uint16_t>(~sum_of(frame.substr(14, 20)));
    memcpy(&frame[24], &sum, 2);
    put(&frame, 34, 80, 2);
    put(&frame, 36, 5555, 2);
    put(&frame, 38, seq, 4);
    put(&frame, 42, 77, 4); // what it acknowledges
    put(&frame, 46, 0x50, 1);
    put(&frame, 47, flags, 1);
    put(&frame, 48, 8192, 2); // window
    frame += data_of(seq, size);
    sum = tcp_checksum(frame);
    memcpy(&frame[50], &sum, 2);
    return frame;
}

class VirtioNetCoalesce : public testing::Test {
protected:
    TestPeer peer;
    NetGuest guest{ "peer0" };

    void SetUp() override {
        guest.run(bits({ NET_F_GUEST_CSUM, NET_F_GUEST_TSO4, NET_F_MRG_RXBUF }), 0x2000);
    }
    void turn() { aio_poll(qemu_get_aio_context(), false); }
    // The frames that the driver has, in order.
    std::vector<std::string> received() {
        std::vector<std::string> frames;
        for (unsigned n = 0; n < guest.used_idx(NET_RX); n++) {
            VRingUsedElem elem = guest.used(n, NET_RX);
            frames.push_back(guest.frame(elem.id, elem.len));
        }
        return frames;
    }
    uint16_t header_word(unsigned buffer, unsigned at) {
        uint16_t value;
        memcpy(&value, guest.at(NetGuest::rx_buffer(buffer)) + at, 2);
        return value;
    }
};

TEST_F(VirtioNetCoalesce, MakesOneOfSeveral) {
    guest.offer(2);
    for (uint32_t seq : { 0xfffffc18u, 0u }) EXPECT_NE(peer.send(segment(seq)), 0); // they wrap
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    EXPECT_NE(peer.send(segment(1000, ACK | PSH, 500)), 0);
    ASSERT_EQ(received().size(), 1u);
    std::string got = received()[0];
    EXPECT_EQ(header_word(0, 0), 1 | 1 << 8); // its checksum is to be made; TCP over IPv4
    EXPECT_EQ(header_word(0, 2), HEADERS);
    EXPECT_EQ(header_word(0, 4), DATA_SIZE);
    EXPECT_EQ(header_word(0, 6), 34); // where TCP begins, and its checksum there
    EXPECT_EQ(header_word(0, 8), 16);
    EXPECT_EQ(header_word(0, 10), 1);

    std::string want = segment(0xfffffc18, ACK | PSH, 2500);
    EXPECT_EQ(sum_of(got.substr(14, 20)), 0xffff); // IP's is good
    uint16_t finished = static_cast<uint16_t>(~sum_of(got.substr(34)));
    EXPECT_EQ(finished, tcp_checksum(want));
    got.replace(50, 2, want.substr(50, 2));
    EXPECT_EQ(got, want);
}

TEST_F(VirtioNetCoalesce, WaitsForOneTurnOfTheLoop) {
    guest.offer(2);
    peer.send(segment(0));
    peer.send(segment(1000));
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    turn();
    ASSERT_EQ(received().size(), 1u);
    EXPECT_EQ(received()[0].substr(HEADERS), data_of(0, 2000));
}

TEST_F(VirtioNetCoalesce, OneAloneStaysAsItIs) {
    guest.offer(2);
    peer.send(segment(0, ACK | PSH));
    EXPECT_EQ(guest.used_idx(NET_RX), 1); // at once
    peer.send(segment(1000));
    turn();
    EXPECT_EQ(received(), (std::vector{ segment(0, ACK | PSH), segment(1000) }));
    EXPECT_EQ(header_word(1, 0), 2); // its checksum is good
}

TEST_F(VirtioNetCoalesce, WhatDoesNotFitComesBehind) {
    std::string other_port = segment(1000), options = segment(1000), fragment = segment(1000),
                window = segment(1000), acknowledges = segment(1000), urgent = segment(1000),
                padded = segment(1000) + "pad", cut = segment(1000).substr(0, 60);
    put(&other_port, 36, 5556, 2);
    put(&options, 14, 0x46, 1);
    put(&fragment, 20, 0x2000, 2);
    put(&window, 48, 4096, 2);
    put(&acknowledges, 42, 78, 4);
    put(&urgent, 52, 1, 2);
    const std::string others[] = { segment(999),
                                   segment(1001),
                                   segment(1000, ACK | FIN),
                                   segment(1000, ACK, 1001),
                                   other_port,
                                   options,
                                   fragment,
                                   window,
                                   acknowledges,
                                   urgent,
                                   padded,
                                   cut,
                                   std::string("\xff\xff\xff\xff\xff\xff\x52\x54\0\0\0\0\x08\x06",
                                               14) };
    for (const std::string &other : others) {
        SetUp();
        guest.offer(3);
        peer.send(segment(0));
        peer.send(other);
        turn();
        EXPECT_EQ(received(), (std::vector{ segment(0), other }));
    }
}

TEST_F(VirtioNetCoalesce, NoneIsLargerThanIpAllows) {
    guest.offer(8);
    for (uint32_t n = 0; n < 65; n++) peer.send(segment(n * 1000));
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    peer.send(segment(65000));
    ASSERT_EQ(guest.used_idx(NET_RX), 8);
    std::string got;
    for (unsigned n = 0; n < 8; n++) {
        auto *p = reinterpret_cast<char *>(guest.at(NetGuest::rx_buffer(n)));
        got.append(p, guest.used(n, NET_RX).len);
    }
    EXPECT_EQ(got[10], 8); // num_buffers
    EXPECT_EQ(got.substr(12 + HEADERS), data_of(0, 65000));
}

TEST_F(VirtioNetCoalesce, WaitsForBuffersInOrder) {
    peer.send(segment(0));
    peer.send(segment(1000, ACK | PSH));
    EXPECT_EQ(peer.send(segment(2000, ACK | FIN)), 0); // behind it
    turn();
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    guest.offer(2);
    ASSERT_EQ(received().size(), 2u);
    EXPECT_EQ(received()[0].substr(HEADERS), data_of(0, 2000));
    EXPECT_EQ(received()[1], segment(2000, ACK | FIN));
}

TEST_F(VirtioNetCoalesce, ResetForgetsWhatIsHeld) {
    peer.send(segment(0));
    SetUp();
    guest.offer(2);
    turn();
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
}

TEST_F(VirtioNetCoalesce, OnlyForADriverThatWantsIt) {
    guest.run(bits({ NET_F_GUEST_CSUM, NET_F_MRG_RXBUF }));
    guest.offer(2);
    peer.send(segment(0));
    peer.send(segment(1000));
    EXPECT_EQ(received(), (std::vector{ segment(0), segment(1000) }));
}
