// SPDX-License-Identifier: MIT
/* Physical memory protection.
 * Spec: privileged, 3.7. Granularity is four bytes (G = 0). */
#include "hw/cpu/pmp.h"

#include <bit>

#include "hw/cpu/mmu.h"

static PmpMode mode_of(uint8_t cfg) { return static_cast<PmpMode>((cfg & PMP_A) >> PMP_A_SHIFT); }

static void set_range(PmpEntry &e, uint64_t first, uint64_t end) {
    e.first = first;
    e.last = end - 1;
    if (first >= end) e.first = 1, e.last = 0; // empty
}

// Trailing ones in the address say how large the region is: n ones are 2^(n+3) bytes.
static void set_napot(PmpEntry &e) {
    unsigned ones = static_cast<unsigned>(std::countr_one(e.addr));
    uint64_t size = uint64_t{ 8 } << ones;
    uint64_t first = (e.addr & ~((uint64_t{ 1 } << ones) - 1)) << 2;
    set_range(e, first, first + size);
}

void pmp_update(RISCVCPU &cpu) {
    for (unsigned n = 0; n < PMP_ENTRIES; n++) {
        PmpEntry &e = cpu.pmp[n];
        switch (mode_of(e.cfg)) {
        case PMP_OFF:
            set_range(e, 0, 0);
            break;
        case PMP_TOR:
            set_range(e, n ? cpu.pmp[n - 1].addr << 2 : 0, e.addr << 2);
            break;
        case PMP_NA4:
            set_range(e, e.addr << 2, (e.addr << 2) + 4);
            break;
        case PMP_NAPOT:
            set_napot(e);
            break;
        }
    }
    mmu_flush(cpu);
}

static bool entry_allows(const PmpEntry &e, Access access, Priv priv) {
    if (priv == PRV_M && !(e.cfg & PMP_L)) return true;
    switch (access) {
    case Access::Read:
        return e.cfg & PMP_R;
    case Access::Write:
        return e.cfg & PMP_W;
    case Access::Fetch:
        return e.cfg & PMP_X;
    }
    return false;
}

PmpVerdict pmp_check(const RISCVCPU &cpu, hwaddr pa, uint64_t size, Access access, Priv priv) {
    hwaddr last = pa + size - 1;
    for (const PmpEntry &e : cpu.pmp) {
        if (e.first > e.last || last < e.first || pa > e.last) continue;
        bool partial = pa < e.first || last > e.last;
        return { .allowed = !partial && entry_allows(e, access, priv), .partial = partial };
    }
    return { .allowed = priv == PRV_M, .partial = false };
}

uint8_t pmp_cfg_legalise(const RISCVCPU &cpu, unsigned n, uint8_t value) {
    uint8_t old = cpu.pmp[n].cfg;
    value &= PMP_R | PMP_W | PMP_X | PMP_A | PMP_L;
    bool reserved = (value & PMP_W) && !(value & PMP_R);
    return (old & PMP_L) || reserved ? old : value;
}

void pmp_addr_write(RISCVCPU &cpu, unsigned n, uint64_t value) {
    constexpr uint64_t ADDR_BITS = (uint64_t{ 1 } << 54) - 1;
    if (cpu.pmp[n].cfg & PMP_L) return;
    if (n + 1 < PMP_ENTRIES) {
        uint8_t above = cpu.pmp[n + 1].cfg;
        if ((above & PMP_L) && mode_of(above) == PMP_TOR) return;
    }
    cpu.pmp[n].addr = value & ADDR_BITS;
}
