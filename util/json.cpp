// SPDX-License-Identifier: MIT
/* JSON strings. See util/json.h. Spec: RFC 8259, section 7; RFC 3629, section 4, for UTF-8 */
#include "util/json.h"

#include <cstdint>
#include <string_view>

#include "util/error.h"

// What a character may be made of: its first byte, how many there are, and its second byte. All
// behind that are 80 to BF.
static constexpr struct {
    uint8_t first, last;
    size_t length;
    uint8_t second_first, second_last;
} utf8_rows[] = {
    { 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf },
    { 0xe1, 0xec, 3, 0x80, 0xbf }, { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
    { 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

// How many bytes the first character of the text has; 0: it is none.
static size_t utf8_length(std::string_view text) {
    auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
    for (const auto &row : utf8_rows) {
        if (byte(0) < row.first || byte(0) > row.last) continue;
        if (text.size() < row.length) return 0;
        if (row.length == 1) return 1;
        if (byte(1) < row.second_first || byte(1) > row.second_last) return 0;
        for (size_t i = 2; i < row.length; i++) {
            if ((byte(i) & 0xc0) != 0x80) return 0;
        }
        return row.length;
    }
    return 0;
}

static std::string escaped(char c) {
    if (c == '"' || c == '\\') return { '\\', c };
    if (static_cast<unsigned char>(c) < 0x20) return format_string("\\u%04x", c);
    return { c };
}

std::string json_string(const std::string &text) {
    std::string out = "\"";
    for (std::string_view rest = text; !rest.empty();) {
        size_t length = utf8_length(rest);
        if (length == 0)
            out += "\\ufffd"; // a byte that means nothing
        else
            out += length == 1 ? escaped(rest[0]) : std::string(rest.substr(0, length));
        rest.remove_prefix(length ? length : 1);
    }
    return out + '"';
}
