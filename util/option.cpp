// SPDX-License-Identifier: MIT
/* Option groups and their grammar. See util/option.h. */
#include "util/option.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

// An error that ends the process does so when it is set: the hint must be there by then.
static void set_with_hint(Error **errp, const std::string &message, const char *hint) {
    Error *err = nullptr;
    error_setg(&err, "%s", message.c_str());
    error_append_hint(&err, "%s", hint);
    error_propagate(errp, err);
}

// --- values

bool is_help_option(const std::string &s) { return s == "help" || s == "?"; }

bool id_wellformed(const std::string &id) {
    if (id.empty() || !isalpha(static_cast<unsigned char>(id[0]))) return false;
    return std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return isalnum(c) || c == '-' || c == '.' || c == '_';
    });
}

bool id_check(const std::string &id, Error **errp) {
    if (id_wellformed(id)) return true;
    set_with_hint(
        errp, "Parameter 'id' expects an identifier",
        "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n");
    return false;
}

static constexpr size_t BOOL_WORDS = 4;
static constexpr const char *on_words[BOOL_WORDS] = { "on", "yes", "true", "y" };
static constexpr const char *off_words[BOOL_WORDS] = { "off", "no", "false", "n" };

bool parse_option_bool(const char *name, const std::string &value, bool *ret, Error **errp) {
    for (const char *const *words : { on_words, off_words }) {
        for (size_t i = 0; i < BOOL_WORDS; i++) {
            if (value != words[i]) continue;
            *ret = words == on_words;
            return true;
        }
    }
    error_setg(errp, "Parameter '%s' expects 'on' or 'off'", name);
    return false;
}

bool parse_option_number(const char *name, const std::string &value, uint64_t *ret, Error **errp) {
    char *end;
    errno = 0;
    bool starts_well = !value.empty() && isdigit(static_cast<unsigned char>(value[0]));
    uint64_t number = starts_well ? strtoull(value.c_str(), &end, 0) : 0;
    if (!starts_well || *end) {
        error_setg(errp, "Parameter '%s' expects a number", name);
        return false;
    }
    if (errno == ERANGE) {
        error_setg(errp, "Value '%s' is too large for parameter '%s'", value.c_str(), name);
        return false;
    }
    *ret = number;
    return true;
}

// The power of 1024 that a suffix stands for, or -1.
static int size_suffix_power(const std::string &suffix) {
    static const std::string letters = "BKMGTPE";
    if (suffix.empty()) return 0;
    if (suffix.size() > 1) return -1;
    size_t at = letters.find(static_cast<char>(toupper(static_cast<unsigned char>(suffix[0]))));
    return at == std::string::npos ? -1 : static_cast<int>(at);
}

bool parse_option_size(const char *name, const std::string &value, uint64_t *ret, Error **errp) {
    bool starts_well = !value.empty() && isdigit(static_cast<unsigned char>(value[0]));
    bool is_hex = value.size() > 1 && (value[1] == 'x' || value[1] == 'X');
    char *end = nullptr;
    errno = 0;
    uint64_t whole = starts_well ? strtoull(value.c_str(), &end, is_hex ? 16 : 10) : 0;
    double fraction = 0;
    if (starts_well && !is_hex && *end == '.') fraction = strtod(end, &end);
    int power = starts_well ? size_suffix_power(end) : -1;
    if (power < 0 || (fraction != 0 && power == 0)) {
        set_with_hint(
            errp, format_string("Parameter '%s' expects a non-negative number below 2^64", name),
            "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
            "and exabytes, respectively.\n");
        return false;
    }
    uint64_t unit = uint64_t{ 1 } << (10 * power);
    if (errno == ERANGE || whole > UINT64_MAX / unit) {
        error_setg(errp, "Value '%s' is out of range for parameter '%s'", value.c_str(), name);
        return false;
    }
    *ret = whole * unit + static_cast<uint64_t>(fraction * static_cast<double>(unit));
    return true;
}

std::string opts_escape(const std::string &value) {
    std::string out;
    for (char c : value) {
        out += c;
        if (c == ',') out += c;
    }
    return out;
}

// --- groups

static std::vector<QemuOptsList *> groups;

void qemu_add_opts(QemuOptsList *list) { groups.push_back(list); }

const std::vector<QemuOptsList *> &qemu_opts_groups() { return groups; }

QemuOptsList *find_list(const std::vector<QemuOptsList *> &lists, const char *group, Error **errp) {
    for (QemuOptsList *list : lists) {
        if (std::string(list->name) == group) return list;
    }
    error_setg(errp, "There is no option group '%s'", group);
    return nullptr;
}

QemuOptsList *qemu_find_opts_err(const char *group, Error **errp) {
    return find_list(groups, group, errp);
}

QemuOptsList *qemu_find_opts(const char *group) { return qemu_find_opts_err(group, nullptr); }

QemuOpts *qemu_find_opts_singleton(const char *group) {
    return qemu_opts_create(qemu_find_opts(group), "", false, &error_abort);
}

QemuOpts *qemu_opts_find(QemuOptsList *list, const std::string &id) {
    for (const auto &opts : list->head) {
        if (opts->id == id) return opts.get();
    }
    return nullptr;
}

