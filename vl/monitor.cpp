// SPDX-License-Identifier: MIT
/* -mon; and the human monitor: takes lines, finds the command's row. See vl/monitor.h; lines are
 * typed in line-editor.cpp and completed by hmp-complete.cpp, the commands are in hmp-cmds.cpp.
 *
 * In gdb: b monitor_init     b handle_hmp_command */
#include "vl/monitor.h"

#include <cstring>

#include "util/aio.h"
#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/char-mux.h"
#include "vl/hmp-complete.h"
#include "vl/qmp.h"
#include "vl/trace.h"

static constexpr const char *PROMPT = "(vl) ";

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

// The command's word ends at a blank, or where a format begins: "x/4xw".
static std::string take_word(std::string *rest) {
    size_t start = std::min(rest->find_first_not_of(" \t"), rest->size());
    size_t end = std::min(rest->find_first_of(" \t/", start), rest->size());
    std::string word = rest->substr(start, end - start);
    *rest = rest->substr(std::min(rest->find_first_not_of(" \t", end), rest->size()));
    return word;
}

const HMPCommand *monitor_find_hmp(const std::string &name) {
    for (const HMPCommand *row : commands) {
        if (has_name(row->name, name)) return row;
    }
    return nullptr;
}

static void to_monitor(void *opaque, const char *text) {
    static_cast<Monitor *>(opaque)->print(text);
}

void hmp_handle_error(Monitor *, Error *err) {
    error_prepend(&err, "Error: ");
    if (err) error_report_err(err);
}

static void run_row(Monitor *mon, const HMPCommand &row, const std::string &typed,
                    const std::string &rest) {
    HMPArgs args;
    Error *err = nullptr;
    if (hmp_parse_args(mon, row.name, row.spec, rest, &args, &err)) return row.cmd(mon, args);
    error_append_hint(&err, "Try \"help %s\" for more information\n", typed.c_str());
    error_report_err(err);
}

[[gnu::noinline]] void handle_hmp_command(Monitor *mon, const std::string &line) {
    std::string rest = line;
    std::string word = take_word(&rest);
    if (word.empty()) return;
    trace_handle_hmp_command(line.c_str());
    const HMPCommand *row = monitor_find_hmp(word);
    if (row && word == "info" && !rest.empty()) {
        std::string item = take_word(&rest);
        row = monitor_find_hmp("info " + item);
        word += " " + item;
    }
    ErrorSinkScope sink(to_monitor, mon);
    if (!row) {
        error_report("unknown command: '%s'", word.c_str());
    } else {
        run_row(mon, *row, word, rest);
    }
}

// --- one command at a time

static int running_commands = 0;
static bool somebody_waits = false;

// Those who have waited. What they do may open or close a chardev.
static void accept_input(void *) {
    somebody_waits = false;
    const std::vector<Chardev *> &all = qemu_chr_list();
    for (size_t i = 0; i < all.size(); i++) qemu_chr_fe_accept_input(all[i]);
}

MonitorCommandScope::MonitorCommandScope() { running_commands++; }

MonitorCommandScope::~MonitorCommandScope() {
    if (--running_commands == 0 && somebody_waits)
        aio_bh_schedule_oneshot(qemu_get_aio_context(), accept_input, nullptr);
}

bool monitor_may_read(const Chardev *chr) {
    somebody_waits |= running_commands > 0;
    return running_commands == 0 && qemu_chr_fe_drained(chr);
}

// --- the line being typed

static void print_to(void *opaque, const std::string &text) {
    static_cast<Monitor *>(opaque)->print(text);
}

static std::vector<std::string> complete(void *, const std::string &line) {
    return hmp_complete(line);
}

static void run_line(Monitor *mon, const std::string &line) {
    {
        MonitorCommandScope one;
        handle_hmp_command(mon, line);
    }
    if (!mon->quitting && mon->has_focus) mon->editor->start();
}

// A key at a time.
static int monitor_can_read(void *opaque) {
    return monitor_may_read(static_cast<Monitor *>(opaque)->chr);
}

static void monitor_read(void *opaque, const uint8_t *buf, int size) {
    auto *mon = static_cast<Monitor *>(opaque);
    for (int i = 0; i < size; i++) {
        if (std::optional<std::string> line = mon->editor->feed(buf[i])) run_line(mon, *line);
    }
}

static void greet(Monitor *mon) {
    mon->print(format_string("vl %s monitor - type 'help' for more information\n", CONFIG_VERSION));
    if (!mon->editor)
        mon->editor.reset(
            new LineEditor({ PROMPT, print_to, complete, mon, mon->chr->terminal() }));
    mon->editor->start();
}

// A peer comes and goes; on a multiplexer, the eye of the user.
static void monitor_event(void *opaque, QEMUChrEvent event) {
    auto *mon = static_cast<Monitor *>(opaque);
    if (event == CHR_EVENT_OPENED && !mon->has_focus) {
        mon->has_focus = true;
        greet(mon);
    } else if (event == CHR_EVENT_CLOSED && mon->has_focus) {
        mon->has_focus = false;
        mon->editor->stop();
        if (chardev_is_mux(mon->chr)) mon->print("\n");
    }
}

static void monitor_init_hmp(Chardev *chr) {
    auto *mon = new Monitor; // for the life of the process
    mon->chr = chr;
    qemu_chr_fe_set_handlers(chr, { monitor_can_read, monitor_read, monitor_event, mon });
}

// --- -mon

static QemuOptsList qemu_mon_opts = {
    .name = "mon",
    .implied_opt_name = "chardev",
    .desc = { { "mode" }, { "chardev" }, { "pretty", QEMU_OPT_BOOL } },
};

static void register_mon_opts() { qemu_add_opts(&qemu_mon_opts); }

opts_init(register_mon_opts)

void monitor_add(const std::string &chardev, const char *mode, bool pretty) {
    QemuOpts *opts = qemu_opts_create(&qemu_mon_opts, "", false, &error_abort);
    opts->opts = { { "chardev", chardev }, { "mode", mode } };
    if (pretty) opts->opts.push_back({ "pretty", "on" });
}

static bool monitor_init_opts(const QemuOpts &opts, Error **errp) {
    const char *id = qemu_opt_get(&opts, "chardev"), *mode = qemu_opt_get(&opts, "mode");
    bool control = mode && !strcmp(mode, "control");
    bool pretty = qemu_opt_get_bool(&opts, "pretty", false);
    Chardev *chr = id ? qemu_chr_find(id) : nullptr;
    if (!id)
        error_setg(errp, "Parameter 'chardev' is missing");
    else if (mode && !control && strcmp(mode, "readline") != 0)
        error_setg(errp, "Parameter 'mode' does not accept value '%s'", mode);
    else if (!chr)
        error_setg(errp, "chardev \"%s\" not found", id);
    else if (pretty && !control)
        error_setg(errp, "'pretty' is not compatible with HMP monitors");
    else if (chr->fe.read)
        error_setg(errp, "Device '%s' is in use", id);
    else if (control)
        return monitor_init_qmp(chr, pretty), true;
    else
        return monitor_init_hmp(chr), true;
    return false;
}

void monitor_init() {
    for (const auto &opts : qemu_mon_opts.head) {
        LocationScope here(opts->loc);
        (void)monitor_init_opts(*opts, &error_fatal);
    }
}
