// SPDX-License-Identifier: MIT
/* JSON strings. See util/json.h. Spec: RFC 8259, section 7 */
#include "util/json.h"

#include "util/error.h"

std::string json_string(const std::string &text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            out += format_string("\\u%04x", c);
        } else {
            out += c;
        }
    }
    return out + '"';
}
