// SPDX-License-Identifier: MIT
/* Machines: the types `-M` chooses from. A board is one file that derives from TYPE_MACHINE. */
#pragma once

#include <string>
#include <vector>

#include "hw/core/qdev.h"

#define TYPE_MACHINE "machine"
// The type of the machine `-M name`.
#define TYPE_MACHINE_SUFFIX "-machine"

struct AccelState;
struct MachineState;
struct DriveInfo;

struct MachineClass : ObjectClass {
    using Parent = ObjectClass;
    const char *name = nullptr;  // as -M has it
    const char *alias = nullptr; // a second name, or null
    const char *desc = nullptr;
    bool is_default = false;
    int max_cpus = 1;
    uint64_t default_ram_size = 128 << 20;  // bytes
    const char *default_cpu_type = nullptr; // as -cpu has it
    // Where `-drive` without if= goes.
    int block_default_type = 0; // a BlockInterfaceType
    // Creates and realizes all of the board. False: *errp is set and vl exits.
    bool (*init)(MachineState *machine, Error **errp) = nullptr;
    // Runs once every -device is there: loads the firmware and makes the device tree.
    bool (*done)(MachineState *machine, Error **errp) = nullptr;
};

struct MachineState : Object {
    uint64_t ram_size = 0; // bytes
    int smp_cpus = 1;
    std::string cpu_model;
    std::string firmware; // -bios
    std::string kernel_filename, kernel_cmdline, initrd_filename, dtb;
    AccelState *accel = nullptr;
    std::string serial; // the chardev of the serial port; empty: none
};

extern MachineState *current_machine;

// `-M name`; null: the default machine. "unsupported machine type" and `-M help` as in QEMU.
MachineClass *select_machine(const char *name, Error **errp);
// `-M help`.
std::string machine_help();
