// SPDX-License-Identifier: MIT
/* gdb's remote protocol: bytes to packets and back, and hexadecimal text. Knows no machine.
 * Spec: Debugging with GDB, E.1 (Overview) */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gdbstub {

// The longest body of a packet, either way: PacketSize.
inline constexpr size_t MAX_PACKET_LENGTH = 0x4000;

enum class PacketEvent {
    None,        // more to come
    Begin,       // '$'
    Complete,    // packet() has it
    BadChecksum, // packet() has it nevertheless
    TooLong,     // packet() is empty
    Interrupt,   // Ctrl-C
    Ack,
    Nack,
    Garbage, // outside of a packet
};

// Takes any bytes at all.
class PacketReader {
public:
    PacketEvent feed(uint8_t byte);
    // Its body, unescaped; until the next byte.
    const std::string &packet() const { return body_; }

private:
    enum class State { Idle, Body, Escape, Checksum1, Checksum2 };
    PacketEvent feed_idle(uint8_t byte);
    PacketEvent feed_body(uint8_t byte);
    PacketEvent finish(uint8_t low_digit);
    void begin();
    void add(uint8_t byte);

    State state_ = State::Idle;
    std::string body_;
    uint8_t sum_ = 0;
    uint8_t high_digit_ = 0;
    bool too_long_ = false;
};

// "$body#sum". The body must have been escaped where it may have other than text.
std::string packet_frame(std::string_view body);
// Binary data as a body may have it.
std::string packet_escape(std::string_view data);

std::string hex_of(std::string_view bytes);
// A register's eight bytes, lowest first.
std::string hex_of_register(uint64_t value);
// Bytes of an even number of digits; else nothing.
std::optional<std::string> bytes_of_hex(std::string_view digits);
// Takes a hexadecimal number of at most 64 bits off the front of *text.
std::optional<uint64_t> take_number(std::string_view *text);
// Takes `c` off it.
bool take_char(std::string_view *text, char c);
// Takes what comes before the next `separator`, and that.
std::string_view take_field(std::string_view *text, char separator);

} // namespace gdbstub
