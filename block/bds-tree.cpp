// SPDX-License-Identifier: MIT
/* -blockdev: nodes of the user's own, without a drive. See block/blockdev.h.
 *
 * Each names itself (node-name=); a later one may name it as its child (file=NAME), and a device as
 * its disk (drive=NAME). They live until the end.
 *
 * In gdb: b blockdev_parse     b qmp_blockdev_add */
#include <vector>

#include <nlohmann/json.hpp>

#include "block/block_int.h"
#include "block/blockdev.h"
#include "util/json.h"
#include "util/keyval.h"

// One -blockdev, until the drives are opened.
struct QueuedNode {
    BlockOptions options;
    Location loc;
};

static std::vector<QueuedNode> queued_nodes;
static std::vector<BlockDriverState *> monitor_bdrv_states;

bool blockdev_parse(const char *text, Error **errp) {
    nlohmann::json node;
    BlockOptions options;
    bool is_json = *text == '{';
    bool ok =
        is_json ? qobject_from_json(text, &node, errp) : keyval_parse(text, "driver", &node, errp);
    if (!ok || !visit_blockdev_options(node, !is_json, &options, errp)) return false;
    queued_nodes.push_back({ std::move(options), loc_current() });
    return true;
}

static bool add_node(BlockOptions options, Error **errp) {
    if (!options.contains("node-name")) {
        error_setg(errp, "'node-name' must be specified for the root node");
        return false;
    }
    int flags = BDRV_O_RDWR | BDRV_O_TYPED;
    BlockDriverState *bs = bdrv_open(nullptr, nullptr, std::move(options), flags, errp);
    if (bs) monitor_bdrv_states.push_back(bs);
    return bs;
}

[[gnu::noinline]] bool qmp_blockdev_add(const nlohmann::json &node, Error **errp) {
    BlockOptions options;
    return visit_blockdev_options(node, /*is_keyval=*/false, &options, errp) &&
           add_node(std::move(options), errp);
}

bool blockdev_open_all(Error **errp) {
    for (QueuedNode &queued : queued_nodes) {
        LocationScope here(queued.loc);
        if (!add_node(std::move(queued.options), errp)) return false;
    }
    queued_nodes.clear();
    return true;
}

void blockdev_close_all_bdrv_states() {
    // The last one first: it may refer to one before it.
    for (; !monitor_bdrv_states.empty(); monitor_bdrv_states.pop_back()) {
        bdrv_unref(monitor_bdrv_states.back());
    }
}
