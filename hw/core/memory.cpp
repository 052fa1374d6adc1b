// SPDX-License-Identifier: MIT
/* Memory regions and the flat view made of them. See hw/core/memory.h; accesses are in
 * physmem.cpp. */
#include "hw/core/memory.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>

#include "util/error.h"
#include "util/module.h"

// --- making regions

RAMBlock::~RAMBlock() {
    if (host) munmap(host, size);
    if (page_flags) munmap(page_flags, size >> PAGE_BITS);
}

void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size) {
    object_initialize(mr, TYPE_MEMORY_REGION);
    mr->name = name;
    mr->size = size;
    if (owner) object_property_add_child(owner, (mr->name + "[*]").c_str(), mr);
}

void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size) {
    memory_region_init(mr, owner, name, size);
    mr->ops = ops;
    mr->opaque = opaque;
}

// Zeroed host memory that costs nothing until it is touched; nullptr and errno. The host may
// refuse what it could never give.
static void *map_lazily(uint64_t size) {
    void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}

static std::unique_ptr<RAMBlock> ram_block_new(const char *name, uint64_t size, Error **errp) {
    constexpr uint64_t page = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
    auto block = std::make_unique<RAMBlock>();
    block->name = name;
    block->size = (size + page - 1) & ~(page - 1);
    block->host = static_cast<uint8_t *>(map_lazily(block->size));
    if (block->host) {
        void *flags = map_lazily(block->size >> RAMBlock::PAGE_BITS);
        block->page_flags = static_cast<std::atomic<uint8_t> *>(flags);
    }
    if (!block->page_flags) {
        error_setg(errp, "cannot set up guest memory '%s': %s", name, strerror(errno));
        return nullptr;
    }
    return block;
}

bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp) {
    std::unique_ptr<RAMBlock> block = ram_block_new(name, size, errp);
    if (!block) return false;
    memory_region_init(mr, owner, name, size);
    mr->ram = std::move(block);
    return true;
}

bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp) {
    mr->readonly = true;
    return memory_region_init_ram(mr, owner, name, size, errp);
}

// --- the tree

static void memory_region_changed();

void memory_region_add_subregion_overlap(MemoryRegion *container, hwaddr offset, MemoryRegion *mr,
                                         int priority) {
    assert(!mr->container && "a region has one place");
    mr->container = container;
    mr->addr = offset;
    mr->priority = priority;
    container->subregions.push_back(mr);
    memory_region_changed();
}

void memory_region_add_subregion(MemoryRegion *container, hwaddr offset, MemoryRegion *mr) {
    memory_region_add_subregion_overlap(container, offset, mr, 0);
}

void memory_region_del_subregion(MemoryRegion *container, MemoryRegion *mr) {
    assert(mr->container == container);
    std::erase(container->subregions, mr);
    mr->container = nullptr;
    memory_region_changed();
}

hwaddr memory_region_get_address(const MemoryRegion *mr) {
    hwaddr addr = 0;
    for (; mr; mr = mr->container) addr += mr->addr;
    return addr;
}

// --- dirty pages

void memory_region_set_log(MemoryRegion *mr, bool log) {
    mr->ram->log_dirty = log;
    memory_region_changed(); // harts may hold entries to write there unnoticed
}

bool memory_region_snapshot_and_clear_dirty(MemoryRegion *mr, uint64_t offset, uint64_t size) {
    RAMBlock *block = mr->ram.get();
    bool dirty = false;
    uint64_t first = offset >> RAMBlock::PAGE_BITS;
    uint64_t last = (offset + size - 1) >> RAMBlock::PAGE_BITS;
    for (uint64_t page = first; page <= last; page++) {
        uint8_t old = block->page_flags[page].fetch_and(static_cast<uint8_t>(~RAMBlock::DIRTY));
        dirty |= (old & RAMBlock::DIRTY) != 0;
    }
    return dirty;
}

// --- the flat view

// Adds the part of [start, end) that no earlier range covers: whoever comes first wins.
static void add_uncovered(std::vector<FlatRange> *ranges, hwaddr start, hwaddr end,
                          MemoryRegion *mr, hwaddr base) {
    std::vector<FlatRange> added;
    hwaddr at = start;
    for (const FlatRange &r : *ranges) {
        if (r.end <= at || r.start >= end) continue;
        if (r.start > at) added.push_back({ at, r.start, mr, at - base });
        at = std::max(at, r.end);
    }
    if (at < end) added.push_back({ at, end, mr, at - base });
    ranges->insert(ranges->end(), added.begin(), added.end());
    std::sort(ranges->begin(), ranges->end(),
              [](const FlatRange &a, const FlatRange &b) { return a.start < b.start; });
}

// Walks the tree, the highest priority first; [start, end) is what the containers leave visible.
static void flatten(std::vector<FlatRange> *ranges, MemoryRegion *mr, hwaddr base, hwaddr start,
                    hwaddr end) {
    if (!mr->enabled) return;
    hwaddr mr_end = mr->size > ~base ? ~hwaddr{ 0 } : base + mr->size;
    start = std::max(start, base);
    end = std::min(end, mr_end);
    if (start >= end) return;
    std::vector<MemoryRegion *> children = mr->subregions;
    std::stable_sort(children.begin(), children.end(),
                     [](MemoryRegion *a, MemoryRegion *b) { return a->priority > b->priority; });
    for (MemoryRegion *child : children) flatten(ranges, child, base + child->addr, start, end);
    if (mr->ram || mr->ops) add_uncovered(ranges, start, end, mr, base);
}

static std::vector<AddressSpace *> address_spaces;

static void address_space_update(AddressSpace *as) {
    auto view = std::make_unique<FlatView>();
    flatten(&view->ranges, as->root, 0, 0, ~hwaddr{ 0 });
    as->view = std::move(view);
}

static int transaction_depth;
static bool update_pending;

static void memory_region_changed() {
    if (transaction_depth) {
        update_pending = true;
        return;
    }
    for (AddressSpace *as : address_spaces) address_space_update(as);
}

void memory_region_transaction_begin() { transaction_depth++; }

void memory_region_transaction_commit() {
    if (--transaction_depth || !update_pending) return;
    update_pending = false;
    memory_region_changed();
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name) {
    as->name = name;
    as->root = root;
    address_spaces.push_back(as);
    address_space_update(as);
}

void address_space_destroy(AddressSpace *as) {
    std::erase(address_spaces, as);
    as->view.reset();
}

AddressSpace address_space_memory;

MemoryRegion *get_system_memory() {
    static MemoryRegion *root;
    if (!root) {
        root = object_cast<MemoryRegion>(object_new(TYPE_MEMORY_REGION), TYPE_MEMORY_REGION);
        root->name = "system";
        root->size = ~uint64_t{ 0 };
        address_space_init(&address_space_memory, root, "memory");
    }
    return root;
}

static const TypeInfo memory_region_info = {
    .name = TYPE_MEMORY_REGION,
    .parent = TYPE_OBJECT,
    .instance_new = object_instance_new<MemoryRegion>,
};

static void memory_register_types() { type_register_static(&memory_region_info); }

type_init(memory_register_types)
