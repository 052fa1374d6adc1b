// SPDX-License-Identifier: MIT
/* From options to a machine. See vl/machine_setup.h.
 *
 * In gdb: b create_machine     b create_drives     b create_board */
#include "vl/machine_setup.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "block/blockdev.h"
#include "hw/core/boards.h"
#include "hw/core/cpu.h"
#include "hw/core/icount.h"
#include "hw/core/rtc.h"
#include "hw/cpu/riscv-cpu.h"
#include "hw/net/net.h"
#include "qom/object_interfaces.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "vl/cmdline.h"
#include "vl/gdbstub.h"
#include "vl/monitor.h"

static MachineClass *machine_class;

// --- the machine object

static void print_and_exit(const std::string &text) {
    fputs(text.c_str(), stdout);
    exit(EXIT_SUCCESS);
}

static std::string cpu_help() {
    std::string text = "Available CPUs:\n";
    for (const ObjectClass *klass : object_class_get_list(TYPE_CPU, false)) {
        std::string name = object_class_get_name(klass);
        text += "  " + name.substr(0, name.find('-')) + "\n";
    }
    return text;
}

static AccelState *create_accel() {
    QemuOpts *opts = qemu_find_opts_singleton("accel");
    const char *wanted = qemu_opt_get(opts, "accel");
    LocationScope here(opts->loc);
    std::string help = "Accelerators supported in vl:\n";
    AccelClass *chosen = nullptr;
    for (ObjectClass *klass : object_class_get_list(TYPE_ACCEL, false)) {
        auto *ac = object_class_cast<AccelClass>(klass);
        const char *name = ac->name;
        help += std::string(name) + "\n";
        if (wanted ? !strcmp(wanted, name) : !chosen || ac->preference > chosen->preference)
            chosen = ac;
    }
    if (wanted && is_help_option(wanted)) print_and_exit(help);
    if (!chosen) error_exit("invalid accelerator %s", wanted);
    auto *accel = static_cast<AccelState *>(object_new(object_class_get_name(chosen)));
    for (const QemuOpt &opt : opts->opts) {
        if (opt.name == "accel") continue;
        (void)object_property_set(accel, opt.name.c_str(), opt.value, &error_fatal);
    }
    return accel;
}

static void configure_clocks() {
    QemuOpts *icount = qemu_find_opts_singleton("icount"), *rtc = qemu_find_opts_singleton("rtc");
    {
        LocationScope here(icount->loc);
        (void)icount_configure(icount, &error_fatal);
    }
    LocationScope here(rtc->loc);
    (void)rtc_configure(rtc, &error_fatal);
}

// `-m 512` is in MiB, `-m 1G` is not.
static uint64_t ram_size_option() {
    QemuOpts *opts = qemu_find_opts_singleton("memory");
    LocationScope here(opts->loc);
    const char *text = qemu_opt_get(opts, "size");
    if (!text) return machine_class->default_ram_size;
    bool bare = strspn(text, "0123456789") == strlen(text);
    uint64_t size = 0;
    (void)parse_option_size("size", bare ? std::string(text) + "M" : text, &size, &error_fatal);
    if (size == 0) error_exit("Invalid RAM size '%s': a machine needs some", text);
    if (size % 4096) error_exit("Invalid RAM size '%s': not a multiple of 4096 bytes", text);
    return size;
}

static int smp_option() {
    QemuOpts *opts = qemu_find_opts_singleton("smp-opts");
    LocationScope here(opts->loc);
    uint64_t cpus = qemu_opt_get_number(opts, "cpus", 1);
    if (cpus == 0) error_exit("Invalid CPU topology: CPU count must be greater than zero");
    if (cpus > static_cast<uint64_t>(machine_class->max_cpus)) {
        error_exit("Invalid SMP CPUs %" PRIu64 ". The max CPUs supported by machine '%s' is %d",
                   cpus, machine_class->name, machine_class->max_cpus);
    }
    return static_cast<int>(cpus);
}

