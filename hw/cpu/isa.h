// SPDX-License-Identifier: MIT
/* The extensions a hart may have: one row each feeds the CPU's properties, the decoder's filter,
 * the CSRs, and the strings in the device tree.
 * Spec:   unprivileged, chapter 35 (the order of names); the profiles (RVA22)
 * In gdb: p isa_rows[5]     p isa_string(cpu.isa) */
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

// In the order in which an ISA string has them.
enum class Ext : uint8_t {
    // clang-format off
    M, A, F, D, C,
    Zicbom, Zicbop, Zicboz, Zicntr, Zicond, Zicsr, Zifencei, Zihintntl, Zihintpause, Zihpm,
    Zacas, Zawrs, Zfa, Zfhmin, Zcb, Zba, Zbb, Zbc, Zbs,
    Sstc, Svade, Svadu, Svinval, Svnapot, Svpbmt, Sv39, Sv48, Sv57,
    Count,
    // clang-format on
};

// A set of them, bit n for number n.
using IsaSet = uint64_t;
static_assert(static_cast<unsigned>(Ext::Count) <= 64);

constexpr IsaSet isa_set(std::initializer_list<Ext> exts) {
    IsaSet set = 0;
    for (Ext e : exts) set |= IsaSet{ 1 } << static_cast<unsigned>(e);
    return set;
}
constexpr bool isa_has(IsaSet isa, Ext e) { return isa >> static_cast<unsigned>(e) & 1; }
inline constexpr IsaSet ISA_ALL = (IsaSet{ 1 } << static_cast<unsigned>(Ext::Count)) - 1;

struct IsaRow {
    Ext ext;
    const char *name; // of the property, and in the ISA string
    IsaSet needs;     // what it cannot be without
    bool in_string;   // false: said elsewhere, as sv48 is by mmu-type
};
extern const IsaRow isa_rows[static_cast<size_t>(Ext::Count)];

// The models of `-cpu`.
struct IsaModel {
    const char *name;
    IsaSet isa;
    const char *desc;
};
extern const IsaModel isa_models[2];

// Takes out what lacks something that it needs. False: the user wanted it, *extension, which cannot
// be without *missing.
[[nodiscard]] bool isa_settle(IsaSet *isa, IsaSet wanted, const IsaRow **extension,
                              const IsaRow **missing);

// Of riscv,isa-extensions: "i", "m", ..., "zicbom", ...
std::vector<std::string> isa_names(IsaSet isa);
// Of riscv,isa: "rv64imac_zicntr_...".
std::string isa_string(IsaSet isa);
