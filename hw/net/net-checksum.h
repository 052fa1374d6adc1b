// SPDX-License-Identifier: MIT
/* The Internet checksum (RFC 1071). Any byte order will do for a sum, as long as it is one. */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

// The sum of the 16-bit words as they lie in memory, in 16 bits, on top of `sum`; not inverted.
inline uint16_t internet_sum(const uint8_t *p, size_t size, uint64_t sum = 0) {
    for (; size >= 4; p += 4, size -= 4) {
        uint32_t word;
        memcpy(&word, p, 4);
        sum += word;
    }
    uint32_t last = 0;
    memcpy(&last, p, size);
    sum += last;
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(sum);
}
