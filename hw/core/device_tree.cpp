// SPDX-License-Identifier: MIT
/* DeviceTree on libfdt. See hw/core/device_tree.h. */
#include "hw/core/device_tree.h"

#include <cinttypes>
#include <cstring>

#include <libfdt.h>

#include "util/error.h"

static constexpr size_t ROOM = 64 << 10; // bytes to grow into

static void check(int ret) {
    if (ret < 0) error_exit("device tree: %s", fdt_strerror(ret));
}

DeviceTree::DeviceTree() : fdt_(ROOM) {
    check(fdt_create_empty_tree(fdt_.data(), static_cast<int>(fdt_.size())));
}

DeviceTree::DeviceTree(const std::vector<uint8_t> &blob) : fdt_(blob.size() + ROOM) {
    check(fdt_open_into(blob.data(), fdt_.data(), static_cast<int>(fdt_.size())));
    uint32_t highest = 0;
    check(fdt_find_max_phandle(fdt_.data(), &highest));
    last_phandle_ = highest;
}

int DeviceTree::node(const std::string &path) const {
    int offset = fdt_path_offset(fdt_.data(), path.c_str());
    check(offset);
    return offset;
}

bool DeviceTree::has_node(const std::string &path) const {
    return fdt_path_offset(fdt_.data(), path.c_str()) >= 0;
}

void DeviceTree::add_node(const std::string &path) {
    size_t slash = path.rfind('/');
    std::string parent = slash ? path.substr(0, slash) : "/";
    check(fdt_add_subnode(fdt_.data(), node(parent), path.c_str() + slash + 1));
}

void DeviceTree::set(const std::string &path, const char *name, const void *data, size_t size) {
    check(fdt_setprop(fdt_.data(), node(path), name, data, static_cast<int>(size)));
}

void DeviceTree::set_empty(const std::string &path, const char *name) {
    set(path, name, nullptr, 0);
}

void DeviceTree::set_string(const std::string &path, const char *name, const std::string &value) {
    set(path, name, value.c_str(), value.size() + 1);
}

void DeviceTree::set_strings(const std::string &path, const char *name,
                             std::initializer_list<const char *> values) {
    std::string joined;
    for (const char *value : values) joined.append(value, strlen(value) + 1);
    set(path, name, joined.data(), joined.size());
}

void DeviceTree::set_cell(const std::string &path, const char *name, uint32_t value) {
    set_cells(path, name, { value });
}

void DeviceTree::set_cells(const std::string &path, const char *name,
                           const std::vector<uint32_t> &values) {
    std::vector<fdt32_t> cells;
    for (uint32_t value : values) cells.push_back(cpu_to_fdt32(value));
    set(path, name, cells.data(), cells.size() * sizeof(fdt32_t));
}

void DeviceTree::set_u64(const std::string &path, const char *name, uint64_t value) {
    set_cells(path, name, { static_cast<uint32_t>(value >> 32), static_cast<uint32_t>(value) });
}

std::vector<uint8_t> DeviceTree::blob() const {
    std::vector<uint8_t> packed = fdt_;
    check(fdt_pack(packed.data()));
    packed.resize(fdt_totalsize(packed.data()));
    return packed;
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
