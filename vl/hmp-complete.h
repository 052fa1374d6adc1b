// SPDX-License-Identifier: MIT
/* Completion of the human monitor's lines, from the commands' rows. */
#pragma once

#include <string>
#include <vector>

// What may stand in the place of the last word of `line`, which may be empty; sorted, each once.
// All begin as that word does. A folder, or an object with children, ends with a slash, an option
// that wants a value with '='.
std::vector<std::string> hmp_complete(const std::string &line);
