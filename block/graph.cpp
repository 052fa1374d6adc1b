// SPDX-License-Identifier: MIT
/* The graph of nodes: their names, who refers to whom, and how they are closed.
 *
 * In gdb: b bdrv_unref     b bdrv_close     p *bs */
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "block/blockdev.h"
#include "block/trace.h"
#include "util/option.h"

// --- nodes

// Every node; those with a name in order of naming. A function, so that it exists before its first
// user does.
static std::vector<BlockDriverState *> &all_bdrv_states() {
    static std::vector<BlockDriverState *> nodes;
    return nodes;
}

const std::vector<BlockDriverState *> &bdrv_all_nodes() { return all_bdrv_states(); }

BlockDriverState *bdrv_new() {
    auto *bs = new BlockDriverState;
    all_bdrv_states().push_back(bs);
    return bs;
}

BlockDriverState *bdrv_find_node(const char *node_name) {
    if (!*node_name) return nullptr; // a node that is only being opened has no name yet
    for (BlockDriverState *bs : all_bdrv_states()) {
        if (bs->node_name == node_name) return bs;
    }
    return nullptr;
}

// "#block" and a number that no user can have typed, since names begin with a letter.
static std::string bdrv_generate_node_name() {
    static unsigned counter;
    return format_string("#block%u%02d", counter++, rand() % 100);
}

static bool bdrv_check_node_name(const std::string &name, Error **errp) {
    if (!id_wellformed(name)) {
        error_setg(errp, "Invalid node-name: '%s'", name.c_str());
        return false;
    }
    if (blk_by_name(name.c_str())) {
        error_setg(errp, "node-name=%s is conflicting with a device id", name.c_str());
        return false;
    }
    if (bdrv_find_node(name.c_str())) {
        error_setg(errp, "Duplicate nodes with node-name='%s'", name.c_str());
        return false;
    }
    return true;
}

bool bdrv_assign_node_name(BlockDriverState *bs, BlockOptions::node_type option, Error **errp) {
    if (option && !bdrv_check_node_name(option.mapped(), errp)) return false;
    bs->node_name = option ? option.mapped() : bdrv_generate_node_name();
    std::erase(all_bdrv_states(), bs);
    all_bdrv_states().push_back(bs);
    return true;
}

bool bdrv_is_read_only(const BlockDriverState *bs) { return !(bs->open_flags & BDRV_O_RDWR); }

int64_t bdrv_getlength(const BlockDriverState *bs) {
    if (!bs->drv) return -ENOMEDIUM;
    return bs->total_sectors * BDRV_SECTOR_SIZE;
}

// --- parents and children

std::unique_ptr<BdrvChild> bdrv_attach_child(BlockDriverState *bs, const std::string &name,
                                             const BdrvChildClass *klass, void *parent) {
    auto child = std::make_unique<BdrvChild>(BdrvChild{ bs, name, klass, parent });
    bs->parents.push_back(child.get());
    return child;
}

BdrvChild *bdrv_add_child(BlockDriverState *parent, BlockDriverState *bs, const std::string &name) {
    parent->children.push_back(bdrv_attach_child(bs, name, &child_of_bds, parent));
    parent->height = std::max(parent->height, bs->height + 1);
    return parent->children.back().get();
}

void bdrv_detach_child(std::unique_ptr<BdrvChild> child) {
    if (child->bs->drv) (void)bdrv_child_try_set_perm(child.get(), 0, BLK_PERM_ALL, nullptr);
    std::erase(child->bs->parents, child.get());
    bdrv_unref(child->bs);
}

// A file of 1000 bytes is two sectors long.
bool bdrv_refresh_total_sectors(BlockDriverState *bs, Error **errp) {
    int64_t length =
        bs->drv->is_filter ? bdrv_getlength(bs->file->bs) : bs->drv->bdrv_getlength(bs);
    if (length < 0 || length > BDRV_MAX_LENGTH) {
        error_setg(errp, "Could not refresh total sector count: %s",
                   strerror(length < 0 ? static_cast<int>(-length) : EFBIG));
        return false;
    }
    int64_t sectors = (length + BDRV_SECTOR_SIZE - 1) / BDRV_SECTOR_SIZE;
    if (std::exchange(bs->total_sectors, sectors) == sectors) return true;
    for (BdrvChild *parent : bs->parents) parent->klass->resize(parent);
    return true;
}

// A node above may be as long as the one that was resized, or know a length of its own.
static void child_of_bds_resize(BdrvChild *child) {
    auto *parent = static_cast<BlockDriverState *>(child->opaque);
    if (parent->drv) (void)bdrv_refresh_total_sectors(parent, nullptr);
}

static std::string child_of_bds_get_parent_desc(const BdrvChild *child) {
    return "node '" + static_cast<BlockDriverState *>(child->opaque)->node_name + "'";
}

const BdrvChildClass child_of_bds = {
    .resize = child_of_bds_resize,
    .get_parent_desc = child_of_bds_get_parent_desc,
    .drained_begin = child_of_bds_drained_begin,
    .drained_end = child_of_bds_drained_end,
};

// --- reopening

static bool reopen_nodes(BlockDriverState *bs, bool read_only, Error **errp) {
    if (bs->file && !reopen_nodes(bs->file->bs, read_only, errp)) return false;
    int flags = read_only ? bs->open_flags & ~BDRV_O_RDWR : bs->open_flags | BDRV_O_RDWR;
    if (!bdrv_check_whitelist(bs->drv, read_only, errp)) return false;
    if (bs->drv->bdrv_reopen && !bs->drv->bdrv_reopen(bs, flags, errp)) return false;
    bs->open_flags = flags;
    return true;
}

bool bdrv_reopen_set_read_only(BlockDriverState *bs, bool read_only, Error **errp) {
    bdrv_drain(bs);
    if (read_only == bdrv_is_read_only(bs)) return true;
    if (reopen_nodes(bs, read_only, errp) && bdrv_refresh_perms(bs, errp)) return true;
    (void)reopen_nodes(bs, !read_only, nullptr);
    (void)bdrv_refresh_perms(bs, nullptr);
    return false;
}

// --- closing

void bdrv_ref(BlockDriverState *bs) { bs->refcnt++; }

static void bdrv_close(BlockDriverState *bs) {
    bdrv_drain(bs);
    if (bs->drv) {
        bdrv_flush(bs);
        trace_bdrv_close(bs, bs->node_name.c_str());
        if (bs->drv->bdrv_close) bs->drv->bdrv_close(bs);
        bs->drv = nullptr;
    }
    bs->opaque.reset();
    bs->file = nullptr;
    for (auto &child : std::exchange(bs->children, {})) bdrv_detach_child(std::move(child));
}

void bdrv_unref(BlockDriverState *bs) {
    assert(bs->refcnt > 0);
    if (--bs->refcnt > 0) return;
    AioContextGuard guard(bs->aio_context);
    bdrv_close(bs);
    std::erase(all_bdrv_states(), bs);
    delete bs;
}

void bdrv_close_all() {
    bdrv_drain_all();
    blk_remove_all_bs();
    blockdev_close_all_bdrv_states();
    assert(all_bdrv_states().empty()); // somebody kept a reference
}
