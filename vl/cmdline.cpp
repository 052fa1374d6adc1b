// SPDX-License-Identifier: MIT
/* The command line. See vl/cmdline.h.
 *
 * In gdb: b parse_command_line     b add_to_group */
#include "vl/cmdline.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <boost/make_shared.hpp>
#include <boost/program_options.hpp>

#include "block/blockdev.h"
#include "hw/core/boards.h"
#include "hw/core/qdev.h"
#include "qom/object_interfaces.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/log.h"
#include "util/module.h"
#include "util/option.h"
#include "util/trace.h"
#include "vl/gdbstub.h"
#include "vl/phase.h"
#include "vl/timeline.h"

namespace po = boost::program_options;

// --- groups of options that belong to the launcher itself

static QemuOptsList machine_opts = { .name = "machine",
                                     .implied_opt_name = "type",
                                     .merge_lists = true };
static QemuOptsList accel_opts = { .name = "accel",
                                   .implied_opt_name = "accel",
                                   .merge_lists = true };
static QemuOptsList memory_opts = {
    .name = "memory", .implied_opt_name = "size", .merge_lists = true, .desc = { { "size" } }
};
static QemuOptsList smp_opts = { .name = "smp-opts",
                                 .implied_opt_name = "cpus",
                                 .merge_lists = true,
                                 .desc = { { "cpus", QEMU_OPT_NUMBER },
                                           { "maxcpus", QEMU_OPT_NUMBER } } };
static QemuOptsList global_opts = { .name = "global",
                                    .desc = { { "driver" }, { "property" }, { "value" } } };

static void register_launcher_opts() {
    for (QemuOptsList *list :
         { &machine_opts, &accel_opts, &memory_opts, &smp_opts, &global_opts }) {
        qemu_add_opts(list);
    }
}

opts_init(register_launcher_opts)

// --- what an option does

static CommandLine *cmdline;

static QemuOpts *add_to_group(const char *group, const std::string &arg) {
    return qemu_opts_parse(qemu_find_opts(group), arg, true, &error_fatal);
}

static void set_machine_option(const char *name, const std::string &value) {
    QemuOpts *opts = qemu_find_opts_singleton("machine");
    (void)qemu_opt_set(opts, name, value, &error_abort);
}

static void print_help(const std::string &);

static void print_version(const std::string &) {
    printf("vl version %s\n", CONFIG_VERSION);
    exit(EXIT_SUCCESS);
}

static void opt_machine(const std::string &arg) { add_to_group("machine", arg); }
static void opt_accel(const std::string &arg) { add_to_group("accel", arg); }
static void opt_icount(const std::string &arg) { add_to_group("icount", arg); }
// Applied by parse_early_options().
static void opt_early(const std::string &) {}
static void opt_rtc(const std::string &arg) { add_to_group("rtc", arg); }
static void opt_memory(const std::string &arg) { add_to_group("memory", arg); }
static void opt_smp(const std::string &arg) { add_to_group("smp-opts", arg); }
static void opt_drive(const std::string &arg) { add_to_group("drive", arg); }
static void opt_blockdev(const std::string &arg) {
    (void)blockdev_parse(arg.c_str(), &error_fatal);
}
static void opt_snapshot(const std::string &) { drive_set_snapshot_default(); }
static void opt_device(const std::string &arg) { add_to_group("device", arg); }
static void opt_object(const std::string &arg) { user_creatable_parse(arg.c_str(), &error_fatal); }

static void opt_netdev(const std::string &arg) { add_to_group("netdev", arg); }
static void opt_nic(const std::string &arg) { add_to_group("nic", arg); }
static void opt_net(const std::string &arg) { add_to_group("net", arg); }

static void opt_chardev(const std::string &arg) { add_to_group("chardev", arg); }

static void opt_cpu(const std::string &arg) { cmdline->cpu_model = arg; }
static void opt_bios(const std::string &arg) { set_machine_option("firmware", arg); }
static void opt_kernel(const std::string &arg) { set_machine_option("kernel", arg); }
static void opt_append(const std::string &arg) { set_machine_option("append", arg); }
static void opt_initrd(const std::string &arg) { set_machine_option("initrd", arg); }
static void opt_dtb(const std::string &arg) { set_machine_option("dtb", arg); }

