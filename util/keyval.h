// SPDX-License-Identifier: MIT
/* keyval: options as "driver=raw,file.driver=file", in which a dot makes a member of a member. */
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

struct Error;

// Reads `params` into an object whose scalars are all text; members called 0, 1, ... make a list.
// A word alone at the front is the value of `implied_key`, which may be null. `,,` is a comma, and
// the last duplicate wins. "Expected '=' after parameter 'x'", "Invalid parameter 'x'", "Parameters
// 'x.*' used inconsistently", "Parameter 'x.0' missing", "Help is not available for this option".
[[nodiscard]] bool keyval_parse(const std::string &params, const char *implied_key,
                                nlohmann::json *ret, Error **errp);
