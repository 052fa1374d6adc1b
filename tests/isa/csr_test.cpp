// SPDX-License-Identifier: MIT
/* Every control and status register: which numbers exist, who may read and write them, and which
 * values stay in them. The table is written from the privileged manual's chapters 2 to 4 and knows
 * nothing of the hart's own; the accesses are instructions that the hart runs. */
#include <gtest/gtest.h>

#include "tests/isa/harness.h"
#include "hw/cpu/csr.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/pmp.h"

// --- what the manual says

static constexpr uint64_t ALL = ~0ull, XLENS = 0xa00000000, UXL = 0x200000000, DIRTY = 1ull << 63;
static constexpr uint64_t PMPADDR = (1ull << 54) - 1;
static constexpr uint64_t RV64GCSU = 2ull << 62 | 0x14112d; // A C D F I M S U

struct Rule {
    uint32_t first, last;
    const char *name;
    uint64_t reset;
    uint64_t alone;      // the bits that stay when they are written alone
    uint64_t ones;       // what all ones leave, but for the fixed bits
    uint64_t fixed;      // bits that are 1 whatever is written
    bool counts = false; // reads as something that moves
};

// Where `alone` has fewer bits than `ones`: a field's other values are reserved, and leave what was
// there (MPP 2, a vector's mode 2 and 3, CBIE 2, a satp mode, PMP rights W without R). Where it has
// more: all ones are reserved.
// clang-format off
static const Rule rules[] = {
    { 0x001, 0x001, "fflags",        0, 0x1f, 0x1f, 0 },
    { 0x002, 0x002, "frm",           0, 7, 7, 0 },
    { 0x003, 0x003, "fcsr",          0, 0xff, 0xff, 0 },
    { 0x100, 0x100, "sstatus",       UXL, 0xc6122, 0xc6122 | DIRTY, UXL },
    { 0x104, 0x104, "sie",           0, 0x222, 0x222, 0 },
    { 0x105, 0x105, "stvec",         0, ALL & ~2ull, ALL & ~3ull, 0 },
    { 0x106, 0x106, "scounteren",    0, 0xffffffff, 0xffffffff, 0 },
    { 0x10a, 0x10a, "senvcfg",       0, 0xd1, 0xf1, 0 },
    { 0x140, 0x140, "sscratch",      0, ALL, ALL, 0 },
    { 0x141, 0x141, "sepc",          0, ALL & ~1ull, ALL & ~1ull, 0 },
    { 0x142, 0x142, "scause",        0, ALL, ALL, 0 },
    { 0x143, 0x143, "stval",         0, ALL, ALL, 0 },
    { 0x144, 0x144, "sip",           0, 2, 2, 0 },
    { 0x14d, 0x14d, "stimecmp",      0, ALL, ALL, 0 },
    { 0x180, 0x180, "satp",          0, 0x8fffffffffffffff, 0, 0 },
    { 0x300, 0x300, "mstatus",       XLENS, 0x7e69aa, 0x7e79aa | DIRTY, XLENS },
    { 0x301, 0x301, "misa",          RV64GCSU, 0, 0, RV64GCSU },
    { 0x302, 0x302, "medeleg",       0, 0xb3ff, 0xb3ff, 0 },
    { 0x303, 0x303, "mideleg",       0, 0x222, 0x222, 0 },
    { 0x304, 0x304, "mie",           0, 0xaaa, 0xaaa, 0 },
    { 0x305, 0x305, "mtvec",         0, ALL & ~2ull, ALL & ~3ull, 0 },
    { 0x306, 0x306, "mcounteren",    0, 0xffffffff, 0xffffffff, 0 },
    { 0x30a, 0x30a, "menvcfg",       3ull << 61, 0xe0000000000000d1, 0xe0000000000000f1, 0 },
    { 0x320, 0x320, "mcountinhibit", 0, 5, 5, 0 },
    { 0x323, 0x33f, "mhpmevent3",    0, 0, 0, 0 },
    { 0x340, 0x340, "mscratch",      0, ALL, ALL, 0 },
    { 0x341, 0x341, "mepc",          0, ALL & ~1ull, ALL & ~1ull, 0 },
    { 0x342, 0x342, "mcause",        0, ALL, ALL, 0 },
    { 0x343, 0x343, "mtval",         0, ALL, ALL, 0 },
    { 0x344, 0x344, "mip",           0, 0x222, 0x222, 0 },
    { 0x3a0, 0x3a0, "pmpcfg0",       0, 0x9d9d9d9d9d9d9d9d, 0x9f9f9f9f9f9f9f9f, 0 },
    { 0x3a2, 0x3a2, "pmpcfg2",       0, 0x9d9d9d9d9d9d9d9d, 0x9f9f9f9f9f9f9f9f, 0 },
    { 0x3b0, 0x3bf, "pmpaddr0",      0, PMPADDR, PMPADDR, 0 },
    { 0x7a0, 0x7a0, "tselect",       0, 0, 0, 0 },
    { 0x7a1, 0x7a3, "tdata1",        0, 0, 0, 0 },    // type 0: there is no trigger
    { 0x7a4, 0x7a4, "tinfo",         1, 0, 0, 1 },    // likewise
    { 0xb00, 0xb00, "mcycle",        0, ALL, ALL, 0, true },
    { 0xb02, 0xb02, "minstret",      0, ALL, ALL, 0, true },
    { 0xb03, 0xb1f, "mhpmcounter3",  0, 0, 0, 0 },
    { 0xc00, 0xc00, "cycle",         0, 0, 0, 0, true },
    { 0xc01, 0xc01, "time",          BENCH_TIME, 0, 0, BENCH_TIME },
    { 0xc02, 0xc02, "instret",       0, 0, 0, 0, true },
    { 0xc03, 0xc1f, "hpmcounter3",   0, 0, 0, 0 },
    { 0xf11, 0xf11, "mvendorid",     0, 0, 0, 0 },    // 0: not a commercial implementation
    { 0xf12, 0xf12, "marchid",       0, 0, 0, 0 },
    { 0xf13, 0xf13, "mimpid",        0, 0, 0, 0 },
    { 0xf14, 0xf14, "mhartid",       BENCH_HARTID, 0, 0, BENCH_HARTID },
    { 0xf15, 0xf15, "mconfigptr",    0, 0, 0, 0 },    // no configuration structure
};
// clang-format on

