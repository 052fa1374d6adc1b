// SPDX-License-Identifier: MIT
/* The Goldfish clock: time, alarm, interrupt. Its time is the host's, so waits are real ones. */
#include "tests/device/chip.h"
#include "util/timer.h"

class GoldfishRTC : public testing::Test {
protected:
    Chip rtc{ "goldfish_rtc" };

    uint64_t time() {
        uint64_t low = rtc.get("TIME_LOW");
        return uint64_t{ rtc.get("TIME_HIGH") } << 32 | low;
    }
    void set_alarm(uint64_t when) {
        rtc.set("ALARM_HIGH", static_cast<uint32_t>(when >> 32));
        rtc.set("ALARM_LOW", static_cast<uint32_t>(when));
    }
    static uint64_t host_time() {
        return static_cast<uint64_t>(qemu_clock_get_ns(QEMU_CLOCK_HOST));
    }
    // Turns of the main loop's timers until `ns` of host time have passed.
    static void let_pass(int64_t ns) {
        int64_t end = qemu_clock_get_ns(QEMU_CLOCK_HOST) + ns;
        do timers_run();
        while (qemu_clock_get_ns(QEMU_CLOCK_HOST) < end);
    }
};

static constexpr uint64_t SECOND = 1'000'000'000;

TEST_F(GoldfishRTC, TellsTheHostsTime) {
    uint64_t before = host_time();
    uint64_t now = time();
    EXPECT_GE(now, before);
    EXPECT_LE(now, host_time());
}

TEST_F(GoldfishRTC, LatchesTheHighWord) {
    uint32_t high = rtc.get("TIME_HIGH");
    EXPECT_EQ(high, 0u); // nothing was latched yet
    rtc.get("TIME_LOW");
    high = rtc.get("TIME_HIGH");
    let_pass(1000);
    EXPECT_EQ(rtc.get("TIME_HIGH"), high);
}

TEST_F(GoldfishRTC, CanBeSetAndKeepsItsTimeThroughReset) {
    uint64_t when = 1'000'000'000 * SECOND; // 2001
    rtc.set("TIME_HIGH", static_cast<uint32_t>(when >> 32));
    rtc.set("TIME_LOW", static_cast<uint32_t>(when));
    EXPECT_GE(time(), when);
    EXPECT_LT(time(), when + 60 * SECOND);
    rtc.reset();
    EXPECT_GE(time(), when);
    EXPECT_LT(time(), when + 60 * SECOND);
}

TEST_F(GoldfishRTC, AlarmRaisesTheLineUntilItIsCleared) {
    rtc.set("IRQ_ENABLED", 1);
    set_alarm(time() + SECOND / 2); // a busy host reads the status late
    EXPECT_EQ(rtc.get("ALARM_STATUS"), 1u);
    EXPECT_FALSE(rtc.irq());
    let_pass(SECOND);
    EXPECT_TRUE(rtc.irq());
    EXPECT_EQ(rtc.get("ALARM_STATUS"), 0u);
    rtc.set("CLEAR_INTERRUPT", 1);
    EXPECT_FALSE(rtc.irq());
}

TEST_F(GoldfishRTC, AlarmInThePastFiresAtOnce) {
    rtc.set("IRQ_ENABLED", 1);
    set_alarm(1);
    EXPECT_TRUE(rtc.irq());
    EXPECT_EQ(rtc.get("ALARM_STATUS"), 0u);
}

TEST_F(GoldfishRTC, LineNeedsItsEnable) {
    set_alarm(1);
    EXPECT_FALSE(rtc.irq());
    rtc.set("IRQ_ENABLED", 0xfffffffe); // only bit 0 counts
    EXPECT_FALSE(rtc.irq());
    rtc.set("IRQ_ENABLED", 1);
    EXPECT_TRUE(rtc.irq());
    rtc.set("IRQ_ENABLED", 0);
    EXPECT_FALSE(rtc.irq());
}

TEST_F(GoldfishRTC, ClearedAlarmDoesNotFire) {
    rtc.set("IRQ_ENABLED", 1);
    set_alarm(time() + SECOND / 200);
    rtc.set("CLEAR_ALARM", 1);
    EXPECT_EQ(rtc.get("ALARM_STATUS"), 0u);
    let_pass(SECOND / 100);
    EXPECT_FALSE(rtc.irq());
}

TEST_F(GoldfishRTC, AlarmMovesWithTheClock) {
    rtc.set("IRQ_ENABLED", 1);
    uint64_t when = time() + 3600 * SECOND;
    set_alarm(when);
    EXPECT_FALSE(rtc.irq());
    // past the alarm, high word first as Linux does
    rtc.set("TIME_HIGH", static_cast<uint32_t>((when + 10 * SECOND) >> 32));
    rtc.set("TIME_LOW", static_cast<uint32_t>(when + 10 * SECOND));
    EXPECT_TRUE(rtc.irq());
}

TEST_F(GoldfishRTC, AlarmBeyondAllTimeIsHarmless) {
    set_alarm(~uint64_t{ 0 });
    EXPECT_EQ(rtc.get("ALARM_STATUS"), 1u);
    EXPECT_EQ(rtc.get("ALARM_LOW"), 0xffffffffu);
    let_pass(1000);
    EXPECT_FALSE(rtc.irq());
}

TEST_F(GoldfishRTC, ResetForgetsAlarmAndInterrupt) {
    rtc.set("IRQ_ENABLED", 1);
    set_alarm(1);
    EXPECT_TRUE(rtc.irq());
    rtc.reset();
    EXPECT_FALSE(rtc.irq());
    rtc.set("IRQ_ENABLED", 1);
    EXPECT_FALSE(rtc.irq());
}
