// SPDX-License-Identifier: MIT
/* Properties that every disk has. See hw/block/block.h.
 *
 * In gdb: b blkconf_blocksizes */
#include "hw/block/block.h"

#include <algorithm>

#include "block/block-backend.h"
#include "util/error.h"

static constexpr uint32_t DEFAULT_BLOCK_SIZE = 512;

static bool is_multiple(const BlockConf &conf, uint32_t bytes, const char *name, Error **errp) {
    if (bytes % conf.logical_block_size == 0) return true;
    error_setg(errp, "%s must be a multiple of logical_block_size", name);
    return false;
}

bool blkconf_blocksizes(BlockConf *conf, Error **errp) {
    for (BlockSize *size : { &conf->physical_block_size, &conf->logical_block_size })
        if (*size == 0) size->bytes = DEFAULT_BLOCK_SIZE;
    if (conf->logical_block_size > conf->physical_block_size) {
        error_setg(errp, "logical_block_size > physical_block_size not supported");
        return false;
    }
    if (!is_multiple(*conf, conf->min_io_size, "min_io_size", errp)) return false;
    if (conf->min_io_size / conf->logical_block_size > UINT16_MAX) {
        error_setg(errp, "min_io_size must not exceed %u logical blocks", UINT16_MAX);
        return false;
    }
    if (conf->discard_granularity == UINT32_MAX)
        conf->discard_granularity.bytes = conf->logical_block_size;
    return is_multiple(*conf, conf->opt_io_size, "opt_io_size", errp) &&
           is_multiple(*conf, conf->discard_granularity, "discard_granularity", errp);
}

static bool geometry_ok(uint32_t value, uint32_t max, const char *name, Error **errp) {
    if (value >= 1 && value <= max) return true;
    error_setg(errp, "%s must be between 1 and %u", name, max);
    return false;
}

bool blkconf_geometry(BlockConf *conf, BlockBackend *blk, uint32_t cyls_max, uint32_t heads_max,
                      uint32_t secs_max, Error **errp) {
    if (!conf->cyls && !conf->heads && !conf->secs) {
        conf->heads = 16;
        conf->secs = 63;
        int64_t cyls = std::max<int64_t>(blk_getlength(blk), 0) / 512 / (16 * 63);
        conf->cyls = static_cast<uint32_t>(std::clamp<int64_t>(cyls, 2, 16383));
    }
    return geometry_ok(conf->cyls, cyls_max, "cyls", errp) &&
           geometry_ok(conf->heads, heads_max, "heads", errp) &&
           geometry_ok(conf->secs, secs_max, "secs", errp);
}
