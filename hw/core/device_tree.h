// SPDX-License-Identifier: MIT
/* DeviceTree: the flattened device tree under construction, on libfdt.
 *
 * Spec: Devicetree Specification 0.4. Nodes are named by their absolute path; a failure of libfdt
 * here is our own mistake or the host out of memory, never the user's, and ends the process. */
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "hw/core/memory.h"

class DeviceTree {
public:
    // An empty tree, or a copy of a finished blob (which the caller has checked).
    DeviceTree();
    explicit DeviceTree(const std::vector<uint8_t> &blob);

    // Adds a node in front of its siblings, as libfdt does; the parent must exist.
    void add_node(const std::string &path);
    bool has_node(const std::string &path) const;
    void set_empty(const std::string &path, const char *name);
    void set_string(const std::string &path, const char *name, const std::string &value);
    // A list of strings, as `compatible` takes it.
    void set_strings(const std::string &path, const char *name,
                     std::initializer_list<const char *> values);
    void set_cell(const std::string &path, const char *name, uint32_t value);
    void set_cells(const std::string &path, const char *name, const std::vector<uint32_t> &values);
    // One 64-bit number, as two cells.
    void set_u64(const std::string &path, const char *name, uint64_t value);
    uint32_t new_phandle() { return ++last_phandle_; }
    // Packed, ready for the guest.
    std::vector<uint8_t> blob() const;

private:
    int node(const std::string &path) const;
    void set(const std::string &path, const char *name, const void *data, size_t size);

    std::vector<uint8_t> fdt_;
    uint32_t last_phandle_ = 0;
};

// Where the board has put a device, and whom its lines reach.
struct DeviceTreePlace {
    std::string bus;                // path of the bus's node: "/soc"
    hwaddr base, size;              // its registers
    int irq;                        // its line at the interrupt controller; 0: none
    uint32_t phandle;               // set aside for this device
    uint32_t intc;                  // phandle of the interrupt controller
    std::vector<uint32_t> cpu_intc; // phandle of each hart's own controller
};

// Adds `<bus>/<name>@<base>` with its reg and, if it has a line, its interrupts; returns the path.
std::string device_tree_add_device(DeviceTree &dt, const DeviceTreePlace &place, const char *name);
