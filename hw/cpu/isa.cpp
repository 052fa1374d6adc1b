// SPDX-License-Identifier: MIT
/* The extensions' rows, and the strings made of them. See hw/cpu/isa.h. */
#include "hw/cpu/isa.h"

#include <bit>
#include <iterator>

// clang-format off
constexpr IsaRow isa_rows[] = {
    { Ext::M,           "m",           0,                              true },
    { Ext::A,           "a",           0,                              true },
    { Ext::F,           "f",           isa_set({ Ext::Zicsr }),        true },
    { Ext::D,           "d",           isa_set({ Ext::F }),            true },
    { Ext::C,           "c",           0,                              true },
    { Ext::Zicbom,      "zicbom",      0,                              true },
    { Ext::Zicbop,      "zicbop",      0,                              true },
    { Ext::Zicboz,      "zicboz",      0,                              true },
    { Ext::Zicntr,      "zicntr",      isa_set({ Ext::Zicsr }),        true },
    { Ext::Zicond,      "zicond",      0,                              true },
    { Ext::Zicsr,       "zicsr",       0,                              true },
    { Ext::Zifencei,    "zifencei",    0,                              true },
    { Ext::Zihintntl,   "zihintntl",   0,                              true },
    { Ext::Zihintpause, "zihintpause", 0,                              true },
    { Ext::Zihpm,       "zihpm",       isa_set({ Ext::Zicsr }),        true },
    { Ext::Zacas,       "zacas",       isa_set({ Ext::A }),            true },
    { Ext::Zawrs,       "zawrs",       isa_set({ Ext::A }),            true },
    { Ext::Zfa,         "zfa",         isa_set({ Ext::F }),            true },
    { Ext::Zfhmin,      "zfhmin",      isa_set({ Ext::F }),            true },
    { Ext::Zcb,         "zcb",         isa_set({ Ext::C }),            true },
    { Ext::Zba,         "zba",         0,                              true },
    { Ext::Zbb,         "zbb",         0,                              true },
    { Ext::Zbc,         "zbc",         0,                              true },
    { Ext::Zbs,         "zbs",         0,                              true },
    { Ext::Sstc,        "sstc",        0,                              true },
    { Ext::Svade,       "svade",       0,                              true },
    { Ext::Svadu,       "svadu",       0,                              true },
    { Ext::Svinval,     "svinval",     0,                              true },
    { Ext::Svnapot,     "svnapot",     isa_set({ Ext::Sv39 }),         true },
    { Ext::Svpbmt,      "svpbmt",      isa_set({ Ext::Sv39 }),         true },
    { Ext::Sv39,        "sv39",        0,                              false },
    { Ext::Sv48,        "sv48",        isa_set({ Ext::Sv39 }),         false },
    { Ext::Sv57,        "sv57",        isa_set({ Ext::Sv48 }),         false },
};
// clang-format on

static constexpr bool isa_rows_ok() {
    for (size_t n = 0; n < std::size(isa_rows); n++) {
        if (static_cast<size_t>(isa_rows[n].ext) != n) return false;
    }
    return std::size(isa_rows) == static_cast<size_t>(Ext::Count);
}
static_assert(isa_rows_ok());

// RVA22S64, its mandatory extensions.
static constexpr IsaSet RVA22S64 =
    isa_set({ Ext::M,       Ext::A,      Ext::F,      Ext::D,     Ext::C,        Ext::Zicbom,
              Ext::Zicbop,  Ext::Zicboz, Ext::Zicntr, Ext::Zicsr, Ext::Zifencei, Ext::Zihintpause,
              Ext::Zihpm,   Ext::Zfhmin, Ext::Zba,    Ext::Zbb,   Ext::Zbs,      Ext::Svade,
              Ext::Svinval, Ext::Svpbmt, Ext::Sv39 });

// A and D bits are set by hardware, as most software expects.
static constexpr IsaSet RV64 = ISA_ALL & ~isa_set({ Ext::Svade });

constexpr IsaModel isa_models[] = {
    { "rv64", RV64, "RISC-V hart, RV64 with all extensions there are" },
    { "rva22s64", RVA22S64, "RISC-V hart with what the profile RVA22S64 demands" },
};

bool isa_settle(IsaSet *isa, IsaSet wanted, const IsaRow **extension, const IsaRow **missing) {
    for (IsaSet before = 0; before != *isa;) {
        before = *isa;
        for (const IsaRow &row : isa_rows) {
            IsaSet lacks = row.needs & ~*isa;
            if (!isa_has(*isa, row.ext) || !lacks) continue;
            if (isa_has(wanted, row.ext)) {
                *extension = &row;
                *missing = &isa_rows[std::countr_zero(lacks)];
                return false;
            }
            *isa &= ~isa_set({ row.ext });
        }
    }
    return true;
}

std::vector<std::string> isa_names(IsaSet isa) {
    std::vector<std::string> names = { "i" };
    for (const IsaRow &row : isa_rows) {
        if (row.in_string && isa_has(isa, row.ext)) names.push_back(row.name);
    }
    return names;
}

std::string isa_string(IsaSet isa) {
    std::string text = "rv64";
    for (const std::string &name : isa_names(isa)) text += name.size() == 1 ? name : "_" + name;
    return text;
}
