// SPDX-License-Identifier: MIT
/* Traps: how an instruction raises one, what taking one does, and the ways back. */
#pragma once

#include "hw/cpu/riscv-cpu.h"

// Leaves the instruction for the engine, which takes the trap. Nothing between here and the engine
// may have a destructor: this is a longjmp, since traps are too frequent for a C++ exception
// (about 20 times as slow) and a result to test after each access would cost every instruction.
[[noreturn]] void raise_exception(RISCVCPU &cpu, const DecodedInsn &i, uint64_t cause,
                                  uint64_t tval);
// Leaves the instruction before it has done anything: a watchpoint holds its access back.
[[noreturn]] void raise_watchpoint(RISCVCPU &cpu, const DecodedInsn &i);
// With the encoding in mtval.
[[noreturn]] void raise_illegal(RISCVCPU &cpu, const DecodedInsn &i);

// Enters the trap handler: `cause` as in mcause, cpu.pc is the address to come back to.
void riscv_cpu_take_trap(RISCVCPU &cpu, uint64_t cause, uint64_t tval);
// Takes the pending interrupt that has the highest priority and is enabled. False: there is none.
bool riscv_cpu_take_interrupt(RISCVCPU &cpu);
// mip as software reads it.
uint64_t riscv_cpu_mip(const RISCVCPU &cpu);
// What mret and sret do.
void riscv_cpu_mret(RISCVCPU &cpu);
void riscv_cpu_sret(RISCVCPU &cpu);
// "load_page_fault", "m_timer", ...
const char *riscv_cause_name(uint64_t cause);
