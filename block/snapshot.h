// SPDX-License-Identifier: MIT
/* snapshot=on: what a guest writes goes to a temporary file, until `commit` or for ever. */
#pragma once

struct Error;
struct BlockDriverState;

// A new writable node on top of `base`, which is open read-only and whose reference it takes.
// nullptr with *errp set on failure.
BlockDriverState *bdrv_append_temp_snapshot(BlockDriverState *base, int flags, Error **errp);
// The node below a temporary snapshot; nullptr if `bs` is none.
BlockDriverState *bdrv_backing(const BlockDriverState *bs);
// Writes what was changed to the base, and goes on with an empty temporary file. 0 or -errno, and
// *errp says why; -ENOTSUP if `bs` is no snapshot. No request may be in flight.
int bdrv_commit(BlockDriverState *bs, Error **errp);
