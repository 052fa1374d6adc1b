// SPDX-License-Identifier: MIT
/* Address translation (bare, Sv39, Sv48, Sv57), the TLB's slow path, and the exceptions of
 * accesses.
 *
 * A and D bits are set by hardware, by compare-and-exchange on the entry, where menvcfg.ADUE says
 * so; else an entry without them is a page fault (Svade). A page gets a TLB entry when its rights,
 * PMP's included, hold for all of it; a writable one only when nobody watches its writes (cached
 * code, dirty log).
 * Memory types (Svpbmt) are checked and change nothing: there is no cache.
 * Spec:   privileged, 4.3.2 (the algorithm), 4.4 to 4.6 (Sv39 to Sv57), chapters 5 to 8 (Svnapot,
 *         Svpbmt, Svinval, Svadu), 3.1.6.3 (MPRV, MXR, SUM)
 * In gdb: b mmu_translate     b raise_exception */
#include "hw/cpu/mmu.h"

#include <algorithm>

#include "hw/cpu/pmp.h"
#include "util/log.h"

static constexpr uint64_t access_fault[] = { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS,
                                             CAUSE_FETCH_ACCESS };
static constexpr uint64_t page_fault[] = { CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT,
                                           CAUSE_FETCH_PAGE_FAULT };
static uint64_t access_fault_of(Access a) { return access_fault[static_cast<unsigned>(a)]; }
static uint64_t page_fault_of(Access a) { return page_fault[static_cast<unsigned>(a)]; }

static Priv priv_of(MmuMode mode) { return mode == MMU_M ? PRV_M : mode == MMU_U ? PRV_U : PRV_S; }

// --- physical memory

GuestRam mmu_find_ram(RISCVCPU &cpu, hwaddr pa, uint64_t size) {
    const FlatRange *r = cpu.last_range;
    if (!r || pa < r->start || pa >= r->end) r = address_space_lookup(cpu.as, pa);
    if (!r || !r->mr->ram || r->end - pa < size) return {};
    cpu.last_range = r;
    uint64_t offset = r->offset + (pa - r->start);
    return { r->mr, r->mr->ram->host + offset, offset };
}

static bool page_watched(const RAMBlock &ram, uint64_t offset) {
    uint8_t flags = ram.page_flags[offset >> RAMBlock::PAGE_BITS].load();
    return ram.log_dirty || (flags & RAMBlock::CODE);
}

static void tell_written(RAMBlock &ram, uint64_t offset, uint64_t len) {
    if (page_watched(ram, offset)) ram_block_written(&ram, offset, len);
}

// --- page tables: Sv39 has three levels, Sv48 four, Sv57 five

static int levels_of(uint64_t satp) {
    return static_cast<int>((satp >> SATP_MODE_SHIFT) - SATP_MODE_SV39) + 3;
}
static constexpr unsigned VPN_BITS = 9;

struct Walk {
    RISCVCPU &cpu;
    uint64_t va;
    Access access;
    MmuMode mode;
    bool debug = false; // rights and A and D bits do not matter
    uint64_t cause = 0; // set when it fails

    bool fail(uint64_t why) {
        cause = why;
        return false;
    }
};

// The unused bits equal the highest used one.
static bool canonical(uint64_t va, int levels) {
    unsigned unused = 64 - (12 + VPN_BITS * static_cast<unsigned>(levels));
    return static_cast<uint64_t>(static_cast<int64_t>(va << unused) >> unused) == va;
}

// Rights and restrictions of a leaf. MXR makes executable pages readable.
static bool leaf_allows(const Walk &w, uint64_t pte) {
    if (w.debug) return true;
    if (pte & PTE_U) {
        bool s_may = w.mode == MMU_S_SUM && w.access != Access::Fetch;
        if (w.mode != MMU_U && !s_may) return false;
    } else if (w.mode == MMU_U) {
        return false;
    }
    switch (w.access) {
    case Access::Read:
        return (pte & PTE_R) || ((pte & PTE_X) && (w.cpu.mstatus & MSTATUS_MXR));
    case Access::Write:
        return pte & PTE_W;
    case Access::Fetch:
        return pte & PTE_X;
    }
    return false;
}

