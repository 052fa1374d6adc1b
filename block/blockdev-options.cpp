// SPDX-License-Identifier: MIT
/* What a -blockdev or a blockdev-add says, held against the rows of the drivers that it names.
 *
 * A driver's rows are what QEMU's schema (qapi/block-core.json) says of it, as far as it is here;
 * so a mistake is told before anything is opened. -drive has no such rules: its options are
 * text, which the drivers read (block/options.cpp).
 *
 * In gdb: b visit_blockdev_options     b blockdev_options::visit_option */
#include <algorithm>
#include <cerrno>

#include <nlohmann/json.hpp>

#include "block/block_int.h"
#include "util/option.h"

namespace blockdev_options {

using nlohmann::json;
using Rows = std::span<const BlockOption>;

struct Visitor {
    bool is_keyval; // text alone, and a list's members are called "x.0", not "x[0]"
    BlockOptions *options;
    Error **errp;
};

// Where a value stands: in messages, and in the options that nodes are opened with.
struct Place {
    std::string path, key;

    Place member(const std::string &name) const {
        return { path.empty() ? name : path + "." + name, key.empty() ? name : key + "." + name };
    }
    Place element(size_t index, bool is_keyval) const {
        std::string number = std::to_string(index), dotted = key + "." + number;
        return { is_keyval ? dotted : path + "[" + number + "]", dotted };
    }
};

// --- scalars

static bool fail_type(const Visitor &v, const Place &at, const char *expected) {
    error_setg(v.errp, "Invalid parameter type for '%s', expected: %s", at.path.c_str(), expected);
    return false;
}

static bool fail_expects(const Visitor &v, const std::string &name, const char *expected) {
    error_setg(v.errp, "Parameter '%s' expects %s", name.c_str(), expected);
    return false;
}

// Of the command line, a scalar is text.
static bool check_scalar(const Visitor &v, const json &value, const Place &at) {
    if (!v.is_keyval || value.is_string()) return true;
    error_setg(v.errp, "Parameters '%s.*' are unexpected", at.path.c_str());
    return false;
}

static bool visit_string(const Visitor &v, const json &value, const Place &at, std::string *text) {
    if (!check_scalar(v, value, at)) return false;
    if (!value.is_string()) return fail_type(v, at, "string");
    *text = value.get<std::string>();
    return true;
}

static bool visit_bool(const Visitor &v, const json &value, const Place &at, std::string *text) {
    bool on = false;
    if (!check_scalar(v, value, at)) return false;
    if (v.is_keyval) {
        if (!parse_option_bool(at.path.c_str(), value.get<std::string>(), &on, v.errp))
            return false;
    } else if (!value.is_boolean()) {
        return fail_type(v, at, "boolean");
    } else {
        on = value.get<bool>();
    }
    *text = on ? "on" : "off";
    return true;
}

// A whole number in decimal, octal or hexadecimal, and nothing else.
static bool parse_int(const std::string &text, bool is_signed, int64_t *number) {
    char *end = nullptr;
    errno = 0;
    *number = is_signed ? strtoll(text.c_str(), &end, 0)
                        : static_cast<int64_t>(strtoull(text.c_str(), &end, 0));
    return !text.empty() && errno == 0 && *end == '\0';
}

// A number without a sign may be given as the negative one that has the same 64 bits.
static bool visit_int(const Visitor &v, const BlockOption &row, const json &value, const Place &at,
                      std::string *text) {
    bool is_signed = row.type == BLOCK_OPT_INT;
    int64_t number = 0;
    if (!check_scalar(v, value, at)) return false;
    if (v.is_keyval) {
        if (!parse_int(value.get<std::string>(), is_signed, &number))
            return fail_expects(v, at.path, "integer");
    } else if (!value.is_number_integer()) {
        return is_signed ? fail_type(v, at, "integer") : fail_expects(v, at.path, "uint64");
    } else {
        number = value.get<int64_t>();
        bool fits = !value.is_number_unsigned() || number >= 0;
        if (is_signed && !fits) return fail_type(v, at, "integer");
    }
    auto bits = static_cast<uint64_t>(number);
    if (row.type == BLOCK_OPT_UINT32 && bits > UINT32_MAX) {
        return fail_expects(v, row.name, "uint32_t");
    }
    *text = is_signed ? std::to_string(number) : std::to_string(bits);
    return true;
}

static bool fail_value(const Visitor &v, const char *name, const std::string &text) {
    error_setg(v.errp, "Parameter '%s' does not accept value '%s'", name, text.c_str());
    return false;
}

static bool visit_enum(const Visitor &v, const BlockOption &row, const json &value, const Place &at,
                       std::string *text) {
    if (!visit_string(v, value, at, text)) return false;
    bool known = std::find(row.values.begin(), row.values.end(), *text) != row.values.end();
    return known || fail_value(v, row.name, *text);
}

// --- objects

static bool visit_option(const Visitor &v, const BlockOption &row, const json &value,
                         const Place &at);

// Of what the object's "type" chooses, or of any.
static bool is_there(const BlockOption &row, const json &object) {
    auto type = object.find("type");
    return !row.when || (type != object.end() && *type == row.when);
}

static bool visit_members(const Visitor &v, Rows rows, const json &object, const Place &at) {
    for (const BlockOption &row : rows) {
        if (!is_there(row, object)) continue;
        auto it = object.find(row.name);
        Place place = at.member(row.name);
        if (it != object.end()) {
            if (!visit_option(v, row, *it, place)) return false;
        } else if (row.flags & BLOCK_OPT_REQUIRED) {
            error_setg(v.errp, "Parameter '%s' is missing", place.path.c_str());
            return false;
        }
    }
    return true;
}

static bool has_row(Rows rows, const json &object, const std::string &name) {
    return std::any_of(rows.begin(), rows.end(), [&](const BlockOption &row) {
        return is_there(row, object) && name == row.name;
    });
}

// None is left that no row is of.
static bool check_members(const Visitor &v, Rows common, Rows rows, const json &object,
                          const Place &at) {
    for (const auto &item : object.items()) {
        if (has_row(common, object, item.key()) || has_row(rows, object, item.key())) continue;
        error_setg(v.errp, "Parameter '%s' is unexpected", at.member(item.key()).path.c_str());
        return false;
    }
    return true;
}

static bool visit_object(const Visitor &v, Rows rows, const json &object, const Place &at) {
    if (!object.is_object()) return fail_type(v, at, "object");
    return visit_members(v, rows, object, at) && check_members(v, {}, rows, object, at);
}

static bool visit_list(const Visitor &v, Rows rows, const json &list, const Place &at) {
    if (!list.is_array()) return fail_type(v, at, "array");
    for (size_t i = 0; i < list.size(); i++) {
        if (!visit_object(v, rows, list[i], at.element(i, v.is_keyval))) return false;
    }
    return true;
}

// --- nodes

// By "driver", which the rows of every node have as their first.
static BlockDriver *visit_driver(const Visitor &v, const json &node, const Place &at) {
    const BlockOption &row = bdrv_common_options[0];
    if (!visit_members(v, { &row, 1 }, node, at)) return nullptr;
    std::string name = node[row.name].get<std::string>();
    BlockDriver *drv = bdrv_find_format(name.c_str());
    if (!drv) fail_value(v, row.name, name);
    return drv;
}

static bool visit_node(const Visitor &v, const json &node, const Place &at) {
    const BlockDriver *drv = visit_driver(v, node, at);
    return drv && visit_members(v, bdrv_common_options, node, at) &&
           visit_members(v, drv->options, node, at) &&
           check_members(v, bdrv_common_options, drv->options, node, at);
}

static bool visit_option(const Visitor &v, const BlockOption &row, const json &value,
                         const Place &at) {
    std::string text;
    bool ok = false;
    switch (row.type) {
    case BLOCK_OPT_OBJECT:
        return visit_object(v, row.members, value, at);
    case BLOCK_OPT_LIST:
        return visit_list(v, row.members, value, at);
    case BLOCK_OPT_NODE:
        if (value.is_object()) return visit_node(v, value, at);
        if (!value.is_string()) return fail_type(v, at, "BlockdevRef");
        ok = visit_string(v, value, at, &text);
        break;
    case BLOCK_OPT_STR:
        ok = visit_string(v, value, at, &text);
        break;
    case BLOCK_OPT_BOOL:
        ok = visit_bool(v, value, at, &text);
        break;
    case BLOCK_OPT_ENUM:
        ok = visit_enum(v, row, value, at, &text);
        break;
    default:
        ok = visit_int(v, row, value, at, &text);
    }
    if (ok) (*v.options)[at.key] = text;
    return ok;
}

} // namespace blockdev_options

bool visit_blockdev_options(const nlohmann::json &node, bool is_keyval, BlockOptions *options,
                            Error **errp) {
    blockdev_options::Visitor v{ is_keyval, options, errp };
    return blockdev_options::visit_node(v, node, {});
}
