// SPDX-License-Identifier: MIT
/* What every disk has as properties of its device: block sizes for the guest to go by, and a
 * geometry from the days of cylinders. */
#pragma once

#include "hw/core/qdev.h"

struct BlockBackend;
struct Error;

// Sizes are bytes.
struct BlockConf {
    BlockSize logical_block_size;    // what the guest addresses; 0 before blkconf_blocksizes()
    BlockSize physical_block_size;   // what is written as one; likewise
    Size32 min_io_size, opt_io_size; // what is good to write at a time; 0: no word about it
    Size32 discard_granularity{ UINT32_MAX }; // UINT32_MAX: likewise
    uint32_t cyls = 0, heads = 0, secs = 0;   // 0 before blkconf_geometry()
};

// Fills in the sizes that were not given, and checks that they fit each other.
[[nodiscard]] bool blkconf_blocksizes(BlockConf *conf, Error **errp);
// Checks the geometry against the largest that the device can tell of; a disk without one gets one.
[[nodiscard]] bool blkconf_geometry(BlockConf *conf, BlockBackend *blk, uint32_t cyls_max,
                                    uint32_t heads_max, uint32_t secs_max, Error **errp);
