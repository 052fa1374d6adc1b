// SPDX-License-Identifier: MIT
/* -blockdev: nodes of the user's own, without a drive. See block/blockdev.h.
 *
 * Each names itself (node-name=); a later one may name it as its child (file=NAME), and a device as
 * its disk (drive=NAME). They live until the end.
 *
 * In gdb: b qmp_blockdev_add */
#include <vector>

#include "block/block_int.h"
#include "block/blockdev.h"
#include "util/json.h"
#include "util/module.h"
#include "util/option.h"

static QemuOptsList qemu_blockdev_opts = { .name = "blockdev" }; // any name, as for -drive

static void bds_tree_register_opts() { qemu_add_opts(&qemu_blockdev_opts); }
opts_init(bds_tree_register_opts)

static bool set_json_options(QemuOpts *opts, const char *json, Error **errp) {
    std::vector<std::pair<std::string, std::string>> pairs;
    if (!json_parse_options(json, &pairs, errp)) return false;
    for (const auto &[name, value] : pairs) {
        if (!qemu_opt_set(opts, name, value, errp)) return false;
    }
    return true;
}

QemuOpts *blockdev_parse(const char *text, Error **errp) {
    if (*text != '{') return qemu_opts_parse(&qemu_blockdev_opts, text, false, errp);
    QemuOpts *opts = qemu_opts_create(&qemu_blockdev_opts, "", false, errp);
    if (opts && set_json_options(opts, text, errp)) return opts;
    if (opts) qemu_opts_del(opts);
    return nullptr;
}

static std::vector<BlockDriverState *> monitor_bdrv_states;

static bool check_blockdev(const BlockOptions &options, Error **errp) {
    auto driver = options.find("driver");
    if (driver == options.end()) {
        error_setg(errp, "Parameter 'driver' is missing");
        return false;
    }
    if (!bdrv_find_format(driver->second.c_str())) {
        error_setg(errp, "Parameter 'driver' does not accept value '%s'", driver->second.c_str());
        return false;
    }
    if (!options.contains("node-name")) {
        error_setg(errp, "'node-name' must be specified for the root node");
        return false;
    }
    return true;
}

[[gnu::noinline]] bool qmp_blockdev_add(const QemuOpts *opts, Error **errp) {
    BlockOptions options;
    for (const QemuOpt &opt : opts->opts) options[opt.name] = opt.value;
    if (!check_blockdev(options, errp)) return false;
    BlockDriverState *bs = bdrv_open(nullptr, nullptr, std::move(options), BDRV_O_RDWR, errp);
    if (bs) monitor_bdrv_states.push_back(bs);
    return bs;
}

void blockdev_close_all_bdrv_states() {
    // The last one first: it may refer to one before it.
    for (; !monitor_bdrv_states.empty(); monitor_bdrv_states.pop_back()) {
        bdrv_unref(monitor_bdrv_states.back());
    }
}
