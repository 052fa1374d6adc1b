// SPDX-License-Identifier: MIT
/* QMP's commands about drives and nodes, one row each.
 *
 * In gdb: b block_qmp::query_block (and so on) */
#include <nlohmann/json.hpp>

#include "block/blockdev.h"
#include "block/qapi.h"
#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"

namespace block_qmp {

using nlohmann::json;

static json image_info(const BlockInfo &info) {
    json image = { { "filename", info.file },
                   { "format", info.drv },
                   { "virtual-size", info.virtual_size },
                   { "dirty-flag", false } };
    if (info.actual_size >= 0) image["actual-size"] = info.actual_size;
    if (!info.backing_file.empty()) image["backing-filename"] = info.backing_file;
    return image;
}

// There is no throttling, no encryption, no detection of zeroes.
static json inserted_info(const BlockInfo &info) {
    json inserted = { { "node-name", info.node_name },
                      { "file", info.file },
                      { "drv", info.drv },
                      { "ro", info.ro },
                      { "encrypted", false },
                      { "detect_zeroes", "off" },
                      { "write_threshold", 0 },
                      { "backing_file_depth", info.backing_file.empty() ? 0 : 1 },
                      { "image", image_info(info) },
                      { "cache",
                        { { "writeback", info.cache_writeback },
                          { "direct", info.cache_direct },
                          { "no-flush", info.cache_no_flush } } } };
    for (const char *limit : { "bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr" })
        inserted[limit] = 0;
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
        if (info.inserted) drive["inserted"] = inserted_info(info);
        if (info.inserted && !info.removable) drive["io-status"] = "ok";
        if (info.removable) drive["tray_open"] = false;
        ret->push_back(drive);
    }
    return true;
}

static bool block_resize(const json &args, json *, Error **errp) {
    auto name = args.value("device", args.value("node-name", ""));
    return qmp_block_resize(name, args["size"].get<int64_t>(), errp);
}

static bool blockdev_add(const json &args, json *, Error **errp) {
    return qmp_blockdev_add(args, errp);
}

// clang-format off
static const QMPCommand rows[] = {
    { "query-block",  "", query_block },
    { "block_resize", "*device:str *node-name:str size:int", block_resize },
    { "blockdev-add", "driver:str ...", blockdev_add },
};
// clang-format on

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace block_qmp
