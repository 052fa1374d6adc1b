// SPDX-License-Identifier: MIT
/* Physical memory protection: sixteen ranges with rights, the lowest-numbered match decides. */
#pragma once

#include "hw/cpu/riscv-cpu.h"

// Recomputes the ranges; after any pmpcfg or pmpaddr changed.
void pmp_update(RISCVCPU &cpu);

struct PmpVerdict {
    bool allowed = false;
    bool partial = false; // the entry that decides matches only some of the bytes
};
// May a hart in mode `priv` do that to all of [pa, pa + size)?
PmpVerdict pmp_check(const RISCVCPU &cpu, hwaddr pa, uint64_t size, Access access, Priv priv);

// What entry n's cfg becomes when `value` is written: a locked entry keeps its own, and so does one
// that would get the reserved rights "write but not read".
uint8_t pmp_cfg_legalise(const RISCVCPU &cpu, unsigned n, uint8_t value);
// Writes entry n's address, unless its lock, or that of a TOR entry above it, holds it.
void pmp_addr_write(RISCVCPU &cpu, unsigned n, uint64_t value);