// `-M toy,help`.
static std::string machine_properties_help(const MachineState *m) {
    std::string text = format_string("%s options:\n", object_get_typename(m));
    for (const ObjectProperty *prop : object_class_properties(m->klass)) {
        if (!prop->set) continue;
        text += format_string("  %s=<%s> - %s\n", prop->name.c_str(), prop->type.c_str(),
                              prop->description.c_str());
    }
    return text;
}

// What -kernel and its companions say goes into fields, the rest are the machine's properties.
static void set_machine_properties(MachineState *m, const QemuOpts *opts) {
    struct {
        const char *name;
        std::string *field;
    } rows[] = {
        { "firmware", &m->firmware },
        { "kernel", &m->kernel_filename },
        { "append", &m->kernel_cmdline },
        { "initrd", &m->initrd_filename },
        { "dtb", &m->dtb },
    };
    LocationScope here(opts->loc);
    if (qemu_opt_has_help(opts)) print_and_exit(machine_properties_help(m));
    for (const QemuOpt &opt : opts->opts) {
        if (opt.name == "type") continue;
        bool is_field = false;
        for (auto &row : rows) {
            if (opt.name != row.name) continue;
            *row.field = opt.value;
            is_field = true;
        }
        if (!is_field) (void)object_property_set(m, opt.name.c_str(), opt.value, &error_fatal);
    }
    if (m->kernel_filename.empty()) {
        if (!m->kernel_cmdline.empty()) error_exit("-append only allowed with -kernel option");
        if (!m->initrd_filename.empty()) error_exit("-initrd only allowed with -kernel option");
    }
}

static void register_globals() {
    for (const auto &opts : qemu_find_opts("global")->head) {
        qdev_prop_register_global({ qemu_opt_get(opts.get(), "driver"),
                                    qemu_opt_get(opts.get(), "property"),
                                    qemu_opt_get(opts.get(), "value") });
    }
}

// `-cpu MODEL,PROPERTY=VALUE,...`: the properties are those of every hart of that model.
static std::string cpu_model_option(const std::string &text) {
    size_t end = text.find(',');
    std::string model = text.substr(0, end);
    while (end != std::string::npos) {
        size_t start = end + 1;
        end = text.find(',', start);
        std::string feature = text.substr(start, end - start); // npos: to the end
        size_t equals = feature.find('=');
        if (equals == std::string::npos)
            error_exit("Expected key=value format, found %s.", feature.c_str());
        qdev_prop_register_global({ model + RISCV_CPU_TYPE_SUFFIX, feature.substr(0, equals),
                                    feature.substr(equals + 1) });
    }
    return model;
}

// Help about devices and objects needs no machine.
static void answer_help(const CommandLine *cmdline) {
    for (const auto &opts : qemu_find_opts("device")->head) {
        LocationScope here(opts->loc);
        if (qdev_device_help(opts.get())) exit(EXIT_SUCCESS);
    }
    for (const auto &opts : qemu_find_opts("object")->head) {
        LocationScope here(opts->loc);
        std::string help = user_creatable_help(opts->opts);
        if (!help.empty()) print_and_exit(help);
    }
    if (is_help_option(cmdline->cpu_model)) print_and_exit(cpu_help());
}

void create_machine(const CommandLine *cmdline) {
    QemuOpts *opts = qemu_find_opts_singleton("machine");
    const char *name = qemu_opt_get(opts, "type");
    if (name && is_help_option(name)) print_and_exit(machine_help());
    answer_help(cmdline);
    {
        LocationScope here(opts->loc);
        machine_class = select_machine(name, &error_fatal);
    }
    auto *m =
        object_cast<MachineState>(object_new(object_class_get_name(machine_class)), TYPE_MACHINE);
    object_property_add_child(object_get_root(), "machine", m);
    current_machine = m;
    m->ram_size = ram_size_option();
    m->smp_cpus = smp_option();
    set_machine_properties(m, opts);
    configure_clocks();
    m->accel = create_accel();
    cpu_set_accel(m->accel);
    register_globals();
    m->cpu_model = cmdline->cpu_model.empty() ? machine_class->default_cpu_type
                                              : cpu_model_option(cmdline->cpu_model);
}

