// SPDX-License-Identifier: MIT
/* JSON: values from text, with mistakes in QEMU's words, and values as text.
 *
 * Spec:    RFC 8259
 * Missing: QEMU's own additions: strings in single quotes (a QMP connection has them:
 *          vl/qmp-parser.h)
 * In gdb:  b qobject_from_json */
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

struct Error;

// The one value that the text is; nothing is nested deeper than 1024 levels.
[[nodiscard]] bool qobject_from_json(const std::string &text, nlohmann::json *value, Error **errp);

// Text in QEMU's layout: a blank behind ':' and ',', ASCII alone; `pretty`: a member a line. A byte
// that is not part of UTF-8 becomes U+FFFD.
std::string qobject_to_json(const nlohmann::json &value, bool pretty = false);
// The same of a string, in quotes.
std::string json_string(const std::string &text);

// What is in an object as names and values of the command line, in order of the names:
// {"a": {"b": true}, "c": [1]} is a.b=on, c.0=1. Null is left out.
std::vector<std::pair<std::string, std::string>> qobject_flatten(const nlohmann::json &object);
