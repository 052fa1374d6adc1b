// SPDX-License-Identifier: MIT
/* Which drivers may be opened: fixed when the program is built, from configs/block-whitelist-*. */
#pragma once

// Names of drivers, nullptr behind the last. Both empty: every driver may be opened. A driver on
// the read-only list may be opened for reading only. Every node counts, `file` too.
extern const char *const bdrv_whitelist_rw[];
extern const char *const bdrv_whitelist_ro[];

// What these two lists say about a driver.
bool whitelist_allows(const char *const rw[], const char *const ro[], const char *format_name,
                      bool read_only);
