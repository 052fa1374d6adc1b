// SPDX-License-Identifier: MIT
/* The CPU models: what they have, how properties change it, and that the hart obeys. */
#include <gtest/gtest.h>

#include "tests/isa/harness.h"
#include "hw/cpu/csr.h"
#include "util/error.h"

TEST(Isa, RowsAreSound) {
    for (const IsaRow &row : isa_rows) {
        EXPECT_FALSE(isa_has(row.needs, row.ext)) << row.name;
        EXPECT_EQ(std::string(row.name).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"),
                  std::string::npos);
    }
}

TEST(Isa, Strings) {
    EXPECT_EQ(isa_string(0), "rv64i");
    EXPECT_EQ(isa_string(isa_set({ Ext::C, Ext::M, Ext::Zba, Ext::Zicsr, Ext::Sv39 })),
              "rv64imc_zicsr_zba");
    EXPECT_EQ(isa_names(isa_set({ Ext::A, Ext::Svinval })),
              (std::vector<std::string>{ "i", "a", "svinval" }));
}

TEST(Isa, ModelsAreWholeByThemselves) {
    for (const IsaModel &model : isa_models) {
        const IsaRow *extension, *missing;
        IsaSet isa = model.isa;
        EXPECT_TRUE(isa_settle(&isa, model.isa, &extension, &missing)) << model.name;
        EXPECT_EQ(isa, model.isa) << model.name;
    }
}

// What only the model wanted goes with what it needs; what the user wanted is an error.
TEST(Isa, Settle) {
    const IsaRow *extension = nullptr, *missing = nullptr;
    IsaSet isa = isa_set({ Ext::D, Ext::Zfa, Ext::Zba });
    EXPECT_TRUE(isa_settle(&isa, 0, &extension, &missing));
    EXPECT_EQ(isa, isa_set({ Ext::Zba }));
    isa = isa_set({ Ext::D, Ext::Zicsr });
    EXPECT_FALSE(isa_settle(&isa, isa_set({ Ext::D }), &extension, &missing));
    EXPECT_STREQ(extension->name, "d");
    EXPECT_STREQ(missing->name, "f");
}

TEST(Isa, PropertiesOfAHart) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    std::string value;
    EXPECT_TRUE(object_property_get(&cpu, "zba", &value, &error_abort));
    EXPECT_EQ(value, "true");
    EXPECT_TRUE(object_property_set(&cpu, "zba", "off", &error_abort));
    EXPECT_TRUE(object_property_set(&cpu, "c", "off", &error_abort));
    EXPECT_TRUE(object_property_get(&cpu, "zba", &value, &error_abort));
    EXPECT_EQ(value, "false");
    Error *err = nullptr;
    EXPECT_FALSE(object_property_set(&cpu, "zbb", "maybe", &err));
    error_free(err);
    bench.load({ 0x20c5a533 }); // sh1add a0, a1, a2
    EXPECT_EQ(bench.step(), 1u);
    EXPECT_EQ(cpu.mcause, CAUSE_ILLEGAL_INSTRUCTION);
    EXPECT_EQ(csr_peek(cpu, 0x301) >> 2 & 1, 0u); // misa.C
}

// mstatus.FS cannot leave Off, so neither instructions nor fcsr exist.
TEST(Isa, WithoutFloatingPoint) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    cpu.isa = ISA_ALL & ~isa_set({ Ext::F, Ext::D, Ext::Zfa, Ext::Zfhmin });
    uint64_t old;
    CsrAccess write = { .value = MSTATUS_FS, .mask = MSTATUS_FS, .reads = true, .writes = true };
    EXPECT_TRUE(csr_access(cpu, 0x300, write, &old));
    EXPECT_TRUE(csr_access(cpu, 0x100, write, &old));
    EXPECT_EQ(csr_peek(cpu, 0x300) & (MSTATUS_FS | MSTATUS_SD), 0u);
    EXPECT_FALSE(csr_access(cpu, 0x003, write, &old));
    EXPECT_EQ(csr_peek(cpu, 0x301) & (1u << 3 | 1u << 5), 0u);
    EXPECT_EQ(decode_row(0x00b57553, cpu.isa), nullptr); // fadd.s fa0, fa0, fa1
}

TEST(Isa, CountersAreExtensions) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    for (uint32_t csr : { 0xc00u, 0xc01u, 0xc02u, 0xc03u, 0xc1fu }) {
        bool event = csr > 0xc02;
        cpu.isa = ISA_ALL & ~isa_set({ event ? Ext::Zihpm : Ext::Zicntr });
        uint64_t old;
        CsrAccess read = { .value = 0, .mask = 0, .reads = true, .writes = false };
        EXPECT_FALSE(csr_access(cpu, csr, read, &old)) << csr;
        cpu.isa = ISA_ALL & ~isa_set({ event ? Ext::Zicntr : Ext::Zihpm });
        EXPECT_TRUE(csr_access(cpu, csr, read, &old)) << csr;
    }
}