static void opt_display(const std::string &arg) { cmdline->display = arg; }
static void opt_nographic(const std::string &) { cmdline->nographic = true; }
static void opt_serial(const std::string &arg) { cmdline->serial.push_back(arg); }
static void opt_monitor(const std::string &arg) {
    cmdline->default_monitor = false;
    if (arg != "none") cmdline->monitors.push_back({ "-monitor", arg, "readline", false });
}
static void opt_mon(const std::string &arg) {
    cmdline->default_monitor = false;
    add_to_group("mon", arg);
}
static void opt_qmp(const std::string &arg) {
    cmdline->monitors.push_back({ "-qmp", arg, "control", false });
}
static void opt_qmp_pretty(const std::string &arg) {
    cmdline->monitors.push_back({ "-qmp-pretty", arg, "control", true });
}
static void opt_stopped(const std::string &) { cmdline->autostart = false; }
static void opt_gdb(const std::string &arg) { cmdline->gdb = arg; }
static void opt_gdb_default(const std::string &) { cmdline->gdb = DEFAULT_GDBSTUB_DEVICE; }
static void opt_no_reboot(const std::string &) { cmdline->reboot = false; }
static void opt_no_shutdown(const std::string &) { cmdline->shutdown = false; }

static void opt_log(const std::string &arg) {
    bool wants_events = arg == "trace:help";
    if (wants_events || is_help_option(arg)) {
        fputs((wants_events ? trace_event_names() : qemu_log_help("-d")).c_str(), stdout);
        exit(EXIT_SUCCESS);
    }
    (void)qemu_set_log(arg, &error_fatal);
}

static void opt_dfilter(const std::string &arg) {
    (void)qemu_set_dfilter_ranges(arg, &error_fatal);
}

static void opt_trace(const std::string &arg) { (void)trace_opt_parse(arg, &error_fatal); }

static void opt_boot_timeline(const std::string &arg) { (void)timeline_open(arg, &error_fatal); }

static void opt_stop_at(const std::string &arg) {
    if (is_help_option(arg)) {
        fputs(phase_help().c_str(), stdout);
        exit(EXIT_SUCCESS);
    }
    (void)phase_stop_at(arg, &error_fatal);
}

static void opt_log_file(const std::string &arg) { (void)qemu_set_log_filename(arg, &error_fatal); }

static void opt_seed(const std::string &arg) {
    uint64_t seed = 0;
    if (!parse_option_number("seed", arg, &seed, nullptr)) {
        error_exit("Invalid seed number: %s", arg.c_str());
    }
    qemu_guest_random_seed(seed);
}

static void opt_readconfig(const std::string &arg) {
    (void)qemu_read_config_file(arg, &error_fatal);
}

static void opt_writeconfig(const std::string &arg) {
    (void)qemu_write_config_file(arg, &error_fatal);
}

// "driver.property=value" or "driver=d,property=p,value=v".
static void opt_global(const std::string &arg) {
    size_t dot = arg.find('.'), equals = arg.find('=');
    if (dot != std::string::npos && equals != std::string::npos && dot < equals) {
        QemuOpts *opts = qemu_opts_create(&global_opts, "", false, &error_abort);
        (void)qemu_opt_set(opts, "driver", arg.substr(0, dot), &error_abort);
        (void)qemu_opt_set(opts, "property", arg.substr(dot + 1, equals - dot - 1), &error_abort);
        (void)qemu_opt_set(opts, "value", arg.substr(equals + 1), &error_abort);
        return;
    }
    QemuOpts *opts = qemu_opts_parse(&global_opts, arg, false, &error_fatal);
    for (const char *name : { "driver", "property", "value" }) {
        if (!qemu_opt_get(opts, name)) error_exit("Missing parameter '%s'", name);
    }
}

// A bare word is a disk image.
static void opt_disk_image(const std::string &file) {
    drive_add(IF_DEFAULT, 0, file.c_str(), "", &error_fatal);
}