static const Rule *rule_of(uint32_t csr) {
    for (const Rule &rule : rules) {
        if (csr >= rule.first && csr <= rule.last) return &rule;
    }
    return nullptr;
}

// Bits 9:8 are the lowest mode, bits 11:10 are 3 for read-only (2.1).
static unsigned lowest_mode(uint32_t csr) { return csr >> 8 & 3; }
static bool read_only(uint32_t csr) { return csr >> 10 == 3; }

// --- the hart

static constexpr uint32_t csrrs(uint32_t rd, uint32_t csr, uint32_t rs1) {
    return enc_i(0x73, 2, rd, rs1, static_cast<int32_t>(csr));
}

class Csr : public testing::Test {
protected:
    // From reset. All that a lower mode may be allowed is allowed.
    void restart(Priv priv) {
        RISCVCPU &cpu = bench.cpu();
        cpu.reset();
        if (priv == PRV_M) return;
        cpu.mstatus |= MSTATUS_FS;
        cpu.menvcfg |= ENVCFG_STCE;
        cpu.mcounteren = cpu.scounteren = ALL;
        cpu.pmp[0] = { .cfg = PMP_R | PMP_W | PMP_X | PMP_NAPOT << PMP_A_SHIFT, .addr = PMPADDR };
        pmp_update(cpu);
        cpu.priv = priv;
        mmu_mode_changed(cpu);
    }
    // Runs one instruction. True: it did not trap.
    bool runs(uint32_t insn) {
        RISCVCPU &cpu = bench.cpu();
        bench.load({ insn });
        bench.step();
        if (cpu.pc == RAM_BASE + 4) return true;
        EXPECT_EQ(cpu.mcause, CAUSE_ILLEGAL_INSTRUCTION);
        EXPECT_EQ(cpu.mtval, insn);
        EXPECT_EQ(cpu.mepc, RAM_BASE);
        return false;
    }
    uint64_t read(uint32_t csr) {
        EXPECT_TRUE(runs(csrrs(A0, csr, 0)));
        return bench.cpu().x[A0];
    }
    // What a write leaves, from reset.
    uint64_t write(uint32_t csr, uint64_t value) {
        restart(PRV_M);
        RISCVCPU &cpu = bench.cpu();
        if (csr <= 0x003) cpu.mstatus |= 1 << 13; // FS: initial
        if (csr == 0x104 || csr == 0x144) cpu.mideleg = 0x222;
        cpu.x[A1] = value;
        EXPECT_TRUE(runs(csrw(csr, A1)));
        return read(csr);
    }

