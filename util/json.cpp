// SPDX-License-Identifier: MIT
/* JSON, by a library. See util/json.h.
 *
 * The library tells what it reads piece by piece; a stack says where the next value belongs. What
 * it says of a mistake becomes QEMU's words by a table. */
#include "util/json.h"

#include <cctype>
#include <cstring>

#include <nlohmann/json.hpp>

#include "util/error.h"

using nlohmann::json;

static constexpr size_t MAX_DEPTH = 1024;

// --- from text

// The first row whose two texts the library's message has.
struct Mistake {
    const char *where, *what, *message;
};

static constexpr Mistake mistakes[] = {
    { "", "; expected end of input", "Expecting at most one JSON value" },
    { "", "unexpected end of input", "JSON parse error, premature EOI" },
    { "", "invalid literal", nullptr }, // it says which
    { "", "number overflow", "JSON parse error, number out of range" },
    { "", "after backslash", "JSON parse error, invalid escape sequence in string" },
    { "", "4 hex digits", "JSON parse error, invalid escape sequence in string" },
    { "", "UTF-8", "JSON parse error, invalid UTF-8 sequence in string" },
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

// What json::sax_parse() calls; false ends it.
struct ValueReader {
    const std::string &text;
    json *root;
    Error **errp;
    std::vector<json *> levels = {}; // what is open, the innermost last
    std::string next_key = {};

    bool fail(const char *message) {
        error_setg(errp, "%s", message);
        return false;
    }
    // Where it is then.
    json *put(json value) {
        if (levels.empty()) return &(*root = std::move(value));
        json *level = levels.back();
        if (level->is_object()) return &((*level)[next_key] = std::move(value));
        level->push_back(std::move(value));
        return &level->back();
    }
    bool enter(json empty) {
        if (levels.size() >= MAX_DEPTH) return fail("JSON nesting depth limit exceeded");
        levels.push_back(put(std::move(empty)));
        return true;
    }
    bool leave() {
        levels.pop_back();
        return true;
    }

    bool null() { return put(nullptr); }
    bool boolean(bool v) { return put(v); }
    bool number_integer(int64_t v) { return put(v); }
    bool number_unsigned(uint64_t v) { return put(v); }
    bool number_float(double v, const std::string &) { return put(v); }
    bool string(const std::string &v) { return put(v); }
    bool binary(json::binary_t &) { return false; } // not in a text
    bool start_object(size_t) { return enter(json::object()); }
    bool end_object() { return leave(); }
    bool start_array(size_t) { return enter(json::array()); }
    bool end_array() { return leave(); }
    bool key(const std::string &name) {
        next_key = name;
        return !levels.back()->contains(name) || fail("JSON parse error, duplicate key");
    }
    bool parse_error(size_t position, const std::string &, const json::exception &e) {
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

bool qobject_from_json(const std::string &text, json *value, Error **errp) {
    ValueReader reader{ text, value, errp };
    return json::sax_parse(text, &reader);
}

// --- as text

static std::string scalar(const json &value) {
    return value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
}

static void print(std::string *out, const json &value, bool pretty, int indent) {
    if (!value.is_structured() || value.empty()) {
        *out += scalar(value);
        return;
    }
    std::string line = pretty ? "\n" + std::string(4 * (indent + 1), ' ') : "";
    bool first = true;
    *out += value.is_object() ? '{' : '[';
    for (const auto &item : value.items()) {
        *out += first ? "" : pretty ? "," : ", ";
        *out += line;
        if (value.is_object()) *out += scalar(item.key()) + ": ";
        print(out, item.value(), pretty, indent + 1);
        first = false;
    }
    if (pretty) *out += "\n" + std::string(4 * indent, ' ');
    *out += value.is_object() ? '}' : ']';
}

std::string qobject_to_json(const json &value, bool pretty) {
    std::string out;
    print(&out, value, pretty, 0);
    return out;
}

std::string json_string(const std::string &text) { return scalar(text); }

// --- as options

static std::string option_text(const json &value) {
    if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
    return value.is_string() ? value.get<std::string>() : scalar(value);
}

static void flatten(const std::string &prefix, const json &container,
                    std::vector<std::pair<std::string, std::string>> *pairs) {
    for (const auto &item : container.items()) {
        std::string name = prefix + item.key();
        if (item.value().is_structured())
            flatten(name + ".", item.value(), pairs);
        else if (!item.value().is_null())
            pairs->emplace_back(name, option_text(item.value()));
    }
}

std::vector<std::pair<std::string, std::string>> qobject_flatten(const json &object) {
    std::vector<std::pair<std::string, std::string>> pairs;
    flatten("", object, &pairs);
    return pairs;
}
