// SPDX-License-Identifier: MIT
/* The toy framebuffer: identification, frames, the interrupt, what it reports to a display. */
#include <cstring>

#include "hw/core/console.h"
#include "tests/device/chip.h"
#include "util/timer.h"

static constexpr uint32_t ENABLE = 1, VSYNC_IE = 2, VSYNC = 1;
static constexpr hwaddr VRAM = Chip::BASE + Chip::STEP;

static void advance_frames(int64_t n) {
    qemu_clock_advance_virtual((n * NANOSECONDS_PER_SECOND + 59) / 60);
}

// Remembers what the device reported.
struct Screen : DisplayChangeListener {
    DisplaySurface surface;
    int switches = 0;
    std::vector<std::pair<int, int>> rows; // first and number

    Screen() { register_displaychangelistener(this); }
    ~Screen() override { unregister_displaychangelistener(this); }
    void gfx_switch(QemuConsole *, const DisplaySurface &s) override {
        surface = s;
        switches++;
    }
    void gfx_update(QemuConsole *, int x, int y, int w, int h) override {
        EXPECT_EQ(x, 0);
        EXPECT_EQ(w, surface.width);
        rows.push_back({ y, h });
    }
    void refresh() override {}

    std::vector<std::pair<int, int>> update() {
        rows.clear();
        graphic_hw_update(qemu_console_lookup(0));
        return rows;
    }
};
using Rows = std::vector<std::pair<int, int>>;

class ToyFB : public testing::Test {
protected:
    Chip fb{ "toy-fb" };

    static void poke(uint64_t offset, uint32_t value) {
        EXPECT_EQ(address_space_store(&address_space_memory, VRAM + offset, value, 4), MEMTX_OK);
    }
};

TEST_F(ToyFB, SaysWhatItIs) {
    EXPECT_EQ(fb.get("ID"), 0x31424654u);
    EXPECT_EQ(fb.get("VERSION"), 1u);
    EXPECT_EQ(fb.get("WIDTH"), 1024u);
    EXPECT_EQ(fb.get("HEIGHT"), 768u);
    EXPECT_EQ(fb.get("STRIDE"), 4096u);
    EXPECT_EQ(fb.get("FORMAT"), 0x34325241u);
    EXPECT_EQ(fb.get("VRAM_SIZE"), 16u << 20);
    EXPECT_EQ(fb.get("CONTROL"), ENABLE);
}

TEST_F(ToyFB, CountsSixtyFramesASecond) {
    EXPECT_EQ(fb.get("FRAME"), 0u);
    EXPECT_EQ(fb.get("STATUS"), 0u);
    advance_frames(1);
    EXPECT_EQ(fb.get("FRAME"), 1u);
    EXPECT_EQ(fb.get("STATUS"), VSYNC);
    qemu_clock_advance_virtual(10 * NANOSECONDS_PER_SECOND - NANOSECONDS_PER_SECOND / 60);
    EXPECT_EQ(fb.get("FRAME"), 600u);
    fb.reset();
    EXPECT_EQ(fb.get("FRAME"), 0u);
    EXPECT_EQ(fb.get("STATUS"), 0u);
}

TEST_F(ToyFB, StatusIsClearedByWritingOne) {
    advance_frames(3);
    fb.set("STATUS", 0);
    EXPECT_EQ(fb.get("STATUS"), VSYNC);
    fb.set("STATUS", VSYNC);
    EXPECT_EQ(fb.get("STATUS"), 0u);
    advance_frames(1);
    EXPECT_EQ(fb.get("STATUS"), VSYNC);
}

TEST_F(ToyFB, InterruptsAtEachFrame) {
    fb.set("CONTROL", ENABLE | VSYNC_IE);
    EXPECT_FALSE(fb.irq());
    for (int frame = 1; frame < 10; frame++) {
        int64_t start = (frame * NANOSECONDS_PER_SECOND + 59) / 60;
        qemu_clock_advance_virtual(start - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - 1);
        EXPECT_FALSE(fb.irq()) << frame;
        qemu_clock_advance_virtual(1);
        EXPECT_TRUE(fb.irq()) << frame;
        fb.set("STATUS", VSYNC);
        EXPECT_FALSE(fb.irq()) << frame;
    }
}

TEST_F(ToyFB, InterruptFollowsItsEnable) {
    advance_frames(1);
    EXPECT_FALSE(fb.irq());
    fb.set("CONTROL", VSYNC_IE);
    EXPECT_TRUE(fb.irq());
    fb.set("CONTROL", ENABLE);
    EXPECT_FALSE(fb.irq());
    fb.set("CONTROL", VSYNC_IE);
    fb.reset();
    EXPECT_FALSE(fb.irq());
    EXPECT_EQ(fb.get("CONTROL"), ENABLE);
}

