// SPDX-License-Identifier: MIT
/* What the monitor tells about drives, and about nodes. */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "block/block-backend.h"

// Limits as the monitors call them, in the order of BucketType.
inline constexpr const char *block_limit_names[BUCKETS_COUNT] = { "bps",  "bps_rd",  "bps_wr",
                                                                  "iops", "iops_rd", "iops_wr" };

// "ok", "failed", "nospace"
const char *block_io_status_name(BlockDeviceIoStatus status);

// What a node is for who reads it.
struct ImageInfo {
    std::string filename;
    std::string format;
    int64_t virtual_size; // bytes
    int64_t actual_size;  // on the host; negative: nobody knows
    bool has_dirty_flag;
};

// A node, and what a drive does with it.
struct BlockDeviceInfo {
    std::string node_name;
    std::string file;
    std::string drv;
    std::string backing_file;   // of a snapshot
    std::string throttle_group; // empty: no limits
    ThrottleConfig limits;
    std::string detect_zeroes = "off";
    bool ro = false;
    bool cache_writeback = true;
    bool cache_direct = false;
    bool cache_no_flush = false;
    std::vector<ImageInfo> images; // its own, then what it takes the rest from, or filters
};

struct BlockInfo {
    std::string device; // the user's name; empty: a -blockdev's
    std::string qdev;   // id of the device that uses it, or its path; empty: none
    bool removable = false;
    BlockDeviceIoStatus io_status = BLOCK_DEVICE_IO_STATUS_OK;
    std::optional<BlockDeviceInfo> inserted; // the image
};

struct Error;

// Every drive that has a name or a device.
std::vector<BlockInfo> qmp_query_block();
// Every node, the one that was named last at the front. `flat`: each without the images below.
std::vector<BlockDeviceInfo> qmp_query_named_block_nodes(bool flat);
// The text of `info block`; with a name, of that drive or node alone; `verbose`: sizes too (-v);
// `nodes`: of nodes instead of drives (-n). Empty: there is none.
std::string hmp_info_block(const std::string &device = "", bool verbose = false,
                           bool nodes = false);

// Writes a temporary snapshot's changes to its base; "all": of every drive that has one.
[[nodiscard]] bool hmp_do_commit(const std::string &device, Error **errp);
// Limits of a drive by its name, or else by the id or the path of the device that has it. `group`
// may be empty: the one that it is in, or one of its own.
[[nodiscard]] bool qmp_block_set_io_throttle(const std::string &device, const std::string &id,
                                             const ThrottleConfig &config, std::string group,
                                             Error **errp);
// Makes a drive's image `size` bytes long.
[[nodiscard]] bool qmp_block_resize(const std::string &device, int64_t size, Error **errp);
