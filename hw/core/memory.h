// SPDX-License-Identifier: MIT
/* MemoryRegion and AddressSpace: who answers at which guest physical address.
 *
 * A region is RAM, ROM, a device's registers, or a container of further regions. An AddressSpace
 * flattens the tree below its root into a sorted table of disjoint ranges (the FlatView). The
 * CPU, devices that do DMA, the loader and the monitor all go through the AddressSpace.
 *
 * Invariants: the tree changes only under the big lock and while no hart runs (machine creation,
 * or the harts paused), so readers take no lock; a region outlives its place in the tree; RAM is
 * one host mapping for its whole life. Device callbacks run under the big lock, which the dispatch
 * takes.
 *
 * In gdb: p *address_space_memory.view     b memory_region_dispatch_read */
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "qom/object.h"

using hwaddr = uint64_t;

#define TYPE_MEMORY_REGION "memory-region"

// What became of an access. Anything but MEMTX_OK reaches the hart as an access fault.
enum MemTxResult {
    MEMTX_OK,
    MEMTX_ERROR,        // the device refused: wrong width, alignment or direction
    MEMTX_DECODE_ERROR, // nothing answers there
};

struct RegisterNames; // hw/core/register.h

// A device's callbacks. `addr` is relative to the region; `size` is in bytes: 1, 2, 4 or 8.
struct MemoryRegionOps {
    MemTxResult (*read)(void *opaque, hwaddr addr, uint64_t *value, unsigned size);
    MemTxResult (*write)(void *opaque, hwaddr addr, uint64_t value, unsigned size);
    // Narrower, wider or misaligned accesses fail before a callback sees them.
    unsigned min_access_size = 1;
    unsigned max_access_size = 8;
    // What the region's registers are called, for tests and listings; null: no table.
    const RegisterNames *registers = nullptr;
};

// Host memory behind a RAM or ROM region, and what is known of each of its pages.
struct RAMBlock {
    static constexpr unsigned PAGE_BITS = 12;
    enum PageFlag : uint8_t {
        DIRTY = 1, // written since the flag was last cleared; kept only when log_dirty is set
        CODE = 2,  // decoded instructions are cached from this page: a write must tell the engines
    };

    std::string name;
    uint8_t *host = nullptr; // page aligned
    uint64_t size = 0;       // bytes, a multiple of the page size
    bool log_dirty = false;
    std::atomic<uint8_t> *page_flags = nullptr; // one a page

    RAMBlock() = default;
    ~RAMBlock();
    RAMBlock(const RAMBlock &) = delete;
    RAMBlock &operator=(const RAMBlock &) = delete;
};

struct MemoryRegion : Object {
    std::string name;
    uint64_t size = 0;
    hwaddr addr = 0; // in its container
    int priority = 0;
    bool enabled = true;
    bool readonly = false; // ROM: guest writes are ignored with a guest-error line
    MemoryRegion *container = nullptr;
    std::vector<MemoryRegion *> subregions; // in order of addition
    const MemoryRegionOps *ops = nullptr;
    void *opaque = nullptr;
    std::unique_ptr<RAMBlock> ram; // RAM and ROM only
};

// Each makes `mr` (a member of `owner`, or of nobody) a region and `owner`'s QOM child `name`.
void memory_region_init(MemoryRegion *mr, Object *owner, const char *name, uint64_t size);
void memory_region_init_io(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                           void *opaque, const char *name, uint64_t size);
// RAM, filled with zeroes on first touch. Fails with "cannot set up guest memory '<name>': ...".
[[nodiscard]] bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name,
                                          uint64_t size, Error **errp);
[[nodiscard]] bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name,
                                          uint64_t size, Error **errp);
// Where two regions overlap, the higher priority answers; equal priorities must not overlap.
void memory_region_add_subregion(MemoryRegion *container, hwaddr offset, MemoryRegion *mr);
void memory_region_add_subregion_overlap(MemoryRegion *container, hwaddr offset, MemoryRegion *mr,
                                         int priority);
