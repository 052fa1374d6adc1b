// SPDX-License-Identifier: MIT
/* -boot-timeline: what happened from the first constructor to the guest's first steps, with times,
 * as Chrome's trace format (.json), a page (.html) or a picture (.svg). */
#pragma once

#include <string>

struct Error;

// Collects from now on; the file is written when the process ends, however it does.
[[nodiscard]] bool timeline_open(const std::string &file, Error **errp);
