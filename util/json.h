// SPDX-License-Identifier: MIT
/* JSON, as far as it is written without a library: strings; and options that are written as an
 * object. */
#pragma once

#include <string>
#include <utility>
#include <vector>

struct Error;

// In quotes, with what JSON wants escaped. A byte that is not part of UTF-8 becomes U+FFFD.
std::string json_string(const std::string &text);

// The members of a JSON object as names and values, in order, in the words of an option's text:
// {"a": {"b": true}, "c": [1]} is a.b=on, c.0=1. A mistake is told in QEMU's words. If the whole
// text is a value of another kind: "Invalid JSON object given".
[[nodiscard]] bool json_parse_options(const std::string &text,
                                      std::vector<std::pair<std::string, std::string>> *pairs,
                                      Error **errp);
