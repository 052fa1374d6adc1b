// SPDX-License-Identifier: MIT
/* Permissions: what each parent does with a node, and what it lets others do meanwhile.
 *
 * Two parents of one node must allow each other what they do. What all of them want goes down the
 * graph, and a driver that has others beside it (`file`: processes of the host) settles it with
 * them. Every change is made wholly or not at all.
 *
 * In gdb: b bdrv_child_try_set_perm     b bdrv_refresh_perms */
#include "block/block_int.h"

struct PermissionName {
    uint64_t perm;
    const char *name;
};

static constexpr PermissionName names[] = {
    { BLK_PERM_CONSISTENT_READ, "consistent read" },
    { BLK_PERM_WRITE, "write" },
    { BLK_PERM_WRITE_UNCHANGED, "write unchanged" },
    { BLK_PERM_RESIZE, "resize" },
};

std::string bdrv_perm_names(uint64_t perm) {
    std::string text;
    for (const PermissionName &n : names) {
        if (!(perm & n.perm)) continue;
        text += (text.empty() ? "" : ", ") + std::string(n.name);
    }
    return text;
}

void bdrv_get_cumulative_perm(const BlockDriverState *bs, uint64_t *perm, uint64_t *shared_perm) {
    *perm = 0;
    *shared_perm = BLK_PERM_ALL;
    for (const BdrvChild *parent : bs->parents) {
        *perm |= parent->perm;
        *shared_perm &= parent->shared_perm;
    }
}

static std::string user_desc(const BdrvChild *child) {
    return child->klass->get_parent_desc(child) + " (uses node '" + child->bs->node_name +
           "' as '" + child->name + "' child)";
}

static bool allows(const BdrvChild *a, const BdrvChild *b, Error **errp) {
    uint64_t refused = b->perm & ~a->shared_perm;
    if (!refused) return true;
    error_setg(errp,
               "Permission conflict on node '%s': permissions '%s' are both required by %s and "
               "unshared by %s.",
               b->bs->node_name.c_str(), bdrv_perm_names(refused).c_str(), user_desc(b).c_str(),
               user_desc(a).c_str());
    return false;
}

static bool parents_agree(const BlockDriverState *bs, Error **errp) {
    for (const BdrvChild *a : bs->parents) {
        for (const BdrvChild *b : bs->parents) {
            if (a != b && !allows(a, b, errp)) return false;
        }
    }
    return true;
}

// A node does with its children what is done with it, and so shares them; a backing file is read.
static bool set_children_perms(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm,
                               Error **errp) {
    for (const auto &child : bs->children) {
        uint64_t own = perm;
        if (child->name == "backing") own &= ~(BLK_PERM_WRITE | BLK_PERM_RESIZE);
        if (!bdrv_child_try_set_perm(child.get(), own, shared_perm, errp)) return false;
    }
    return true;
}

bool bdrv_refresh_perms(BlockDriverState *bs, Error **errp) {
    if (!bs->drv) return true; // not open: nothing is done with it yet, or any more
    if (!parents_agree(bs, errp)) return false;
    uint64_t perm, shared_perm;
    bdrv_get_cumulative_perm(bs, &perm, &shared_perm);
    if ((perm & (BLK_PERM_WRITE | BLK_PERM_WRITE_UNCHANGED)) && bdrv_is_read_only(bs)) {
        error_setg(errp, "Block node is read-only");
        return false;
    }
    if (!set_children_perms(bs, perm, shared_perm, errp)) return false;
    return !bs->drv->bdrv_set_perm || bs->drv->bdrv_set_perm(bs, perm, shared_perm, errp);
}

bool bdrv_child_try_set_perm(BdrvChild *child, uint64_t perm, uint64_t shared_perm, Error **errp) {
    uint64_t old_perm = child->perm, old_shared_perm = child->shared_perm;
    child->perm = perm;
    child->shared_perm = shared_perm;
    if (bdrv_refresh_perms(child->bs, errp)) return true;
    child->perm = old_perm;
    child->shared_perm = old_shared_perm;
    (void)bdrv_refresh_perms(child->bs, nullptr); // what was granted before, and is held still
    return false;
}
