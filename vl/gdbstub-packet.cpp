// SPDX-License-Identifier: MIT
/* gdb's packets. See vl/gdbstub-packet.h.
 *
 * In gdb: b gdbstub::PacketReader::finish */
#include "vl/gdbstub-packet.h"

#include <cstring>

#include "vl/trace.h"

namespace gdbstub {

static constexpr char ESCAPE = '}', ESCAPED_BIT = 0x20;
static constexpr char DIGITS[] = "0123456789abcdef";

// -1: none.
static int digit_of(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// --- reading

void PacketReader::begin() {
    state_ = State::Body;
    body_.clear();
    sum_ = 0;
    too_long_ = false;
}

void PacketReader::add(uint8_t byte) {
    too_long_ |= body_.size() == MAX_PACKET_LENGTH;
    if (!too_long_) body_ += static_cast<char>(byte);
}

PacketEvent PacketReader::feed_idle(uint8_t byte) {
    constexpr uint8_t CTRL_C = 3;
    if (byte == '$') {
        begin();
        return PacketEvent::Begin;
    }
    if (byte == CTRL_C) return PacketEvent::Interrupt;
    if (byte == '+') return PacketEvent::Ack;
    if (byte == '-') return PacketEvent::Nack;
    trace_gdbstub_err_garbage(byte);
    return PacketEvent::Garbage;
}

PacketEvent PacketReader::feed_body(uint8_t byte) {
    if (byte == '$') { // the one before was cut off
        begin();
        return PacketEvent::Begin;
    }
    if (byte == '#') {
        state_ = State::Checksum1;
        return PacketEvent::None;
    }
    sum_ = static_cast<uint8_t>(sum_ + byte);
    if (byte == ESCAPE)
        state_ = State::Escape;
    else
        add(byte);
    return PacketEvent::None;
}

PacketEvent PacketReader::finish(uint8_t low_digit) {
    state_ = State::Idle;
    int high = digit_of(high_digit_), low = digit_of(low_digit);
    bool is_number = high >= 0 && low >= 0;
    if (!is_number) trace_gdbstub_err_checksum_invalid(high < 0 ? high_digit_ : low_digit);
    if (!is_number || high * 16 + low != sum_) {
        if (is_number) trace_gdbstub_err_checksum_incorrect(sum_, high * 16 + low);
        return PacketEvent::BadChecksum;
    }
    if (!too_long_) return PacketEvent::Complete;
    trace_gdbstub_err_overrun();
    body_.clear();
    return PacketEvent::TooLong;
}

PacketEvent PacketReader::feed(uint8_t byte) {
    switch (state_) {
    case State::Idle:
        return feed_idle(byte);
    case State::Body:
        return feed_body(byte);
    case State::Escape:
        sum_ = static_cast<uint8_t>(sum_ + byte);
        add(byte ^ ESCAPED_BIT);
        state_ = State::Body;
        return PacketEvent::None;
    case State::Checksum1:
        high_digit_ = byte;
        state_ = State::Checksum2;
        return PacketEvent::None;
    case State::Checksum2:
        return finish(byte);
    }
    return PacketEvent::None;
}

// --- writing

std::string packet_frame(std::string_view body) {
    uint8_t sum = 0;
    for (char c : body) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(c));
    std::string text = "$";
    text += body;
    return text + '#' + DIGITS[sum >> 4] + DIGITS[sum & 15];
}

std::string packet_escape(std::string_view data) {
    std::string text;
    for (char c : data) {
        if (c && strchr("#$}*", c)) {
            text += ESCAPE;
            c ^= ESCAPED_BIT;
        }
        text += c;
    }
    return text;
}

// --- text

std::string hex_of(std::string_view bytes) {
    std::string text;
    for (char c : bytes) {
        auto byte = static_cast<uint8_t>(c);
        text += DIGITS[byte >> 4];
        text += DIGITS[byte & 15];
    }
    return text;
}

std::string hex_of_register(uint64_t value) {
    std::string bytes;
    for (unsigned n = 0; n < 8; n++) bytes += static_cast<char>(value >> (8 * n));
    return hex_of(bytes);
}

std::optional<std::string> bytes_of_hex(std::string_view digits) {
    if (digits.size() % 2) return std::nullopt;
    std::string bytes;
    for (size_t n = 0; n < digits.size(); n += 2) {
        int high = digit_of(static_cast<uint8_t>(digits[n]));
        int low = digit_of(static_cast<uint8_t>(digits[n + 1]));
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::optional<uint64_t> take_number(std::string_view *text) {
    uint64_t value = 0;
    size_t n = 0;
    for (int digit; n < text->size(); n++) {
        if ((digit = digit_of(static_cast<uint8_t>((*text)[n]))) < 0) break;
        if (value >> 60) return std::nullopt;
        value = value << 4 | static_cast<unsigned>(digit);
    }
    if (n == 0) return std::nullopt;
    text->remove_prefix(n);
    return value;
}

bool take_char(std::string_view *text, char c) {
    if (!text->starts_with(c)) return false;
    text->remove_prefix(1);
    return true;
}

std::string_view take_field(std::string_view *text, char separator) {
    size_t end = text->find(separator);
    std::string_view field = text->substr(0, end);
    text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
    return field;
}

} // namespace gdbstub
