// SPDX-License-Identifier: MIT
/* The human monitor: reads lines, finds the command's row. See vl/monitor.h; the commands are in
 * hmp-cmds.cpp.
 *
 * In gdb: b handle_hmp_command */
#include "vl/monitor.h"

#include <cstring>

#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "vl/char-mux.h"
#include "vl/trace.h"

static constexpr const char *PROMPT = "(vl) ";
static constexpr size_t MAX_LINE = 4096;

static std::vector<const HMPCommand *> commands;

void monitor_register_hmp(const HMPCommand *rows, size_t n) {
    for (size_t i = 0; i < n; i++) commands.push_back(&rows[i]);
}

const std::vector<const HMPCommand *> &monitor_hmp_commands() { return commands; }

// A terminal in raw mode wants a carriage return with each line feed.
void Monitor::print(const std::string &text) {
    std::string out;
    for (char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    qemu_chr_fe_write_all(chr, reinterpret_cast<const uint8_t *>(out.data()),
                          static_cast<int>(out.size()));
}

// --- finding the command

// Does `names` ("cont|c") have `word`?
static bool has_name(const char *names, const std::string &word) {
    std::string list = std::string("|") + names + "|";
    return list.find("|" + word + "|") != std::string::npos;
}

static std::string take_word(std::string *rest) {
    size_t start = std::min(rest->find_first_not_of(" \t"), rest->size());
    size_t end = std::min(rest->find_first_of(" \t", start), rest->size());
    std::string word = rest->substr(start, end - start);
    *rest = rest->substr(std::min(rest->find_first_not_of(" \t", end), rest->size()));
    return word;
}

static const HMPCommand *find_command(const std::string &word) {
    for (const HMPCommand *row : commands) {
        if (has_name(row->name, word)) return row;
    }
    return nullptr;
}

static void to_monitor(void *opaque, const char *text) {
    static_cast<Monitor *>(opaque)->print(text);
}

[[gnu::noinline]] void handle_hmp_command(Monitor *mon, const std::string &line) {
    std::string rest = line;
    std::string word = take_word(&rest);
    if (word.empty()) return;
    trace_handle_hmp_command(line.c_str());
    const HMPCommand *row = find_command(word);
    if (row && word == "info" && !rest.empty()) {
        std::string item = take_word(&rest);
        row = find_command("info " + item);
        word += " " + item;
    }
    error_set_sink(to_monitor, mon);
    if (!row) {
        error_report("unknown command: '%s'", word.c_str());
    } else {
        while (!rest.empty() && strchr(" \t", rest.back())) rest.pop_back();
        row->cmd(mon, rest);
    }
    error_set_sink(nullptr, nullptr);
}

// --- the line being typed

static void handle_key(Monitor *mon, uint8_t key) {
    switch (key) {
    case '\r':
    case '\n': {
        std::string line;
        line.swap(mon->line);
        mon->print("\n");
        handle_hmp_command(mon, line);
        if (!mon->quitting) mon->print(PROMPT);
        break;
    }
    case 0x08:
    case 0x7f: // backspace
        if (mon->line.empty()) break;
        mon->line.pop_back();
        mon->print("\b \b");
        break;
    case 0x15: // Ctrl-u: the whole line
        for (; !mon->line.empty(); mon->line.pop_back()) mon->print("\b \b");
        break;
    default:
        if (key < ' ' || mon->line.size() >= MAX_LINE) break;
        mon->line += static_cast<char>(key);
        mon->print(std::string(1, static_cast<char>(key)));
    }
}

static int monitor_can_read(void *) { return 1; }

static void monitor_read(void *opaque, const uint8_t *buf, int size) {
    for (int i = 0; i < size; i++) handle_key(static_cast<Monitor *>(opaque), buf[i]);
}

static void greet(Monitor *mon) {
    mon->print(format_string("vl %s monitor - type 'help' for more information\n%s", CONFIG_VERSION,
                             PROMPT));
}

// On a multiplexer the monitor is opened and closed by Ctrl-a c.
static void monitor_event(void *opaque, QEMUChrEvent event) {
    auto *mon = static_cast<Monitor *>(opaque);
    if (event == CHR_EVENT_OPENED) {
        if (!mon->has_focus) greet(mon);
        mon->has_focus = true;
    } else if (event == CHR_EVENT_CLOSED && mon->has_focus) {
        mon->has_focus = false;
        mon->print("\n");
    }
}

static void monitor_open(Chardev *chr) {
    auto *mon = new Monitor; // for the life of the process
    mon->chr = chr;
    qemu_chr_fe_set_handlers(chr, { monitor_can_read, monitor_read, monitor_event, mon });
    if (!chardev_is_mux(chr)) greet(mon);
}

void monitor_init(const std::string &chardev) {
    if (!chardev.empty()) {
        if (Chardev *chr = qemu_chr_find("compat_monitor0")) monitor_open(chr);
        return;
    }
    Chardev *serial = qemu_chr_find("serial0");
    if (serial && chardev_is_mux(serial)) monitor_open(serial);
}
