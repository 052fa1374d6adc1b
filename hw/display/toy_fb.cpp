// SPDX-License-Identifier: MIT
/* Toy framebuffer: one picture in video memory, a frame counter and a vertical-sync interrupt.
 * Spec:    docs/specs/toy-fb.md
 * Guest:   the toy ROM; U-Boot's simple-video and Linux's efifb by the "simple-framebuffer" node
 * Missing: mode setting: size and format are fixed when the machine is made
 * In gdb:  b toy_fb::vsync_fired     b toy_fb::gfx_update     p toy_fb::regs */
#include <algorithm>
#include <vector>

#include "hw/core/console.h"
#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "util/error.h"
#include "util/module.h"
#include "util/timer.h"

#define TYPE_TOY_FB "toy-fb"

namespace toy_fb {

// --- state

static constexpr uint32_t CONTROL_ENABLE = 1, CONTROL_VSYNC_IE = 2;
static constexpr uint32_t STATUS_VSYNC = 1;

static constexpr uint32_t ID = 0x31424654;     // "TFB1" in memory order
static constexpr uint32_t FORMAT = 0x34325241; // DRM's AR24: a8r8g8b8 in little-endian words
static constexpr uint32_t BYTES_PER_PIXEL = 4;
static constexpr uint64_t VRAM_SIZE = 16 << 20;
static constexpr uint64_t PAGE_SIZE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
static constexpr uint32_t MIN_SIZE = 16, MAX_SIZE = 8192; // pixels, either way
static constexpr int64_t FRAMES_PER_SECOND = 60;

struct ToyFBState : SysBusDevice {
    MemoryRegion iomem;
    MemoryRegion vram;
    qemu_irq irq = nullptr;
    QemuConsole *con = nullptr;
    uint32_t width = 1024, height = 768; // pixels
    uint32_t stride = 0;                 // bytes

    uint32_t control = CONTROL_ENABLE;
    // Frames are not counted but computed from the clock, so that an idle machine has no ticks:
    // VSYNC is set while the frame differs from the one at which it was last cleared.
    int64_t frame_origin = 0; // virtual time of frame 0, ns
    int64_t frame_seen = 0;
    QEMUTimer vsync; // armed only while its interrupt is enabled and not yet pending

