// SPDX-License-Identifier: MIT
/* Accesses to an address space: to RAM, to ROM, to a device's callbacks. See hw/core/memory.h.
 *
 * In gdb: b memory_region_dispatch_read     b memory_region_dispatch_write */
#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstring>

#include "hw/core/cpu.h"
#include "hw/core/memory.h"
#include "hw/core/trace.h"
#include "util/log.h"
#include "util/main-loop.h"

const FlatRange *address_space_lookup(const AddressSpace *as, hwaddr addr) {
    const std::vector<FlatRange> &ranges = as->view->ranges;
    auto it = std::upper_bound(ranges.begin(), ranges.end(), addr,
                               [](hwaddr a, const FlatRange &r) { return a < r.end; });
    return it != ranges.end() && it->start <= addr ? &*it : nullptr;
}

// --- RAM's bookkeeping

static CodeWriteNotify code_write_notify;
static void *code_write_opaque;

void memory_set_code_write_notify(CodeWriteNotify notify, void *opaque) {
    code_write_notify = notify;
    code_write_opaque = opaque;
}

void ram_block_written(RAMBlock *block, uint64_t offset, uint64_t len) {
    if (len == 0) return;
    // What was written is there for all to see before the flags are read. Else somebody could set
    // or clear a flag, read the old bytes, and go unnoticed here.
    memory_fence();
    bool code = false;
    uint64_t last = (offset + len - 1) >> RAMBlock::PAGE_BITS;
    for (uint64_t page = offset >> RAMBlock::PAGE_BITS; page <= last; page++) {
        std::atomic<uint8_t> &flags = block->page_flags[page];
        if (block->log_dirty && !(flags.load(std::memory_order_relaxed) & RAMBlock::DIRTY)) {
            flags.fetch_or(RAMBlock::DIRTY);
            trace_ram_block_dirty(block->name.c_str(), page << RAMBlock::PAGE_BITS);
        }
        code |= (flags.load(std::memory_order_relaxed) & RAMBlock::CODE) != 0;
    }
    if (code && code_write_notify) code_write_notify(code_write_opaque, block, offset, len);
}

// --- one access

// Naturally aligned RAM is read and written whole, since other harts may look at the same time.
static uint64_t load_host(const uint8_t *p, unsigned size) {
    switch (size) {
    case 1:
        return __atomic_load_n(p, __ATOMIC_RELAXED);
    case 2:
        return __atomic_load_n(reinterpret_cast<const uint16_t *>(p), __ATOMIC_RELAXED);
    case 4:
        return __atomic_load_n(reinterpret_cast<const uint32_t *>(p), __ATOMIC_RELAXED);
    default:
        return __atomic_load_n(reinterpret_cast<const uint64_t *>(p), __ATOMIC_RELAXED);
    }
}

static void store_host(uint8_t *p, uint64_t value, unsigned size) {
    switch (size) {
    case 1:
        return __atomic_store_n(p, static_cast<uint8_t>(value), __ATOMIC_RELAXED);
    case 2:
        return __atomic_store_n(reinterpret_cast<uint16_t *>(p), static_cast<uint16_t>(value),
                                __ATOMIC_RELAXED);
    case 4:
        return __atomic_store_n(reinterpret_cast<uint32_t *>(p), static_cast<uint32_t>(value),
                                __ATOMIC_RELAXED);
    default:
        return __atomic_store_n(reinterpret_cast<uint64_t *>(p), value, __ATOMIC_RELAXED);
    }
}

static bool access_allowed(const MemoryRegion *mr, hwaddr offset, unsigned size, bool is_write) {
    if (size >= mr->ops->min_access_size && size <= mr->ops->max_access_size &&
        offset % size == 0) {
        return true;
    }
    qemu_log_mask(LOG_GUEST_ERROR, "%s: invalid %u-byte %s at offset 0x%" PRIx64 "\n",
                  mr->name.c_str(), size, is_write ? "write" : "read", offset);
    return false;
}

// Of the CPU that makes the access; -1: a device or the monitor does.
static int cpu_index() {
    const CPUState *cpu = current_cpu();
    return cpu ? cpu->cpu_index : -1;
}

[[gnu::noinline]] static MemTxResult memory_region_dispatch_read(MemoryRegion *mr, hwaddr offset,
                                                                 uint64_t *value, unsigned size) {
    if (!access_allowed(mr, offset, size, false)) return MEMTX_ERROR;
    BqlGuard guard;
    MemTxResult result = mr->ops->read(mr->opaque, offset, value, size);
    trace_memory_region_ops_read(cpu_index(), mr->name.c_str(), offset, *value, size);
    return result;
}

