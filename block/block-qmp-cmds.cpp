// SPDX-License-Identifier: MIT
/* QMP's commands about drives and nodes, one row each.
 *
 * In gdb: b block_qmp::query_block (and so on) */
#include <span>

#include <nlohmann/json.hpp>

#include "block/blockdev.h"
#include "block/qapi.h"
#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"

namespace block_qmp {

using nlohmann::json;

// The image at the front, with those below it one in the other.
static json image_info(std::span<const ImageInfo> images) {
    const ImageInfo &info = images.front();
    json image = { { "filename", info.filename },
                   { "format", info.format },
                   { "virtual-size", info.virtual_size } };
    if (info.has_dirty_flag) image["dirty-flag"] = false;
    if (info.actual_size >= 0) image["actual-size"] = info.actual_size;
    if (images.size() > 1) image["backing-image"] = image_info(images.subspan(1));
    return image;
}

// Without a group all limits are zero, and the others are not there.
static void add_limits(const BlockDeviceInfo &info, json *inserted) {
    for (size_t i = 0; i < BUCKETS_COUNT; i++) {
        const LeakyBucketLimit &l = info.limits.limits[i];
        std::string name = block_limit_names[i];
        (*inserted)[name] = l.avg;
        if (l.max) (*inserted)[name + "_max"] = l.max;
        if (l.max) (*inserted)[name + "_max_length"] = l.burst_length;
    }
    if (info.limits.op_size) (*inserted)["iops_size"] = info.limits.op_size;
    if (!info.throttle_group.empty()) (*inserted)["group"] = info.throttle_group;
}

static json inserted_info(const BlockDeviceInfo &info) {
    json inserted = { { "node-name", info.node_name },
                      { "file", info.file },
                      { "drv", info.drv },
                      { "ro", info.ro },
                      { "encrypted", false },
                      { "detect_zeroes", info.detect_zeroes },
                      { "write_threshold", 0 },
                      { "backing_file_depth", info.images.size() - 1 },
                      { "image", image_info(info.images) },
                      { "cache",
                        { { "writeback", info.cache_writeback },
                          { "direct", info.cache_direct },
                          { "no-flush", info.cache_no_flush } } } };
    add_limits(info, &inserted);
    if (!info.backing_file.empty()) inserted["backing_file"] = info.backing_file;
    return inserted;
}

static bool query_block(const json &, json *ret, Error **) {
    *ret = json::array();
    for (const BlockInfo &info : qmp_query_block()) {
        json drive = { { "device", info.device },
                       { "type", "unknown" },
                       { "locked", false },
                       { "removable", info.removable } };
        if (!info.qdev.empty()) drive["qdev"] = info.qdev;
        if (info.inserted) drive["inserted"] = inserted_info(*info.inserted);
        if (info.inserted && !info.removable)
            drive["io-status"] = block_io_status_name(info.io_status);
        ret->push_back(drive);
    }
    return true;
}

static bool query_named_block_nodes(const json &args, json *ret, Error **) {
    *ret = json::array();
    for (const BlockDeviceInfo &node : qmp_query_named_block_nodes(args.value("flat", false)))
        ret->push_back(inserted_info(node));
    return true;
}

static bool block_resize(const json &args, json *, Error **errp) {
    auto name = args.value("device", args.value("node-name", ""));
    return qmp_block_resize(name, args["size"].get<int64_t>(), errp);
}

static uint64_t number(const json &args, const std::string &name, int64_t defval) {
    return static_cast<uint64_t>(args.value(name, defval)); // a negative one is too large
}

static bool block_set_io_throttle(const json &args, json *, Error **errp) {
    ThrottleConfig config;
    for (size_t i = 0; i < BUCKETS_COUNT; i++) {
        std::string name = block_limit_names[i];
        config.limits[i] = { number(args, name, 0), number(args, name + "_max", 0),
                             number(args, name + "_max_length", 1) };
    }
    config.op_size = number(args, "iops_size", 0);
    return qmp_block_set_io_throttle(args.value("device", ""), args.value("id", ""), config,
                                     args.value("group", ""), errp);
}

static bool blockdev_add(const json &args, json *, Error **errp) {
    return qmp_blockdev_add(args, errp);
}

// clang-format off
static const QMPCommand rows[] = {
    { "query-block",  "", query_block },
    { "query-named-block-nodes", "*flat:bool", query_named_block_nodes },
    { "block_resize", "*device:str *node-name:str size:int", block_resize },
    { "block_set_io_throttle",
      "*device:str *id:str bps:int bps_rd:int bps_wr:int iops:int iops_rd:int iops_wr:int "
      "*bps_max:int *bps_rd_max:int *bps_wr_max:int *iops_max:int *iops_rd_max:int "
      "*iops_wr_max:int *bps_max_length:int *bps_rd_max_length:int *bps_wr_max_length:int "
      "*iops_max_length:int *iops_rd_max_length:int *iops_wr_max_length:int *iops_size:int "
      "*group:str",
      block_set_io_throttle },
    { "blockdev-add", "driver:str ...", blockdev_add },
};
// clang-format on

static const QMPEvent events[] = {
    { "BLOCK_IO_ERROR",
      "device:str *node-name:str operation:str action:str *nospace:bool reason:str" },
};

static void register_commands() {
    qmp_register_commands(rows, std::size(rows));
    qmp_register_events(events, std::size(events));
}

qapi_init(register_commands)

} // namespace block_qmp
