// SPDX-License-Identifier: MIT
/* The interrupt controller: priorities, enables, thresholds, gateways, claim and complete. */
#include "hw/intc/sifive_plic.h"

#include "tests/device/chip.h"

class Plic : public testing::Test {
protected:
    Chip plic{ TYPE_SIFIVE_PLIC, { { "num-sources", "96" }, { "num-harts", "2" } } };

    static hwaddr priority(unsigned source) { return 4 * source; }
    static hwaddr pending(unsigned source) { return 0x1000 + source / 32 * 4; }
    static hwaddr enable(unsigned ctx, unsigned source) {
        return 0x2000 + 0x80 * ctx + source / 32 * 4;
    }
    static hwaddr threshold(unsigned ctx) { return 0x200000 + 0x1000 * ctx; }
    static hwaddr claim(unsigned ctx) { return threshold(ctx) + 4; }

    bool is_pending(unsigned source) { return plic.read(pending(source)) >> (source % 32) & 1; }
    void listen(unsigned ctx, unsigned source, uint32_t prio) {
        plic.write(priority(source), prio);
        plic.write(enable(ctx, source),
                   plic.read(enable(ctx, source)) | uint32_t{ 1 } << (source % 32));
    }
    void raise(int source) { plic.drive_input(source, 1); }
    void lower(int source) { plic.drive_input(source, 0); }
};

TEST_F(Plic, DeliversClaimsAndCompletes) {
    listen(1, 10, 1);
    raise(10);
    EXPECT_TRUE(is_pending(10));
    EXPECT_TRUE(plic.out(1));
    EXPECT_FALSE(plic.out(0));
    EXPECT_EQ(plic.read(claim(1)), 10u);
    EXPECT_FALSE(is_pending(10));
    EXPECT_FALSE(plic.out(1));
    EXPECT_EQ(plic.read(claim(1)), 0u);
    lower(10);
    plic.write(claim(1), 10);
    EXPECT_FALSE(plic.out(1));
}

TEST_F(Plic, ALevelThatStaysComesAgainAfterCompletion) {
    listen(0, 96, 1); // the last source
    raise(96);
    EXPECT_EQ(plic.read(claim(0)), 96u);
    EXPECT_FALSE(plic.out(0));
    plic.write(claim(0), 96);
    EXPECT_TRUE(plic.out(0));
    EXPECT_EQ(plic.read(claim(0)), 96u);
}

TEST_F(Plic, ARequestStaysWhenTheLineFalls) {
    listen(0, 3, 1);
    raise(3);
    lower(3);
    EXPECT_TRUE(is_pending(3));
    EXPECT_TRUE(plic.out(0));
    EXPECT_EQ(plic.read(claim(0)), 3u);
    plic.write(claim(0), 3);
    EXPECT_FALSE(plic.out(0));
}

TEST_F(Plic, TheHighestPriorityThenTheLowestNumberWins) {
    for (int source : { 5, 6, 40, 41 }) listen(2, source, source == 41 || source == 6 ? 7 : 2);
    for (int source : { 41, 40, 6, 5 }) raise(source);
    for (uint32_t expected : { 6u, 41u, 5u, 40u, 0u }) EXPECT_EQ(plic.read(claim(2)), expected);
}

TEST_F(Plic, PriorityZeroNeverInterrupts) {
    listen(0, 7, 0);
    raise(7);
    EXPECT_TRUE(is_pending(7));
    EXPECT_FALSE(plic.out(0));
    EXPECT_EQ(plic.read(claim(0)), 0u);
    plic.write(priority(7), 1);
    EXPECT_TRUE(plic.out(0));
}

TEST_F(Plic, ThresholdMasksTheLineButNotTheClaim) {
    listen(0, 8, 3);
    plic.write(threshold(0), 3);
    raise(8);
    EXPECT_FALSE(plic.out(0));
    plic.write(threshold(0), 2);
    EXPECT_TRUE(plic.out(0));
    plic.write(threshold(0), 7);
    EXPECT_FALSE(plic.out(0));
    EXPECT_EQ(plic.read(claim(0)), 8u);
}

TEST_F(Plic, OneClaimServesAllContexts) {
    listen(1, 9, 1);
    listen(3, 9, 1);
    raise(9);
    EXPECT_TRUE(plic.out(1));
    EXPECT_TRUE(plic.out(3));
    EXPECT_EQ(plic.read(claim(3)), 9u);
    EXPECT_FALSE(plic.out(1));
    EXPECT_EQ(plic.read(claim(1)), 0u);
}

TEST_F(Plic, CompletionNeedsTheEnableAndASource) {
    listen(1, 9, 1);
    raise(9);
    EXPECT_EQ(plic.read(claim(1)), 9u);
    plic.write(claim(0), 9); // context 0 has not enabled it
    plic.write(claim(1), 0);
    plic.write(claim(1), 97);
    plic.write(claim(1), 0xffffffff);
    EXPECT_FALSE(plic.out(1));
    plic.write(claim(1), 9);
    EXPECT_TRUE(plic.out(1));
}

TEST_F(Plic, RegistersKeepOnlyTheBitsThatExist) {
    plic.write(priority(1), 0xffffffff);
    EXPECT_EQ(plic.read(priority(1)), 7u);
    plic.write(priority(0), 7);
    EXPECT_EQ(plic.read(priority(0)), 0u);
    plic.write(threshold(3), 0xffffffff);
    EXPECT_EQ(plic.read(threshold(3)), 7u);
    plic.write(enable(0, 1), 0xffffffff);
    EXPECT_EQ(plic.read(enable(0, 1)), 0xfffffffeu);
    plic.write(enable(0, 96), 0xffffffff);
    EXPECT_EQ(plic.read(enable(0, 96)), 1u);
}

TEST_F(Plic, HolesAndPendingWritesAreTheGuestsMistake) {
    LogCapture log;
    for (hwaddr hole : { hwaddr{ 4 * 97 }, hwaddr{ 0x1010 }, hwaddr{ 0x2010 }, hwaddr{ 0x2200 },
                         hwaddr{ 0x200008 }, hwaddr{ 0x204000 }, hwaddr{ 0x5ffffc } }) {
        EXPECT_EQ(plic.read(hole), 0u);
        plic.write(hole, 1);
    }
    EXPECT_EQ(log.lines(), 14u);
    plic.write(pending(1), 0xffffffff);
    EXPECT_EQ(plic.read(pending(1)), 0u);
    EXPECT_EQ(log.lines(), 15u);
    EXPECT_EQ(plic.try_read(priority(1), 1), MEMTX_ERROR);
    EXPECT_EQ(plic.try_read(priority(2), 8), MEMTX_ERROR);
}

TEST_F(Plic, ResetForgetsEverything) {
    listen(0, 10, 5);
    plic.write(threshold(0), 1);
    raise(10);
    lower(10);
    plic.reset();
    EXPECT_FALSE(plic.out(0));
    EXPECT_EQ(plic.read(priority(10)), 0u);
    EXPECT_EQ(plic.read(enable(0, 10)), 0u);
    EXPECT_EQ(plic.read(threshold(0)), 0u);
    EXPECT_FALSE(is_pending(10));
}

TEST(PlicProperties, AreChecked) {
    EXPECT_EQ(realize_error(TYPE_SIFIVE_PLIC, { { "num-sources", "1024" } }),
              "riscv.sifive.plic: num-sources must be between 1 and 1023");
    EXPECT_EQ(realize_error(TYPE_SIFIVE_PLIC, { { "num-harts", "0" } }),
              "riscv.sifive.plic: num-harts must be between 1 and 512");
}
