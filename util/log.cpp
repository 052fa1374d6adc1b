// SPDX-License-Identifier: MIT
/* The log's items and its file. See util/log.h. */
#include "util/log.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "util/error.h"

std::atomic<uint32_t> qemu_loglevel;

static FILE *log_file; // null: standard error

struct LogItem {
    uint32_t mask;
    const char *name;
    const char *help;
};

static const LogItem log_items[] = {
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
        uint32_t mask = log_item_mask(name);
        if (!mask && name != "none") {
            error_setg(errp, "Invalid log item '%s'", name.c_str());
            return false;
        }
        level |= mask;
        start = end + 1;
    }
    qemu_loglevel = level;
    return true;
}

bool qemu_set_log_filename(const std::string &file, Error **errp) {
    FILE *f = fopen(file.c_str(), "w");
    if (!f) {
        error_setg(errp, "Could not open log file '%s': %s", file.c_str(), strerror(errno));
        return false;
    }
    setvbuf(f, nullptr, _IOLBF, 0);
    if (log_file) fclose(log_file);
    log_file = f;
    return true;
}

std::string qemu_log_help() {
    std::string text = "Log items (comma separated):\n";
    for (const LogItem &item : log_items) {
        text += format_string("%-15s %s\n", item.name, item.help);
    }
    return text + "\nUse \"-d all\" to turn on all of them.\n";
}
