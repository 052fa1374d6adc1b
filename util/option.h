// SPDX-License-Identifier: MIT
/* QemuOpts: option groups (`-drive file=x,format=raw`, `[drive "id"]` in a configuration file).
 *
 * A group is a QemuOptsList registered by an opts_init function; each use of the option makes a
 * QemuOpts in it: an optional id and name=value pairs in order. Grammar: `,` separates, `,,` is a
 * comma, a bare word is the implied first key's value or, later, "word=on"; the last duplicate
 * wins. */
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "util/error.h"

enum QemuOptType { QEMU_OPT_STRING, QEMU_OPT_BOOL, QEMU_OPT_NUMBER, QEMU_OPT_SIZE };

struct QemuOptDesc {
    const char *name;
    QemuOptType type = QEMU_OPT_STRING;
    const char *help = nullptr;
};

struct QemuOpt {
    std::string name;
    std::string value;
};

struct QemuOptsList;

struct QemuOpts {
    std::string id; // empty: none
    QemuOptsList *list = nullptr;
    std::vector<QemuOpt> opts; // in order, duplicates kept
    Location loc;              // where the user wrote it
};

struct QemuOptsList {
    const char *name;
    const char *implied_opt_name = nullptr; // the first bare word's key
    bool merge_lists = false;               // every use adds to the same QemuOpts
    std::vector<QemuOptDesc> desc = {};     // empty: any name is accepted
    std::vector<std::unique_ptr<QemuOpts>> head = {};
};

// --- groups
void qemu_add_opts(QemuOptsList *list);
QemuOptsList *qemu_find_opts(const char *group);
// With "There is no option group 'x'".
QemuOptsList *qemu_find_opts_err(const char *group, Error **errp);
const std::vector<QemuOptsList *> &qemu_opts_groups();
QemuOptsList *find_list(const std::vector<QemuOptsList *> &lists, const char *group, Error **errp);
// The group's only QemuOpts (merge_lists), made if it is missing.
QemuOpts *qemu_find_opts_singleton(const char *group);

// --- one QemuOpts
// Parses "a=b,c". A name that desc lacks: "Invalid parameter 'x'".
QemuOpts *qemu_opts_parse(QemuOptsList *list, const std::string &params, bool permit_abbrev,
                          Error **errp);
// Same without a list's id and checks: the bare grammar.
[[nodiscard]] bool opts_parse_pairs(const std::string &params, const char *implied,
                                    std::vector<QemuOpt> *pairs, Error **errp);
// What stands from `*pos` up to the next single comma, with ",," as a comma; *pos moves behind it.
std::string opts_next_token(const std::string &params, size_t *pos);
// "Duplicate ID 'a' for drive", "Parameter 'id' expects an identifier".
QemuOpts *qemu_opts_create(QemuOptsList *list, const std::string &id, bool fail_if_exists,
                           Error **errp);
// Does the text suit the row's type?
[[nodiscard]] bool qemu_opt_check_value(const QemuOptDesc &desc, const std::string &value,
                                        Error **errp);
[[nodiscard]] bool qemu_opt_set(QemuOpts *opts, const std::string &name, const std::string &value,
                                Error **errp);
void qemu_opts_del(QemuOpts *opts);
QemuOpts *qemu_opts_find(QemuOptsList *list, const std::string &id);
// The value that counts (the last one), or nullptr.
const char *qemu_opt_get(const QemuOpts *opts, const char *name);
bool qemu_opt_get_bool(const QemuOpts *opts, const char *name, bool defval);
uint64_t qemu_opt_get_number(const QemuOpts *opts, const char *name, uint64_t defval);
bool qemu_opt_has_help(const QemuOpts *opts);
bool is_help_option(const std::string &s); // "help" or "?"

// --- values
// on, yes, true, y, and their contraries. "Parameter 'x' expects 'on' or 'off'"
[[nodiscard]] bool parse_option_bool(const char *name, const std::string &value, bool *ret,
                                     Error **errp);
// "Parameter 'x' expects a number", "Value 'n' is too large for parameter 'x'"
[[nodiscard]] bool parse_option_number(const char *name, const std::string &value, uint64_t *ret,
                                       Error **errp);
// k M G T suffixes, fractions; "Parameter 'x' expects a non-negative number below 2^64",
// "Value 'n' is out of range for parameter 'x'"
[[nodiscard]] bool parse_option_size(const char *name, const std::string &value, uint64_t *ret,
                                     Error **errp);
bool id_wellformed(const std::string &id);
// The same with "Parameter 'id' expects an identifier", and what one is.
[[nodiscard]] bool id_check(const std::string &id, Error **errp);
// Doubles commas, so that the text survives a parse.
std::string opts_escape(const std::string &value);

// --- files (util/config-file.cpp)
// `-readconfig`: adds every group of the file. Errors carry "<program>:<file>:<line>: ".
[[nodiscard]] bool qemu_read_config_file(const std::string &file, Error **errp);
// The same of an open file called `name`, into these groups.
[[nodiscard]] bool qemu_config_parse(std::istream &in, const std::string &name,
                                     const std::vector<QemuOptsList *> &lists, Error **errp);
// `-writeconfig`; "-" is standard output.
[[nodiscard]] bool qemu_write_config_file(const std::string &file, Error **errp);
