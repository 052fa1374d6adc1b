// SPDX-License-Identifier: MIT
/* Control and status registers: the rows of one table, and the access that Zicsr makes. */
#pragma once

#include <span>

#include "hw/cpu/riscv-cpu.h"

enum class CsrRight : uint8_t { RO, RW };

// Handlers get the register's number, since some rows stand for many.
using CsrRead = uint64_t (*)(const RISCVCPU &cpu, unsigned csr);
// `value` is the whole new value, bits the row's mask lacks as they were; `bits` says which ones
// the instruction named, for registers that others change at the same time.
using CsrWrite = void (*)(RISCVCPU &cpu, unsigned csr, uint64_t value, uint64_t bits);
// Further conditions for any access.
using CsrCheck = bool (*)(const RISCVCPU &cpu, unsigned csr);

// Where the value comes from: a field of the hart, a function, or nowhere (it reads as 0).
struct CsrSource {
    uint64_t RISCVCPU::*storage = nullptr;
    CsrRead read = nullptr;

    constexpr CsrSource(std::nullptr_t) {}
    constexpr CsrSource(uint64_t RISCVCPU::*field) : storage(field) {}
    constexpr CsrSource(CsrRead function) : read(function) {}
};

struct CsrRow {
    uint16_t number;
    const char *name; // of the first
    Priv priv;        // lowest mode with access
    CsrRight right;
    uint64_t mask; // bits that software may write
    CsrSource source;
    CsrWrite write = nullptr; // none: into the field, or nowhere
    CsrCheck check = nullptr;
    uint16_t count = 1; // how many from there on are alike
};
std::span<const CsrRow> csr_table();
// The row of that number, or nullptr.
const CsrRow *csr_find(unsigned number);
// "mstatus", "pmpaddr3".
std::string csr_name(unsigned number);

// What an instruction does to a register: new = (old & ~mask) | (value & mask).
struct CsrAccess {
    uint64_t value;
    uint64_t mask;
    bool reads;
    bool writes;
};
// False: the instruction is illegal, nothing has happened.
[[nodiscard]] bool csr_access(RISCVCPU &cpu, unsigned number, const CsrAccess &access,
                              uint64_t *old);
// The debugger's and the monitor's view, without rights and side effects.
uint64_t csr_peek(const RISCVCPU &cpu, unsigned number);
// Its write, as software's in M mode. False: there is no such register, or it is read-only.
[[nodiscard]] bool csr_poke(RISCVCPU &cpu, unsigned number, uint64_t value);
