// SPDX-License-Identifier: MIT
/* TCP segments of one connection that follow each other, made into one large segment: most of what
 * a segment costs a guest is the same for a small and a large one.
 *
 * Only what the guest's TCP would see as the same comes in: IPv4 without options or fragments, and
 * segments that differ in sequence number and data alone. What ends a burst (PSH, or a shorter
 * segment) ends the large one.
 *
 * Spec:    RFC 791, RFC 9293; virtio 1.2, section 5.1.6.4 says what the guest has to be told
 * Missing: IPv6 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

class TcpCoalescer {
public:
    // Takes in a frame that goes on where the last one ended, or the first of a burst. False: it is
    // no such frame, and nothing has changed.
    [[nodiscard]] bool add(const uint8_t *frame, size_t size);
    bool empty() const { return count_ == 0; }
    bool is_over() const { return over_; } // no frame will be taken in

    // Makes the headers fit. Of several segments the TCP checksum is that of the pseudo header.
    void finish();
    const std::vector<uint8_t> &frame() const { return frame_; }
    bool is_large() const { return count_ > 1; }
    uint16_t segment_size() const { return segment_size_; } // bytes of data in all but the last
    uint16_t headers_size() const { return headers_size_; } // of Ethernet, IP and TCP
    void clear();

private:
    bool follows(const uint8_t *frame, size_t size) const;

    std::vector<uint8_t> frame_;
    unsigned count_ = 0;    // segments in it
    uint32_t next_seq_ = 0; // that goes on
    uint16_t segment_size_ = 0, headers_size_ = 0;
    bool over_ = false;
};

inline constexpr size_t TCP_HEADER = 34, TCP_CHECKSUM = 16; // in the frame; in the header
