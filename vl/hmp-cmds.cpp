// SPDX-License-Identifier: MIT
/* The monitor's commands, one row each.
 *
 * In gdb: b hmp_info_mtree (and so on) */
#include <algorithm>
#include <cinttypes>

#include "hw/core/console.h"
#include "hw/core/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/memory.h"
#include "hw/core/qdev.h"
#include "hw/net/net.h"
#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/module.h"
#include "util/trace.h"
#include "vl/display.h"
#include "vl/monitor.h"
#include "vl/runstate.h"

// --- help

static bool is_info(const HMPCommand *row) { return std::string(row->name).starts_with("info "); }

static void print_rows(Monitor *mon, bool info, const std::string &only) {
    std::vector<const HMPCommand *> rows;
    for (const HMPCommand *row : monitor_hmp_commands()) {
        bool wanted = only.empty() || ("|" + std::string(row->name) + "|").find("|" + only + "|") !=
                                          std::string::npos;
        if (is_info(row) == info && wanted) rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const HMPCommand *a, const HMPCommand *b) {
        return std::string(a->name) < b->name;
    });
    for (const HMPCommand *row : rows) {
        const char *blank = *row->args ? " " : "";
        mon->print(format_string("%s%s%s -- %s\n", row->name, blank, row->args, row->help));
    }
}

static void hmp_help(Monitor *mon, const std::string &args) {
    print_rows(mon, args.starts_with("info"), args == "info" ? "" : args);
}

static void hmp_info(Monitor *mon, const std::string &) { print_rows(mon, true, ""); }

// --- the run state

static void hmp_stop(Monitor *, const std::string &) {
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
}
static void hmp_cont(Monitor *, const std::string &) { vm_start(); }

static void hmp_system_reset(Monitor *, const std::string &) {
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
}

static void hmp_quit(Monitor *mon, const std::string &) {
    mon->quitting = true;
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
}

static void hmp_info_status(Monitor *mon, const std::string &) {
    mon->print(format_string("VM status: %s\n", runstate_text()));
}

static void hmp_info_version(Monitor *mon, const std::string &) {
    mon->print(format_string("%s\n", CONFIG_VERSION));
}

static void hmp_info_registers(Monitor *mon, const std::string &) {
    bool was_running = runstate_is_running();
    if (was_running) pause_all_vcpus();
    for (CPUState *cpu : cpu_list()) {
        mon->print(format_string("\nCPU#%d\n", cpu->cpu_index) + cpu->dump_state());
    }
    if (was_running) resume_all_vcpus();
}

// --- what there is

static void hmp_info_mtree(Monitor *mon, const std::string &args) {
    mon->print(mtree_info(args == "-f"));
}

static void hmp_info_qtree(Monitor *mon, const std::string &) { mon->print(qdev_info_qtree()); }

static void hmp_info_roms(Monitor *mon, const std::string &) { mon->print(rom_info()); }

static void hmp_info_network(Monitor *mon, const std::string &) { mon->print(net_info()); }

static void hmp_info_chardev(Monitor *mon, const std::string &) {
    for (const Chardev *chr : qemu_chr_list()) {
        mon->print(format_string("%s: filename=%s\n", chr->label.c_str(), chr->filename.c_str()));
    }
}

static void print_qom_tree(Monitor *mon, Object *obj, int indent) {
    std::string name = object_get_canonical_path_component(obj);
    mon->print(format_string("%*s/%s (%s)\n", indent, "", name.c_str(), object_get_typename(obj)));
    std::vector<const ObjectProperty *> children;
    for (const ObjectProperty &prop : obj->properties) {
        if (prop.child) children.push_back(&prop);
    }
    std::sort(children.begin(), children.end(), [](auto *a, auto *b) { return a->name < b->name; });
    for (const ObjectProperty *prop : children) print_qom_tree(mon, prop->child, indent + 2);
}

static void hmp_info_qom_tree(Monitor *mon, const std::string &args) {
    Object *obj = object_resolve_path(args.empty() ? "/machine" : args.c_str());
    if (!obj) {
        error_report("Path '%s' could not be resolved.", args.c_str());
        return;
    }
    print_qom_tree(mon, obj, 0);
}

// --- the screen

static void hmp_screendump(Monitor *, const std::string &args) {
    if (args.empty()) {
        error_report("screendump: missing file name");
        return;
    }
    QemuConsole *con = qemu_console_lookup(0);
    Error *err = nullptr;
    if (!con) {
        error_report("There is no console to take a screendump from");
    } else if (!screendump(con, args, "", &err)) {
        error_report_err(err);
    }
}

// --- trace events

static void hmp_trace_event(Monitor *, const std::string &args) {
    size_t end = args.find(' ');
    std::string pattern = args.substr(0, end);
    std::string option = end == std::string::npos ? "" : args.substr(args.rfind(' ') + 1);
    if (option != "on" && option != "off") {
        error_report("Expected 'on' or 'off'\nTry \"help trace-event\" for more information");
    } else if (!trace_enable_events(pattern, option == "on", TRACE_SINK_LOG)) {
        error_report("unknown event \"%s\"", pattern.c_str());
    }
}

static void hmp_info_trace_events(Monitor *mon, const std::string &args) {
    const char *pattern = args.empty() ? "*" : args.c_str();
    for (const TraceEventRow *row : trace_event_list()) {
        if (!trace_pattern_matches(pattern, row->name)) continue;
        bool on = row->enabled & TRACE_SINK_LOG;
        mon->print(format_string("%s : state %d\n", row->name, on));
    }
}

// clang-format off
static const HMPCommand rows[] = {
    { "help|?",         hmp_help,           "[cmd]",    "show the help" },
    { "info",           hmp_info,           "[subcommand]", "show what there is" },
    { "stop|s",         hmp_stop,           "",         "stop emulation" },
    { "cont|c",         hmp_cont,           "",         "resume emulation" },
    { "system_reset",   hmp_system_reset,   "",         "reset the system" },
    { "quit|q",         hmp_quit,           "",         "quit the emulator" },
    { "screendump",     hmp_screendump,     "filename", "save screen as PNG (*.png) or PPM" },
    { "info status",    hmp_info_status,    "",         "show the VM status (running|paused)" },
    { "info version",   hmp_info_version,   "",         "show the version of vl" },
    { "info registers", hmp_info_registers, "",         "show the cpu registers" },
    { "info mtree",     hmp_info_mtree,     "[-f]",     "show memory tree (-f: flat view)" },
    { "info qtree",     hmp_info_qtree,     "",         "show device tree" },
    { "info qom-tree",  hmp_info_qom_tree,  "[path]",   "show QOM composition tree" },
    { "info network",   hmp_info_network,   "",         "show the network cards and their peers" },
    { "info chardev",   hmp_info_chardev,   "",         "show the character devices" },
    { "trace-event",    hmp_trace_event,    "name on|off", "trace these events, or no longer" },
    { "info trace-events", hmp_info_trace_events, "[name]", "show which events there are" },
    { "info roms",      hmp_info_roms,      "",         "show roms" },
};
// clang-format on

static void register_hmp_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_hmp_commands)
