// SPDX-License-Identifier: MIT
/* Arguments of monitor commands. See vl/hmp-args.h.
 *
 * Expressions: + and - bind least, then & | ^, then * / %; numbers as in C, 'c', $register, ( ). */
#include "vl/hmp-args.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "hw/core/cpu.h"
#include "util/error.h"
#include "util/option.h"
#include "util/split.h"
#include "vl/monitor.h"

namespace hmp_args {

// What is left of the line. Once something is wrong *errp is set, and nothing more is read.
struct Reader {
    Monitor *mon;
    const std::string &line;
    Error **errp;
    size_t at = 0;
    unsigned depth = 0; // of parentheses and signs

    char peek() const { return at < line.size() ? line[at] : '\0'; }
    bool failed() const { return *errp != nullptr; }
    void skip_blanks() {
        while (isspace(static_cast<unsigned char>(peek()))) at++;
    }
    bool take(char c) {
        if (peek() != c || at >= line.size()) return false;
        at++;
        return true;
    }
};

static constexpr unsigned MAX_DEPTH = 100;

// --- expressions

static int64_t sum(Reader &r);

static int64_t fail(Reader &r, const char *why) {
    if (!r.failed()) error_setg(r.errp, "%s", why);
    return 0;
}

// The registers' names and numbers are in what gdb is told.
static int64_t read_register(Reader &r) {
    std::string name;
    while (isalnum(static_cast<unsigned char>(r.peek())) || r.peek() == '_') name += r.line[r.at++];
    CPUState *cpu = cpu_list().at(static_cast<size_t>(r.mon->cpu_index));
    std::string xml = cpu->gdb_target_description();
    size_t row = name.empty() ? std::string::npos : xml.find("<reg name=\"" + name + "\"");
    if (row == std::string::npos) return fail(r, "unknown register");
    size_t number = xml.find("regnum=\"", row) + strlen("regnum=\"");
    uint64_t value = 0;
    unsigned n = static_cast<unsigned>(strtoul(xml.c_str() + number, nullptr, 10));
    if (!cpu->gdb_read_register(n, &value)) return fail(r, "unknown register");
    return static_cast<int64_t>(value);
}

static int64_t read_number(Reader &r) {
    if (r.at >= r.line.size()) return fail(r, "unexpected end of expression");
    const char *start = r.line.c_str() + r.at;
    char *end;
    errno = 0;
    uint64_t value = strtoull(start, &end, 0);
    if (errno == ERANGE) return fail(r, "number too large");
    if (end == start || !isdigit(static_cast<unsigned char>(*start)))
        return fail(r, format_string("invalid char '%c' in expression", *start).c_str());
    r.at += static_cast<size_t>(end - start);
    return static_cast<int64_t>(value);
}

static int64_t read_character(Reader &r) {
    if (r.at >= r.line.size()) return fail(r, "character constant expected");
    auto value = static_cast<unsigned char>(r.line[r.at++]);
    return r.take('\'') ? value : fail(r, "missing terminating ' character");
}

static uint64_t unary(Reader &r) {
    r.skip_blanks();
    if (++r.depth > MAX_DEPTH) return static_cast<uint64_t>(fail(r, "expression too deep"));
    int64_t value = 0;
    if (r.failed()) {
        value = 0;
    } else if (r.take('+')) {
        value = static_cast<int64_t>(unary(r));
    } else if (r.take('-')) {
        value = static_cast<int64_t>(-unary(r));
    } else if (r.take('~')) {
        value = static_cast<int64_t>(~unary(r));
    } else if (r.take('(')) {
        value = sum(r);
        r.skip_blanks();
        if (!r.take(')')) fail(r, "')' expected");
    } else if (r.take('\'')) {
        value = read_character(r);
    } else {
        value = r.take('$') ? read_register(r) : read_number(r);
    }
    r.skip_blanks();
    r.depth--;
    return static_cast<uint64_t>(value);
}

static uint64_t product(Reader &r) {
    uint64_t value = unary(r);
    while (!r.failed() && r.peek() && strchr("*/%", r.peek())) {
        char op = r.line[r.at++];
        uint64_t other = unary(r);
        if (op != '*' && other == 0) return static_cast<uint64_t>(fail(r, "division by zero"));
        value = op == '*' ? value * other : op == '/' ? value / other : value % other;
    }
    return value;
}

static uint64_t logic(Reader &r) {
    uint64_t value = product(r);
    while (!r.failed() && r.peek() && strchr("&|^", r.peek())) {
        char op = r.line[r.at++];
        uint64_t other = product(r);
        value = op == '&' ? value & other : op == '|' ? value | other : value ^ other;
    }
    return value;
}

static int64_t sum(Reader &r) {
    uint64_t value = logic(r);
    while (!r.failed() && (r.peek() == '+' || r.peek() == '-')) {
        char op = r.line[r.at++];
        uint64_t other = logic(r);
        value = op == '+' ? value + other : value - other;
    }
    return static_cast<int64_t>(value);
}

// --- words

static bool unescape(Reader &r, std::string *word) {
    static constexpr const char *from = "nr\\'\"", *to = "\n\r\\'\"";
    char c = r.at < r.line.size() ? r.line[r.at++] : '\0';
    const char *found = c ? strchr(from, c) : nullptr;
    if (found)
        *word += to[found - from];
    else
        error_report("unsupported escape code: '\\%c'", c);
    return found;
}

// nullopt: there is none, or its quotes are wrong, which has been reported.
static std::optional<std::string> read_word(Reader &r) {
    r.skip_blanks();
    std::string word;
    if (r.at >= r.line.size()) return std::nullopt;
    if (!r.take('"')) {
        while (r.peek() && !isspace(static_cast<unsigned char>(r.peek()))) word += r.line[r.at++];
        return word;
    }
    while (r.at < r.line.size()) {
        if (r.take('"')) return word;
        if (!r.take('\\'))
            word += r.line[r.at++];
        else if (!unescape(r, &word))
            return std::nullopt;
    }
    error_report("unterminated string");
    return std::nullopt;
}

// --- arguments by type

static void read_text(Reader &r, const char *command, const HMPArgSpec &spec, HMPArgs *args) {
    static const std::map<std::string, const char *> kinds = { { "F", "filename" },
                                                               { "B", "block device name" },
                                                               { "G", "block device name" } };
    r.skip_blanks();
    if (spec.optional && r.at >= r.line.size()) return;
    if (std::optional<std::string> word = read_word(r)) return args->set(spec.name, *word);
    auto kind = kinds.find(spec.type);
    error_setg(r.errp, "%s: %s expected", command, kind == kinds.end() ? "string" : kind->second);
}

static void read_rest(Reader &r, const char *command, const HMPArgSpec &spec, HMPArgs *args) {
    r.skip_blanks();
    std::string rest = r.line.substr(r.at);
    r.at = r.line.size();
    while (!rest.empty() && isspace(static_cast<unsigned char>(rest.back()))) rest.pop_back();
    if (!rest.empty()) return args->set(spec.name, rest);
    if (!spec.optional) error_setg(r.errp, "%s: string expected", command);
}

// "/4xw"; what is not said is as it was the last time, as gdb does it.
static void read_format(Reader &r, HMPArgs *args) {
    static HMPFormat last; // of any monitor, as in QEMU
    args->format = last;
    args->format.count = 1;
    r.skip_blanks();
    if (!r.take('/')) return;
    size_t digits = 0;
    int64_t count = 0;
    for (; isdigit(static_cast<unsigned char>(r.peek())); digits++)
        count = std::min<int64_t>(count * 10 + (r.line[r.at++] - '0'), INT32_MAX);
    if (digits) args->format.count = count;
    static constexpr const char *sizes = "bhwg";
    for (char c; (c = r.peek()) && !isspace(static_cast<unsigned char>(c)); r.at++) {
        if (const char *size = strchr(sizes, c)) {
            args->format.size = 1 << (size - sizes);
        } else if (strchr("oxudic", c)) {
            args->format.format = c;
        } else {
            error_setg(r.errp, "invalid char in format: '%c'", c);
            return;
        }
    }
    last = args->format;
}

static void read_size(Reader &r, const HMPArgSpec &spec, HMPArgs *args) {
    std::string text = read_word(r).value_or("");
    // "10" is 10 MiB, "10k" and "10B" are what they say.
    if (!text.empty() && isdigit(static_cast<unsigned char>(text.back()))) text += 'M';
    if (text.ends_with('B') || text.ends_with('b')) text.pop_back();
    uint64_t size = 0;
    if (!parse_option_size("size", text, &size, nullptr) || size > INT64_MAX)
        error_setg(r.errp, "invalid size");
    args->set(spec.name, text, static_cast<int64_t>(size));
}

static void read_on_off(Reader &r, const HMPArgSpec &spec, HMPArgs *args) {
    std::string text = read_word(r).value_or("");
    if (text != "on" && text != "off") error_setg(r.errp, "Expected 'on' or 'off'");
    args->set(spec.name, text, text == "on");
}

static void read_expression(Reader &r, const HMPArgSpec &spec, HMPArgs *args) {
    r.skip_blanks();
    if (spec.optional && r.at >= r.line.size()) return;
    args->set(spec.name, "", sum(r));
}

// "-v": any of the row's options, each once or not at all, before what is no option.
static void read_options(Reader &r, const char *command, const std::vector<HMPArgSpec> &specs,
                         HMPArgs *args) {
    for (;;) {
        r.skip_blanks();
        if (r.peek() != '-' || r.failed()) return;
        size_t start = r.at;
        std::string word = read_word(r).value_or("");
        const HMPArgSpec *found = nullptr;
        for (const HMPArgSpec &spec : specs) {
            if (spec.type == word) found = &spec;
        }
        if (found) {
            args->set(found->name, word, 1);
            continue;
        }
        bool has_options = !specs.empty() && specs.front().type.starts_with('-');
        if (has_options)
            error_setg(r.errp, "%s: unsupported option %s", command, word.c_str());
        else
            r.at = start; // an expression's sign, or a name
        return;
    }
}

static void read_argument(Reader &r, const char *command, const HMPArgSpec &spec, HMPArgs *args) {
    switch (spec.type[0]) {
    case '-':
        return;
    case 'S':
    case 'O':
    case 'U':
    case 'H':
        return read_rest(r, command, spec, args);
    case '/':
        return read_format(r, args);
    case 'o':
        return read_size(r, spec, args);
    case 'b':
        return read_on_off(r, spec, args);
    case 'i':
    case 'l':
        return read_expression(r, spec, args);
    default:
        return read_text(r, command, spec, args);
    }
}

} // namespace hmp_args

std::vector<HMPArgSpec> hmp_read_spec(const char *spec) {
    std::vector<HMPArgSpec> all;
    for (const std::string &row : split(spec, ',')) {
        HMPArgSpec arg;
        size_t colon = row.find(':');
        arg.name = row.substr(0, colon);
        arg.type = row.substr(colon + 1);
        arg.optional = arg.type.ends_with('?');
        if (arg.optional) arg.type.pop_back();
        all.push_back(arg);
    }
    return all;
}

bool hmp_parse_args(Monitor *mon, const char *name, const char *spec, const std::string &line,
                    HMPArgs *args, Error **errp) {
    using namespace hmp_args;
    // QEMU calls `info block` "block" here
    const char *command = std::string_view(name).starts_with("info ") ? name + 5 : name;
    Error *err = nullptr;
    Reader r{ mon, line, &err };
    std::vector<HMPArgSpec> specs = hmp_read_spec(spec);
    read_options(r, command, specs, args);
    for (const HMPArgSpec &row : specs) {
        if (!err) read_argument(r, command, row, args);
    }
    r.skip_blanks();
    if (!err && r.at < line.size())
        error_setg(&err, "%s: extraneous characters at the end of line", command);
    error_propagate(errp, err);
    return !err;
}
