// SPDX-License-Identifier: MIT
/* What the monitor tells about drives. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "block/block-backend.h"

// Limits as the monitors call them, in the order of BucketType.
inline constexpr const char *block_limit_names[BUCKETS_COUNT] = { "bps",  "bps_rd",  "bps_wr",
                                                                  "iops", "iops_rd", "iops_wr" };

// "ok", "failed", "nospace"
const char *block_io_status_name(BlockDeviceIoStatus status);

struct BlockInfo {
    std::string device; // the user's name; empty: a -blockdev's
    std::string qdev;   // path of the device that uses it; empty: none
    bool removable = false;
    bool inserted = false; // all below is of the image
    std::string node_name;
    std::string file;
    std::string drv;
    std::string backing_file;   // of a snapshot
    std::string throttle_group; // empty: no limits
    ThrottleConfig limits;
    const char *detect_zeroes = "off";
    bool ro = false;
    bool cache_writeback = true;
    bool cache_direct = false;
    bool cache_no_flush = false;
    BlockDeviceIoStatus io_status = BLOCK_DEVICE_IO_STATUS_OK;
    int64_t virtual_size = 0; // bytes
    int64_t actual_size = -1; // on the host; negative: nobody knows
};

struct Error;

// Every drive with a name.
std::vector<BlockInfo> qmp_query_block();
// The text of `info block`; with a name, of that drive alone; `verbose`: sizes too (-v). Empty:
// there is none.
std::string hmp_info_block(const std::string &device = "", bool verbose = false);

// Writes a temporary snapshot's changes to its base; "all": of every drive that has one.
[[nodiscard]] bool hmp_do_commit(const std::string &device, Error **errp);
// Limits of a drive by its name, or else by the id or the path of the device that has it. `group`
// may be empty: the one that it is in, or one of its own.
[[nodiscard]] bool qmp_block_set_io_throttle(const std::string &device, const std::string &id,
                                             const ThrottleConfig &config, std::string group,
                                             Error **errp);
// Makes a drive's image `size` bytes long.
[[nodiscard]] bool qmp_block_resize(const std::string &device, int64_t size, Error **errp);