// --- the rows

struct OptionRow {
    const char *name;
    void (*apply)(const std::string &arg);
    const char *arg; // what help calls the argument; null: it takes none
    const char *help;
    void (*apply_early)(const std::string &arg) = nullptr; // before anything registers
};

// clang-format off
static const OptionRow option_rows[] = {
    { "help",        print_help,      nullptr,     "display this help and exit" },
    { "h",           print_help,      nullptr,     "the same" },
    { "version",     print_version,   nullptr,     "display version information and exit" },
    { "machine",     opt_machine,     "[type=]name[,...]", "select the machine (help lists them)" },
    { "M",           opt_machine,     "name",      "the same" },
    { "accel",       opt_accel,       "[accel=]name[,thread=multi|single]",
      "select the engine (help lists them)" },
    { "icount",      opt_icount,      "[shift=]N[,sleep=on|off]",
      "let each instruction take 2^N ns of guest time" },
    { "cpu",         opt_cpu,         "model",     "select the CPU (help lists them)" },
    { "smp",         opt_smp,         "[cpus=]n",  "number of harts" },
    { "rtc",         opt_rtc,         "[base=]utc|localtime|date[,clock=host|rt|vm]",
      "what the real-time clock shows first, and follows" },
    { "m",           opt_memory,      "[size=]megs", "guest RAM; suffixes k, M, G, T" },
    { "bios",        opt_bios,        "file",      "firmware; 'none' for none" },
    { "kernel",      opt_kernel,      "file",      "kernel: Linux Image, ELF or flat binary" },
    { "append",      opt_append,      "cmdline",   "kernel command line" },
    { "initrd",      opt_initrd,      "file",      "initial RAM disk" },
    { "dtb",         opt_dtb,         "file",      "device tree in place of the machine's own" },
    { "drive",       opt_drive,       "file=f,format=raw...", "attach a disk image" },
    { "blockdev",    opt_blockdev,    "driver=d,node-name=n...", "open a node of the block layer" },
    { "snapshot",    opt_snapshot,    nullptr,     "write to temporary files, not to images" },
    { "device",      opt_device,      "driver[,prop=value]", "add a device (help lists them)" },
    { "object",      opt_object,      "type,id=o[,prop=value]",
      "make an object for devices to use (help lists the types)" },
    { "netdev",      opt_netdev,      "user,id=n[,...]",
      "the host's end of a network (help lists them)" },
    { "nic",         opt_nic,         "user|none[,model=m][,mac=a][,...]",
      "add a network card and the host's end of its network" },
    { "net",         opt_net,         "none",      "the same as -nic none" },
    { "global",      opt_global,      "driver.prop=value", "set a default for a type of device" },
    { "display",     opt_display,     "sdl|none",  "where the screen is shown" },
    { "nographic",   opt_nographic,   nullptr,     "no screen; serial port and monitor on stdio" },
    { "chardev",     opt_chardev,     "stdio|file|socket|...,id=c[,mux=on][,...]",
      "a stream for a device or a monitor to use (help lists the kinds)" },
    { "serial",      opt_serial,      "dev",
      "serial port: stdio, file:F, unix:PATH, tcp:HOST:PORT, null, chardev:ID; mon:DEV shares it" },
    { "monitor",     opt_monitor,     "dev",       "the monitor, on such a device" },
    { "qmp",         opt_qmp,         "dev",       "the monitor for programs, on such a device" },
    { "qmp-pretty",  opt_qmp_pretty,  "dev",       "the same, for a person to read" },
    { "mon",         opt_mon,         "[chardev=]c[,mode=readline|control][,pretty=on]",
      "a monitor on a -chardev" },
    { "S",           opt_stopped,     nullptr, "do not start the CPU ('c' in the monitor does)" },
    { "gdb",         opt_gdb,         "dev",       "wait for gdb on tcp:[host]:port or unix:path" },
    { "s",           opt_gdb_default, nullptr,     "the same as -gdb tcp::1234" },
    { "no-reboot",   opt_no_reboot,   nullptr,     "exit instead of rebooting" },
    { "no-shutdown", opt_no_shutdown, nullptr,     "stop instead of exiting at power-off" },
    { "d",           opt_log,         "item1,...", "log these items ('-d help' lists them)" },
    { "dfilter",     opt_dfilter,     "range,..",  "log only code in a..b, start+size, end-size" },
    { "D",           opt_log_file,    "file",      "log to this file" },
    { "seed",        opt_seed,        "number",
      "give the guest the same random numbers in every run" },
    { "trace",       opt_early,       "[enable=]pattern[,...]",
      "trace these events ('-trace help' lists them)", opt_trace },
    { "boot-timeline", opt_early,     "file",
      "write what start-up did, and when: *.json, *.html, *.svg", opt_boot_timeline },
    { "stop-at",     opt_early,       "phase",
      "stop before this phase, for a debugger ('help' lists them)", opt_stop_at },
    { "readconfig",  opt_readconfig,  "file",      "read options from a file" },
    { "writeconfig", opt_writeconfig, "file",      "write the options so far to a file" },
};
// clang-format on

