// SPDX-License-Identifier: MIT
/* JSON values one behind the other in a stream of bytes, as a QMP client sends them.
 *
 * A value ends where its brackets close, or a lone word ends; line feeds mean nothing. As QEMU does
 * it, strings may stand in single quotes, and a byte that cannot be in JSON (0xff) throws away what
 * came before it.
 *
 * Spec: RFC 8259, and docs/monitor.md for what is done with errors */
#pragma once

#include <cstdint>
#include <string>

// Invariant: `text_` is the value so far, with double quotes; empty between values.
class JSONMessageParser {
public:
    // Takes a byte. A value or an error that ends there goes to the handler: exactly one of
    // text and error is not null. The text is well bracketed, no more is known of it.
    using Handler = void (*)(void *opaque, const std::string *text, const char *error);
    void feed(uint8_t byte, Handler handler, void *opaque);
    void reset();

private:
    static constexpr size_t MAX_SIZE = 1 << 20, MAX_DEPTH = 1024;

    void feed_string(uint8_t byte, Handler handler, void *opaque);
    void end(Handler handler, void *opaque);
    void fail(const std::string &error, Handler handler, void *opaque);
    void stray(uint8_t byte, Handler handler, void *opaque);

    std::string text_;
    size_t depth_ = 0;
    size_t token_ = 0;     // where the string or word at hand starts
    char quote_ = 0;       // in a string: how it began
    bool escaped_ = false; // the byte behind a backslash
};
