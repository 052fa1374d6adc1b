// SPDX-License-Identifier: MIT
/* The monitor's commands about drives, one row each.
 *
 * In gdb: b hmp_block_resize */
#include <cctype>

#include "block/qapi.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "vl/monitor.h"

static void hmp_info_block_cmd(Monitor *mon, const std::string &args) {
    bool verbose = args == "-v" || args.starts_with("-v ");
    size_t name = args.find_first_not_of(' ', verbose ? 2 : 0);
    mon->print(hmp_info_block(name == std::string::npos ? "" : args.substr(name), verbose));
}

// "10" is 10 MiB, "10k" and "10B" are what they say.
static bool parse_octets(std::string text, uint64_t *value, Error **errp) {
    if (!text.empty() && isdigit(static_cast<unsigned char>(text.back()))) text += 'M';
    if (text.ends_with('B') || text.ends_with('b')) text.pop_back();
    return parse_option_size("size", text, value, errp);
}

static void hmp_block_resize(Monitor *, const std::string &args) {
    size_t blank = args.find(' ');
    if (blank == std::string::npos) {
        error_report("block_resize: missing %s", args.empty() ? "device" : "size");
        return;
    }
    Error *err = nullptr;
    uint64_t size = 0;
    bool ok = parse_octets(args.substr(args.find_first_not_of(' ', blank)), &size, &err) &&
              qmp_block_resize(args.substr(0, blank), static_cast<int64_t>(size), &err);
    if (!ok) error_report_err(err);
}

static void hmp_commit(Monitor *, const std::string &args) {
    Error *err = nullptr;
    if (!hmp_do_commit(args, &err)) error_report_err(err);
}

// clang-format off
static const HMPCommand rows[] = {
    { "info block",   hmp_info_block_cmd, "[-v] [device]", "show info of block devices" },
    { "commit",       hmp_commit,         "device|all",  "write a snapshot to its image" },
    { "block_resize", hmp_block_resize,   "device size", "resize a block image" },
};
// clang-format on

static void register_block_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_block_commands)
