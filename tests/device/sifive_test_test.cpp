// SPDX-License-Identifier: MIT
/* The test device: its three words, and what is none of them. */
#include "hw/core/system.h"
#include "tests/device/chip.h"

class TestDevice : public testing::Test {
protected:
    Chip chip{ "riscv.sifive.test" };

    TestDevice() {
        qemu_reset_requested();
        qemu_shutdown_requested();
    }
};

TEST_F(TestDevice, PassEndsWithZero) {
    chip.set("FINISHER", 0x5555);
    EXPECT_EQ(qemu_shutdown_requested(), SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    EXPECT_EQ(qemu_shutdown_exit_code(), 0);
    EXPECT_EQ(qemu_reset_requested(), SHUTDOWN_CAUSE_NONE);
}

TEST_F(TestDevice, FailEndsWithTheGuestsCode) {
    chip.set("FINISHER", 42 << 16 | 0x3333);
    EXPECT_EQ(qemu_shutdown_requested(), SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    EXPECT_EQ(qemu_shutdown_exit_code(), 42);
}

TEST_F(TestDevice, ResetAsksForAReset) {
    chip.set("FINISHER", 0x7777);
    EXPECT_EQ(qemu_reset_requested(), SHUTDOWN_CAUSE_GUEST_RESET);
    EXPECT_EQ(qemu_shutdown_requested(), SHUTDOWN_CAUSE_NONE);
}

TEST_F(TestDevice, HalfWordsWillDo) {
    chip.write(0, 0x7777, 2);
    EXPECT_EQ(qemu_reset_requested(), SHUTDOWN_CAUSE_GUEST_RESET);
    EXPECT_EQ(chip.try_write(0, 0x77, 1), MEMTX_ERROR);
}

TEST_F(TestDevice, OtherWordsAreTheGuestsMistake) {
    LogCapture log;
    chip.set("FINISHER", 0x1234);
    EXPECT_EQ(log.text(), "riscv.sifive.test: unknown request 0x1234\n");
    EXPECT_EQ(qemu_shutdown_requested(), SHUTDOWN_CAUSE_NONE);
    EXPECT_EQ(qemu_reset_requested(), SHUTDOWN_CAUSE_NONE);
    EXPECT_EQ(chip.get("FINISHER"), 0u);
}
