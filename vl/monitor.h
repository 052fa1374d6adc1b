// SPDX-License-Identifier: MIT
/* The human monitor: commands as rows, on a character device. */
#pragma once

#include <string>
#include <vector>

struct Chardev;

struct Monitor {
    Chardev *chr = nullptr;
    std::string line; // being typed
    bool has_focus = false;
    bool quitting = false; // no prompt any more

    void print(const std::string &text);
};

struct HMPCommand {
    const char *name; // "system_reset", "info mtree"; aliases behind a bar: "cont|c"
    void (*cmd)(Monitor *mon, const std::string &args);
    const char *args; // as help shows them; "": none
    const char *help;
};

// Called by a qapi_init function.
void monitor_register_hmp(const HMPCommand *rows, size_t n);
const std::vector<const HMPCommand *> &monitor_hmp_commands();

// Opens the monitors: on its own chardev, and on a multiplexed serial port.
void monitor_init(const std::string &chardev);
// Runs one line, as if it had been typed.
void handle_hmp_command(Monitor *mon, const std::string &line);
