// SPDX-License-Identifier: MIT
/* Options that are written as a JSON object. See util/json.h.
 *
 * The library tells what it reads piece by piece, so nothing is nested here: a stack says where the
 * next value belongs. What the library says of a mistake becomes QEMU's words by a table.
 *
 * Spec:    RFC 8259
 * Missing: QEMU's own additions: strings in single quotes
 * In gdb:  b json_parse_options     b OptionsReader::parse_error */
#include <cctype>
#include <cstring>
#include <set>

#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/json.h"

static constexpr size_t MAX_DEPTH = 1024;

// The first row whose two texts the library's message has.
struct Mistake {
    const char *where, *what, *message;
};

static constexpr Mistake mistakes[] = {
    { "", "; expected end of input", "Expecting at most one JSON value" },
    { "", "unexpected end of input", "JSON parse error, premature EOI" },
    { "", "invalid literal", nullptr }, // it says which
    { "", "after backslash", "JSON parse error, invalid escape sequence in string" },
    { "", "4 hex digits", "JSON parse error, invalid escape sequence in string" },
    { "", "invalid string", "JSON parse error, stray string" },
    { "parsing object separator", "unexpected", "JSON parse error, missing : in object pair" },
    { "parsing object key", "number literal", "JSON parse error, key is not a string in object" },
    { "parsing object key", "unexpected", "JSON parse error, expecting value" },
    { "parsing object -", "unexpected", "JSON parse error, expected separator in dict" },
    { "parsing array -", "unexpected", "JSON parse error, expected separator in list" },
};

// The letters around `at`, if it is in a word.
static std::string word_at(const std::string &text, size_t at) {
    auto is_letter = [&](size_t i) {
        return i < text.size() && isalpha(static_cast<unsigned char>(text[i]));
    };
    size_t begin = at, end = at;
    while (begin > 0 && is_letter(begin - 1)) begin--;
    while (is_letter(end)) end++;
    return text.substr(begin, end - begin);
}

// What nlohmann::json::sax_parse() calls; false ends it.
struct OptionsReader {
    using Exception = nlohmann::json::exception;
    struct Level {
        std::string name; // of what is here, with a dot behind it
        bool is_array;
        size_t index = 0; // of the next value, in an array
        std::set<std::string> keys = {};
    };

    const std::string &text;
    std::vector<std::pair<std::string, std::string>> *pairs;
    Error **errp;
    std::vector<Level> levels = {};
    std::string key_name = {};

    std::string next_name() {
        Level &level = levels.back();
        return level.name + (level.is_array ? std::to_string(level.index++) : key_name);
    }
    bool value(const std::string &v) {
        if (levels.empty()) return fail("Invalid JSON object given");
        pairs->emplace_back(next_name(), v);
        return true;
    }
    bool fail(const char *message) {
        error_setg(errp, "%s", message);
        return false;
    }
    bool enter(bool is_array) {
        if (levels.empty() && is_array) return fail("Invalid JSON object given");
        if (levels.size() >= MAX_DEPTH) return fail("JSON nesting depth limit exceeded");
        levels.push_back({ levels.empty() ? "" : next_name() + ".", is_array });
        return true;
    }
    bool leave() {
        levels.pop_back();
        return true;
    }

    bool null() { return value(""); }
    bool boolean(bool v) { return value(v ? "on" : "off"); }
    bool number_integer(int64_t v) { return value(std::to_string(v)); }
    bool number_unsigned(uint64_t v) { return value(std::to_string(v)); }
    bool number_float(double, const std::string &as_written) { return value(as_written); }
    bool string(const std::string &v) { return value(v); }
    bool binary(nlohmann::json::binary_t &) { return false; } // not in a text
    bool start_object(size_t) { return enter(/*is_array=*/false); }
    bool end_object() { return leave(); }
    bool start_array(size_t) { return enter(/*is_array=*/true); }
    bool end_array() { return leave(); }
    bool key(const std::string &name) {
        key_name = name;
        if (levels.back().keys.insert(name).second) return true;
        return fail("JSON parse error, duplicate key");
    }
    bool parse_error(size_t position, const std::string &, const Exception &e) {
        const char *what = e.what();
        for (const Mistake &m : mistakes) {
            if (!strstr(what, m.where) || !strstr(what, m.what)) continue;
            if (m.message) return fail(m.message);
            std::string word = word_at(text, position > 0 ? position - 1 : 0);
            error_setg(errp, "JSON parse error, invalid keyword '%s'", word.c_str());
            return false;
        }
        return fail("JSON parse error, expecting value");
    }
};

bool json_parse_options(const std::string &text,
                        std::vector<std::pair<std::string, std::string>> *pairs, Error **errp) {
    OptionsReader reader{ text, pairs, errp };
    return nlohmann::json::sax_parse(text, &reader);
}
