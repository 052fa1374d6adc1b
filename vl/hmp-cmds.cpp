// SPDX-License-Identifier: MIT
/* The monitor's commands, one row each.
 *
 * In gdb: b hmp_info_mtree (and so on) */
#include <algorithm>
#include <cinttypes>

#include "block/qapi.h"
#include "hw/core/console.h"
#include "hw/core/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/memory.h"
#include "hw/core/qdev.h"
#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/module.h"
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

static void hmp_stop(Monitor *, const std::string &) { vm_stop(RUN_STATE_PAUSED); }
static void hmp_cont(Monitor *, const std::string &) { vm_start(); }

static void hmp_system_reset(Monitor *, const std::string &) {
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
}

static void hmp_quit(Monitor *, const std::string &) {
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

static void hmp_info_block_cmd(Monitor *mon, const std::string &args) {
    mon->print(hmp_info_block(args));
}

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
    std::sort(children.begin(), children.end(),
              [](auto *a, auto *b) { return a->name < b->name; });
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
    } else if (!screendump(con, args, &err)) {
        error_report_err(err);
    }
}

// clang-format off
static const HMPCommand rows[] = {
    { "help|?",        "[cmd]",      "show the help",                                    hmp_help           },
    { "info",          "[subcommand]", "show various information about the system state", hmp_info          },
    { "stop|s",        "",           "stop emulation",                                   hmp_stop           },
    { "cont|c",        "",           "resume emulation",                                 hmp_cont           },
    { "system_reset",  "",           "reset the system",                                 hmp_system_reset   },
    { "quit|q",        "",           "quit the emulator",                                hmp_quit           },
    { "screendump",    "filename",   "save screen as PNG (x.png) or PPM image",          hmp_screendump     },
    { "info status",   "",           "show the current VM status (running|paused)",      hmp_info_status    },
    { "info version",  "",           "show the version of vl",                           hmp_info_version   },
    { "info registers", "",          "show the cpu registers",                           hmp_info_registers },
    { "info mtree",    "[-f]",       "show memory tree (-f: dump flat view)",            hmp_info_mtree     },
    { "info qtree",    "",           "show device tree",                                 hmp_info_qtree     },
    { "info qom-tree", "[path]",     "show QOM composition tree",                        hmp_info_qom_tree  },
    { "info block",    "[device]",   "show info of one block device or all block devices", hmp_info_block_cmd },
    { "info chardev",  "",           "show the character devices",                       hmp_info_chardev   },
    { "info roms",     "",           "show roms",                                        hmp_info_roms      },
};
// clang-format on

static void register_hmp_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_hmp_commands)