    Bench bench;
};

// --- the rules

TEST_F(Csr, RulesAreInOrder) {
    uint32_t next = 0;
    for (const Rule &rule : rules) {
        EXPECT_GE(rule.first, next) << rule.name;
        EXPECT_EQ(csr_name(rule.first), rule.name);
        next = rule.last + 1;
    }
}

TEST_F(Csr, WhoMayAccessWhat) {
    for (Priv priv : { PRV_U, PRV_S, PRV_M }) {
        for (uint32_t csr = 0; csr < 0x1000; csr++) {
            restart(priv);
            if (csr <= 0x003) bench.cpu().mstatus |= MSTATUS_FS;
            bool readable = rule_of(csr) && priv >= lowest_mode(csr);
            EXPECT_EQ(runs(csrrs(A0, csr, 0)), readable)
                << "mode " << priv << std::hex << ' ' << csr;
            restart(priv);
            if (csr <= 0x003) bench.cpu().mstatus |= MSTATUS_FS;
            bench.cpu().x[A1] = 0; // no bit is set, and yet it is a write
            EXPECT_EQ(runs(csrrs(A0, csr, A1)), readable && !read_only(csr))
                << "mode " << priv << std::hex << ' ' << csr;
        }
    }
}

TEST_F(Csr, Reset) {
    for (const Rule &rule : rules) {
        for (uint32_t csr = rule.first; csr <= rule.last && !rule.counts; csr++) {
            restart(PRV_M);
            if (csr <= 0x003) bench.cpu().mstatus |= MSTATUS_FS;
            EXPECT_EQ(read(csr), rule.reset) << csr_name(csr);
        }
    }
}

TEST_F(Csr, EachBitAloneAndAllOfThem) {
    for (const Rule &rule : rules) {
        for (uint32_t csr = rule.first; csr <= rule.last && !read_only(csr); csr++) {
            for (unsigned bit = 0; bit < 64; bit++) {
                uint64_t value = 1ull << bit;
                // a value that is reserved may leave all of the register as it was
                uint64_t want = rule.fixed | (rule.alone & value);
                EXPECT_EQ(write(csr, value), want) << csr_name(csr) << " bit " << bit;
            }
            EXPECT_EQ(write(csr, ALL), rule.fixed | rule.ones) << csr_name(csr);
            EXPECT_EQ(write(csr, 0), rule.fixed) << csr_name(csr);
        }
    }
}

// --- what leave depends on

TEST_F(Csr, FloatingPointNeedsFS) {
    for (uint32_t csr : { 0x001u, 0x002u, 0x003u }) {
        for (uint64_t fs : { 0, 1, 2, 3 }) {
            restart(PRV_M);
            bench.cpu().mstatus |= fs << 13;
            EXPECT_EQ(runs(csrrs(A0, csr, 0)), fs != 0) << csr << " FS " << fs;
            EXPECT_EQ(bench.cpu().mstatus >> 13 & 3, fs); // a read makes nothing dirty
        }
        restart(PRV_M);
        bench.cpu().mstatus |= 1 << 13;
        EXPECT_TRUE(runs(csrw(csr, 0)));
        EXPECT_EQ(bench.cpu().mstatus >> 13 & 3, 3u);
    }
}

TEST_F(Csr, StimecmpNeedsLeave) {
    for (Priv priv : { PRV_U, PRV_S, PRV_M }) {
        for (bool stce : { false, true }) {
            for (bool tm : { false, true }) {
                restart(priv);
                RISCVCPU &cpu = bench.cpu();
                cpu.menvcfg = stce ? ENVCFG_STCE : 0;
                cpu.mcounteren = tm ? COUNTER_TM : 0;
                bool leave = priv == PRV_M || (priv == PRV_S && stce && tm);
                EXPECT_EQ(runs(csrrs(A0, 0x14d, 0)), leave) << priv << stce << tm;
            }
        }
    }
}

