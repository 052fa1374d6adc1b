// SPDX-License-Identifier: MIT
/* Large TCP segments made of small ones. See hw/net/virtio-net-coalesce.h. */
#include "hw/net/virtio-net-coalesce.h"

#include <cstring>

#include "hw/net/net-checksum.h"

// Offsets in the frame. The IP header has no options, so they are the same for all.
static constexpr size_t ETHERTYPE = 12, IP = 14, IP_LENGTH = 16, IP_FRAGMENT = 20, IP_PROTOCOL = 23,
                        IP_CHECKSUM = 24, IP_SOURCE = 26, TCP = TCP_HEADER, TCP_SEQ = TCP + 4,
                        TCP_ACK = TCP + 8, TCP_OFFSET = TCP + 12, TCP_FLAGS = TCP + 13,
                        TCP_WINDOW = TCP + 14, TCP_URGENT = TCP + 18, TCP_OPTIONS = TCP + 20;
static constexpr uint8_t FLAG_PSH = 0x08, FLAG_ACK = 0x10, PROTOCOL_TCP = 6;
static constexpr size_t MAX_SIZE = IP + 65535;

static uint16_t get16(const uint8_t *p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return uint32_t{ get16(p) } << 16 | get16(p + 2); }
static void put16(uint8_t *p, size_t value) {
    p[0] = static_cast<uint8_t>(value >> 8);
    p[1] = static_cast<uint8_t>(value);
}

static size_t headers_of(const uint8_t *f) { return TCP + (f[TCP_OFFSET] >> 4) * size_t{ 4 }; }

// Data and its acknowledgement, nothing else.
static bool is_plain_segment(const uint8_t *f, size_t size) {
    if (size <= TCP_OPTIONS || size > MAX_SIZE) return false;
    bool ipv4 = get16(f + ETHERTYPE) == 0x0800 && f[IP] == 0x45;
    bool whole = (get16(f + IP_FRAGMENT) & 0x3fff) == 0 && IP + get16(f + IP_LENGTH) == size;
    bool tcp = f[IP_PROTOCOL] == PROTOCOL_TCP && (f[TCP_FLAGS] & ~FLAG_PSH) == FLAG_ACK;
    return ipv4 && whole && tcp && headers_of(f) >= TCP_OPTIONS && headers_of(f) < size;
}

bool TcpCoalescer::follows(const uint8_t *f, size_t size) const {
    // what must be equal: [first, last)
    const struct {
        size_t first, last;
    } rows[] = {
        { 0, IP_LENGTH },       { IP_FRAGMENT, IP_CHECKSUM },   { IP_SOURCE, TCP_SEQ },
        { TCP_ACK, TCP_FLAGS }, { TCP_WINDOW, TCP_WINDOW + 2 }, { TCP_URGENT, headers_size_ },
    };
    if (headers_of(f) != headers_size_ || get32(f + TCP_SEQ) != next_seq_) return false;
    for (const auto &row : rows) {
        if (memcmp(f + row.first, frame_.data() + row.first, row.last - row.first)) return false;
    }
    size_t data = size - headers_size_;
    return data <= segment_size_ && frame_.size() + data <= MAX_SIZE;
}

bool TcpCoalescer::add(const uint8_t *f, size_t size) {
    if (over_ || !is_plain_segment(f, size)) return false;
    bool push = f[TCP_FLAGS] & FLAG_PSH;
    size_t headers = headers_of(f), data = size - headers;
    if (empty()) {
        if (push) return false; // a burst of one
        frame_.assign(f, f + size);
        segment_size_ = static_cast<uint16_t>(data);
        headers_size_ = static_cast<uint16_t>(headers);
        next_seq_ = get32(f + TCP_SEQ);
    } else {
        if (!follows(f, size)) return false;
        frame_.insert(frame_.end(), f + headers, f + size);
        frame_[TCP_FLAGS] |= f[TCP_FLAGS];
        over_ = push || data < segment_size_;
    }
    next_seq_ += static_cast<uint32_t>(data);
    count_++;
    return true;
}

void TcpCoalescer::finish() {
    if (!is_large()) return;
    uint8_t *f = frame_.data();
    put16(f + IP_LENGTH, frame_.size() - IP);
    memset(f + IP_CHECKSUM, 0, 2);
    uint16_t sum = static_cast<uint16_t>(~internet_sum(f + IP, TCP - IP));
    memcpy(f + IP_CHECKSUM, &sum, sizeof(sum));
    // the pseudo header: addresses, protocol, length
    uint8_t rest[4] = { 0, PROTOCOL_TCP };
    put16(rest + 2, frame_.size() - TCP);
    sum = internet_sum(rest, sizeof(rest), internet_sum(f + IP_SOURCE, 8));
    memcpy(f + TCP + TCP_CHECKSUM, &sum, sizeof(sum));
}

void TcpCoalescer::clear() {
    frame_.clear();
    count_ = 0;
    over_ = false;
}
