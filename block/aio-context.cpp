// SPDX-License-Identifier: MIT
/* Which event loop a node's requests run in, and waiting until it has none.
 *
 * Invariant: nodes that are connected, by whatever way, live in one context, and so do the block
 * backends on them. A context is changed under the locks of both, with no request in flight.
 *
 * In gdb: b bdrv_try_change_aio_context     b bdrv_drain     p bs->aio_context */
#include <algorithm>
#include <vector>

#include "block/block_int.h"
#include "block/trace.h"

AioContext *bdrv_get_aio_context(const BlockDriverState *bs) { return bs->aio_context; }

// --- waiting for requests

// Whoever sends requests to the node, from above.
static void parents_drained(BlockDriverState *bs, void (*BdrvChildClass::*tell)(BdrvChild *)) {
    for (BdrvChild *parent : bs->parents) {
        if (parent->klass->*tell) (parent->klass->*tell)(parent);
    }
}

static void drain_begin(BlockDriverState *bs) {
    parents_drained(bs, &BdrvChildClass::drained_begin);
    if (bs->drv && bs->drv->bdrv_drain_begin) bs->drv->bdrv_drain_begin(bs);
    for (const auto &child : bs->children) drain_begin(child->bs);
}

static void drain_end(BlockDriverState *bs) {
    for (const auto &child : bs->children) drain_end(child->bs);
    if (bs->drv && bs->drv->bdrv_drain_end) bs->drv->bdrv_drain_end(bs);
    parents_drained(bs, &BdrvChildClass::drained_end);
}

// The other way: up to the block backends.
void child_of_bds_drained_begin(BdrvChild *child) {
    parents_drained(static_cast<BlockDriverState *>(child->opaque), &BdrvChildClass::drained_begin);
}

void child_of_bds_drained_end(BdrvChild *child) {
    parents_drained(static_cast<BlockDriverState *>(child->opaque), &BdrvChildClass::drained_end);
}

BdrvDrainedSection::BdrvDrainedSection(BlockDriverState *bs) : bs_(bs) {
    if (bs_) drain_begin(bs_);
}

BdrvDrainedSection::~BdrvDrainedSection() {
    if (bs_) drain_end(bs_);
}

void bdrv_drain(BlockDriverState *bs) {
    AioContextGuard guard(bs->aio_context);
    BdrvDrainedSection drained(bs);
    while (bs->in_flight > 0) aio_poll(bs->aio_context, /*blocking=*/true);
}

void bdrv_drain_all() {
    for (BlockDriverState *bs : bdrv_all_nodes()) bdrv_drain(bs);
}

void bdrv_drain_all_begin() {
    for (BlockDriverState *bs : bdrv_all_nodes()) {
        AioContextGuard guard(bs->aio_context);
        drain_begin(bs);
    }
}

void bdrv_drain_all_end() {
    for (BlockDriverState *bs : bdrv_all_nodes()) {
        AioContextGuard guard(bs->aio_context);
        drain_end(bs);
    }
}

// --- changing the context

// Nodes that are connected, and the references of the block backends on them.
struct ConnectedNodes {
    std::vector<BlockDriverState *> nodes;
    std::vector<BdrvChild *> roots;
};

static void collect(BlockDriverState *bs, ConnectedNodes *all) {
    if (std::find(all->nodes.begin(), all->nodes.end(), bs) != all->nodes.end()) return;
    all->nodes.push_back(bs);
    for (const auto &child : bs->children) collect(child->bs, all);
    for (BdrvChild *parent : bs->parents) {
        if (parent->klass == &child_of_bds)
            collect(static_cast<BlockDriverState *>(parent->opaque), all);
        else
            all->roots.push_back(parent);
    }
}

static bool attach_nodes(const std::vector<BlockDriverState *> &nodes, AioContext *ctx,
                         Error **errp) {
    for (BlockDriverState *bs : nodes) {
        bool can_fail = bs->drv && bs->drv->bdrv_attach_aio_context;
        if (can_fail && !bs->drv->bdrv_attach_aio_context(bs, ctx, errp)) return false;
        bs->aio_context = ctx;
    }
    return true;
}

bool bdrv_try_change_aio_context(BlockDriverState *bs, AioContext *ctx, Error **errp) {
    AioContext *old = bs->aio_context;
    if (old == ctx) return true;
    ConnectedNodes all;
    collect(bs, &all);
    for (BdrvChild *root : all.roots) {
        if (!root->klass->can_change_aio_context(root, errp)) return false;
    }
    trace_bdrv_change_aio_context(bs, bs->node_name.c_str(), old, ctx);
    AioContextGuard to(ctx), from(old);
    BdrvDrainedSection drained(bs);
    for (BlockDriverState *node : all.nodes) bdrv_drain(node);
    if (!attach_nodes(all.nodes, ctx, errp)) {
        (void)attach_nodes(all.nodes, old, nullptr); // has taken them before
        return false;
    }
    for (BdrvChild *root : all.roots) root->klass->change_aio_context(root, ctx);
    return true;
}