    bool redraw = true;         // all of the picture is to be reported
    std::vector<uint8_t> black; // what is shown while scan-out is off

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void unrealize() override;
    void reset() override;
};
using S = ToyFBState;

// --- behaviour: frames and the interrupt

static int64_t frame_now(const S &s) {
    __int128 elapsed = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - s.frame_origin;
    return static_cast<int64_t>(elapsed * FRAMES_PER_SECOND / NANOSECONDS_PER_SECOND);
}

// The first nanosecond of a frame.
static int64_t frame_start(const S &s, int64_t frame) {
    __int128 ns = static_cast<__int128>(frame) * NANOSECONDS_PER_SECOND + FRAMES_PER_SECOND - 1;
    return s.frame_origin + static_cast<int64_t>(ns / FRAMES_PER_SECOND);
}

static bool vsync_pending(const S &s) { return frame_now(s) != s.frame_seen; }

static void update_irq(S &s) {
    bool enabled = s.control & CONTROL_VSYNC_IE;
    bool pending = vsync_pending(s);
    qemu_set_irq(s.irq, enabled && pending);
    if (enabled && !pending)
        timer_mod(&s.vsync, frame_start(s, s.frame_seen + 1));
    else
        timer_del(&s.vsync);
}

static void vsync_fired(void *opaque) { update_irq(*static_cast<S *>(opaque)); }

static uint32_t status_read(S &s) { return vsync_pending(s) ? STATUS_VSYNC : 0; }

static void status_write(S &s, uint32_t v) {
    if (v & STATUS_VSYNC) s.frame_seen = frame_now(s);
    update_irq(s);
}

static uint32_t frame_read(S &s) { return static_cast<uint32_t>(frame_now(s)); }

// --- behaviour: the picture

static void show(S &s) {
    const uint8_t *data = s.vram.ram->host;
    if (!(s.control & CONTROL_ENABLE)) {
        s.black.resize(size_t{ s.stride } * s.height);
        data = s.black.data();
    }
    dpy_gfx_replace_surface(s.con, { data, static_cast<int>(s.width), static_cast<int>(s.height),
                                     static_cast<int>(s.stride) });
    s.redraw = true;
}

static void report_rows(S &s, uint64_t first, uint64_t end) {
    dpy_gfx_update(s.con, 0, static_cast<int>(first), static_cast<int>(s.width),
                   static_cast<int>(end - first));
}

// Reports each run of rows that a written page lies in.
static void report_dirty_rows(S &s) {
    uint64_t picture = uint64_t{ s.stride } * s.height;
    uint64_t first = 0, end = 0; // of the run so far
    for (uint64_t page = 0; page < picture; page += PAGE_SIZE) {
        if (!memory_region_snapshot_and_clear_dirty(&s.vram, page, PAGE_SIZE)) continue;
        uint64_t row = page / s.stride;
        if (row > end) {
            if (end > first) report_rows(s, first, end);
            first = row;
        }
        end = (std::min(page + PAGE_SIZE, picture) + s.stride - 1) / s.stride;
    }
    if (end > first) report_rows(s, first, end);
}

static void gfx_update(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    if (s.redraw) {
        memory_region_snapshot_and_clear_dirty(&s.vram, 0, VRAM_SIZE);
        s.redraw = false;
        report_rows(s, 0, s.height);
    } else if (s.control & CONTROL_ENABLE) {
        report_dirty_rows(s);
    }
}

static void gfx_invalidate(void *opaque) { static_cast<S *>(opaque)->redraw = true; }

static constexpr GraphicHwOps gfx_ops = { gfx_update, gfx_invalidate };

static void control_write(S &s, uint32_t v) {
    uint32_t changed = s.control ^ v;
    s.control = v & (CONTROL_ENABLE | CONTROL_VSYNC_IE);
    if (changed & CONTROL_ENABLE) show(s);
    update_irq(s);
}

// --- registers: the spec's table

static uint32_t id_read(S &) { return ID; }
static uint32_t version_read(S &) { return 1; }
static uint32_t width_read(S &s) { return s.width; }
static uint32_t height_read(S &s) { return s.height; }
static uint32_t stride_read(S &s) { return s.stride; }
static uint32_t format_read(S &) { return FORMAT; }
static uint32_t vram_size_read(S &) { return VRAM_SIZE; }

// clang-format off
static constexpr Register<S> regs[] = {
    // offset name       acc reset           storage      on read         on write
    { 0x00, "ID",        RO, ID,             none,        id_read,        none },
    { 0x04, "VERSION",   RO, 1,              none,        version_read,   none },
    { 0x08, "WIDTH",     RO, 1024,           none,        width_read,     none },
    { 0x0c, "HEIGHT",    RO, 768,            none,        height_read,    none },
    { 0x10, "STRIDE",    RO, 4096,           none,        stride_read,    none },
    { 0x14, "FORMAT",    RO, FORMAT,         none,        format_read,    none },
    { 0x18, "VRAM_SIZE", RO, VRAM_SIZE,      none,        vram_size_read, none },
    { 0x1c, "CONTROL",   RW, CONTROL_ENABLE, &S::control, none,           control_write },
    { 0x20, "STATUS",    RW, 0,              none,        status_read,    status_write },
    { 0x24, "FRAME",     RO, 0,              none,        frame_read,     none },
};
// clang-format on
static_assert(register_table_ok<S>(regs));

// --- device tree

void ToyFBState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "toy-fb");
    dt.set_string(node, "compatible", "vl,toy-fb");
    // The picture alone, for guests that know no toy-fb: under the bus, not /chosen, where Linux
    // would take it for the firmware's and switch its own system framebuffer off.
    DeviceTreePlace picture = place;
    picture.base = memory_region_get_address(&vram);
    picture.size = uint64_t{ stride } * height;
    picture.irq = 0;
    node = device_tree_add_device(dt, picture, "framebuffer");
    dt.set_string(node, "compatible", "simple-framebuffer");
    dt.set_cell(node, "width", width);
    dt.set_cell(node, "height", height);
    dt.set_cell(node, "stride", stride);
    dt.set_string(node, "format", "a8r8g8b8");
    dt.set_string(node, "status", "okay");
}

// --- life cycle and registration

bool ToyFBState::realize(Error **errp) {
    stride = width * BYTES_PER_PIXEL;
    bool fits = std::min(width, height) >= MIN_SIZE && std::max(width, height) <= MAX_SIZE &&
                uint64_t{ stride } * height <= VRAM_SIZE;
    if (!fits) {
        error_setg(errp,
                   "%s: xres=%u,yres=%u: a side must be between %u and %u pixels, and the picture "
                   "must fit into %u MiB",
                   TYPE_TOY_FB, width, height, MIN_SIZE, MAX_SIZE, unsigned{ VRAM_SIZE >> 20 });
        return false;
    }
    if (!memory_region_init_ram(&vram, this, "toy-fb.vram", VRAM_SIZE, errp)) return false;
    memory_region_set_log(&vram, true);
    memory_region_init_io(&iomem, this, &register_ops<S, regs, 4>, this, TYPE_TOY_FB, 0x1000);
    sysbus_init_mmio(this, &iomem);
    sysbus_init_mmio(this, &vram);
    sysbus_init_irq(this, &irq);
    timer_init_ns(&vsync, QEMU_CLOCK_VIRTUAL, vsync_fired, this);
    con = graphic_console_init(this, &gfx_ops, this);
    show(*this);
    return true;
}

void ToyFBState::unrealize() {
    timer_del(&vsync);
    graphic_console_close(con);
}

// Video memory keeps its content, as RAM does.
void ToyFBState::reset() {
    register_reset<S>(*this, regs);
    frame_origin = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    frame_seen = 0;
    show(*this);
    update_irq(*this);
}

static constexpr Property properties[] = {
    define_prop<&S::width>("xres", "1024", "pixels in a row"),
    define_prop<&S::height>("yres", "768", "rows"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "toy framebuffer";
    dc->category = DEVICE_CATEGORY_DISPLAY;
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_TOY_FB,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void toy_fb_register_types() { type_register_static(&info); }
type_init(toy_fb_register_types)

} // namespace toy_fb
