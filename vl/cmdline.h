// SPDX-License-Identifier: MIT
/* The command line: one row an option, cut up by Boost.Program_options, kept in option groups. */
#pragma once

#include <string>
#include <vector>

struct MonitorOption {
    const char *option; // "-qmp"
    std::string spec;   // "stdio", "unix:PATH,server=on", "chardev:ID" ...
    const char *mode;   // of -mon
    bool pretty;
};

// What the options say that is no group's: filled by parse_command_line.
struct CommandLine {
    std::string display; // -display; empty: choose
    bool nographic = false;
    bool autostart = true;               // false: -S
    bool reboot = true;                  // false: -no-reboot
    bool shutdown = true;                // false: -no-shutdown
    std::string cpu_model;               // -cpu
    std::vector<std::string> serial;     // -serial, in order
    std::string gdb;                     // -gdb; empty: none
    std::vector<MonitorOption> monitors; // -monitor, -qmp, -qmp-pretty, in order
    bool default_monitor = true;         // false: -monitor or -mon has said where it is
};

// Those that concern what comes before the command line is read: -trace, -stop-at.
void parse_early_options(int argc, char **argv);
// Reads all of argv and every -readconfig file. Help and mistakes end the process: status 0 and 1.
void parse_command_line(int argc, char **argv, CommandLine *cmdline);
