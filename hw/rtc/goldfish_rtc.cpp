// SPDX-License-Identifier: MIT
/* Goldfish real-time clock: nanoseconds since the epoch, one alarm, one IRQ line.
 * Spec:    docs/specs/goldfish-rtc.md
 * Guest:   Linux and U-Boot, compatible = "google,goldfish-rtc"
 * Missing: nothing Linux uses
 * In gdb:  b goldfish_rtc::alarm_fired     p goldfish_rtc::regs */
#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/rtc.h"
#include "hw/core/sysbus.h"
#include "util/module.h"
#include "util/timer.h"

#define TYPE_GOLDFISH_RTC "goldfish_rtc"

namespace goldfish_rtc {

// --- state

struct GoldfishRTCState : SysBusDevice {
    MemoryRegion iomem;
    qemu_irq irq = nullptr;
    QEMUTimer alarm;
    uint64_t offset = 0;    // guest time minus its clock's, ns: -rtc's, until the guest sets it
    uint32_t time_high = 0; // latched by a TIME_LOW read: the pair is coherent
    uint32_t alarm_low = 0, alarm_high = 0;
    uint32_t alarm_armed = 0;
    uint32_t irq_enabled = 0;
    bool pending = false;

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void unrealize() override;
    void reset() override;
};
using S = GoldfishRTCState;

// --- behaviour

// The clock that -rtc chose: by default the host's, so that the calendar is right after a stop.
static uint64_t time_now(S &s) {
    return static_cast<uint64_t>(qemu_clock_get_ns(rtc_clock())) + s.offset;
}

static void update_irq(S &s) { qemu_set_irq(s.irq, s.pending && (s.irq_enabled & 1)); }

static void alarm_fired(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.alarm_armed = 0;
    s.pending = true;
    update_irq(s);
}

static void alarm_disarm(S &s) {
    timer_del(&s.alarm);
    s.alarm_armed = 0;
}

static void alarm_arm(S &s) {
    uint64_t when = static_cast<uint64_t>(s.alarm_high) << 32 | s.alarm_low;
    uint64_t now = time_now(s);
    if (when <= now) {
        alarm_disarm(s);
        alarm_fired(&s);
        return;
    }
    s.alarm_armed = 1;
    // in that clock's time; an alarm centuries away never fires
    int64_t clock = qemu_clock_get_ns(rtc_clock());
    uint64_t ahead = when - now;
    if (ahead > static_cast<uint64_t>(INT64_MAX - clock))
        timer_del(&s.alarm);
    else
        timer_mod(&s.alarm, clock + static_cast<int64_t>(ahead));
}

static void time_set(S &s, uint64_t time) {
    s.offset += time - time_now(s);
    if (s.alarm_armed) alarm_arm(s);
}

static uint32_t time_low_read(S &s) {
    uint64_t now = time_now(s);
    s.time_high = static_cast<uint32_t>(now >> 32);
    return static_cast<uint32_t>(now);
}

static void time_low_write(S &s, uint32_t v) {
    time_set(s, (time_now(s) & ~uint64_t{ 0xffffffff }) | v);
}

static void time_high_write(S &s, uint32_t v) {
    time_set(s, static_cast<uint64_t>(v) << 32 | static_cast<uint32_t>(time_now(s)));
}

// Drivers write ALARM_HIGH first; writing ALARM_LOW arms the alarm.
static void alarm_low_write(S &s, uint32_t v) {
    s.alarm_low = v;
    alarm_arm(s);
}

static void irq_enabled_write(S &s, uint32_t v) {
    s.irq_enabled = v & 1;
    update_irq(s);
}

static void clear_alarm_write(S &s, uint32_t) { alarm_disarm(s); }

static void clear_interrupt_write(S &s, uint32_t) {
    s.pending = false;
    update_irq(s);
}

// --- registers: the spec's table

// clang-format off
static constexpr Register<S> regs[] = {
    // offset name               acc reset storage          on read        on write
    { 0x00, "TIME_LOW",          RW, 0,    none,            time_low_read, time_low_write },
    { 0x04, "TIME_HIGH",         RW, 0,    &S::time_high,   none,          time_high_write },
    { 0x08, "ALARM_LOW",         RW, 0,    &S::alarm_low,   none,          alarm_low_write },
    { 0x0c, "ALARM_HIGH",        RW, 0,    &S::alarm_high,  none,          none },
    { 0x10, "IRQ_ENABLED",       RW, 0,    &S::irq_enabled, none,          irq_enabled_write },
    { 0x14, "CLEAR_ALARM",       WO, 0,    none,            none,          clear_alarm_write },
    { 0x18, "ALARM_STATUS",      RO, 0,    &S::alarm_armed, none,          none },
    { 0x1c, "CLEAR_INTERRUPT",   WO, 0,    none,            none,          clear_interrupt_write },
};
// clang-format on
static_assert(register_table_ok<S>(regs));

// --- device tree

void GoldfishRTCState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "rtc");
    dt.set_string(node, "compatible", "google,goldfish-rtc");
}

// --- life cycle and registration

bool GoldfishRTCState::realize(Error **) {
    memory_region_init_io(&iomem, this, &register_ops<S, regs, 4>, this, TYPE_GOLDFISH_RTC, 0x1000);
    sysbus_init_mmio(this, &iomem);
    sysbus_init_irq(this, &irq);
    timer_init_ns(&alarm, rtc_clock(), alarm_fired, this);
    offset = static_cast<uint64_t>(rtc_clock_offset());
    return true;
}

void GoldfishRTCState::unrealize() { timer_del(&alarm); }

// The clock itself has a battery: what the guest set survives.
void GoldfishRTCState::reset() {
    timer_del(&alarm);
    register_reset<S>(*this, regs);
    pending = false;
    update_irq(*this);
}

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "Goldfish real-time clock";
    dc->category = DEVICE_CATEGORY_MISC;
}

static const TypeInfo info = {
    .name = TYPE_GOLDFISH_RTC,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void goldfish_rtc_register_types() { type_register_static(&info); }
type_init(goldfish_rtc_register_types)

} // namespace goldfish_rtc