[[gnu::noinline]] static MemTxResult memory_region_dispatch_write(MemoryRegion *mr, hwaddr offset,
                                                                  uint64_t value, unsigned size) {
    if (!access_allowed(mr, offset, size, true)) return MEMTX_ERROR;
    BqlGuard guard;
    trace_memory_region_ops_write(cpu_index(), mr->name.c_str(), offset, value, size);
    return mr->ops->write(mr->opaque, offset, value, size);
}

static MemTxResult ram_write(MemoryRegion *mr, hwaddr offset, uint64_t value, unsigned size) {
    if (mr->readonly) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: write to ROM at offset 0x%" PRIx64 "\n",
                      mr->name.c_str(), offset);
        return MEMTX_OK;
    }
    store_host(mr->ram->host + offset, value, size);
    ram_block_written(mr->ram.get(), offset, size);
    return MEMTX_OK;
}

MemTxResult address_space_ldst(AddressSpace *as, hwaddr addr, uint64_t *value, unsigned size,
                               bool is_write) {
    const FlatRange *range = address_space_lookup(as, addr);
    if (!range || range->end - addr < size) return MEMTX_DECODE_ERROR;
    hwaddr offset = range->offset + (addr - range->start);
    MemoryRegion *mr = range->mr;
    if (mr->ram) {
        if (is_write) return ram_write(mr, offset, *value, size);
        *value = load_host(mr->ram->host + offset, size);
        return MEMTX_OK;
    }
    return is_write ? memory_region_dispatch_write(mr, offset, *value, size)
                    : memory_region_dispatch_read(mr, offset, value, size);
}

// --- many bytes

enum class Copy { Read, Write, WriteRom };

// The largest naturally aligned access a device takes at `addr` for at most `len` bytes.
static unsigned access_size(const MemoryRegion *mr, hwaddr offset, uint64_t len) {
    unsigned size = mr->ops->max_access_size;
    while (size > 1 && (size > len || offset % size)) size /= 2;
    return size;
}

// One step of a copy: as much as one range and one access allow. Returns the bytes done.
static uint64_t copy_step(const FlatRange *range, hwaddr addr, uint8_t *buf, uint64_t len, Copy how,
                          MemTxResult *result) {
    MemoryRegion *mr = range->mr;
    hwaddr offset = range->offset + (addr - range->start);
    uint64_t n = std::min(len, range->end - addr);
    if (mr->ram) {
        uint8_t *host = mr->ram->host + offset;
        if (how == Copy::Read) {
            memcpy(buf, host, n);
        } else if (!mr->readonly || how == Copy::WriteRom) {
            memcpy(host, buf, n);
            ram_block_written(mr->ram.get(), offset, n);
        }
        return n;
    }
    unsigned size = access_size(mr, offset, n);
    uint64_t value = 0;
    if (how == Copy::Read) {
        *result = memory_region_dispatch_read(mr, offset, &value, size);
        memcpy(buf, &value, size);
    } else {
        memcpy(&value, buf, size);
        *result = memory_region_dispatch_write(mr, offset, value, size);
    }
    return size;
}

static MemTxResult copy(AddressSpace *as, hwaddr addr, uint8_t *buf, uint64_t len, Copy how) {
    MemTxResult result = MEMTX_OK;
    while (len > 0 && result == MEMTX_OK) {
        const FlatRange *range = address_space_lookup(as, addr);
        if (!range) return MEMTX_DECODE_ERROR;
        uint64_t n = copy_step(range, addr, buf, len, how, &result);
        addr += n;
        buf += n;
        len -= n;
    }
    return result;
}

MemTxResult address_space_read(AddressSpace *as, hwaddr addr, void *buf, uint64_t len) {
    return copy(as, addr, static_cast<uint8_t *>(buf), len, Copy::Read);
}

MemTxResult address_space_write(AddressSpace *as, hwaddr addr, const void *buf, uint64_t len) {
    return copy(as, addr, static_cast<uint8_t *>(const_cast<void *>(buf)), len, Copy::Write);
}

MemTxResult address_space_write_rom(AddressSpace *as, hwaddr addr, const void *buf, uint64_t len) {
    return copy(as, addr, static_cast<uint8_t *>(const_cast<void *>(buf)), len, Copy::WriteRom);
}

// --- DMA without a copy

void *address_space_map(AddressSpace *as, hwaddr addr, uint64_t *plen, bool is_write) {
    const FlatRange *range = address_space_lookup(as, addr);
    if (!range || !range->mr->ram || (is_write && range->mr->readonly)) return nullptr;
    *plen = std::min(*plen, range->end - addr);
    return range->mr->ram->host + range->offset + (addr - range->start);
}

void address_space_unmap(AddressSpace *as, void *, hwaddr addr, uint64_t len, bool is_write) {
    if (!is_write) return;
    const FlatRange *range = address_space_lookup(as, addr);
    if (range) ram_block_written(range->mr->ram.get(), range->offset + (addr - range->start), len);
}
