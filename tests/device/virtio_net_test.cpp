// SPDX-License-Identifier: MIT
/* The virtio network card, with a peer that the test plays. */
#include "tests/device/virtio_net_guest.h"

static constexpr uint16_t NEXT = VRING_DESC_F_NEXT;

static std::string frame_to(const std::string &mac, size_t payload = 100) {
    std::string text = mac + MY_MAC + "\x08\x06";
    for (size_t i = 0; i < payload; i++) text += static_cast<char>(i * 7);
    return text;
}

class VirtioNet : public testing::Test {
protected:
    TestPeer peer;
    NetGuest guest{ "peer0" };
};

TEST_F(VirtioNet, SaysWhatItIs) {
    EXPECT_EQ(guest.mmio.get("DeviceID"), 1u);
    std::string mac;
    for (hwaddr i = 0; i < 6; i++) {
        mac += static_cast<char>(guest.mmio.read(VirtioGuest::CONFIG + i, 1));
    }
    EXPECT_EQ(mac, MY_MAC);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 6, 2), 1u); // the link is up
    EXPECT_EQ(net_info(), "virtio-net-device.0: index=0,type=nic,model=virtio-net-device,"
                          "macaddr=52:54:00:12:34:99\n \\ peer0: index=0,type=test,\n");
}

TEST_F(VirtioNet, Sends) {
    guest.run();
    for (size_t payload : { 46, 1500, 1000 }) guest.send(frame_to(BROADCAST, payload));
    ASSERT_EQ(peer.got.size(), 3u);
    EXPECT_EQ(peer.got[1], frame_to(BROADCAST, 1500));
    EXPECT_EQ(guest.used(1, NET_TX).len, 0u);
    EXPECT_TRUE(guest.mmio.irq());
}

TEST_F(VirtioNet, SendsWhatLiesInPieces) {
    guest.run();
    std::string frame = frame_to(BROADCAST, 200);
    memset(guest.at(NetGuest::TX_BUFFER), 0, 12);
    memcpy(guest.at(NetGuest::TX_BUFFER) + 12, frame.data(), 50);
    memcpy(guest.at(NetGuest::TX_BUFFER) + 0x400, frame.data() + 50, frame.size() - 50);
    guest.descriptor(0, NetGuest::TX_BUFFER, 5, NEXT, 1, NET_TX);
    guest.descriptor(1, NetGuest::TX_BUFFER + 5, 57, NEXT, 2, NET_TX);
    guest.descriptor(2, NetGuest::TX_BUFFER + 0x400, static_cast<uint32_t>(frame.size() - 50), 0, 0,
                     NET_TX);
    guest.submit(0, NET_TX);
    guest.wait_used(1, NET_TX);
    ASSERT_EQ(peer.got.size(), 1u);
    EXPECT_EQ(peer.got[0], frame);
}

