// SPDX-License-Identifier: MIT
/* `info mtree`: the tree of regions, and the flat view that comes of it. */
#include <algorithm>
#include <cinttypes>

#include "hw/core/memory.h"
#include "util/error.h"

static const char *kind(const MemoryRegion *mr) {
    if (mr->ram) return mr->readonly ? "rom" : "ram";
    return mr->ops || mr->subregions.empty() ? "i/o" : "container";
}

static hwaddr last_byte(hwaddr base, uint64_t size) { return base + (size ? size - 1 : 0); }

static void print_region(std::string *text, const MemoryRegion *mr, hwaddr base, int indent) {
    base += mr->addr;
    *text += format_string("%*s%016" PRIx64 "-%016" PRIx64 " (prio %d, %s): %s%s\n", indent, "",
                           base, last_byte(base, mr->size), mr->priority, kind(mr),
                           mr->name.c_str(), mr->enabled ? "" : " [disabled]");
    std::vector<const MemoryRegion *> sorted(mr->subregions.begin(), mr->subregions.end());
    std::sort(sorted.begin(), sorted.end(), [](auto *a, auto *b) { return a->addr < b->addr; });
    for (const MemoryRegion *child : sorted) print_region(text, child, base, indent + 2);
}

static std::string flat_view() {
    std::string text =
        format_string("FlatView #0\n AS \"%s\", root: %s\n", address_space_memory.name.c_str(),
                      address_space_memory.root->name.c_str());
    for (const FlatRange &r : address_space_memory.view->ranges) {
        text += format_string("  %016" PRIx64 "-%016" PRIx64 " (prio %d, %s): %s", r.start,
                              r.end - 1, r.mr->priority, kind(r.mr), r.mr->name.c_str());
        text += r.offset ? format_string(" @%016" PRIx64 "\n", r.offset) : "\n";
    }
    return text;
}

std::string mtree_info(bool flat) {
    if (flat) return flat_view();
    std::string text = format_string("address-space: %s\n", address_space_memory.name.c_str());
    print_region(&text, address_space_memory.root, 0, 2);
    return text;
}
