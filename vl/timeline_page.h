// SPDX-License-Identifier: MIT
/* How a timeline looks: a page to search and click, or a picture. */
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

// A page that needs nothing else; `trace` is JSON in Chrome's trace format.
std::string timeline_page(const std::string &trace);
// The same as an SVG picture.
std::string timeline_picture(const nlohmann::ordered_json &trace);
