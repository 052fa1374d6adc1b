// SPDX-License-Identifier: MIT
/* What a virtio disk and its driver share: the configuration space and the requests.
 * Spec: virtio 1.2, section 5.2 */
#pragma once

#include <cstdint>

namespace virtio_blk {

// Section 5.2.4, as far as our features go.
struct [[gnu::packed]] Config {
    uint64_t capacity; // sectors
    uint32_t size_max;
    uint32_t seg_max; // data buffers in one request
    uint16_t cylinders;
    uint8_t heads;
    uint8_t sectors;
    uint32_t blk_size;
    uint8_t physical_block_exp;
    uint8_t alignment_offset;
    uint16_t min_io_size;
    uint32_t opt_io_size;
    uint8_t writeback;
    uint8_t unused;
    uint16_t num_queues;
    uint32_t max_discard_sectors;
    uint32_t max_discard_seg; // ranges in one request
    uint32_t discard_sector_alignment;
    uint32_t max_write_zeroes_sectors;
    uint32_t max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap;
    uint8_t unused1[3];
};
static_assert(sizeof(Config) == 60);

// The head of a request; what is read lies behind it, what is written before the status byte.
struct Header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
};

// What a discard or a write of zeroes is about.
struct Range {
    uint64_t sector;
    uint32_t num_sectors;
    uint32_t flags;
};
static constexpr uint32_t RANGE_F_UNMAP = 1;

} // namespace virtio_blk
