// SPDX-License-Identifier: MIT
/* Which drivers may be opened: fixed when the program is built, from configs/block-whitelist-*. */
#pragma once

struct Error;

// Names of drivers, nullptr behind the last. Both empty: every driver may be opened. A driver on
// the read-only list may be opened for reading only. Every node counts, `file` too.
extern const char *const bdrv_whitelist_rw[];
extern const char *const bdrv_whitelist_ro[];

// What two such lists say about a driver.
bool whitelist_allows(const char *const rw[], const char *const ro[], const char *format_name,
                      bool read_only);
// Same, and says why not.
[[nodiscard]] bool whitelist_check(const char *const rw[], const char *const ro[],
                                   const char *format_name, bool read_only, Error **errp);