void memory_region_del_subregion(MemoryRegion *container, MemoryRegion *mr);
// Between the two, changes of the tree wait: the flat views are made anew once, at the last commit.
void memory_region_transaction_begin();
void memory_region_transaction_commit();
// The guest physical address of a mapped region.
hwaddr memory_region_get_address(const MemoryRegion *mr);
// Keep the DIRTY flag of this RAM region's pages. Changes the map: harts look at it anew.
void memory_region_set_log(MemoryRegion *mr, bool log);
// True if a page in [offset, offset + size) was written since its flag was last cleared; clears.
bool memory_region_snapshot_and_clear_dirty(MemoryRegion *mr, uint64_t offset, uint64_t size);

struct FlatRange {
    hwaddr start;
    hwaddr end; // one past the last byte
    MemoryRegion *mr;
    uint64_t offset; // of `start` in mr
};
struct FlatView {
    std::vector<FlatRange> ranges; // sorted, disjoint
    // No two views have the same: whoever caches what a view said sees that there is a new one.
    uint64_t generation = next_generation++;

private:
    static inline uint64_t next_generation = 1;
};

struct AddressSpace {
    std::string name;
    MemoryRegion *root = nullptr;
    std::unique_ptr<FlatView> view;
};

// The machine's memory, as harts and DMA see it; its root is get_system_memory().
extern AddressSpace address_space_memory;
MemoryRegion *get_system_memory();

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name);
void address_space_destroy(AddressSpace *as);
// The range that answers at `addr`, or nullptr.
const FlatRange *address_space_lookup(const AddressSpace *as, hwaddr addr);
// One access as a bus sees it: 1, 2, 4 or 8 bytes, naturally aligned. `is_write` chooses the way.
// Takes the big lock for device registers.
MemTxResult address_space_ldst(AddressSpace *as, hwaddr addr, uint64_t *value, unsigned size,
                               bool is_write);
inline MemTxResult address_space_load(AddressSpace *as, hwaddr addr, uint64_t *value,
                                      unsigned size) {
    return address_space_ldst(as, addr, value, size, false);
}
inline MemTxResult address_space_store(AddressSpace *as, hwaddr addr, uint64_t value,
                                       unsigned size) {
    return address_space_ldst(as, addr, &value, size, true);
}
// Copies `len` bytes out of or into RAM, ROM (reads) and registers, in as many accesses as needed.
MemTxResult address_space_read(AddressSpace *as, hwaddr addr, void *buf, uint64_t len);
MemTxResult address_space_write(AddressSpace *as, hwaddr addr, const void *buf, uint64_t len);
// The loader's and gdb's write: also into ROM.
MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, const void *buf, uint64_t len);
// Host memory for guest RAM at [addr, addr + *plen), or nullptr if no RAM is there (or only ROM
// and is_write). *plen shrinks to what is contiguous in one region. Pair with address_space_unmap,
// which marks what was written. DMA's way without a copy.
void *address_space_map(AddressSpace *as, hwaddr addr, uint64_t *plen, bool is_write);
void address_space_unmap(AddressSpace *as, void *host, hwaddr addr, uint64_t len, bool is_write);

// Everything before, on any address and device, comes before everything behind. An atomic exchange
// does that on this host, and unlike a fence the thread sanitizer understands it.
inline void memory_fence() {
    std::atomic<int> word{ 0 };
    word.exchange(1, std::memory_order_seq_cst);
}

// How an instruction loads and stores guest memory, which others may do at the same time: by plain
// moves. What orders them is the guest's fences. The thread sanitizer does not follow those, so for
// it each store hands on what came before it, and each load takes what was handed on.
#ifdef __SANITIZE_THREAD__
inline constexpr std::memory_order GUEST_LOAD = std::memory_order_acquire;
inline constexpr std::memory_order GUEST_STORE = std::memory_order_release;
#else
inline constexpr std::memory_order GUEST_LOAD = std::memory_order_relaxed;
inline constexpr std::memory_order GUEST_STORE = std::memory_order_relaxed;
#endif

// Says that [offset, offset + len) of the block was written other than by a plain store through
// a writable TLB entry: sets DIRTY, and tells the engines if code was cached from there.
void ram_block_written(RAMBlock *block, uint64_t offset, uint64_t len);
// Whoever caches decoded instructions of guest RAM listens here.
using CodeWriteNotify = void (*)(void *opaque, RAMBlock *block, uint64_t offset, uint64_t len);
void memory_set_code_write_notify(CodeWriteNotify notify, void *opaque);

// `info mtree`; `flat`: `info mtree -f`.
std::string mtree_info(bool flat);
