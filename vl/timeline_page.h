// SPDX-License-Identifier: MIT
/* How a timeline looks: a page to search and click, or a picture. */
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

// A page that needs nothing else; `trace` is in Chrome's trace format. The lines of source that it
// names are in it, if the source is where the program was built.
std::string timeline_page(nlohmann::ordered_json trace);
// The same as an SVG picture.
std::string timeline_picture(const nlohmann::ordered_json &trace);