void create_objects() {
    for (const auto &opts : qemu_find_opts("object")->head) {
        LocationScope here(opts->loc);
        (void)user_creatable_add_opts(opts.get(), &error_fatal);
    }
}

void delete_objects() { user_creatable_cleanup(); }

// --- character devices

// "mon:DEV" is a multiplexer, which a monitor shares.
static void open_serial(const std::string &spec, bool with_monitor) {
    LocationScope here({ .option = "-serial " + spec, .file = {} });
    Error *err = nullptr;
    Chardev *chr = qemu_chr_new("serial0", spec, &err);
    if (!chr) {
        error_report_err(err);
        error_exit("could not connect serial device to character backend '%s'", spec.c_str());
    }
    current_machine->serial = chr->label;
    if (with_monitor) monitor_add("serial0", "readline", false);
}

static void open_monitor(const MonitorOption &row, const std::string &label) {
    LocationScope here({ .option = std::string(row.option) + " " + row.spec, .file = {} });
    if (row.spec.starts_with("chardev:"))
        return monitor_add(row.spec.substr(8), row.mode, row.pretty);
    Error *err = nullptr;
    if (!qemu_chr_parse_compat(label, row.spec, &err)) {
        error_report_err(err);
        error_exit("parse error: %s", row.spec.c_str());
    }
    (void)qemu_chr_new(label, row.spec, &error_fatal);
    monitor_add(label, row.mode, row.pretty);
}

static bool stdio_is_taken(const CommandLine *cmdline) {
    for (const MonitorOption &row : cmdline->monitors) {
        if (row.spec == "stdio" || row.spec == "mon:stdio") return true;
    }
    for (const Chardev *chr : qemu_chr_list()) {
        if (chr->filename == "stdio") return true;
    }
    return false;
}

void create_chardevs(const CommandLine *cmdline) {
    for (const auto &opts : qemu_find_opts("chardev")->head) {
        LocationScope here(opts->loc);
        const char *backend = qemu_opt_get(opts.get(), "backend");
        if (backend && is_help_option(backend)) print_and_exit(qemu_chr_help());
        (void)qemu_chr_new_from_opts(*opts, &error_fatal);
    }
    if (cmdline->serial.size() > 1) error_exit("the machine has one serial port");
    if (!cmdline->serial.empty()) {
        const std::string &spec = cmdline->serial[0];
        if (spec != "none") open_serial(spec, spec.starts_with("mon:"));
    } else if (stdio_is_taken(cmdline)) {
        open_serial("null", false);
    } else {
        open_serial("mon:stdio", cmdline->default_monitor);
    }
    int n = 0;
    for (const MonitorOption &row : cmdline->monitors)
        open_monitor(row, "compat_monitor" + std::to_string(n++));
}

// --- drives, network, board, devices

void create_drives() {
    (void)blockdev_open_all(&error_fatal);
    for (const auto &opts : qemu_find_opts("drive")->head) {
        LocationScope here(opts->loc);
        auto type = static_cast<BlockInterfaceType>(machine_class->block_default_type);
        // Without an error, nothing means that help was asked for and given.
        if (!drive_new(opts.get(), type, &error_fatal)) exit(EXIT_SUCCESS);
    }
}

void create_network() { (void)net_init_clients(&error_fatal); }

void create_board() { (void)machine_class->init(current_machine, &error_fatal); }

void create_devices() {
    // By index: a drive's own -device stands behind the user's.
    auto &head = qemu_find_opts("device")->head;
    for (size_t i = 0; i < head.size(); i++) {
        LocationScope here(head[i]->loc);
        (void)qdev_device_add(head[i].get(), &error_fatal);
    }
}

void finish_machine() {
    (void)machine_class->done(current_machine, &error_fatal);
    drive_check_orphaned();
    net_check_clients();
    qdev_prop_check_globals();
    qdev_machine_creation_done();
}

void create_gdbserver(const CommandLine *cmdline) {
    if (cmdline->gdb.empty()) return;
    LocationScope here({ .option = "-gdb " + cmdline->gdb, .file = {} });
    (void)gdbserver_start(cmdline->gdb, &error_fatal);
}
