// SPDX-License-Identifier: MIT
/* The parts of a text between separators. */
#pragma once

#include <string>
#include <vector>

// "a,,b" has three parts, of which one is empty; "" has none.
inline std::vector<std::string> split(const std::string &text, char separator) {
    std::vector<std::string> parts;
    if (text.empty()) return parts;
    size_t start = 0;
    for (size_t end; (end = text.find(separator, start)) != std::string::npos; start = end + 1)
        parts.push_back(text.substr(start, end - start));
    parts.push_back(text.substr(start));
    return parts;
}
