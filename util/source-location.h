// SPDX-License-Identifier: MIT
/* Where a call stands. (clang 14 has no std::source_location.) */
#pragma once

struct SourceLocation {
    const char *file;
    unsigned line;

    static constexpr SourceLocation current(const char *file = __builtin_FILE(),
                                            unsigned line = __builtin_LINE()) {
        return { file, line };
    }
};
