// SPDX-License-Identifier: MIT
/* JSON, as far as it is written without a library: strings. */
#pragma once

#include <string>

// In quotes, with what JSON wants escaped.
std::string json_string(const std::string &text);