// The entry's place in RAM, or a failure: an implicit access needs S mode's rights to it.
static bool find_pte(Walk &w, hwaddr addr, Access access, GuestRam *ram) {
    bool allowed = w.debug || pmp_check(w.cpu, addr, 8, access, PRV_S).allowed;
    if (!allowed) return w.fail(access_fault_of(w.access));
    *ram = mmu_find_ram(w.cpu, addr, 8);
    if (!*ram || (access == Access::Write && ram->mr->readonly)) {
        return w.fail(access_fault_of(w.access));
    }
    return true;
}

static bool hardware_updates(const RISCVCPU &cpu) {
    if (isa_has(cpu.isa, Ext::Svadu)) return cpu.menvcfg & ENVCFG_ADUE;
    return !isa_has(cpu.isa, Ext::Svade);
}

// Sets A, and D for a store. False with cause 0: the entry changed meanwhile, walk again.
static bool update_pte(Walk &w, hwaddr addr, uint64_t pte) {
    uint64_t updated = pte | PTE_A | (w.access == Access::Write ? PTE_D : 0);
    if (updated == pte || w.debug) return true;
    if (!hardware_updates(w.cpu)) return w.fail(page_fault_of(w.access));
    GuestRam ram;
    if (!find_pte(w, addr, Access::Write, &ram)) return false;
    std::atomic_ref<uint64_t> entry(*reinterpret_cast<uint64_t *>(ram.host));
    if (!entry.compare_exchange_strong(pte, updated)) return w.fail(0);
    tell_written(*ram.mr->ram, ram.offset, 8);
    return true;
}

// The upper bits of an entry are well formed for the extensions there are. Of sizes, Svnapot has
// only 64 KiB yet.
static constexpr uint64_t NAPOT_SIZE = 64 << 10;
static bool upper_bits_ok(const RISCVCPU &cpu, uint64_t pte, int level) {
    bool leaf = pte & (PTE_R | PTE_X);
    uint64_t type = pte & PTE_PBMT;
    if (pte & PTE_RESERVED) return false;
    if (type && (!leaf || type == PTE_PBMT || !(cpu.menvcfg & ENVCFG_PBMTE))) return false;
    if (!(pte & PTE_N)) return true;
    bool size_ok = (pte >> PTE_PPN_SHIFT & 15) == 8;
    return isa_has(cpu.isa, Ext::Svnapot) && leaf && level == 0 && size_ok;
}

static bool finish_walk(Walk &w, hwaddr pte_addr, uint64_t pte, int level, Translation *t) {
    uint64_t low = (uint64_t{ 1 } << (12 + VPN_BITS * static_cast<unsigned>(level))) - 1;
    hwaddr base = (pte >> PTE_PPN_SHIFT & PTE_PPN) << RAMBlock::PAGE_BITS;
    if (pte & PTE_N) { // level 0: upper_bits_ok() saw to that
        low |= NAPOT_SIZE - 1;
        base ^= NAPOT_SIZE / 2; // its size in unary
    }
    bool misaligned = base & low;
    if (misaligned || !leaf_allows(w, pte)) return w.fail(page_fault_of(w.access));
    if (!update_pte(w, pte_addr, pte)) return false;
    t->pa = base | (w.va & low);
    t->low = low;
    return true;
}

static bool walk_once(Walk &w, Translation *t) {
    hwaddr table = (w.cpu.satp & SATP_PPN) << RAMBlock::PAGE_BITS;
    for (int level = levels_of(w.cpu.satp) - 1; level >= 0; level--) {
        unsigned shift = 12 + VPN_BITS * static_cast<unsigned>(level);
        hwaddr pte_addr = table + ((w.va >> shift) & ((1u << VPN_BITS) - 1)) * 8;
        GuestRam ram;
        if (!find_pte(w, pte_addr, Access::Read, &ram)) return false;
        uint64_t pte = std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t *>(ram.host)).load();
        bool reserved = !upper_bits_ok(w.cpu, pte, level) || ((pte & PTE_W) && !(pte & PTE_R));
        if (!(pte & PTE_V) || reserved) break;
        if (pte & (PTE_R | PTE_X)) return finish_walk(w, pte_addr, pte, level, t);
        if (pte & (PTE_A | PTE_D | PTE_U)) break; // reserved in a pointer to the next level
        table = (pte >> PTE_PPN_SHIFT & PTE_PPN) << RAMBlock::PAGE_BITS;
    }
    return w.fail(page_fault_of(w.access));
}

static bool walk(Walk &w, Translation *t) {
    if (!canonical(w.va, levels_of(w.cpu.satp))) return w.fail(page_fault_of(w.access));
    while (!walk_once(w, t)) {
        if (w.cause) return false;
    }
    return true;
}