TEST_F(VirtioNet, FinishesChecksums) {
    guest.run(bits({ NET_F_CSUM }));
    // RFC 1071, section 3: the sum of these is ddf2
    std::string frame = frame_to(BROADCAST, 0) +
                        std::string("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8) + std::string(3, '\0');
    guest.send(frame, 1, 0, 14, 8);
    ASSERT_EQ(peer.got.size(), 1u);
    frame.replace(14 + 8, 2, "\x22\x0d");
    EXPECT_EQ(peer.got[0], frame);
    EXPECT_EQ(*guest.at(NetGuest::TX_BUFFER + 12 + 22), 0); // the driver's memory is its own
    LogCapture log;
    guest.send(frame, 1, 0, 14, 10);     // one byte behind the end
    guest.send(frame, 1, 0, 0xffff, 20); // far behind it
    EXPECT_EQ(peer.got.size(), 1u);
    EXPECT_EQ(log.lines(), 2u);
    EXPECT_FALSE(guest.needs_reset());
}

TEST_F(VirtioNet, LargeSegmentsPassIfAgreedOn) {
    guest.run(bits({ NET_F_CSUM, NET_F_HOST_TSO4 }));
    std::string large = frame_to(BROADCAST, 60000);
    guest.send(large, 0, 1);
    ASSERT_EQ(peer.got.size(), 1u);
    EXPECT_EQ(peer.got[0], large);
    guest.run(bits({ NET_F_CSUM }));
    LogCapture log;
    guest.send(large, 0, 1);
    EXPECT_EQ(peer.got.size(), 1u);
    EXPECT_EQ(log.lines(), 1u);
}

TEST_F(VirtioNet, RefusesWhatIsNoFrame) {
    guest.run();
    LogCapture log;
    guest.send("short");
    guest.send(frame_to(BROADCAST, 65536));
    EXPECT_EQ(peer.got.size(), 0u);
    EXPECT_EQ(log.lines(), 2u);
    guest.descriptor(0, NetGuest::TX_BUFFER, 11, 0, 0, NET_TX);
    guest.submit(0, NET_TX);
    for (int i = 0; i < 3; i++) aio_poll(qemu_get_aio_context(), false);
    EXPECT_NE(log.text().find("a frame without header"), std::string::npos);
    EXPECT_TRUE(guest.needs_reset());
}

TEST_F(VirtioNet, Receives) {
    guest.run(bits({ NET_F_GUEST_CSUM }));
    guest.offer(2);
    std::string frame = frame_to(MY_MAC, 300);
    EXPECT_EQ(peer.send(frame), static_cast<ssize_t>(frame.size()));
    ASSERT_EQ(guest.used_idx(NET_RX), 1);
    EXPECT_EQ(guest.used(0, NET_RX).len, 12 + frame.size());
    EXPECT_EQ(guest.frame(0, guest.used(0, NET_RX).len), frame);
    uint8_t *header = guest.at(NetGuest::rx_buffer(0));
    EXPECT_EQ(header[0], 2);  // its checksum is good
    EXPECT_EQ(header[10], 1); // num_buffers
    EXPECT_TRUE(guest.mmio.irq());
}

TEST_F(VirtioNet, SpreadsAFrameOverBuffers) {
    guest.run(bits({ NET_F_MRG_RXBUF }), 256);
    guest.offer(2);
    std::string frame = frame_to(MY_MAC, 600); // needs 3
    EXPECT_EQ(peer.send(frame), 0);
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    guest.offer(1, 2);
    ASSERT_EQ(guest.used_idx(NET_RX), 3);
    std::string got;
    for (unsigned n = 0; n < 3; n++) {
        auto *p = reinterpret_cast<char *>(guest.at(NetGuest::rx_buffer(n)));
        got.append(p, guest.used(n, NET_RX).len);
    }
    EXPECT_EQ(got.substr(12), frame);
    EXPECT_EQ(got[10], 3);
}

TEST_F(VirtioNet, FramesWaitForBuffers) {
    guest.run();
    for (size_t n = 1; n <= 5; n++) EXPECT_EQ(peer.send(frame_to(MY_MAC, 100 * n)), 0);
    guest.offer(3);
    EXPECT_EQ(guest.used_idx(NET_RX), 3);
    guest.offer(3, 3);
    ASSERT_EQ(guest.used_idx(NET_RX), 5);
    for (unsigned n = 0; n < 5; n++) {
        EXPECT_EQ(guest.frame(n, guest.used(n, NET_RX).len), frame_to(MY_MAC, 100 * (n + 1)));
    }
    EXPECT_NE(peer.send(frame_to(MY_MAC)), 0); // one buffer is left
}

TEST_F(VirtioNet, ABufferTooSmallForAFrameBreaksIt) {
    guest.run(0, 64);
    guest.offer(1);
    LogCapture log;
    peer.send(frame_to(MY_MAC));
    EXPECT_EQ(log.text(), "virtio-net-device: a buffer of 64 bytes for a frame of 126\n");
    EXPECT_TRUE(guest.needs_reset());
    guest.run();
    guest.offer(1);
    EXPECT_NE(peer.send(frame_to(MY_MAC)), 0);
}

TEST_F(VirtioNet, HearsNothingBeforeItsDriverStarts) {
    EXPECT_NE(peer.send(frame_to(MY_MAC)), 0);
    guest.run();
    guest.offer(1);
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
}

TEST_F(VirtioNet, ResetForgetsWhatWaits) {
    guest.run();
    peer.send(frame_to(MY_MAC));
    guest.run();
    guest.offer(1);
    EXPECT_EQ(guest.used_idx(NET_RX), 0);
    // and a reset between kick and sending
    guest.descriptor(0, NetGuest::TX_BUFFER, 100, 0, 0, NET_TX);
    guest.submit(0, NET_TX);
    guest.mmio.reset();
    for (int i = 0; i < 3; i++) aio_poll(qemu_get_aio_context(), false);
    EXPECT_EQ(peer.got.size(), 0u);
}

TEST_F(VirtioNet, FiltersByAddress) {
    const std::string other("\x52\x54\x00\x00\x00\x01", 6), group("\x01\x00\x5e\x00\x00\x01", 6);
    auto hears = [this](const std::string &mac) {
        uint16_t before = guest.used_idx(NET_RX);
        peer.send(frame_to(mac));
        bool heard = guest.used_idx(NET_RX) != before;
        if (heard) guest.offer(1);
        return heard;
    };
    guest.run(bits({ NET_F_CTRL_VQ, NET_F_CTRL_RX, NET_F_CTRL_MAC_ADDR }));
    guest.offer(8);
    EXPECT_TRUE(hears(other)); // promiscuous until told otherwise
    EXPECT_EQ(guest.control(std::string("\0\0\0", 3)), 0);
    EXPECT_FALSE(hears(other));
    EXPECT_FALSE(hears(group));
    EXPECT_TRUE(hears(MY_MAC));
    EXPECT_TRUE(hears(BROADCAST));
    EXPECT_EQ(guest.control(std::string("\0\1\1", 3)), 0); // all of multicast
    EXPECT_TRUE(hears(group));
    EXPECT_EQ(guest.control(std::string("\0\1\0", 3)), 0);
    std::string one("\1\0\0\0", 4), none(4, '\0');
    EXPECT_EQ(guest.control(std::string("\1\0", 2) + one + other + one + group), 0);
    EXPECT_TRUE(hears(other));
    EXPECT_TRUE(hears(group));
    EXPECT_EQ(guest.control(std::string("\1\0", 2) + none + none), 0);
    EXPECT_FALSE(hears(other));
    EXPECT_EQ(guest.control(std::string("\1\1", 2) + other), 0); // a new address
    EXPECT_TRUE(hears(other));
    EXPECT_FALSE(hears(MY_MAC));
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 5, 1), 1u);
}

