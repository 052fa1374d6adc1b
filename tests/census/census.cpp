// SPDX-License-Identifier: MIT
/* Prints what registered itself, list by list, each sorted: census.py compares with golden/.
 *
 *   census            the lists
 *   census reversed   the same, with every list of modules turned round before it is run: the order
 *                     of constructors is link order, so nothing may depend on it */
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "block/block.h"
#include "hw/core/boards.h"
#include "hw/core/memory.h"
#include "hw/core/register.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/option.h"
#include "util/symbols.h"
#include "util/trace.h"
#include "vl/cmdline.h"
#include "vl/machine_setup.h"
#include "util/qmp.h"
#include "vl/monitor.h"

using Lines = std::vector<std::string>;

static void print_list(const char *name, Lines lines) {
    std::sort(lines.begin(), lines.end());
    printf("[%s]\n", name);
    for (const std::string &line : lines) printf("%s\n", line.c_str());
    printf("\n");
}

// --- the lists

static Lines modules() {
    Lines lines;
    for (int type = 0; type < MODULE_INIT_MAX; type++) {
        for (ModuleEntry *e = init_type_list[type].first; e; e = e->next) {
            lines.push_back(
                std::string(module_init_type_name(static_cast<module_init_type>(type))) + " " +
                function_name(reinterpret_cast<const void *>(e->init)));
        }
    }
    return lines;
}

static Lines types() {
    Lines lines;
    for (const TypeImpl *type : type_list()) {
        const TypeInfo *info = type_info(type);
        lines.push_back(format_string("%s%s%s%s", info->name, info->parent ? " : " : "",
                                      info->parent ? info->parent : "",
                                      info->abstract ? " (abstract)" : ""));
    }
    return lines;
}

static Lines trace_events() {
    Lines lines;
    for (const TraceEventRow *row : trace_event_list()) {
        lines.push_back(std::string(row->name) + (*row->fields ? ": " : "") + row->fields);
    }
    return lines;
}

static Lines option_groups() {
    Lines lines;
    for (const QemuOptsList *list : qemu_opts_groups()) {
        std::string line = list->name;
        if (list->implied_opt_name) line += format_string(" [%s=]", list->implied_opt_name);
        if (list->merge_lists) line += " merged";
        for (const QemuOptDesc &desc : list->desc) line += std::string(" ") + desc.name;
        lines.push_back(line);
    }
    return lines;
}

static Lines monitor_commands() {
    Lines lines;
    for (const HMPCommand *row : monitor_hmp_commands()) lines.push_back(row->name);
    return lines;
}

static Lines qmp_command_lines() {
    Lines lines;
    for (const QMPCommand *row : qmp_commands())
        lines.push_back(row->name + std::string(*row->args ? " " : "") + row->args);
    return lines;
}

static void collect_registers(const MemoryRegion *mr, Lines *lines) {
    static const char *const rights[] = { "", "RO", "WO", "RW" };
    const RegisterNames *names = mr->ops ? mr->ops->registers : nullptr;
    for (size_t i = 0; names && i < names->count; i++) {
        const RegisterName &r = names->rows[i];
        lines->push_back(format_string("%s 0x%03" PRIx64 " %s %s reset 0x%" PRIx64,
                                       mr->name.c_str(), static_cast<uint64_t>(r.offset), r.name,
                                       rights[r.access], static_cast<uint64_t>(r.reset)));
    }
    for (const MemoryRegion *child : mr->subregions) collect_registers(child, lines);
}

// Of every chip that the default machine has.
static Lines registers() {
    CommandLine cmdline;
    cmdline.serial.push_back("null");
    create_machine(&cmdline);
    create_chardevs(&cmdline);
    create_board();
    Lines lines;
    collect_registers(get_system_memory(), &lines);
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end()); // eight transports
    return lines;
}

static void reverse(TailQueue<ModuleEntry> *list) {
    std::vector<ModuleEntry *> entries;
    while (ModuleEntry *e = list->pop_front()) entries.push_back(e);
    for (auto e = entries.rbegin(); e != entries.rend(); ++e) list->push_back(*e);
}

int main(int argc, char **argv) {
    error_set_progname(argv[0]);
    qemu_init_exec_dir(argv[0]);
    bql_lock();
    if (argc > 1 && !strcmp(argv[1], "reversed")) {
        for (TailQueue<ModuleEntry> &list : init_type_list) reverse(&list);
    }
    module_call_init(MODULE_INIT_TRACE);
    bdrv_init_with_whitelist();
    module_call_init(MODULE_INIT_QOM);
    module_call_init(MODULE_INIT_QAPI);
    module_call_init(MODULE_INIT_OPTS);

    print_list("modules", modules());
    print_list("types", types());
    print_list("option-groups", option_groups());
    print_list("block-drivers", bdrv_format_names(/*read_only=*/true));
    print_list("monitor-commands", monitor_commands());
    print_list("qmp-commands", qmp_command_lines());
    print_list("registers", registers());
    print_list("trace-events", trace_events());
    return 0;
}
