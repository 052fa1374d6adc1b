// SPDX-License-Identifier: MIT
/* The core-local interruptor: mtime, each hart's mtimecmp, msip and setssip. */
#include "hw/intc/riscv_aclint.h"

#include "tests/device/chip.h"
#include "util/timer.h"

static constexpr hwaddr MTIME = 0x7ff8;
static constexpr int64_t TICK = 100; // ns, at 10 MHz

class MTimer : public testing::Test {
protected:
    Chip timer{ TYPE_RISCV_ACLINT_MTIMER, { { "num-harts", "2" } } };

    static hwaddr compare(unsigned hart) { return 8 * hart; }
    uint64_t mtime() { return timer.read(MTIME, 8); }
};

TEST_F(MTimer, CountsTheVirtualClockFromZero) {
    EXPECT_EQ(mtime(), 0u);
    qemu_clock_advance_virtual(10 * TICK);
    EXPECT_EQ(mtime(), 10u);
    qemu_clock_advance_virtual(TICK - 1);
    EXPECT_EQ(mtime(), 10u);
    qemu_clock_advance_virtual(1);
    EXPECT_EQ(mtime(), 11u);
    EXPECT_EQ(riscv_aclint_mtimer_rdtime(timer.device()), 11u);
}

TEST_F(MTimer, FiresAtTheVeryTick) {
    timer.write(compare(0), 1000, 8);
    EXPECT_FALSE(timer.out(0));
    qemu_clock_advance_virtual(1000 * TICK - 1);
    EXPECT_FALSE(timer.out(0));
    qemu_clock_advance_virtual(1);
    EXPECT_TRUE(timer.out(0));
    EXPECT_FALSE(timer.out(1)); // the other hart's stands still
}

TEST_F(MTimer, LineFallsWhenTheCompareMovesAhead) {
    timer.write(compare(1), 5, 8);
    qemu_clock_advance_virtual(5 * TICK);
    EXPECT_TRUE(timer.out(1));
    timer.write(compare(1), 8, 8);
    EXPECT_FALSE(timer.out(1));
    qemu_clock_advance_virtual(3 * TICK);
    EXPECT_TRUE(timer.out(1));
    timer.write(compare(1), 0, 8);
    EXPECT_TRUE(timer.out(1));
}

TEST_F(MTimer, HalvesCanBeWrittenAlone) {
    timer.write(compare(0) + 4, 0, 4);
    timer.write(compare(0), 7, 4);
    EXPECT_EQ(timer.read(compare(0), 8), 7u);
    EXPECT_EQ(timer.read(compare(0), 4), 7u);
    timer.write(compare(0) + 4, 9, 4);
    EXPECT_EQ(timer.read(compare(0), 8), uint64_t{ 9 } << 32 | 7);
    EXPECT_EQ(timer.read(compare(0) + 4, 4), 9u);
    EXPECT_EQ(timer.try_read(compare(0), 2), MEMTX_ERROR);
    EXPECT_EQ(timer.try_read(compare(0) + 4, 8), MEMTX_ERROR);
}

TEST_F(MTimer, TimeCanBeSet) {
    timer.write(compare(0), 0x500000000, 8);
    timer.write(MTIME, 0x4fffffff0, 8);
    EXPECT_EQ(mtime(), 0x4fffffff0u);
    EXPECT_FALSE(timer.out(0));
    qemu_clock_advance_virtual(0x10 * TICK);
    EXPECT_TRUE(timer.out(0));
    timer.write(MTIME + 4, 0, 4);
    EXPECT_FALSE(timer.out(0));
    EXPECT_EQ(mtime(), 0u); // the low half had just wrapped
    timer.write(MTIME, 0x1234, 4);
    EXPECT_EQ(timer.read(MTIME, 4), 0x1234u);
}

static void count(void *calls) { ++*static_cast<int *>(calls); }

TEST_F(MTimer, TellsWhoWaitsThatTimeWasSet) {
    int calls = 0;
    riscv_aclint_mtimer_on_time_set(timer.device(), count, &calls);
    timer.write(compare(0), 5, 8);
    EXPECT_EQ(calls, 0);
    timer.write(MTIME, 5, 8);
    timer.write(MTIME + 4, 0, 4);
    EXPECT_EQ(calls, 2);
    timer.reset();
    EXPECT_EQ(calls, 3);
}

TEST_F(MTimer, FarAwayComparesDoNotOverflow) {
    timer.write(compare(0), ~uint64_t{ 0 }, 8);
    timer.write(compare(1), ~uint64_t{ 0 } / 200, 8);
    qemu_clock_advance_virtual(NANOSECONDS_PER_SECOND);
    EXPECT_FALSE(timer.out(0));
    EXPECT_FALSE(timer.out(1));
    timer.write(MTIME, ~uint64_t{ 0 }, 8);
    EXPECT_TRUE(timer.out(0));
    EXPECT_TRUE(timer.out(1));
}

