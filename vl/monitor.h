// SPDX-License-Identifier: MIT
/* Monitors on character devices, and the human one: commands as rows. (The one for programs:
 * vl/qmp.h.) */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vl/hmp-args.h"
#include "vl/line-editor.h"

struct Chardev;
struct Error;

struct Monitor {
    Chardev *chr = nullptr;
    int cpu_index = 0;                  // whose registers and memory commands mean
    std::unique_ptr<LineEditor> editor; // from the first time that somebody looks at us
    bool has_focus = false; // somebody is at the other end, and on a multiplexer looks at us
    bool quitting = false;  // no prompt any more

    void print(const std::string &text);
};

struct HMPCommand {
    const char *name; // "system_reset", "info mtree"; aliases behind a bar: "cont|c"
    void (*cmd)(Monitor *mon, const HMPArgs &args);
    const char *spec; // what it takes: vl/hmp-args.h
    const char *args; // the same, as help shows it
    const char *help;
};

// Called by a qapi_init function.
void monitor_register_hmp(const HMPCommand *rows, size_t n);
const std::vector<const HMPCommand *> &monitor_hmp_commands();
// By one of its names; nullptr: there is none.
const HMPCommand *monitor_find_hmp(const std::string &name);

/* One command at a time, of all monitors and of gdb. A command may wait for requests, and so run
 * the main loop: what others send meanwhile is read when it is done. Nested where one monitor gives
 * another's command: human-monitor-command, gdb's `monitor`. */
class MonitorCommandScope {
public:
    MonitorCommandScope();
    ~MonitorCommandScope();
    MonitorCommandScope(const MonitorCommandScope &) = delete;
    MonitorCommandScope &operator=(const MonitorCommandScope &) = delete;
};
// May the next command on `chr` be read? Not while one runs, nor from one who takes no answers.
bool monitor_may_read(const Chardev *chr);

// "Error: ..." if there is one, which is freed.
void hmp_handle_error(Monitor *mon, Error *err);

// Opens the monitors of -mon, which is what -monitor, -qmp and -serial mon:... become.
void monitor_init();
// Adds one to them. `mode`: "readline" or "control".
void monitor_add(const std::string &chardev, const char *mode, bool pretty);
// Runs one line, as if it had been typed.
void handle_hmp_command(Monitor *mon, const std::string &line);
