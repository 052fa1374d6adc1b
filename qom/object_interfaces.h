// SPDX-License-Identifier: MIT
/* Objects that a user makes, by type and id: -object, the monitor's object_add, QMP's object-add.
 *
 * Such a type descends from user-creatable. The object becomes the child of /objects that its id
 * names, and whoever is told of it (iothread=io0, rng=rng0) finds it there.
 *
 * In gdb: b user_creatable_add     b user_creatable_del */
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "qom/object.h"

#define TYPE_USER_CREATABLE "user-creatable"

struct QemuOpt;
struct QemuOpts;

// Invariant: only an object that nobody uses can be deleted.
struct UserCreatable : Object {
    unsigned users = 0; // devices that were told of it

    virtual bool in_use() const { return users > 0; }

    // Its properties are set: claims what it needs. False: *errp is set, nothing is claimed.
    [[nodiscard]] virtual bool complete(Error **) { return true; }
};

// The text behind -object: "rng-random,id=rng0", or the same as a JSON object. Null: *errp is set.
QemuOpts *user_creatable_parse(const char *text, Error **errp);
[[nodiscard]] bool user_creatable_add_opts(const QemuOpts *opts, Error **errp);
// Makes the object that "qom-type" and "id" name; all other pairs are its properties. "Parameter
// 'id' is missing", "Parameter 'x' is unexpected", ...
[[nodiscard]] bool user_creatable_add(const std::vector<QemuOpt> &pairs, Error **errp);
// The pairs that the members of such a JSON object are. "Invalid parameter type for 'id', expected:
// string"
[[nodiscard]] bool user_creatable_take_json(const nlohmann::json &object,
                                            std::vector<QemuOpt> *pairs, Error **errp);
// The answer to "help" and "TYPE,help"; empty: that was not asked, or of no known type.
std::string user_creatable_help(const std::vector<QemuOpt> &pairs);
// "object 'x' not found", "object 'x' is in use, can not be deleted"
[[nodiscard]] bool user_creatable_del(const std::string &id, Error **errp);
// The end of all of them, when nobody needs them any more.
void user_creatable_cleanup();

// The object of that id or path; empty: none. "Device 'x' not found", "Invalid parameter type for
// 'rng', expected: rng-backend"
[[nodiscard]] bool user_creatable_find(const std::string &path, const char *type_name,
                                       const char *property, UserCreatable **result, Error **errp);
