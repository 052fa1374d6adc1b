// SPDX-License-Identifier: MIT
/* The monitor's commands, one row each.
 *
 * In gdb: b hmp_info_mtree (and so on) */
#include <algorithm>

#include "hw/core/console.h"
#include "hw/core/loader.h"
#include "hw/core/memory.h"
#include "hw/core/qdev.h"
#include "hw/net/net.h"
#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"
#include "util/trace.h"
#include "vl/display.h"
#include "vl/monitor.h"
#include "vl/runstate.h"

// --- help

static bool is_info(const HMPCommand *row) { return std::string(row->name).starts_with("info "); }

// Has the row that name, as "cont" of "cont|c"?
static bool is_called(const HMPCommand *row, const std::string &name) {
    return ("|" + std::string(row->name) + "|").find("|" + name + "|") != std::string::npos;
}

static std::string rows_text(bool info, const std::string &only) {
    std::vector<const HMPCommand *> rows;
    for (const HMPCommand *row : monitor_hmp_commands()) {
        if (is_info(row) == info && (only.empty() || is_called(row, only))) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const HMPCommand *a, const HMPCommand *b) {
        return std::string(a->name) < b->name;
    });
    std::string text;
    for (const HMPCommand *row : rows) {
        const char *blank = *row->args ? " " : "";
        text += format_string("%s%s%s -- %s\n", row->name, blank, row->args, row->help);
    }
    return text;
}

static void hmp_help(Monitor *mon, const HMPArgs &args) {
    std::string name = args.str("name");
    if (name == "log") return mon->print(qemu_log_help("log"));
    std::string text = rows_text(name.starts_with("info"), name == "info" ? "" : name);
    if (text.empty()) error_report("unknown command: '%s'", name.c_str());
    mon->print(text);
}

static void hmp_info(Monitor *mon, const HMPArgs &) { mon->print(rows_text(true, "")); }

// --- the run state

static void hmp_stop(Monitor *, const HMPArgs &) {
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
}
static void hmp_cont(Monitor *, const HMPArgs &) { vm_start(); }

static void hmp_system_reset(Monitor *, const HMPArgs &) {
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
}

static void hmp_quit(Monitor *mon, const HMPArgs &) {
    mon->quitting = true;
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
}

static void hmp_info_status(Monitor *mon, const HMPArgs &) {
    mon->print(format_string("VM status: %s\n", runstate_text()));
}

static void hmp_info_version(Monitor *mon, const HMPArgs &) {
    mon->print(format_string("%s\n", CONFIG_VERSION));
}

// --- what there is

static void hmp_info_mtree(Monitor *mon, const HMPArgs &args) {
    mon->print(mtree_info(args.has("flatview")));
}

static void hmp_info_qtree(Monitor *mon, const HMPArgs &) { mon->print(qdev_info_qtree()); }

static void hmp_info_roms(Monitor *mon, const HMPArgs &) { mon->print(rom_info()); }

static void hmp_info_network(Monitor *mon, const HMPArgs &) { mon->print(net_info()); }

static void hmp_info_chardev(Monitor *mon, const HMPArgs &) {
    for (const Chardev *chr : qemu_chr_list()) {
        mon->print(format_string("%s: filename=%s\n", chr->label.c_str(), chr->filename.c_str()));
    }
}

// --- the screen

static void hmp_screendump(Monitor *mon, const HMPArgs &args) {
    QemuConsole *con = qemu_console_lookup(0);
    Error *err = nullptr;
    if (!con)
        error_setg(&err, "There is no console to take a screendump from");
    else
        (void)screendump(con, args.str("filename"), "", &err);
    hmp_handle_error(mon, err);
}

// --- the log and trace events

static void hmp_log(Monitor *mon, const HMPArgs &args) {
    std::string items = args.str("items");
    if (items == "trace:help") return mon->print(trace_event_names());
    if (!qemu_set_log(items, nullptr)) mon->print(qemu_log_help("log"));
}

static void hmp_logfile(Monitor *, const HMPArgs &args) {
    Error *err = nullptr;
    if (!qemu_set_log_filename(args.str("filename"), &err)) error_report_err(err);
}

static void hmp_trace_event(Monitor *, const HMPArgs &args) {
    Error *err = nullptr;
    std::string pattern = args.str("name");
    if (!trace_event_find(pattern, args.has("vcpu"), &err).empty())
        (void)trace_enable_events(pattern, args.num("option"), TRACE_SINK_LOG);
    if (err) error_report_err(err);
}

static void hmp_info_trace_events(Monitor *mon, const HMPArgs &args) {
    Error *err = nullptr;
    std::string pattern = args.has("name") ? args.str("name") : "*";
    for (const TraceEventRow *row : trace_event_find(pattern, args.has("vcpu"), &err)) {
        bool on = row->enabled & TRACE_SINK_LOG;
        mon->print(format_string("%s : state %d\n", row->name, on));
    }
    if (err) error_report_err(err);
}

// clang-format off
static const HMPCommand rows[] = {
    { "help|?",         hmp_help,           "name:H?",  "[cmd]",    "show the help" },
    { "info",           hmp_info,           "",         "[subcommand]", "show what there is" },
    { "stop|s",         hmp_stop,           "",         "",         "stop emulation" },
    { "cont|c",         hmp_cont,           "",         "",         "resume emulation" },
    { "system_reset",   hmp_system_reset,   "",         "",         "reset the system" },
    { "quit|q",         hmp_quit,           "",         "",         "quit the emulator" },
    { "screendump",     hmp_screendump,     "filename:F", "filename",
      "save screen as PNG (*.png) or PPM" },
    { "log",            hmp_log,            "items:L",  "item1[,...]",
      "log these items, or 'none' ('help log' lists them)" },
    { "logfile",        hmp_logfile,        "filename:F", "filename", "log to this file" },
    { "trace-event",    hmp_trace_event,    "name:E,option:b,vcpu:i?", "name on|off [vcpu]",
      "trace these events, or no longer" },
    { "info status",    hmp_info_status,    "", "", "show the VM status (running|paused)" },
    { "info version",   hmp_info_version,   "", "", "show the version of vl" },
    { "info mtree",     hmp_info_mtree,     "flatview:-f", "[-f]",
      "show memory tree (-f: flat view)" },
    { "info qtree",     hmp_info_qtree,     "", "", "show device tree" },
    { "info network",   hmp_info_network,   "", "", "show the network cards and their peers" },
    { "info chardev",   hmp_info_chardev,   "", "", "show the character devices" },
    { "info trace-events", hmp_info_trace_events, "name:E?,vcpu:i?", "[name] [vcpu]",
      "show which events there are" },
    { "info roms",      hmp_info_roms,      "", "", "show roms" },
};
// clang-format on

static void register_hmp_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_hmp_commands)
