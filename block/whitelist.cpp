// SPDX-License-Identifier: MIT
/* What the whitelists say. The lists themselves are made by CMake. See block/whitelist.h. */
#include "block/whitelist.h"

#include <cstring>

#include "util/error.h"

static bool contains(const char *const list[], const char *name) {
    for (; *list; list++) {
        if (!strcmp(*list, name)) return true;
    }
    return false;
}

bool whitelist_allows(const char *const rw[], const char *const ro[], const char *format_name,
                      bool read_only) {
    if (!rw[0] && !ro[0]) return true;
    return contains(rw, format_name) || (read_only && contains(ro, format_name));
}

bool whitelist_check(const char *const rw[], const char *const ro[], const char *format_name,
                     bool read_only, Error **errp) {
    if (whitelist_allows(rw, ro, format_name, read_only)) return true;
    if (whitelist_allows(rw, ro, format_name, /*read_only=*/true)) {
        error_setg(errp, "Driver '%s' can only be used for read-only devices", format_name);
    } else {
        error_setg(errp, "Driver '%s' is not whitelisted", format_name);
    }
    return false;
}
