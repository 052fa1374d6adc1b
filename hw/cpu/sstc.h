// SPDX-License-Identifier: MIT
/* Sstc: the supervisor's timer. */
#pragma once

#include "hw/cpu/riscv-cpu.h"

// After stimecmp or menvcfg.STCE changed; from the hart's thread.
void sstc_update(RISCVCPU &cpu);
// `time` has jumped. Big lock held.
void sstc_time_set(RISCVCPU &cpu);
// Switches it off. Big lock held.
void sstc_reset(RISCVCPU &cpu);
