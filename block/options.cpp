// SPDX-License-Identifier: MIT
/* Options: taken out of the flat map that a node is opened with, and told back as its name. */
#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include "block/block_int.h"
#include "util/json.h"
#include "util/option.h"

BlockOptions block_options_extract(BlockOptions *options, const std::string &prefix) {
    BlockOptions taken;
    std::string start = prefix + ".";
    auto it = options->lower_bound(start);
    while (it != options->end() && it->first.starts_with(start)) {
        taken.emplace(it->first.substr(start.size()), std::move(it->second));
        it = options->erase(it);
    }
    return taken;
}

std::string block_options_take(BlockOptions *options, const char *name, const std::string &defval) {
    auto it = options->find(name);
    if (it == options->end()) return defval;
    std::string value = std::move(it->second);
    options->erase(it);
    return value;
}

bool block_options_take_bool(BlockOptions *options, const char *name, bool *value, Error **errp) {
    if (!options->contains(name)) return true;
    return parse_option_bool(name, block_options_take(options, name), value, errp);
}

bool block_options_take_number(BlockOptions *options, const char *name, uint64_t *value,
                               Error **errp) {
    if (!options->contains(name)) return true;
    return parse_option_number(name, block_options_take(options, name), value, errp);
}

bool block_options_take_size(BlockOptions *options, const char *name, uint64_t *value,
                             Error **errp) {
    if (!options->contains(name)) return true;
    return parse_option_size(name, block_options_take(options, name), value, errp);
}

bool block_options_take_enum(BlockOptions *options, const char *name,
                             std::span<const char *const> values, size_t *value, Error **errp) {
    if (!options->contains(name)) return true;
    std::string text = block_options_take(options, name);
    auto it = std::find(values.begin(), values.end(), text);
    if (it == values.end()) {
        error_setg(errp, "invalid parameter value: %s", text.c_str());
        return false;
    }
    *value = static_cast<size_t>(it - values.begin());
    return true;
}

bool bdrv_parse_filename_strip_prefix(const char *filename, const char *prefix,
                                      BlockOptions *options) {
    size_t len = strlen(prefix);
    if (strncmp(filename, prefix, len)) return false;
    (*options)["filename"] = filename + len;
    return true;
}

// --- werror, rerror

static constexpr const char *on_error_names[] = { "report", "ignore", "enospc", "stop", "auto" };

const char *blockdev_on_error_name(BlockdevOnError on_error) { return on_error_names[on_error]; }

int blockdev_on_error_parse(const std::string &name) {
    auto it = std::find(std::begin(on_error_names), std::end(on_error_names), name);
    return it == std::end(on_error_names) ? -1 : static_cast<int>(it - on_error_names);
}

bool bdrv_take_json_filename(const char **filename, BlockOptions *options, Error **errp) {
    static constexpr char prefix[] = "json:";
    if (!*filename || strncmp(*filename, prefix, strlen(prefix))) return true;
    nlohmann::json object;
    Error *err = nullptr;
    if (!qobject_from_json(*filename + strlen(prefix), &object, &err)) {
        error_prepend(&err, "Could not parse the JSON options: ");
        error_propagate(errp, err);
        return false;
    }
    if (!object.is_object()) {
        error_setg(errp, "Invalid JSON object given");
        return false;
    }
    for (const auto &[name, value] : qobject_flatten(object)) options->emplace(name, value);
    *filename = nullptr;
    return true;
}

// --- options that every node has

static constexpr const char *discard_modes[] = { "ignore", "unmap" };
static constexpr const char *detect_zeroes_modes[] = { "off", "on", "unmap" };

static constexpr BlockOption cache_options[] = {
    { "direct", BLOCK_OPT_BOOL },
    { "no-flush", BLOCK_OPT_BOOL },
};

// clang-format off
static constexpr BlockOption common_options[] = {
    { "driver",         BLOCK_OPT_STR,    BLOCK_OPT_WEAK | BLOCK_OPT_REQUIRED },
    { "node-name",      BLOCK_OPT_STR,    BLOCK_OPT_WEAK },
    { "discard",        BLOCK_OPT_ENUM,   BLOCK_OPT_WEAK, discard_modes },
    { "cache",          BLOCK_OPT_OBJECT, BLOCK_OPT_WEAK, {}, cache_options },
    { "read-only",      BLOCK_OPT_BOOL,   BLOCK_OPT_WEAK },
    { "auto-read-only", BLOCK_OPT_BOOL,   BLOCK_OPT_WEAK },
    { "detect-zeroes",  BLOCK_OPT_ENUM,   BLOCK_OPT_WEAK, detect_zeroes_modes },
};
// clang-format on
const std::span<const BlockOption> bdrv_common_options = common_options;

