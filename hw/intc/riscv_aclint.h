// SPDX-License-Identifier: MIT
/* The core-local interruptor: what a hart and a board need to know of it. */
#pragma once

#include <cstdint>

// Property num-harts; gpio out n: the timer interrupt of hart n (MTIP).
#define TYPE_RISCV_ACLINT_MTIMER "riscv.aclint.mtimer"
// Properties num-harts, sswi; gpio out n: the software interrupt of hart n (MSIP; SSIP with sswi).
#define TYPE_RISCV_ACLINT_SWI "riscv.aclint.swi"

// Where the two blocks lie in a CLINT of 64 KiB.
inline constexpr uint64_t RISCV_ACLINT_SWI_OFFSET = 0;
inline constexpr uint64_t RISCV_ACLINT_MTIMER_OFFSET = 0x4000;

// mtime, for a hart's `time` CSR. `opaque` is the mtimer device. Any thread, no lock.
uint64_t riscv_aclint_mtimer_rdtime(void *opaque);
// Calls fn(fn_opaque) under the big lock whenever mtime was set: who waits for a time waits anew.
void riscv_aclint_mtimer_on_time_set(void *opaque, void (*fn)(void *), void *fn_opaque);