static void log_walk(const Walk &w, bool found, hwaddr pa) {
    static const char *const kinds[] = { "read", "write", "fetch" };
    auto va = static_cast<unsigned long long>(w.va), to = static_cast<unsigned long long>(pa);
    const char *kind = kinds[static_cast<unsigned>(w.access)];
    if (found)
        qemu_log("hart %u: mmu %s 0x%016llx -> 0x%016llx\n", w.cpu.hartid, kind, va, to);
    else
        qemu_log("hart %u: mmu %s 0x%016llx: %s\n", w.cpu.hartid, kind, va,
                 riscv_cause_name(w.cause));
}

bool mmu_translate(RISCVCPU &cpu, uint64_t va, unsigned size, Access access, MmuMode mode,
                   Translation *t, uint64_t *cause) {
    *t = { .pa = va };
    if (mode != MMU_M && cpu.satp >> SATP_MODE_SHIFT != SATP_MODE_BARE) {
        Walk w = { cpu, va, access, mode };
        bool found = walk(w, t);
        *cause = w.cause;
        if (qemu_loglevel_mask(LOG_MMU)) log_walk(w, found, t->pa);
        if (!found) return false;
    }
    PmpVerdict page = pmp_check(cpu, t->pa & ~PAGE_OFFSET, PAGE_SIZE, access, priv_of(mode));
    t->page_uniform = !page.partial;
    if (page.partial) page = pmp_check(cpu, t->pa, size, access, priv_of(mode));
    *cause = access_fault_of(access);
    return page.allowed;
}

bool mmu_translate_debug(RISCVCPU &cpu, uint64_t va, hwaddr *pa) {
    Translation t = { .pa = va };
    Walk w = { cpu, va, Access::Read, cpu.data_mode, /*debug=*/true };
    bool paged = cpu.data_mode != MMU_M && cpu.satp >> SATP_MODE_SHIFT != SATP_MODE_BARE;
    if (paged && !walk(w, &t)) return false;
    *pa = t.pa;
    return true;
}

// --- the TLB

