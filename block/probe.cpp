// SPDX-License-Identifier: MIT
/* Probing: which protocol a file's name asks for, and which format an image's first bytes have.
 *
 * Every driver gives a score; the highest wins, and among equals the driver asked first. The `raw`
 * format answers 1 to anything, so it is what remains. That makes probing dangerous: a guest that
 * owns a raw image can write the header of another format into it. See block/raw_bsd.cpp.
 *
 * In gdb: b bdrv_probe_all */
#include <algorithm>
#include <cstring>

#include "block/block_int.h"
#include "block/trace.h"

BlockDriver *bdrv_probe_all(const uint8_t *buf, int buf_size, const char *filename) {
    BlockDriver *best = nullptr;
    int best_score = 0;
    for (BlockDriver *drv = bdrv_first_driver(); drv; drv = drv->next) {
        int score = drv->bdrv_probe ? drv->bdrv_probe(buf, buf_size, filename) : 0;
        trace_bdrv_probe(drv->format_name, score);
        if (score > best_score) {
            best_score = score;
            best = drv;
        }
    }
    return best;
}

BlockDriver *find_image_format(BdrvChild *file, const char *filename, Error **errp) {
    // An empty image has nothing to look at, and may become anything.
    int64_t length = bdrv_getlength(file->bs);
    if (length == 0) return bdrv_find_format("raw");

    uint8_t buf[BLOCK_PROBE_BUF_SIZE] = {};
    int size = static_cast<int>(std::min<int64_t>(length, sizeof buf));
    int ret = bdrv_pread(file, 0, size, buf, 0);
    if (ret < 0) {
        error_setg(errp, "Could not read image for determining its format: %s", strerror(-ret));
        return nullptr;
    }
    BlockDriver *drv = bdrv_probe_all(buf, size, filename ? filename : "");
    if (!drv) {
        error_setg(errp, "Could not determine image format: No compatible driver found");
        return nullptr;
    }
    trace_bdrv_choose_driver(drv->format_name, "it had the highest score for the first bytes");
    return drv;
}

// The length of the "nbd" in "nbd:..."; 0 if a slash comes first, or no colon at all.
static size_t protocol_length(const char *filename) {
    size_t len = strcspn(filename, ":/");
    return filename[len] == ':' ? len : 0;
}

bool path_has_protocol(const char *filename) { return protocol_length(filename) > 0; }

static BlockDriver *find_hdev_driver(const char *filename) {
    BlockDriver *best = nullptr;
    int best_score = 0;
    for (BlockDriver *drv = bdrv_first_driver(); drv; drv = drv->next) {
        int score = drv->bdrv_probe_device ? drv->bdrv_probe_device(filename) : 0;
        if (score > best_score) {
            best_score = score;
            best = drv;
        }
    }
    return best;
}

static BlockDriver *do_find_protocol(const std::string &protocol) {
    for (BlockDriver *drv = bdrv_first_driver(); drv; drv = drv->next) {
        if (drv->protocol_name && protocol == drv->protocol_name) return drv;
    }
    return nullptr;
}

BlockDriver *bdrv_find_protocol(const char *filename, bool allow_prefix, Error **errp) {
    // A device first: its name may contain a colon, as those under /dev/disk/by-path do.
    if (BlockDriver *drv = find_hdev_driver(filename)) {
        trace_bdrv_choose_driver(drv->format_name, "the file is a device");
        return drv;
    }
    if (!allow_prefix || !path_has_protocol(filename)) {
        trace_bdrv_choose_driver("file", "the name begins with no protocol");
        return bdrv_find_format("file");
    }

    std::string protocol(filename, protocol_length(filename));
    BlockDriver *drv = do_find_protocol(protocol);
    if (!drv && bdrv_load_driver(protocol.c_str())) drv = do_find_protocol(protocol);
    if (!drv) {
        error_setg(errp, "Unknown protocol '%s'", protocol.c_str());
        return nullptr;
    }
    trace_bdrv_choose_driver(drv->format_name, "the name begins with its protocol");
    return drv;
}
