// SPDX-License-Identifier: MIT
/* DeviceTree on libfdt. See hw/core/device_tree.h. */
#include "hw/core/device_tree.h"

#include <cassert>
#include <cinttypes>
#include <cstring>

#include <libfdt.h>

#include "util/error.h"

static void check(int ret) {
    if (ret < 0) error_exit("device tree: %s", fdt_strerror(ret));
}

// --- nodes by path

const DeviceTree::Node *DeviceTree::find(const std::string &path) const {
    const Node *at = &root_;
    for (size_t start = 1; start < path.size();) {
        size_t end = std::min(path.find('/', start), path.size());
        std::string_view name(path.data() + start, end - start);
        const Node *next = nullptr;
        for (const auto &child : at->children) {
            if (child->name == name) next = child.get();
        }
        if (!next) return nullptr;
        at = next;
        start = end + 1;
    }
    return at;
}

DeviceTree::Node *DeviceTree::node(const std::string &path) {
    auto *found = const_cast<Node *>(find(path));
    assert(found && "the node was added before");
    return found;
}

void DeviceTree::add_node(const std::string &path) {
    size_t slash = path.rfind('/');
    auto child = std::make_unique<Node>();
    child->name = path.substr(slash + 1);
    node(path.substr(0, slash))->children.push_back(std::move(child));
}

void DeviceTree::set(const std::string &path, const char *name, std::string value) {
    Node *n = node(path);
    for (Property &property : n->properties) {
        if (property.name == name) {
            property.value = std::move(value);
            return;
        }
    }
    n->properties.push_back({ name, std::move(value) });
}

// --- from and to the flattened form

// No tree of this world is deeper, and a file must not exhaust our stack.
static constexpr int MAX_DEPTH = 64;

bool device_tree_check(const std::vector<uint8_t> &blob) {
    if (fdt_check_full(blob.data(), blob.size()) != 0) return false;
    int depth = 0;
    for (int at = 0; at >= 0; at = fdt_next_node(blob.data(), at, &depth)) {
        if (depth > MAX_DEPTH) return false;
        if (depth < 0) break; // behind the root
    }
    return true;
}

void DeviceTree::copy_node(Node *to, const void *fdt, int offset) {
    int at;
    fdt_for_each_property_offset(at, fdt, offset) {
        const char *name;
        int size;
        auto *data = static_cast<const char *>(fdt_getprop_by_offset(fdt, at, &name, &size));
        check(data ? 0 : size);
        to->properties.push_back({ name, std::string(data, size) });
    }
    fdt_for_each_subnode(at, fdt, offset) {
        auto child = std::make_unique<Node>();
        const char *name = fdt_get_name(fdt, at, nullptr);
        child->name = name ? name : "";
        copy_node(child.get(), fdt, at);
        to->children.push_back(std::move(child));
    }
}

DeviceTree::DeviceTree(const std::vector<uint8_t> &blob) {
    check(fdt_find_max_phandle(blob.data(), &last_phandle_));
    for (int i = 0; i < fdt_num_mem_rsv(blob.data()); i++) {
        Reservation r;
        check(fdt_get_mem_rsv(blob.data(), i, &r.address, &r.size));
        reservations_.push_back(r);
    }
    copy_node(&root_, blob.data(), 0);
}

void DeviceTree::write_node(const Node &node, void *fdt) {
    check(fdt_begin_node(fdt, node.name.c_str()));
    for (const Property &p : node.properties) {
        check(fdt_property(fdt, p.name.c_str(), p.value.data(), static_cast<int>(p.value.size())));
    }
    for (const auto &child : node.children) write_node(*child, fdt);
    check(fdt_end_node(fdt));
}

// Bytes that the node and all below it take flattened, at most.
size_t DeviceTree::room_for(const Node &node) {
    size_t room = 16 + node.name.size();
    for (const Property &p : node.properties) room += 24 + p.name.size() + p.value.size();
    for (const auto &child : node.children) room += room_for(*child);
    return room;
}

std::vector<uint8_t> DeviceTree::blob() const {
    constexpr size_t HEADERS = 256;
    std::vector<uint8_t> fdt(HEADERS + 16 * reservations_.size() + room_for(root_));
    // A name is written again with each use: looking it up among the others is half of the work.
    check(fdt_create_with_flags(fdt.data(), static_cast<int>(fdt.size()),
                                FDT_CREATE_FLAG_NO_NAME_DEDUP));
    for (const Reservation &r : reservations_) {
        check(fdt_add_reservemap_entry(fdt.data(), r.address, r.size));
    }
    check(fdt_finish_reservemap(fdt.data()));
    write_node(root_, fdt.data());
    check(fdt_finish(fdt.data()));
    fdt.resize(fdt_totalsize(fdt.data()));
    return fdt;
}

// --- properties by type

void DeviceTree::set_empty(const std::string &path, const char *name) { set(path, name, {}); }

void DeviceTree::set_string(const std::string &path, const char *name, const std::string &value) {
    set(path, name, std::string(value.c_str(), value.size() + 1));
}

void DeviceTree::set_strings(const std::string &path, const char *name,
                             std::initializer_list<const char *> values) {
    std::string joined;
    for (const char *value : values) joined.append(value, strlen(value) + 1);
    set(path, name, std::move(joined));
}

void DeviceTree::set_cell(const std::string &path, const char *name, uint32_t value) {
    set_cells(path, name, { value });
}

void DeviceTree::set_cells(const std::string &path, const char *name,
                           const std::vector<uint32_t> &values) {
    std::string cells;
    for (uint32_t value : values) {
        fdt32_t cell = cpu_to_fdt32(value);
        cells.append(reinterpret_cast<const char *>(&cell), sizeof cell);
    }
    set(path, name, std::move(cells));
}

void DeviceTree::set_u64(const std::string &path, const char *name, uint64_t value) {
    set_cells(path, name, { static_cast<uint32_t>(value >> 32), static_cast<uint32_t>(value) });
}

std::string device_tree_add_device(DeviceTree &dt, const DeviceTreePlace &place, const char *name) {
    std::string path = format_string("%s/%s@%" PRIx64, place.bus.c_str(), name, place.base);
    dt.add_node(path);
    auto high = [](uint64_t v) { return static_cast<uint32_t>(v >> 32); };
    auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
    dt.set_cells(path, "reg",
                 { high(place.base), low(place.base), high(place.size), low(place.size) });
    if (place.irq) {
        dt.set_cell(path, "interrupt-parent", place.intc);
        dt.set_cell(path, "interrupts", static_cast<uint32_t>(place.irq));
    }
    return path;
}