static bool bdrv_take_flag(BlockOptions *options, const char *name, int flag, bool set_if_on,
                           int *flags, Error **errp) {
    bool on = ((*flags & flag) != 0) == set_if_on;
    if (!block_options_take_bool(options, name, &on, errp)) return false;
    *flags = on == set_if_on ? *flags | flag : *flags & ~flag;
    return true;
}

static bool bdrv_take_discard(BlockOptions *options, int *flags, Error **errp) {
    if (!options->contains("discard")) return true;
    std::string mode = block_options_take(options, "discard");
    bool unmap = mode == "unmap" || mode == "on";
    *flags = unmap ? *flags | BDRV_O_UNMAP : *flags & ~BDRV_O_UNMAP;
    if (unmap || mode == "ignore" || mode == "off") return true;
    error_setg(errp, "Invalid discard option");
    return false;
}

bool bdrv_take_zeroes(BlockOptions *options, BlockDriverState *bs, int flags, Error **errp) {
    size_t mode = BLOCKDEV_DETECT_ZEROES_OPTIONS_OFF;
    if (!block_options_take_enum(options, "detect-zeroes", detect_zeroes_modes, &mode, errp)) {
        return false;
    }
    bs->detect_zeroes = static_cast<BlockdevDetectZeroesOptions>(mode);
    if (mode == BLOCKDEV_DETECT_ZEROES_OPTIONS_UNMAP && !(flags & BDRV_O_UNMAP)) {
        error_setg(errp, "setting detect-zeroes to unmap is not allowed without setting discard "
                         "operation to unmap");
        return false;
    }
    return true;
}

bool bdrv_take_flags(BlockOptions *options, int *flags, Error **errp) {
    return bdrv_take_discard(options, flags, errp) &&
           bdrv_take_flag(options, "read-only", BDRV_O_RDWR, false, flags, errp) &&
           bdrv_take_flag(options, "auto-read-only", BDRV_O_AUTO_RDONLY, true, flags, errp) &&
           bdrv_take_flag(options, "cache.direct", BDRV_O_NOCACHE, true, flags, errp) &&
           bdrv_take_flag(options, "cache.no-flush", BDRV_O_NO_FLUSH, true, flags, errp);
}

// --- a node's name for people

// One of these rows' that changes nothing a guest reads; "cache.direct" is of the row "cache".
static bool is_weak_option(std::span<const BlockOption> rows, const std::string &name) {
    std::string own = name.substr(0, name.find('.'));
    return std::any_of(rows.begin(), rows.end(), [&](const BlockOption &row) {
        return own == row.name && (row.flags & BLOCK_OPT_WEAK);
    });
}

// The node's own options that count, without its children's.
static BlockOptions strong_options(const BlockDriverState *bs) {
    BlockOptions own = bs->options;
    for (const auto &child : bs->children) {
        block_options_extract(&own, child->name);
        own.erase(child->name);
    }
    std::erase_if(own, [bs](const auto &option) {
        return is_weak_option(bdrv_common_options, option.first) ||
               is_weak_option(bs->drv->options, option.first);
    });
    return own;
}

// A number is a number where types are known; a -drive's options are text.
static std::string json_value(const BlockDriverState *bs, const std::string &name,
                              const std::string &value) {
    auto rows = bs->drv->options;
    auto row = std::find_if(rows.begin(), rows.end(), [&](auto &r) { return name == r.name; });
    if (row == rows.end() || !(bs->open_flags & BDRV_O_TYPED)) return json_string(value);
    if (row->type == BLOCK_OPT_BOOL) return value == "on" ? "true" : "false";
    bool is_number = row->type == BLOCK_OPT_INT || row->type == BLOCK_OPT_UINT32 ||
                     row->type == BLOCK_OPT_UINT64;
    return is_number ? value : json_string(value);
}

static std::string json_options(const BlockDriverState *bs) {
    std::string out = "{\"driver\": " + json_string(bs->drv->format_name);
    for (const auto &[name, value] : strong_options(bs)) {
        out += ", " + json_string(name) + ": " + json_value(bs, name, value);
    }
    for (const auto &child : bs->children) {
        out += ", " + json_string(child->name) + ": " + json_options(child->bs);
    }
    return out + "}";
}

std::string bdrv_make_filename(const BlockDriverState *bs) {
    if (bs->drv->bdrv_refresh_filename) {
        std::string name = bs->drv->bdrv_refresh_filename(bs);
        return name.empty() ? "json:" + json_options(bs) : name;
    }
    BlockOptions own = strong_options(bs);
    std::string filename = block_options_take(&own, "filename");
    bool plain = own.empty();
    if (bs->file) {
        filename = bs->file->bs->filename;
        plain = plain && !filename.starts_with("json:");
    } else if (filename.empty()) {
        filename = std::string(bs->drv->protocol_name) + "://";
    }
    return plain ? filename : "json:" + json_options(bs);
}
