// SPDX-License-Identifier: MIT
/* QMP's commands about the run, the screen and the character devices, one row each.
 *
 * In gdb: b qmp_cmds::query_status (and so on) */
#include <nlohmann/json.hpp>

#include "hw/core/boards.h"
#include "hw/core/console.h"
#include "hw/core/loader.h"
#include "hw/core/cpu.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"
#include "vl/display.h"
#include "vl/monitor.h"
#include "vl/runstate.h"

namespace qmp_cmds {

using nlohmann::json;

// --- the run

static bool query_status(const json &, json *ret, Error **) {
    *ret = { { "status", runstate_name() },
             { "running", runstate_is_running() },
             { "singlestep", false } };
    return true;
}

static bool cont(const json &, json *, Error **) {
    vm_start();
    return true;
}

static bool stop(const json &, json *, Error **) {
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
    return true;
}

static bool system_reset(const json &, json *, Error **) {
    qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    return true;
}

static bool quit(const json &, json *, Error **) {
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    return true;
}

// --- the machine

// There is no -name.
static bool query_name(const json &, json *, Error **) { return true; }

static bool query_target(const json &, json *ret, Error **) {
    *ret = { { "arch", "riscv64" } };
    return true;
}

static bool query_kvm(const json &, json *ret, Error **) {
    *ret = { { "enabled", false }, { "present", false } };
    return true;
}

static bool query_memory_size_summary(const json &, json *ret, Error **) {
    *ret = { { "base-memory", current_machine->ram_size } };
    return true;
}

static bool query_cpus_fast(const json &, json *ret, Error **) {
    *ret = json::array();
    for (const CPUState *cpu : cpu_list()) {
        ret->push_back({ { "cpu-index", cpu->cpu_index },
                         { "qom-path", object_get_canonical_path(cpu) },
                         { "thread-id", cpu->thread_id.load() },
                         { "props", { { "core-id", cpu->cpu_index } } },
                         { "target", "riscv64" } });
    }
    return true;
}

static bool query_roms(const json &, json *ret, Error **) {
    *ret = { { "human-readable-text", rom_info() } };
    return true;
}

// --- the screen

static QemuConsole *find_console(const json &args, Error **errp) {
    if (args.contains("head") && !args.contains("device")) {
        error_setg(errp, "'head' must be specified together with 'device'");
        return nullptr;
    }
    auto device = args.value("device", "");
    QemuConsole *con = qemu_console_lookup(0);
    if (device.empty()) {
        if (!con) error_setg(errp, "There is no console to take a screendump from");
        return con;
    }
    Object *dev = object_resolve_path(("/machine/peripheral/" + device).c_str());
    if (!dev) {
        error_setg(errp, "Device '%s' not found", device.c_str());
        error_set_class(errp, ERROR_CLASS_DEVICE_NOT_FOUND);
    } else if (!con || con->device != dev || args.value("head", 0) != 0) {
        error_setg(errp, "Device %s (head %d) is not bound to a QemuConsole", device.c_str(),
                   args.value("head", 0));
    } else {
        return con;
    }
    return nullptr;
}

static bool qmp_screendump(const json &args, json *, Error **errp) {
    std::string format = args.value("format", "");
    if (!format.empty() && format != "ppm" && format != "png") {
        error_setg(errp, "Parameter 'format' does not accept value '%s'", format.c_str());
        return false;
    }
    QemuConsole *con = find_console(args, errp);
    return con && screendump(con, args["filename"].get<std::string>(), format, errp);
}

// --- character devices

static bool query_chardev(const json &, json *ret, Error **) {
    *ret = json::array();
    for (const Chardev *chr : qemu_chr_list()) {
        ret->push_back({ { "label", chr->label },
                         { "filename", chr->filename },
                         { "frontend-open", chr->fe.can_read || chr->fe.writable } });
    }
    return true;
}

static bool query_chardev_backends(const json &, json *ret, Error **) {
    *ret = json::array();
    for (const ChardevDriver *driver : chardev_drivers()) {
        ret->push_back({ { "name", driver->name } });
    }
    return true;
}

// --- the other monitor

// What an HMP command prints.
struct OutputChardev : Chardev {
    std::string text;
    int write(const uint8_t *buf, int size) override {
        text.append(reinterpret_cast<const char *>(buf), static_cast<size_t>(size));
        return size;
    }
};

static bool human_monitor_command(const json &args, json *ret, Error **errp) {
    auto index = args.value("cpu-index", int64_t{ 0 });
    if (index < 0 || index >= static_cast<int64_t>(cpu_list().size())) {
        error_setg(errp, "Parameter 'cpu-index' expects a CPU number");
        return false;
    }
    OutputChardev output;
    Monitor mon;
    mon.chr = &output;
    mon.cpu_index = static_cast<int>(index);
    handle_hmp_command(&mon, args["command-line"].get<std::string>());
    *ret = output.text;
    return true;
}

// clang-format off
static const QMPCommand rows[] = {
    { "query-status",           "", query_status },
    { "cont",                   "", cont },
    { "stop",                   "", stop },
    { "system_reset",           "", system_reset },
    { "quit",                   "", quit },
    { "query-name",             "", query_name },
    { "query-target",           "", query_target },
    { "query-kvm",              "", query_kvm },
    { "query-memory-size-summary", "", query_memory_size_summary },
    { "query-cpus-fast",        "", query_cpus_fast },
    { "x-query-roms",           "", query_roms },
    { "screendump",             "filename:str *device:str *head:int *format:str", qmp_screendump },
    { "query-chardev",          "", query_chardev },
    { "query-chardev-backends", "", query_chardev_backends },
    { "human-monitor-command",  "command-line:str *cpu-index:int", human_monitor_command },
};
// clang-format on

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qmp_cmds
