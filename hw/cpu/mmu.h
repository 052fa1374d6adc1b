// SPDX-License-Identifier: MIT
/* Guest memory as instructions see it: loads, stores, atomics and fetches by virtual address.
 *
 * The fast path is a probe of the hart's TLB: one comparison checks page, rights and alignment
 * together. All else (a miss, a device, a misaligned access, a page whose writes somebody watches)
 * goes through the functions in mmu.cpp, which raise the exception an access deserves.
 *
 * Guest memory is shared with other threads, so it is touched by atomics that are plain moves
 * (GUEST_LOAD and GUEST_STORE, hw/core/memory.h).
 * Spec: privileged, 4.3 and 4.4 (address translation), 3.7 (PMP) */
#pragma once

#include <type_traits>

#include "hw/cpu/riscv-cpu.h"
#include "hw/cpu/trap.h"

// --- translation

// Where an address leads, and whether the whole page may be treated so.
struct Translation {
    hwaddr pa = 0;
    bool page_uniform = false;  // the same rights hold for the rest of the page
    uint64_t low = PAGE_OFFSET; // the address bits that the mapping keeps: a superpage has more
};
// Translates for a hart in mode `mode`, sets A and D bits, and checks PMP for `size` bytes (which
// stay in one page). False: *cause is the exception, whose tval is va.
[[nodiscard]] bool mmu_translate(RISCVCPU &cpu, uint64_t va, unsigned size, Access access,
                                 MmuMode mode, Translation *t, uint64_t *cause);
// For a debugger: where data at `va` is now, whatever the rights. Changes nothing.
[[nodiscard]] bool mmu_translate_debug(RISCVCPU &cpu, uint64_t va, hwaddr *pa);
// The RAM or ROM behind [pa, pa + size), or nullptr. It is contiguous in the host.
struct GuestRam {
    MemoryRegion *mr = nullptr;
    uint8_t *host = nullptr;
    uint64_t offset = 0; // in the RAMBlock
    explicit operator bool() const { return mr != nullptr; }
};
GuestRam mmu_find_ram(RISCVCPU &cpu, hwaddr pa, uint64_t size);
// The mode that instructions are fetched in.
inline MmuMode mmu_fetch_mode(const RISCVCPU &cpu) {
    return cpu.priv == PRV_M ? MMU_M : cpu.priv == PRV_S ? MMU_S : MMU_U;
}

// --- upkeep
// After priv or mstatus changed: chooses the TLB of the mode that data accesses now have.
void mmu_mode_changed(RISCVCPU &cpu);
// After anything else changed that translation or PMP depends on.
void mmu_flush(RISCVCPU &cpu);
// Same, for the translation of one page's addresses alone.
void mmu_flush_page(RISCVCPU &cpu, uint64_t va);
// Whoever keeps a translation, in a TLB or of fetches, says so: if a superpage made it,
// mmu_flush_page() of any address in that must forget it too.
void mmu_note_superpage(RISCVCPU &cpu, uint64_t va, const Translation &t);
// Stores to this host page (nullptr: to any) take the slow path from now on.
void mmu_flush_writes(RISCVCPU &cpu, const uint8_t *host_page);

// --- accesses from instruction bodies
uint64_t load_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size);
void store_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, uint64_t value, unsigned size);
// Host memory for an atomic access; raises unless it is aligned RAM. *watch: who must be told when
// it was written, or null.
uint8_t *atomic_pointer_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size,
                             Access access, RAMBlock **watch);

// Raises unless a cache block may be loaded from; the exception is a store's.
void check_cache_block(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va);

inline TlbEntry &tlb_entry(RISCVCPU &cpu, uint64_t va) {
    return cpu.tlb[(va >> RAMBlock::PAGE_BITS) % TLB_SIZE];
}
// The page of an aligned address; a misaligned one equals no page.
template <typename T>
constexpr uint64_t tlb_tag(uint64_t va) {
    return va & (~PAGE_OFFSET | (sizeof(T) - 1));
}
template <typename T>
T *tlb_host(const TlbEntry &e, uint64_t va) {
    return reinterpret_cast<T *>(e.addend + va);
}

template <typename T>
inline T load(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va) {
    const TlbEntry &e = tlb_entry(cpu, va);
    if (e.read == tlb_tag<T>(va)) [[likely]] {
        return std::atomic_ref<T>(*tlb_host<T>(e, va)).load(GUEST_LOAD);
    }
    return static_cast<T>(load_slow(cpu, i, va, sizeof(T)));
}

template <typename T>
inline void store(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, T value) {
    const TlbEntry &e = tlb_entry(cpu, va);
    if (e.write == tlb_tag<T>(va)) [[likely]] {
        std::atomic_ref<T>(*tlb_host<T>(e, va)).store(value, GUEST_STORE);
        return;
    }
    store_slow(cpu, i, va, value, sizeof(T));
}

// Where an AMO or SC works.
template <typename T>
struct AtomicPointer {
    T *host;
    RAMBlock *watch;

    std::atomic_ref<T> ref() const { return std::atomic_ref<T>(*host); }
    uint8_t *bytes() const { return reinterpret_cast<uint8_t *>(host); }
    void written() const {
        if (watch)
            ram_block_written(watch, static_cast<uint64_t>(bytes() - watch->host), sizeof(T));
    }
};

template <typename T>
inline T *atomic_read_pointer(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va) {
    const TlbEntry &e = tlb_entry(cpu, va);
    if (e.read == tlb_tag<T>(va)) [[likely]]
        return tlb_host<T>(e, va);
    RAMBlock *watch;
    return reinterpret_cast<T *>(atomic_pointer_slow(cpu, i, va, sizeof(T), Access::Read, &watch));
}

template <typename T>
inline AtomicPointer<T> atomic_write_pointer(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va) {
    const TlbEntry &e = tlb_entry(cpu, va);
    if (e.write == tlb_tag<T>(va)) [[likely]]
        return { tlb_host<T>(e, va), nullptr };
    RAMBlock *watch = nullptr;
    uint8_t *host = atomic_pointer_slow(cpu, i, va, sizeof(T), Access::Write, &watch);
    return { reinterpret_cast<T *>(host), watch };
}
