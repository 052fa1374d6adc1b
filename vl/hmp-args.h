// SPDX-License-Identifier: MIT
/* The arguments of a human monitor's command: from a line to values, as the command's row says.
 *
 * A row says "path:s,property:s,value:S", as QEMU's do. Behind the colon:
 *   s  a word, or text in double quotes with \n \r \\ \' \"
 *      F: a file's name, B: a drive's, G: a drive's or its node's, D: a device's id,
 *      N: an object's id, P: an object's path,
 *      p: one of its properties, E: a trace event, L: items of the log
 *   S  the rest of the line; O: a device's type and properties, U: an object's, H: what help is
 *      wanted for
 *   i, l  an expression: 32 and 64 bits
 *   o  a size; MiB without suffix  b     on or off
 *   /  a format: /20xb             -x    an option of that letter (or word)
 * and ? behind a word, a rest or i: it may be missing. The kinds of words are for completion, and
 * for what is said where one is missing.
 *
 * In gdb: b hmp_parse_args     b hmp_args::sum */
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct Error;
struct Monitor;

// "/4xw": how many, of which size, printed how.
struct HMPFormat {
    int64_t count = 1;
    char format = 'x'; // o x u d i c
    int size = 4;      // bytes
};

class HMPArgs {
public:
    bool has(const std::string &name) const { return text_.count(name) > 0; }
    // Empty and 0: it was not given.
    std::string str(const std::string &name) const { return has(name) ? text_.at(name) : ""; }
    int64_t num(const std::string &name) const {
        auto it = number_.find(name);
        return it == number_.end() ? 0 : it->second;
    }
    HMPFormat format;

    void set(const std::string &name, std::string text, int64_t number = 0) {
        text_[name] = std::move(text);
        number_[name] = number;
    }

private:
    std::map<std::string, std::string> text_;
    std::map<std::string, int64_t> number_;
};

struct HMPArgSpec {
    std::string name, type;
    bool optional = false;
};
// A row's spec, argument by argument.
std::vector<HMPArgSpec> hmp_read_spec(const char *spec);

// Reads `line` by `spec`. False: *errp is set, in QEMU's words. `name` is the command's row's.
[[nodiscard]] bool hmp_parse_args(Monitor *mon, const char *name, const char *spec,
                                  const std::string &line, HMPArgs *args, Error **errp);
