// SPDX-License-Identifier: MIT
/* The block layer's register of drivers, and how an image is opened and closed.
 *
 * Opening `file=disk.img,format=raw` makes two nodes, the lower one first:
 *
 *     bdrv_open -> bdrv_open_inherit       the format node
 *         bdrv_fill_options                which driver, by "driver" or by the file's name
 *         bdrv_open_child("file")          -> bdrv_open_inherit, the protocol node
 *         find_image_format                only if nobody said which format (block/probe.cpp)
 *         bdrv_open_common                 whitelist, then the driver's raw_open
 *
 * Options that no step understood are refused last.
 *
 * In gdb: b bdrv_register     b bdrv_open     b raw_open     p *bdrv_drivers */
#include "block/block_int.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <utility>

#include <sys/sdt.h>

#include "block/snapshot.h"
#include "block/trace.h"
#include "block/whitelist.h"
#include "util/module.h"
#include "util/option.h"

static BlockDriver *bdrv_drivers;
static bool use_bdrv_whitelist;

// --- drivers

void bdrv_register(BlockDriver *drv) {
    trace_bdrv_register(drv->format_name);
    DTRACE_PROBE1(vl, bdrv_register, drv->format_name);
    drv->next = bdrv_drivers;
    bdrv_drivers = drv;
}

BlockDriver *bdrv_first_driver() { return bdrv_drivers; }

[[gnu::noinline]] void bdrv_init() { module_call_init(MODULE_INIT_BLOCK); }

[[gnu::noinline]] void bdrv_init_with_whitelist() {
    use_bdrv_whitelist = true;
    bdrv_init();
}

// Which library has the driver of that name. Made by CMake from the list of modules.
struct BlockModule {
    const char *name;
    const char *library;
    bool is_format; // else the name of a protocol only
};

static constexpr BlockModule block_modules[] = {
#include "block_modules.inc"
    { nullptr, nullptr, false },
};

bool bdrv_load_driver(const char *name) {
    for (const BlockModule *m = block_modules; m->name; m++) {
        if (!strcmp(m->name, name)) return block_module_load_one(m->library);
    }
    return false;
}

static BlockDriver *bdrv_do_find_format(const char *format_name) {
    for (BlockDriver *drv = bdrv_drivers; drv; drv = drv->next) {
        if (!strcmp(drv->format_name, format_name)) return drv;
    }
    return nullptr;
}

BlockDriver *bdrv_find_format(const char *format_name) {
    BlockDriver *drv = bdrv_do_find_format(format_name);
    if (drv || !bdrv_load_driver(format_name)) return drv;
    return bdrv_do_find_format(format_name);
}

static bool bdrv_is_whitelisted(const char *format_name, bool read_only) {
    return !use_bdrv_whitelist ||
           whitelist_allows(bdrv_whitelist_rw, bdrv_whitelist_ro, format_name, read_only);
}

bool bdrv_check_whitelist(const BlockDriver *drv, bool read_only, Error **errp) {
    trace_bdrv_whitelist(drv->format_name, read_only,
                         bdrv_is_whitelisted(drv->format_name, read_only));
    return !use_bdrv_whitelist ||
           whitelist_check(bdrv_whitelist_rw, bdrv_whitelist_ro, drv->format_name, read_only, errp);
}

std::vector<std::string> bdrv_format_names(bool read_only) {
    std::set<std::string> names;
    for (BlockDriver *drv = bdrv_drivers; drv; drv = drv->next) names.insert(drv->format_name);
    for (const BlockModule *m = block_modules; m->name; m++) {
        if (m->is_format) names.insert(m->name);
    }

    std::vector<std::string> allowed;
    for (const std::string &name : names) {
        if (bdrv_is_whitelisted(name.c_str(), read_only)) allowed.push_back(name);
    }
    return allowed;
}

// --- opening

// Frees a node that could not be opened.
struct BdrvUnref {
    void operator()(BlockDriverState *bs) const { bdrv_unref(bs); }
};
using BdrvPtr = std::unique_ptr<BlockDriverState, BdrvUnref>;