QemuOpts *qemu_opts_create(QemuOptsList *list, const std::string &id, bool fail_if_exists,
                           Error **errp) {
    if (list->merge_lists) {
        if (!id.empty()) {
            error_setg(errp, "Invalid parameter 'id'");
            return nullptr;
        }
        if (QemuOpts *opts = qemu_opts_find(list, "")) return opts;
    } else if (!id.empty()) {
        if (!id_check(id, errp)) return nullptr;
        if (QemuOpts *opts = qemu_opts_find(list, id)) {
            if (!fail_if_exists) return opts;
            error_setg(errp, "Duplicate ID '%s' for %s", id.c_str(), list->name);
            return nullptr;
        }
    }
    auto opts = std::make_unique<QemuOpts>();
    opts->id = id;
    opts->list = list;
    opts->loc = loc_current();
    list->head.push_back(std::move(opts));
    return list->head.back().get();
}

void qemu_opts_del(QemuOpts *opts) {
    std::erase_if(opts->list->head, [opts](const auto &item) { return item.get() == opts; });
}

// --- one QemuOpts

static const QemuOptDesc *find_desc(const QemuOptsList *list, const std::string &name) {
    for (const QemuOptDesc &d : list->desc) {
        if (name == d.name) return &d;
    }
    return nullptr;
}

bool qemu_opt_check_value(const QemuOptDesc &desc, const std::string &value, Error **errp) {
    bool flag;
    uint64_t number;
    switch (desc.type) {
    case QEMU_OPT_BOOL:
        return parse_option_bool(desc.name, value, &flag, errp);
    case QEMU_OPT_NUMBER:
        return parse_option_number(desc.name, value, &number, errp);
    case QEMU_OPT_SIZE:
        return parse_option_size(desc.name, value, &number, errp);
    default:
        return true;
    }
}

bool qemu_opt_set(QemuOpts *opts, const std::string &name, const std::string &value, Error **errp) {
    const QemuOptDesc *desc = find_desc(opts->list, name);
    if (!desc && !opts->list->desc.empty() && !is_help_option(name)) {
        error_setg(errp, "Invalid parameter '%s'", name.c_str());
        return false;
    }
    if (desc && !qemu_opt_check_value(*desc, value, errp)) return false;
    opts->opts.push_back({ name, value });
    return true;
}

std::string opts_next_token(const std::string &params, size_t *pos) {
    std::string token;
    for (; *pos < params.size(); ++*pos) {
        if (params[*pos] == ',') {
            if (*pos + 1 >= params.size() || params[*pos + 1] != ',') break;
            ++*pos;
        }
        token += params[*pos];
    }
    ++*pos;
    return token;
}

bool opts_parse_pairs(const std::string &params, const char *implied, std::vector<QemuOpt> *pairs,
                      Error **errp) {
    bool first = true;
    for (size_t pos = 0; pos < params.size(); first = false) {
        std::string token = opts_next_token(params, &pos);
        size_t equals = token.find('=');
        if (equals == 0) {
            error_setg(errp, "Invalid parameter ''");
            return false;
        }
        if (equals != std::string::npos) {
            pairs->push_back({ token.substr(0, equals), token.substr(equals + 1) });
        } else if (first && implied) {
            pairs->push_back({ implied, token });
        } else if (!token.empty()) {
            pairs->push_back({ token, "on" });
        }
    }
    return true;
}

QemuOpts *qemu_opts_parse(QemuOptsList *list, const std::string &params, bool permit_abbrev,
                          Error **errp) {
    std::vector<QemuOpt> pairs;
    const char *implied = permit_abbrev ? list->implied_opt_name : nullptr;
    if (!opts_parse_pairs(params, implied, &pairs, errp)) return nullptr;
    std::string id;
    for (const QemuOpt &pair : pairs) {
        if (pair.name == "id") id = pair.value;
    }
    size_t before = list->head.size();
    QemuOpts *opts = qemu_opts_create(list, id, true, errp);
    if (!opts) return nullptr;
    for (const QemuOpt &pair : pairs) {
        if (pair.name == "id") continue;
        if (!qemu_opt_set(opts, pair.name, pair.value, errp)) {
            if (list->head.size() > before) qemu_opts_del(opts);
            return nullptr;
        }
    }
    return opts;
}

const char *qemu_opt_get(const QemuOpts *opts, const char *name) {
    if (!opts) return nullptr;
    for (auto it = opts->opts.rbegin(); it != opts->opts.rend(); ++it) {
        if (it->name == name) return it->value.c_str();
    }
    return nullptr;
}

bool qemu_opt_get_bool(const QemuOpts *opts, const char *name, bool defval) {
    const char *value = qemu_opt_get(opts, name);
    if (value) (void)parse_option_bool(name, value, &defval, &error_abort);
    return defval;
}

uint64_t qemu_opt_get_number(const QemuOpts *opts, const char *name, uint64_t defval) {
    const char *value = qemu_opt_get(opts, name);
    if (value && !parse_option_number(name, value, &defval, nullptr)) return 0;
    return defval;
}

bool qemu_opt_has_help(const QemuOpts *opts) {
    return std::any_of(opts->opts.begin(), opts->opts.end(), [](const QemuOpt &opt) {
        return is_help_option(opt.name) || is_help_option(opt.value);
    });
}
