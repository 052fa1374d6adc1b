// SPDX-License-Identifier: MIT
/* The monitor's commands about drives, one row each.
 *
 * In gdb: b hmp_block_resize */
#include "block/iothread.h"
#include "block/qapi.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/monitor.h"

static void hmp_info_block_cmd(Monitor *mon, const HMPArgs &args) {
    mon->print(hmp_info_block(args.str("device"), args.has("verbose"), args.has("nodes")));
}

static void hmp_block_resize(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    (void)qmp_block_resize(args.str("device"), args.num("size"), &err);
    hmp_handle_error(mon, err);
}

static void hmp_block_set_io_throttle(Monitor *mon, const HMPArgs &args) {
    ThrottleConfig config;
    for (size_t i = 0; i < BUCKETS_COUNT; i++)
        config.limits[i].avg = static_cast<uint64_t>(args.num(block_limit_names[i]));
    Error *err = nullptr;
    (void)qmp_block_set_io_throttle(args.str("device"), "", config, "", &err);
    hmp_handle_error(mon, err);
}

static void hmp_commit(Monitor *, const HMPArgs &args) {
    Error *err = nullptr;
    if (!hmp_do_commit(args.str("device"), &err)) error_report_err(err);
}

static void hmp_info_iothreads_cmd(Monitor *mon, const HMPArgs &) {
    mon->print(hmp_info_iothreads());
}

// clang-format off
static const HMPCommand rows[] = {
    { "info block",   hmp_info_block_cmd, "nodes:-n,verbose:-v,device:G?", "[-n] [-v] [device]",
      "show info of one block device or all block devices (-n: show named nodes; -v: show "
      "details)" },
    { "info iothreads", hmp_info_iothreads_cmd, "", "", "show iothreads" },
    { "commit",       hmp_commit,         "device:B",             "device|all",
      "write a snapshot to its image" },
    { "block_resize", hmp_block_resize,   "device:G,size:o",      "device size",
      "resize a block image" },
    { "block_set_io_throttle", hmp_block_set_io_throttle,
      "device:B,bps:l,bps_rd:l,bps_wr:l,iops:l,iops_rd:l,iops_wr:l",
      "device bps bps_rd bps_wr iops iops_rd iops_wr",
      "change I/O throttle limits for a block drive" },
};
// clang-format on

static void register_block_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_block_commands)