TEST_F(Csr, EachCounterNeedsItsBits) {
    for (uint32_t n = 0; n < 32; n++) {
        for (Priv priv : { PRV_U, PRV_S, PRV_M }) {
            for (unsigned enables = 0; enables < 4; enables++) {
                restart(priv);
                uint64_t bit = 1ull << n;
                bench.cpu().mcounteren = enables & 1 ? bit : ~bit;
                bench.cpu().scounteren = enables & 2 ? bit : ~bit;
                bool leave = (priv == PRV_M || (enables & 1)) && (priv != PRV_U || (enables & 2));
                EXPECT_EQ(runs(csrrs(A0, 0xc00 + n, 0)), leave) << n << ' ' << priv << enables;
            }
        }
    }
}

TEST_F(Csr, TvmKeepsSModeFromSatp) {
    for (Priv priv : { PRV_S, PRV_M }) {
        restart(priv);
        bench.cpu().mstatus |= MSTATUS_TVM;
        EXPECT_EQ(runs(csrrs(A0, 0x180, 0)), priv == PRV_M);
    }
}

TEST_F(Csr, AModeThatSatpLacksLeavesAllOfIt) {
    for (uint64_t mode = 0; mode < 16; mode++) {
        bool exists = mode == 0 || (mode >= 8 && mode <= 10);
        restart(PRV_M);
        RISCVCPU &cpu = bench.cpu();
        cpu.satp = 0x8000100000000123;
        cpu.x[A1] = mode << 60 | 0x0fff000000000456;
        EXPECT_TRUE(runs(csrw(0x180, A1)));
        EXPECT_EQ(cpu.satp, exists ? cpu.x[A1] : 0x8000100000000123) << mode;
    }
}

// --- without the compressed instructions, code lies at multiples of four

class WithoutC : public Csr {
protected:
    WithoutC() {
        restart(PRV_M);
        bench.cpu().isa = ISA_ALL & ~isa_set({ Ext::C, Ext::Zcb });
    }
    // The jump, at RAM_BASE, traps with that target; rd is as it was.
    void misaligned(uint32_t insn, uint64_t target) {
        RISCVCPU &cpu = bench.cpu();
        cpu.x[1] = 77;
        bench.load({ insn });
        bench.step();
        EXPECT_EQ(cpu.mcause, CAUSE_FETCH_MISALIGNED) << std::hex << insn;
        EXPECT_EQ(cpu.mtval, target);
        EXPECT_EQ(cpu.mepc, RAM_BASE);
        EXPECT_EQ(cpu.x[1], 77u);
    }
};

static constexpr uint32_t JAL_RA_6 = 0x006000ef, JALR_RA_A0_6 = 0x006500e7;
static constexpr uint32_t BEQ_A0_A0_6 = 0x00a50363, BNE_A0_A0_6 = 0x00a51363;

TEST_F(WithoutC, AJumpToAnOddHalfWordTraps) {
    bench.cpu().x[A0] = RAM_BASE + 0x101; // bit 0 of jalr's sum is dropped
    misaligned(JAL_RA_6, RAM_BASE + 6);
    misaligned(BEQ_A0_A0_6, RAM_BASE + 6);
    bench.cpu().x[A0] = RAM_BASE + 0x100;
    misaligned(JALR_RA_A0_6, RAM_BASE + 0x106);
}

TEST_F(WithoutC, OtherJumpsDoNot) {
    RISCVCPU &cpu = bench.cpu();
    EXPECT_TRUE(runs(BNE_A0_A0_6)); // not taken
    cpu.x[A0] = RAM_BASE + 0x102;
    bench.load({ JALR_RA_A0_6 });
    bench.step();
    EXPECT_EQ(cpu.pc, RAM_BASE + 0x108);
    EXPECT_EQ(cpu.x[1], RAM_BASE + 4);
    cpu.isa = ISA_ALL;
    bench.load({ JAL_RA_6 });
    bench.step();
    EXPECT_EQ(cpu.pc, RAM_BASE + 6);
}

TEST_F(WithoutC, EpcHasTwoZeroBits) {
    for (uint32_t csr : { 0x141u, 0x341u }) {
        bench.cpu().x[A1] = ALL;
        EXPECT_TRUE(runs(csrw(csr, A1)));
        EXPECT_EQ(read(csr), ALL & ~3ull);
    }
}