void mmu_mode_changed(RISCVCPU &cpu) {
    auto priv = static_cast<uint64_t>(cpu.priv);
    if (priv == PRV_M && (cpu.mstatus & MSTATUS_MPRV)) {
        priv = (cpu.mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT;
    }
    MmuMode s_mode = cpu.mstatus & MSTATUS_SUM ? MMU_S_SUM : MMU_S;
    cpu.data_mode = priv == PRV_M ? MMU_M : priv == PRV_S ? s_mode : MMU_U;
    cpu.tlb = cpu.tlbs[cpu.data_mode].data();
}

void mmu_flush(RISCVCPU &cpu) {
    for (Tlb &tlb : cpu.tlbs) tlb.fill({});
    for (SuperpageRange &range : cpu.superpages) range = {};
    cpu.set_attention(ATTENTION_TLB_FLUSHED);
}

static SuperpageRange &superpages_near(RISCVCPU &cpu, uint64_t va) {
    return cpu.superpages[va >> 63];
}

void mmu_note_superpage(RISCVCPU &cpu, uint64_t va, const Translation &t) {
    if (t.low == PAGE_OFFSET) return;
    SuperpageRange &range = superpages_near(cpu, va);
    range.first = std::min(range.first, va & ~t.low);
    range.last = std::max(range.last, va | t.low);
}

// Any page of a superpage stands for all of it, so the TLB of 4 KiB pages goes whole.
void mmu_flush_page(RISCVCPU &cpu, uint64_t va) {
    const SuperpageRange &range = superpages_near(cpu, va);
    if (range.first <= va && va <= range.last) return mmu_flush(cpu);
    for (Tlb &tlb : cpu.tlbs) tlb[(va >> RAMBlock::PAGE_BITS) % TLB_SIZE] = {};
    uint64_t page = va & ~PAGE_OFFSET;
    bool second = (cpu.attention & ATTENTION_PAGE_FLUSHED) && cpu.flushed_page != page;
    cpu.flushed_page = page;
    cpu.set_attention(second ? ATTENTION_TLB_FLUSHED : ATTENTION_PAGE_FLUSHED);
}

void mmu_flush_writes(RISCVCPU &cpu, const uint8_t *host_page) {
    auto page = reinterpret_cast<uintptr_t>(host_page);
    for (Tlb &tlb : cpu.tlbs) {
        for (TlbEntry &e : tlb) {
            if (!page || e.addend + e.write == page) e.write = TlbEntry::INVALID;
        }
    }
}

static void fill_tlb(RISCVCPU &cpu, uint64_t va, Access access, const Translation &t,
                     const GuestRam &ram) {
    uint64_t page = va & ~PAGE_OFFSET;
    uint64_t in_page = t.pa & PAGE_OFFSET;
    if (!t.page_uniform || !mmu_find_ram(cpu, t.pa - in_page, PAGE_SIZE)) return;
    if (cpu_has_watchpoints() && cpu_watchpoint_in(page, PAGE_SIZE, true, true)) return;
    TlbEntry &e = tlb_entry(cpu, va);
    uintptr_t addend = reinterpret_cast<uintptr_t>(ram.host) - va;
    if (e.addend != addend) e = {};
    e.addend = addend;
    if (access == Access::Read)
        e.read = page;
    else if (!page_watched(*ram.mr->ram, ram.offset))
        e.write = page;
    mmu_note_superpage(cpu, va, t);
}

// --- accesses

// A part of an access that lies in one page: its address, and the RAM behind it if it is RAM that
// may be accessed so.
struct Place {
    hwaddr pa;
    GuestRam ram;
};

// Does a debugger wait for this access? It is then held back, and done when nothing else is.
static void check_watchpoint(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size,
                             Access access) {
    if (!cpu_has_watchpoints() || cpu.debug.watch_pending) return;
    bool writes = access == Access::Write;
    const DebugPoint *point = cpu_watchpoint_in(va, size, !writes, writes);
    if (!point) return;
    cpu.debug.watchpoint = *point;
    cpu.debug.watch_addr = va < point->addr ? point->addr : va;
    raise_watchpoint(cpu, i);
}

static Place find_place(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size,
                        Access access) {
    Translation t;
    uint64_t cause;
    if (!mmu_translate(cpu, va, size, access, cpu.data_mode, &t, &cause)) {
        raise_exception(cpu, i, cause, va);
    }
    check_watchpoint(cpu, i, va, size, access);
    GuestRam ram = mmu_find_ram(cpu, t.pa, size);
    if (ram && access == Access::Write && ram.mr->readonly) ram = {}; // the bus answers
    if (ram) fill_tlb(cpu, va, access, t, ram);
    return { t.pa, ram };
}

static uint8_t load_byte(const uint8_t *host) {
    return std::atomic_ref<uint8_t>(*const_cast<uint8_t *>(host)).load(GUEST_LOAD);
}
static uint64_t load_bytes(const uint8_t *host, unsigned n) {
    uint64_t value = 0;
    for (unsigned k = 0; k < n; k++) value |= uint64_t{ load_byte(host + k) } << (8 * k);
    return value;
}
static void store_bytes(uint8_t *host, uint64_t value, unsigned n) {
    for (unsigned k = 0; k < n; k++) {
        std::atomic_ref<uint8_t>(host[k]).store(static_cast<uint8_t>(value >> (8 * k)),
                                                GUEST_STORE);
    }
}
template <typename T>
static std::atomic_ref<T> at(uint8_t *host) {
    return std::atomic_ref<T>(*reinterpret_cast<T *>(host));
}
static uint64_t load_aligned(uint8_t *host, unsigned size) {
    switch (size) {
    case 2:
        return at<uint16_t>(host).load(GUEST_LOAD);
    case 4:
        return at<uint32_t>(host).load(GUEST_LOAD);
    case 8:
        return at<uint64_t>(host).load(GUEST_LOAD);
    default:
        return load_byte(host);
    }
}
static void store_aligned(uint8_t *host, uint64_t value, unsigned size) {
    switch (size) {
    case 2:
        return at<uint16_t>(host).store(static_cast<uint16_t>(value), GUEST_STORE);
    case 4:
        return at<uint32_t>(host).store(static_cast<uint32_t>(value), GUEST_STORE);
    case 8:
        return at<uint64_t>(host).store(value, GUEST_STORE);
    default:
        return store_bytes(host, value, 1);
    }
}

// How many of the bytes are in va's page.
static unsigned size_in_page(uint64_t va, unsigned size) {
    uint64_t room = PAGE_SIZE - (va & PAGE_OFFSET);
    return room < size ? static_cast<unsigned>(room) : size;
}

// Misaligned accesses are for RAM: a device would see several. Guests make many of them, network
// headers for one, so within a page the TLB serves them too.
static uint64_t load_misaligned(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size) {
    unsigned n = size_in_page(va, size);
    const TlbEntry &e = tlb_entry(cpu, va);
    if (n == size && e.read == (va & ~PAGE_OFFSET)) return load_bytes(tlb_host<uint8_t>(e, va), n);
    Place low = find_place(cpu, i, va, n, Access::Read);
    if (!low.ram) raise_exception(cpu, i, CAUSE_LOAD_ACCESS, va);
    uint64_t value = load_bytes(low.ram.host, n);
    if (n == size) return value;
    Place high = find_place(cpu, i, va + n, size - n, Access::Read);
    if (!high.ram) raise_exception(cpu, i, CAUSE_LOAD_ACCESS, va + n);
    return value | load_bytes(high.ram.host, size - n) << (8 * n);
}

uint64_t load_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size) {
    if (va & (size - 1)) return load_misaligned(cpu, i, va, size);
    Place p = find_place(cpu, i, va, size, Access::Read);
    if (p.ram) return load_aligned(p.ram.host, size);
    uint64_t value = 0;
    cpu.block_retired = i.index; // the device may ask the clock
    if (address_space_load(cpu.as, p.pa, &value, size) != MEMTX_OK) {
        raise_exception(cpu, i, CAUSE_LOAD_ACCESS, va);
    }
    return value;
}

