// SPDX-License-Identifier: MIT
/* The log's items and its file. See util/log.h. */
#include "util/log.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "util/error.h"
#include "util/trace.h"

std::atomic<uint32_t> qemu_loglevel;

static FILE *log_file; // null: standard error

struct AddrRange {
    uint64_t first, last;
};
static bool is_filtered;
static std::vector<AddrRange> dfilter;

struct LogItem {
    uint32_t mask;
    const char *name;
    const char *help;
};

static const LogItem log_items[] = {
    { LOG_IN_ASM, "in_asm", "show target assembly code of each block when it is first met" },
    { LOG_INT, "int", "show interrupts/exceptions in short format" },
    { LOG_EXEC, "exec", "show trace before each executed block (lots of logs)" },
    { LOG_CPU, "cpu", "show CPU registers before entering a block (lots of logs)" },
    { LOG_MMU, "mmu", "log MMU-related activities" },
    { LOG_CPU_RESET, "cpu_reset", "show CPU state before CPU resets" },
    { LOG_UNIMP, "unimp", "log unimplemented functionality" },
    { LOG_GUEST_ERROR, "guest_errors",
      "log when the guest OS does something invalid (eg accessing a non-existent register)" },
};

static void log_line(const char *fmt, va_list ap) {
    // One call, so that lines of several threads do not mix.
    vfprintf(log_file ? log_file : stderr, fmt, ap);
}

void qemu_log(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    log_line(fmt, ap);
    va_end(ap);
}

void qemu_log_mask(uint32_t mask, const char *fmt, ...) {
    if (!qemu_loglevel_mask(mask)) return;
    va_list ap;
    va_start(ap, fmt);
    log_line(fmt, ap);
    va_end(ap);
}

static uint32_t log_item_mask(const std::string &name) {
    if (name == "all") return ~0u;
    for (const LogItem &item : log_items) {
        if (name == item.name) return item.mask;
    }
    return 0;
}

bool qemu_set_log(const std::string &items, Error **errp) {
    uint32_t level = 0;
    for (size_t start = 0; start <= items.size();) {
        size_t end = std::min(items.find(',', start), items.size());
        std::string name = items.substr(start, end - start);
        start = end + 1;
        if (name.starts_with("trace:")) {
            trace_choose(name.substr(strlen("trace:")));
            continue;
        }
        uint32_t mask = log_item_mask(name);
        if (!mask && name != "none") {
            error_setg(errp, "Invalid log item '%s'", name.c_str());
            return false;
        }
        level |= mask;
    }
    qemu_loglevel = level;
    return true;
}

bool qemu_set_log_filename(const std::string &file, Error **errp) {
    FILE *f = fopen(file.c_str(), "w");
    if (!f) {
        error_setg(errp, "Error opening logfile %s: %s", file.c_str(), strerror(errno));
        return false;
    }
    setvbuf(f, nullptr, _IOLBF, 0);
    if (log_file) fclose(log_file);
    log_file = f;
    return true;
}

// --- -dfilter

// All of `text` is a number, as strtoull has them.
static bool parse_address(const std::string &text, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text.c_str(), &end, 0);
    return errno == 0 && end != text.c_str() && *end == '\0';
}

static bool parse_range(const std::string &text, AddrRange *range, Error **errp) {
    const char *op = nullptr;
    size_t at = std::string::npos;
    for (const char *candidate : { "-", "+", ".." }) {
        if (at == std::string::npos) at = text.find(op = candidate);
    }
    if (at == std::string::npos) {
        error_setg(errp, "Bad range specifier");
        return false;
    }
    uint64_t left, right;
    if (!parse_address(text.substr(0, at), &left)) {
        error_setg(errp, "Invalid number to the left of %s", op);
        return false;
    }
    if (!parse_address(text.substr(at + strlen(op)), &right)) {
        error_setg(errp, "Invalid number to the right of %s", op);
        return false;
    }
    *range = *op == '+'   ? AddrRange{ left, left + (right - 1) }
             : *op == '-' ? AddrRange{ left - (right - 1), left }
                          : AddrRange{ left, right };
    if (range->first > range->last) {
        error_setg(errp, "Invalid range");
        return false;
    }
    return true;
}

bool qemu_set_dfilter_ranges(const std::string &ranges, Error **errp) {
    is_filtered = true;
    dfilter.clear();
    for (size_t start = 0; !ranges.empty() && start <= ranges.size();) {
        size_t end = std::min(ranges.find(',', start), ranges.size());
        if (!parse_range(ranges.substr(start, end - start), &dfilter.emplace_back(), errp)) {
            return false;
        }
        start = end + 1;
    }
    return true;
}

bool qemu_log_in_addr_range(uint64_t addr) {
    if (!is_filtered) return true;
    for (const AddrRange &range : dfilter) {
        if (addr >= range.first && addr <= range.last) return true;
    }
    return false;
}

std::vector<std::string> qemu_log_names() {
    std::vector<std::string> names = { "all", "none" };
    for (const LogItem &item : log_items) names.push_back(item.name);
    return names;
}

std::string qemu_log_help(const char *command) {
    std::string text = "Log items (comma separated):\n";
    for (const LogItem &item : log_items) {
        text += format_string("%-15s %s\n", item.name, item.help);
    }
    text += format_string("%-15s %s\n", "trace:PATTERN", "enable trace events");
    return text + format_string("\nUse \"%s all\" to turn on all of them, and \"%s trace:help\" to "
                                "get a list of trace events.\n",
                                command, command);
}