static void print_help(const std::string &) {
    printf("vl version %s\nusage: %s [options] [disk_image]\n\n"
           "'disk_image' is a raw disk image, attached as the first disk\n\nOptions:\n",
           CONFIG_VERSION, error_progname());
    for (const OptionRow &row : option_rows) {
        std::string left = std::string("-") + row.name + (row.arg ? " " : "");
        left += row.arg ? row.arg : "";
        printf("%-30s %s\n", left.c_str(), row.help);
    }
    printf("\nIn -nographic mode: Ctrl-a h lists the keys of the serial port's multiplexer.\n");
    exit(EXIT_SUCCESS);
}

static const OptionRow *find_row(const std::string &name) {
    for (const OptionRow &row : option_rows) {
        if (name == row.name) return &row;
    }
    return nullptr;
}

// --- cutting up argv

[[noreturn]] static void refuse(const std::string &given, const char *why) {
    LocationScope here({ .option = given, .file = {} });
    error_exit("%s", why);
}

static void apply(const po::option &option) {
    const std::string &given = option.original_tokens.at(0);
    const OptionRow *row = find_row(option.string_key);
    if (row) {
        std::string arg = row->arg ? option.value.at(0) : "";
        std::string typed = "-" + option.string_key + (row->arg ? " " + arg : "");
        LocationScope here({ .option = typed, .file = {} });
        row->apply(arg);
    } else if (given.starts_with("-")) {
        refuse(given, "invalid option");
    } else {
        LocationScope here({ .option = given, .file = {} });
        opt_disk_image(given);
    }
}

void parse_early_options(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') continue;
        const OptionRow *row = find_row(argv[i] + strspn(argv[i], "-"));
        if (!row || !row->arg || ++i == argc || !row->apply_early) continue;
        std::string typed = "-" + std::string(row->name) + " " + argv[i];
        LocationScope here({ .option = typed, .file = {} });
        row->apply_early(argv[i]);
    }
}

void parse_command_line(int argc, char **argv, CommandLine *result) {
    namespace style = po::command_line_style;
    cmdline = result;
    po::options_description rows;
    for (const OptionRow &row : option_rows) {
        po::value_semantic *semantic =
            row.arg ? static_cast<po::value_semantic *>(po::value<std::string>())
                    : new po::untyped_value(/*zero_tokens=*/true);
        rows.add(boost::make_shared<po::option_description>(row.name, semantic, row.help));
    }
    try {
        // "disguise": one dash is as good as two.
        auto parsed =
            po::command_line_parser(argc, argv)
                .options(rows)
                .style(style::allow_long | style::allow_long_disguise | style::long_allow_next)
                .allow_unregistered()
                .run();
        for (const po::option &option : parsed.options) apply(option);
    } catch (const po::invalid_command_line_syntax &e) {
        bool missing = e.kind() == po::invalid_syntax::missing_parameter;
        std::string name = e.get_option_name();
        refuse("-" + name.substr(std::min(name.find_first_not_of('-'), name.size())),
               missing ? "requires an argument" : "invalid option");
    }
}