TEST_F(MTimer, ResetStopsTheTimers) {
    timer.write(compare(0), 0, 8);
    EXPECT_TRUE(timer.out(0));
    timer.reset();
    EXPECT_FALSE(timer.out(0));
    EXPECT_EQ(mtime(), 0u);
    EXPECT_EQ(timer.read(compare(0), 8), ~uint64_t{ 0 });
}

TEST_F(MTimer, HolesAreTheGuestsMistake) {
    LogCapture log;
    EXPECT_EQ(timer.read(compare(2), 8), 0u);
    timer.write(compare(2), 1, 8);
    EXPECT_EQ(log.lines(), 2u);
}

TEST(MTimerProperties, AreChecked) {
    EXPECT_EQ(realize_error(TYPE_RISCV_ACLINT_MTIMER, { { "num-harts", "0" } }),
              "riscv.aclint.mtimer: num-harts must be between 1 and 4095");
    EXPECT_EQ(realize_error(TYPE_RISCV_ACLINT_MTIMER, { { "timebase-freq", "0" } }),
              "riscv.aclint.mtimer: timebase-freq must not be 0");
    EXPECT_EQ(realize_error(TYPE_RISCV_ACLINT_SWI, { { "num-harts", "4096" } }),
              "riscv.aclint.swi: num-harts must be between 1 and 4095");
}

TEST(MTimerProperties, OtherFrequency) {
    Chip timer(TYPE_RISCV_ACLINT_MTIMER, { { "timebase-freq", "3" } });
    timer.write(0, 1, 8);
    qemu_clock_advance_virtual(333'333'333);
    EXPECT_EQ(timer.read(MTIME, 8), 0u);
    EXPECT_FALSE(timer.out(0));
    qemu_clock_advance_virtual(1);
    EXPECT_EQ(timer.read(MTIME, 8), 1u);
    EXPECT_TRUE(timer.out(0));
}

TEST(Swi, BitZeroIsTheLine) {
    Chip swi(TYPE_RISCV_ACLINT_SWI, { { "num-harts", "2" } });
    swi.write(4, 0xffffffff);
    EXPECT_EQ(swi.read(4), 1u);
    EXPECT_FALSE(swi.out(0));
    EXPECT_TRUE(swi.out(1));
    swi.write(4, 2);
    EXPECT_FALSE(swi.out(1));
    swi.write(0, 1);
    EXPECT_TRUE(swi.out(0));
    swi.reset();
    EXPECT_FALSE(swi.out(0));
    EXPECT_EQ(swi.read(0), 0u);
    LogCapture log;
    EXPECT_EQ(swi.read(8), 0u);
    swi.write(8, 1);
    EXPECT_EQ(log.lines(), 2u);
    EXPECT_EQ(swi.try_write(0, 1, 8), MEMTX_ERROR);
}

// A hart's view of SSIP's line: how often it rose, and where it is.
struct Edges {
    int rises = 0, level = 0;
    static void see(void *opaque, int, int level) {
        auto &e = *static_cast<Edges *>(opaque);
        e.rises += level && !e.level;
        e.level = level;
    }
};

TEST(Sswi, EachOneIsAnEdge) {
    Chip sswi(TYPE_RISCV_ACLINT_SWI, { { "num-harts", "3" }, { "sswi", "on" } });
    Edges edges[3];
    IRQState ends[3];
    for (int i = 0; i < 3; i++) {
        ends[i] = { Edges::see, &edges[i], i };
        qdev_connect_gpio_out(sswi.device(), i, &ends[i]);
    }
    sswi.write(4, 1);
    sswi.write(4, 0xffffffff); // bit 0 is all there is
    EXPECT_EQ(edges[1].rises, 2);
    EXPECT_EQ(edges[1].level, 0);
    sswi.write(4, 0);
    sswi.write(4, 2);
    EXPECT_EQ(edges[1].rises, 2);
    EXPECT_EQ(edges[0].rises + edges[2].rises, 0);
}

// Every register: 0 before and after a write and a reset; behind the last hart is a hole.
TEST(Sswi, ReadsAsZero) {
    Chip sswi(TYPE_RISCV_ACLINT_SWI, { { "num-harts", "3" }, { "sswi", "on" } });
    LogCapture log;
    for (hwaddr offset = 0; offset < 12; offset += 4) {
        EXPECT_EQ(sswi.read(offset), 0u);
        sswi.write(offset, 1);
        EXPECT_EQ(sswi.read(offset), 0u);
        EXPECT_EQ(sswi.try_read(offset, 8), MEMTX_ERROR);
        EXPECT_EQ(sswi.try_write(offset, 1, 2), MEMTX_ERROR);
    }
    sswi.reset();
    EXPECT_EQ(sswi.read(0), 0u);
    size_t refused = log.lines();
    EXPECT_EQ(sswi.read(12), 0u);
    sswi.write(12, 1);
    sswi.write(0x3ffc, 1);
    EXPECT_EQ(log.lines(), refused + 3);
}
