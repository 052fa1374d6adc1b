// SPDX-License-Identifier: MIT
/* JSON values in a stream. See vl/qmp-parser.h. */
#include "vl/qmp-parser.h"

#include <cstring>

void JSONMessageParser::reset() { *this = {}; }

void JSONMessageParser::end(Handler handler, void *opaque) {
    std::string text = std::move(text_);
    reset();
    handler(opaque, &text, nullptr);
}

void JSONMessageParser::fail(const std::string &error, Handler handler, void *opaque) {
    reset();
    handler(opaque, nullptr, error.c_str());
}

void JSONMessageParser::stray(uint8_t byte, Handler handler, void *opaque) {
    std::string token = quote_ || token_ < text_.size() ? text_.substr(token_) : "";
    token += static_cast<char>(byte);
    fail("JSON parse error, stray '" + token + "'", handler, opaque);
}

// Bytes that UTF-8 never has.
static bool never_in_utf8(uint8_t byte) { return byte == 0xc0 || byte == 0xc1 || byte > 0xf4; }

// In a string between single quotes a double one needs a backslash now, and \' none.
void JSONMessageParser::feed_string(uint8_t byte, Handler handler, void *opaque) {
    if (byte < ' ' || never_in_utf8(byte)) return stray(byte, handler, opaque);
    if (escaped_) {
        escaped_ = false;
        if (byte == '\'') text_.pop_back();
        text_ += static_cast<char>(byte);
    } else if (byte == static_cast<uint8_t>(quote_)) {
        text_ += '"';
        quote_ = 0;
        token_ = text_.size();
        if (depth_ == 0) end(handler, opaque);
    } else {
        escaped_ = byte == '\\';
        if (byte == '"') text_ += '\\';
        text_ += static_cast<char>(byte);
    }
}

void JSONMessageParser::feed(uint8_t byte, Handler handler, void *opaque) {
    if (text_.size() >= MAX_SIZE) return fail("JSON token size limit exceeded", handler, opaque);
    if (quote_) return feed_string(byte, handler, opaque);
    bool blank = byte && strchr(" \t\r\n", byte);
    bool structural = byte && strchr("{}[],:", byte);
    bool quote = byte == '"' || byte == '\'';
    if (depth_ == 0 && !text_.empty() && (blank || structural || quote)) end(handler, opaque);
    if (blank) {
        if (!text_.empty()) text_ += ' ';
        token_ = text_.size();
        return;
    }
    if (byte < ' ' || byte >= 0x7f) return stray(byte, handler, opaque);
    if (structural || quote) token_ = text_.size();
    text_ += quote ? '"' : static_cast<char>(byte);
    if (quote) {
        quote_ = static_cast<char>(byte);
    } else if (byte == '{' || byte == '[') {
        if (++depth_ > MAX_DEPTH) fail("JSON nesting depth limit exceeded", handler, opaque);
    } else if (structural) {
        if (byte == '}' || byte == ']') depth_ -= depth_ > 0;
        token_ = text_.size();
        if (depth_ == 0) end(handler, opaque);
    }
}
