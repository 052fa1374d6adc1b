// SPDX-License-Identifier: MIT
/* DeviceTree: the device tree under construction, written out flattened by libfdt.
 *
 * Spec: Devicetree Specification 0.4. Nodes are named by their absolute path and keep the order in
 * which they were added. A mistake here is our own: it ends the process. */
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "hw/core/memory.h"

// Is this a flattened tree that a DeviceTree can be made of: sound, and not nested without end?
bool device_tree_check(const std::vector<uint8_t> &blob);

class DeviceTree {
public:
    DeviceTree() = default;
    // A copy of a flattened tree, for which device_tree_check() is true.
    explicit DeviceTree(const std::vector<uint8_t> &blob);

    // Adds a node behind its siblings; the parent must exist.
    void add_node(const std::string &path);
    bool has_node(const std::string &path) const { return find(path) != nullptr; }
    // Each sets a property of an existing node, or gives it a new value.
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
    // Flattened, ready for the guest.
    std::vector<uint8_t> blob() const;

private:
    struct Property {
        std::string name;
        std::string value; // bytes, big-endian as the guest reads them
    };
    struct Node {
        std::string name;
        std::vector<Property> properties;
        std::vector<std::unique_ptr<Node>> children;
    };

    const Node *find(const std::string &path) const;
    Node *node(const std::string &path);
    void set(const std::string &path, const char *name, std::string value);
    void copy_node(Node *to, const void *fdt, int offset);
    static size_t room_for(const Node &node);
    static void write_node(const Node &node, void *fdt);

    struct Reservation {
        uint64_t address, size;
    };

    Node root_;
    std::vector<Reservation> reservations_; // memory that the guest must leave alone
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