TEST_F(VirtioNet, RefusesBadControlRequests) {
    guest.run(bits({ NET_F_CTRL_VQ, NET_F_CTRL_RX }));
    const std::string many("\xff\xff\xff\xff", 4), none(4, '\0');
    for (const std::string &request :
         { std::string("\0", 1), std::string("\0\0", 2), std::string("\0\0\1\1", 4),
           std::string("\7\0\0", 3), std::string("\1\0", 2), std::string("\1\0", 2) + many,
           std::string("\1\0", 2) + none, std::string("\1\0", 2) + none + none + "x",
           std::string("\1\1", 2) + MY_MAC /* not agreed on */ }) {
        EXPECT_EQ(guest.control(request), 1) << testing::PrintToString(request);
    }
    EXPECT_FALSE(guest.needs_reset());
    LogCapture log;
    guest.descriptor(0, NetGuest::CTRL_BUFFER, 2, 0, 0, NET_CTRL);
    guest.submit(0, NET_CTRL);
    EXPECT_EQ(log.text(), "virtio-net-device: a control request without status\n");
}

TEST(VirtioNetLegacy, SpeaksTheOldHeader) {
    TestPeer peer;
    NetGuest guest("peer0", VirtioGuest::Legacy);
    guest.header = 10;
    guest.run();
    guest.send(frame_to(BROADCAST));
    ASSERT_EQ(peer.got.size(), 1u);
    EXPECT_EQ(peer.got[0], frame_to(BROADCAST));
    guest.offer(1);
    peer.send(frame_to(MY_MAC));
    ASSERT_EQ(guest.used_idx(NET_RX), 1);
    EXPECT_EQ(guest.frame(0, guest.used(0, NET_RX).len), frame_to(MY_MAC));
    guest.mmio.write(VirtioGuest::CONFIG + 5, 0x11, 1); // its own address
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 5, 1), 0x11u);
}

TEST(VirtioNetProperties, AreChecked) {
    EXPECT_EQ(plug_error("virtio-net-device", { { "rx_queue_size", "3" } }),
              "Invalid rx_queue_size (= 3), must be a power of 2 between 256 and 1024.");
    EXPECT_EQ(plug_error("virtio-net-device", { { "tx_queue_size", "2048" } }),
              "Invalid tx_queue_size (= 2048), must be a power of 2 between 256 and 1024");
    MACAddr mac;
    for (const char *bad : { "", "foo", "52:54:00:12:34", "52:54:00:12:34:5", "52:54:00:12:34:5g",
                             "52:54:00:12:34:567", "52.54:00:12:34:56", "-2:54:00:12:34:56" }) {
        EXPECT_FALSE(net_parse_macaddr(bad, &mac)) << bad;
    }
    EXPECT_TRUE(net_parse_macaddr("52-54-00-AB-cd-eF", &mac));
    EXPECT_EQ(net_format_macaddr(mac), "52:54:00:ab:cd:ef");
}