// Decides what kind of node it is to be (BDRV_O_PROTOCOL), and of a protocol which one: by
// options["driver"], else by the file's name.
static bool bdrv_fill_options(BlockOptions *options, const char *filename, int *flags,
                              Error **errp) {
    BlockDriver *drv = nullptr;
    if (auto it = options->find("driver"); it != options->end()) {
        drv = bdrv_find_format(it->second.c_str());
        if (!drv) {
            error_setg(errp, "Unknown driver '%s'", it->second.c_str());
            return false;
        }
        trace_bdrv_choose_driver(drv->format_name, "the option driver or format says so");
        *flags &= ~BDRV_O_PROTOCOL;
        if (drv->bdrv_file_open) *flags |= BDRV_O_PROTOCOL;
    }
    if (!(*flags & BDRV_O_PROTOCOL)) return true; // the file's name is for the child

    if (filename && !options->emplace("filename", filename).second) {
        error_setg(errp, "Can't specify 'file' and 'filename' options at the same time");
        return false;
    }
    if (!drv) {
        auto it = options->find("filename");
        if (it == options->end()) {
            error_setg(errp, "Must specify either driver or file");
            return false;
        }
        drv = bdrv_find_protocol(it->second.c_str(), /*allow_prefix=*/filename != nullptr, errp);
        if (!drv) return false;
        (*options)["driver"] = drv->format_name;
    }
    if (!filename || !drv->bdrv_parse_filename) return true;
    return drv->bdrv_parse_filename(filename, options, errp);
}

// How many nodes stand one on the other. Opening, closing and requests go down them by recursion.
static constexpr int BDRV_MAX_DEPTH = 256;

static bool bdrv_check_depth(int depth, Error **errp) {
    if (depth < BDRV_MAX_DEPTH) return true;
    error_setg(errp, "Block nodes are nested too deep: more than %d levels", BDRV_MAX_DEPTH);
    return false;
}

static BlockDriverState *bdrv_open_reference(const std::string &reference, int depth,
                                             Error **errp) {
    BlockDriverState *bs = bdrv_find_node(reference.c_str());
    if (!bs) {
        error_setg(errp, "Cannot find device='%s' nor node-name='%s'", reference.c_str(),
                   reference.c_str());
        return nullptr;
    }
    if (bs->aio_context != qemu_get_aio_context()) {
        error_setg(errp, "Cannot change iothread of active block backend");
        return nullptr;
    }
    if (!bdrv_check_depth(depth + bs->height, errp)) return nullptr;
    bdrv_ref(bs);
    return bs;
}

static BlockDriverState *bdrv_open_inherit(const char *filename, const char *reference,
                                           BlockOptions options, int flags, int depth,
                                           Error **errp);

BdrvChild *bdrv_open_child(const char *filename, BlockOptions *options, const char *name,
                           BlockDriverState *parent, int flags, Error **errp) {
    BlockOptions child_options = block_options_extract(options, name);
    bool is_reference = options->contains(name);
    std::string reference = block_options_take(options, name);
    if (!filename && !is_reference && child_options.empty()) {
        error_setg(errp, "A block device must be specified for \"%s\"", name);
        return nullptr;
    }
    BlockDriverState *bs = bdrv_open_inherit(
        filename, is_reference ? reference.c_str() : nullptr, std::move(child_options),
        flags | BDRV_O_PROTOCOL | BDRV_O_UNMAP, parent->depth + 1, errp);
    return bs ? bdrv_add_child(parent, bs, name) : nullptr;
}

void bdrv_refresh_limits(BlockDriverState *bs) {
    if (bs->drv->bdrv_refresh_limits) bs->drv->bdrv_refresh_limits(bs);
}

static bool bdrv_open_common(BlockDriverState *bs, BlockDriver *drv, BlockOptions *options,
                             Error **errp) {
    if (!bdrv_assign_node_name(bs, options->extract("node-name"), errp)) return false;
    if (!bdrv_check_whitelist(drv, bdrv_is_read_only(bs), errp)) return false;
    if (drv->bdrv_needs_filename && !options->contains("filename")) {
        error_setg(errp, "The '%s' block driver requires a file name", drv->format_name);
        return false;
    }
    bs->drv = drv;
    bs->options = *options;
    auto it = options->find("filename");
    const char *filename = it != options->end() ? it->second.c_str()
                           : bs->file           ? bs->file->bs->filename.c_str()
                                                : "";
    trace_bdrv_open_common(bs, filename, bs->open_flags, drv->format_name);
    auto open = drv->bdrv_file_open ? drv->bdrv_file_open : drv->bdrv_open;
    if (!open(bs, options, bs->open_flags, errp)) {
        bs->drv = nullptr;
        return false;
    }
    bdrv_refresh_limits(bs);
    bs->filename = bdrv_make_filename(bs);
    return bdrv_refresh_total_sectors(bs, errp);
}