static void store_part(const Place &p, uint64_t value, unsigned size) {
    store_bytes(p.ram.host, value, size);
    tell_written(*p.ram.mr->ram, p.ram.offset, size);
}

// Both pages are checked before either is written.
static void store_misaligned(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, uint64_t value,
                             unsigned size) {
    unsigned n = size_in_page(va, size);
    const TlbEntry &e = tlb_entry(cpu, va);
    if (n == size && e.write == (va & ~PAGE_OFFSET)) {
        return store_bytes(tlb_host<uint8_t>(e, va), value, n);
    }
    Place low = find_place(cpu, i, va, n, Access::Write);
    if (!low.ram) raise_exception(cpu, i, CAUSE_STORE_ACCESS, va);
    if (n < size) {
        Place high = find_place(cpu, i, va + n, size - n, Access::Write);
        if (!high.ram) raise_exception(cpu, i, CAUSE_STORE_ACCESS, va + n);
        store_part(high, value >> (8 * n), size - n);
    }
    store_part(low, value, n);
}

void store_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, uint64_t value, unsigned size) {
    if (va & (size - 1)) return store_misaligned(cpu, i, va, value, size);
    Place p = find_place(cpu, i, va, size, Access::Write);
    cpu.block_retired = i.index; // a device may ask the clock
    if (p.ram) {
        store_aligned(p.ram.host, value, size);
        tell_written(*p.ram.mr->ram, p.ram.offset, size);
    } else if (address_space_store(cpu.as, p.pa, value, size) != MEMTX_OK) {
        raise_exception(cpu, i, CAUSE_STORE_ACCESS, va);
    }
}

// All but SC read as well as write.
static bool amo_reads(const DecodedInsn &i) {
    constexpr uint32_t FUNCT5_SC = 3;
    return i.bits >> 27 != FUNCT5_SC;
}

// AMOs and SC count as stores, even where they only read.
uint8_t *atomic_pointer_slow(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va, unsigned size,
                             Access access, RAMBlock **watch) {
    bool read = access == Access::Read;
    if (va & (size - 1)) {
        raise_exception(cpu, i, read ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED, va);
    }
    Place p = find_place(cpu, i, va, size, access);
    if (!p.ram) raise_exception(cpu, i, access_fault_of(access), va);
    if (!read && amo_reads(i)) check_watchpoint(cpu, i, va, size, Access::Read);
    *watch = page_watched(*p.ram.mr->ram, p.ram.offset) ? p.ram.mr->ram.get() : nullptr;
    return p.ram.host;
}

// Whoever may store to a page may load from it, so the right to load is the one to ask for.
void check_cache_block(RISCVCPU &cpu, const DecodedInsn &i, uint64_t va) {
    Translation t;
    uint64_t cause;
    if (mmu_translate(cpu, va, CACHE_BLOCK_SIZE, Access::Read, cpu.data_mode, &t, &cause)) return;
    bool page = cause == CAUSE_LOAD_PAGE_FAULT;
    raise_exception(cpu, i, page ? CAUSE_STORE_PAGE_FAULT : CAUSE_STORE_ACCESS, va);
}