// A tick a frame would take hours here.
TEST_F(ToyFB, AnIdleMachineHasNoTicks) {
    constexpr int64_t ten_years = 10 * 365 * 86400 * NANOSECONDS_PER_SECOND;
    qemu_clock_advance_virtual(ten_years);
    EXPECT_EQ(fb.get("FRAME"), static_cast<uint32_t>(ten_years / NANOSECONDS_PER_SECOND * 60));
    fb.set("CONTROL", ENABLE | VSYNC_IE); // pending already: nothing to wait for either
    EXPECT_TRUE(fb.irq());
    qemu_clock_advance_virtual(ten_years);
    EXPECT_TRUE(fb.irq());
}

TEST_F(ToyFB, ControlKeepsItsTwoBits) {
    fb.set("CONTROL", 0xffffffff);
    EXPECT_EQ(fb.get("CONTROL"), ENABLE | VSYNC_IE);
}

TEST_F(ToyFB, ShowsItsVideoMemory) {
    Screen screen;
    EXPECT_EQ(screen.surface.width, 1024);
    EXPECT_EQ(screen.surface.height, 768);
    EXPECT_EQ(screen.surface.stride, 4096);
    poke(4096 + 8, 0x00123456);
    uint32_t pixel;
    memcpy(&pixel, screen.surface.data + 4096 + 8, 4);
    EXPECT_EQ(pixel, 0x00123456u);
}

TEST_F(ToyFB, ReportsTheRowsThatChanged) {
    Screen screen;
    EXPECT_EQ(screen.update(), (Rows{ { 0, 768 } })); // all of it at first
    EXPECT_EQ(screen.update(), Rows{});
    poke(5 * 4096, 1);
    poke(6 * 4096 + 4092, 1);
    poke(700 * 4096, 1);
    EXPECT_EQ(screen.update(), (Rows{ { 5, 2 }, { 700, 1 } }));
    EXPECT_EQ(screen.update(), Rows{});
    poke(768 * 4096, 1); // below the picture
    EXPECT_EQ(screen.update(), Rows{});
    poke(767 * 4096, 1);
    EXPECT_EQ(screen.update(), (Rows{ { 767, 1 } }));
}

TEST_F(ToyFB, SwitchedOffItIsBlack) {
    poke(0, 0xffffffff);
    Screen screen;
    fb.set("CONTROL", 0);
    EXPECT_EQ(screen.update(), (Rows{ { 0, 768 } }));
    uint32_t pixel;
    memcpy(&pixel, screen.surface.data, 4);
    EXPECT_EQ(pixel, 0u);
    poke(0, 0x00ff00ff);
    EXPECT_EQ(screen.update(), Rows{});
    fb.set("CONTROL", ENABLE);
    EXPECT_EQ(screen.update(), (Rows{ { 0, 768 } }));
    memcpy(&pixel, screen.surface.data, 4);
    EXPECT_EQ(pixel, 0x00ff00ffu);
}

TEST_F(ToyFB, InvalidateReportsAll) {
    Screen screen;
    screen.update();
    graphic_hw_invalidate(qemu_console_lookup(0));
    EXPECT_EQ(screen.update(), (Rows{ { 0, 768 } }));
}

TEST(ToyFBSizes, RowsNeedNotBePages) {
    Chip fb("toy-fb", { { "xres", "800" }, { "yres", "600" } });
    EXPECT_EQ(fb.get("WIDTH"), 800u);
    EXPECT_EQ(fb.get("HEIGHT"), 600u);
    EXPECT_EQ(fb.get("STRIDE"), 3200u);
    Screen screen;
    screen.update();
    // bytes 4096 to 8191 are parts of rows 1 and 2
    EXPECT_EQ(address_space_store(&address_space_memory, VRAM + 4096, 1, 4), MEMTX_OK);
    EXPECT_EQ(screen.update(), (Rows{ { 1, 2 } }));
    // the picture's last byte
    EXPECT_EQ(address_space_store(&address_space_memory, VRAM + 3200 * 600 - 4, 1, 4), MEMTX_OK);
    EXPECT_EQ(screen.update(), (Rows{ { 599, 1 } }));
}

TEST(ToyFBSizes, AreBounded) {
    for (auto [x, y] : { std::pair{ "0", "768" },
                         { "1024", "15" },
                         { "8193", "16" },
                         { "4096", "4096" },
                         { "4294967295", "4294967295" } }) {
        std::string text = realize_error("toy-fb", { { "xres", x }, { "yres", y } });
        EXPECT_NE(text.find(std::string("toy-fb: xres=") + x + ",yres=" + y), std::string::npos)
            << text;
    }
    EXPECT_EQ(realize_error("toy-fb", { { "xres", "2048" }, { "yres", "2048" } }), "");
}