static bool bdrv_check_leftovers(const BlockDriver *drv, const BlockOptions &options,
                                 Error **errp) {
    if (options.empty()) return true;
    const char *name = options.begin()->first.c_str();
    if (drv->bdrv_file_open) {
        error_setg(errp, "Block protocol '%s' doesn't support the option '%s'", drv->format_name,
                   name);
    } else {
        error_setg(errp, "Block format '%s' does not support the option '%s'", drv->format_name,
                   name);
    }
    return false;
}

static BlockDriverState *bdrv_open_inherit(const char *filename, const char *reference,
                                           BlockOptions options, int flags, int depth,
                                           Error **errp) {
    if (reference) return bdrv_open_reference(reference, depth, errp);
    if (!bdrv_check_depth(depth, errp)) return nullptr;
    if (!bdrv_take_json_filename(&filename, &options, errp)) return nullptr;

    BdrvPtr bs(bdrv_new());
    bs->depth = depth;
    if (!bdrv_fill_options(&options, filename, &flags, errp)) return nullptr;
    if (!bdrv_take_flags(&options, &flags, errp)) return nullptr;
    if (!bdrv_take_zeroes(&options, bs.get(), flags, errp)) return nullptr;
    bs->open_flags = flags;

    std::string driver = block_options_take(&options, "driver");
    BlockDriver *drv = driver.empty() ? nullptr : bdrv_find_format(driver.c_str());
    if (!(flags & BDRV_O_PROTOCOL)) {
        bs->file = bdrv_open_child(filename, &options, "file", bs.get(), flags, errp);
        if (!bs->file) return nullptr;
    }
    if (!drv) {
        drv = find_image_format(bs->file, filename, errp);
        if (!drv) return nullptr;
        bs->probed = true;
    }
    if (!bdrv_open_common(bs.get(), drv, &options, errp)) return nullptr;
    if (!bdrv_check_leftovers(drv, options, errp)) return nullptr;
    trace_bdrv_opened(bs.get(), bs->node_name.c_str(),
                      static_cast<uint64_t>(bs->total_sectors * BDRV_SECTOR_SIZE));
    return bs.release();
}

// A snapshot's base is opened for reading. Who only reads needs none.
static bool bdrv_wants_snapshot(const BlockOptions &options, int *flags) {
    auto it = options.find("read-only");
    bool read_only = false;
    if (it != options.end()) (void)parse_option_bool("read-only", it->second, &read_only, nullptr);
    bool wanted = (*flags & BDRV_O_SNAPSHOT) && !read_only;
    *flags &= ~BDRV_O_SNAPSHOT;
    if (wanted) *flags &= ~BDRV_O_RDWR;
    return wanted;
}

// "driver=raw,file.driver=file".
static std::string options_text(const BlockOptions &options) {
    std::string text;
    for (const auto &[name, value] : options)
        text += (text.empty() ? "" : ",") + name + "=" + value;
    return text;
}

[[gnu::noinline]] BlockDriverState *bdrv_open(const char *filename, const char *reference,
                                              BlockOptions options, int flags, Error **errp) {
    if (filename && !*filename) filename = nullptr;
    DTRACE_PROBE1(vl, bdrv_open, filename);
    std::string text;
    if (trace_bdrv_open.is_enabled()) text = options_text(options);
    TraceSpan span(trace_bdrv_open, filename, text.c_str(), flags);
    bool snapshot = bdrv_wants_snapshot(options, &flags);
    BlockDriverState *bs =
        bdrv_open_inherit(filename, reference, std::move(options), flags, /*depth=*/0, errp);
    return bs && snapshot ? bdrv_append_temp_snapshot(bs, flags, errp) : bs;
}
