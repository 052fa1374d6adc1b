// SPDX-License-Identifier: MIT
/* Core-local interruptor: each hart's timer (mtimecmp against one mtime) and software interrupts,
 * the machine's and the supervisor's.
 * Spec:    RISC-V ACLINT specification 1.0: MTIMER, MSWI, SSWI; the SiFive CLINT is the first two
 * Guest:   OpenSBI, U-Boot and Linux, compatible = "sifive,clint0", "riscv,clint0"; with
 *          -M toy,aclint=on "riscv,aclint-mtimer", "riscv,aclint-mswi" and "riscv,aclint-sswi"
 * Missing: nothing those guests use
 * In gdb:  b riscv_aclint::timer_fired     b riscv_aclint::swi_write */
#include "hw/intc/riscv_aclint.h"

#include <atomic>
#include <memory>

#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "util/error.h"
#include "util/module.h"
#include "util/timer.h"

namespace riscv_aclint {

// --- state

// hart indices are 12 bits wide in the specification: 4095 harts at most
static constexpr uint32_t MAX_HARTS = 4095;

// MTIMER:                       MSWI:                     SSWI:
//   0x0000 + 8*n  mtimecmp[n]     0x0000 + 4*n  msip[n]     0x0000 + 4*n  setssip[n]
//   0x7ff8        mtime
static constexpr hwaddr MTIME = 0x7ff8;
static constexpr uint64_t MTIMER_SIZE = 0x8000;
static constexpr uint64_t SWI_SIZE = 0x4000;

struct MTimerState;

struct HartTimer {
    MTimerState *owner = nullptr;
    qemu_irq *irq = nullptr;
    uint64_t compare = ~uint64_t{ 0 };
    QEMUTimer timer;
};

struct MTimerState : SysBusDevice {
    MemoryRegion iomem;
    uint32_t num_harts = 1;
    uint32_t timebase_freq = 10'000'000; // Hz
    bool clint = true;                   // half of a CLINT, whose node the other half writes
    // mtime minus the virtual clock's ticks. Harts read it without the big lock.
    std::atomic<uint64_t> time_delta{ 0 };
    void (*time_set)(void *opaque) = nullptr; // the board's
    void *time_set_opaque = nullptr;
    std::unique_ptr<HartTimer[]> harts;
    std::unique_ptr<qemu_irq[]> mtip;

    bool realize(Error **errp) override;
    void unrealize() override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void reset() override;
};

struct SwiState : SysBusDevice {
    MemoryRegion iomem;
    uint32_t num_harts = 1;
    bool sswi = false; // the supervisor's
    bool clint = true; // half of a CLINT, whose node this one writes
    std::unique_ptr<uint32_t[]> msip;
    std::unique_ptr<qemu_irq[]> pins;

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void reset() override;
};

// --- behaviour: the timer

static uint64_t ticks_now(const MTimerState &s) {
    auto ns = static_cast<unsigned __int128>(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL));
    return static_cast<uint64_t>(ns * s.timebase_freq / NANOSECONDS_PER_SECOND);
}

static uint64_t mtime_now(const MTimerState &s) {
    return ticks_now(s) + s.time_delta.load(std::memory_order_relaxed);
}

// The line follows mtime >= mtimecmp; while it is low, a timer waits for the moment it rises.
static void timer_update(HartTimer &hart) {
    MTimerState &s = *hart.owner;
    uint64_t now = mtime_now(s);
    bool due = now >= hart.compare;
    qemu_set_irq(*hart.irq, due);
    timer_del(&hart.timer);
    if (due) return;

    // the first nanosecond at which the virtual clock has that many ticks; never, if centuries away
    auto ticks = static_cast<unsigned __int128>(ticks_now(s)) + (hart.compare - now);
    auto ns = (ticks * NANOSECONDS_PER_SECOND + s.timebase_freq - 1) / s.timebase_freq;
    if (ns <= INT64_MAX) timer_mod(&hart.timer, static_cast<int64_t>(ns));
}

static void timer_fired(void *opaque) { timer_update(*static_cast<HartTimer *>(opaque)); }

static void mtime_write(MTimerState &s, uint64_t value) {
    s.time_delta.store(value - ticks_now(s), std::memory_order_relaxed);
    for (uint32_t i = 0; i < s.num_harts; i++) timer_update(s.harts[i]);
    if (s.time_set) s.time_set(s.time_set_opaque);
}

// --- registers: the timer's. All are 64 bits wide and may be accessed by halves.

static uint64_t half_of(uint64_t whole, hwaddr addr, unsigned size) {
    return size == 8 ? whole : (addr & 4) ? whole >> 32 : whole & 0xffffffff;
}

static uint64_t with_half(uint64_t whole, hwaddr addr, uint64_t value, unsigned size) {
    if (size == 8) return value;
    unsigned shift = (addr & 4) * 8;
    return (whole & ~(uint64_t{ 0xffffffff } << shift)) | (value & 0xffffffff) << shift;
}

static MemTxResult mtimer_read(void *opaque, hwaddr addr, uint64_t *value, unsigned size) {
    auto &s = *static_cast<MTimerState *>(opaque);
    *value = 0;
    if (addr / 8 < s.num_harts) {
        *value = half_of(s.harts[addr / 8].compare, addr, size);
    } else if (addr >= MTIME) {
        *value = half_of(mtime_now(s), addr, size);
    } else {
        register_log_bad_access(TYPE_RISCV_ACLINT_MTIMER, nullptr, addr, false);
    }
    return MEMTX_OK;
}

static MemTxResult mtimer_write(void *opaque, hwaddr addr, uint64_t value, unsigned size) {
    auto &s = *static_cast<MTimerState *>(opaque);
    if (addr / 8 < s.num_harts) {
        HartTimer &hart = s.harts[addr / 8];
        hart.compare = with_half(hart.compare, addr, value, size);
        timer_update(hart);
    } else if (addr >= MTIME) {
        mtime_write(s, with_half(mtime_now(s), addr, value, size));
    } else {
        register_log_bad_access(TYPE_RISCV_ACLINT_MTIMER, nullptr, addr, true);
    }
    return MEMTX_OK;
}

static constexpr MemoryRegionOps mtimer_ops = { mtimer_read, mtimer_write, 4, 8 };

// --- registers: the software interrupts'. Only bit 0 of each word exists.

static MemTxResult swi_read(void *opaque, hwaddr addr, uint64_t *value, unsigned) {
    auto &s = *static_cast<SwiState *>(opaque);
    *value = 0;
    if (addr / 4 < s.num_harts)
        *value = s.msip[addr / 4]; // setssip keeps nothing
    else
        register_log_bad_access(TYPE_RISCV_ACLINT_SWI, nullptr, addr, false);
    return MEMTX_OK;
}

// MSIP follows its register. SETSSIP sends an edge to SSIP, which the supervisor itself clears.
static MemTxResult swi_write(void *opaque, hwaddr addr, uint64_t value, unsigned) {
    auto &s = *static_cast<SwiState *>(opaque);
    if (addr / 4 >= s.num_harts) {
        register_log_bad_access(TYPE_RISCV_ACLINT_SWI, nullptr, addr, true);
        return MEMTX_OK;
    }
    qemu_set_irq(s.pins[addr / 4], value & 1);
    if (s.sswi)
        qemu_irq_lower(s.pins[addr / 4]);
    else
        s.msip[addr / 4] = value & 1;
    return MEMTX_OK;
}

static constexpr MemoryRegionOps swi_ops = { swi_read, swi_write, 4, 4 };

// --- device tree

// A hart's own interrupt controller numbers its lines as mip does.
static constexpr uint32_t S_SOFT = 1, M_SOFT = 3, M_TIMER = 7;
static constexpr uint64_t RISCV_CLINT_SIZE = 0x10000;

// Line n of this device goes to those lines of hart n.
static void set_lines(DeviceTree &dt, const std::string &node, const DeviceTreePlace &place,
                      std::initializer_list<uint32_t> lines) {
    std::vector<uint32_t> cells;
    for (uint32_t intc : place.cpu_intc) {
        for (uint32_t line : lines) cells.insert(cells.end(), { intc, line });
    }
    dt.set_cells(node, "interrupts-extended", cells);
}

// One node for both blocks, as the CLINT's binding has it.
static void add_clint(DeviceTree &dt, DeviceTreePlace place) {
    place.size = RISCV_CLINT_SIZE;
    std::string node = device_tree_add_device(dt, place, "clint");
    set_lines(dt, node, place, { M_SOFT, M_TIMER });
    dt.set_strings(node, "compatible", { "sifive,clint0", "riscv,clint0" });
}

void SwiState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    if (clint) return add_clint(dt, place);
    std::string node = device_tree_add_device(dt, place, sswi ? "sswi" : "mswi");
    set_lines(dt, node, place, { sswi ? S_SOFT : M_SOFT });
    dt.set_string(node, "compatible", sswi ? "riscv,aclint-sswi" : "riscv,aclint-mswi");
    dt.set_empty(node, "interrupt-controller");
    dt.set_cell(node, "#interrupt-cells", 0);
}

// Its binding has two ranges: mtime, then the mtimecmp registers.
void MTimerState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    if (clint) return;
    std::string node = device_tree_add_device(dt, place, "mtimer");
    set_lines(dt, node, place, { M_TIMER });
    dt.set_string(node, "compatible", "riscv,aclint-mtimer");
    auto base = static_cast<uint32_t>(place.base);
    auto high = static_cast<uint32_t>(place.base >> 32);
    dt.set_cells(node, "reg",
                 { high, base + static_cast<uint32_t>(MTIME), 0,
                   static_cast<uint32_t>(MTIMER_SIZE - MTIME), high, base, 0,
                   static_cast<uint32_t>(MTIME) });
}

// --- life cycle and registration

static bool check_num_harts(const char *type, uint32_t num_harts, Error **errp) {
    if (num_harts >= 1 && num_harts <= MAX_HARTS) return true;
    error_setg(errp, "%s: num-harts must be between 1 and %u", type, MAX_HARTS);
    return false;
}

bool MTimerState::realize(Error **errp) {
    if (!check_num_harts(TYPE_RISCV_ACLINT_MTIMER, num_harts, errp)) return false;
    if (timebase_freq == 0) {
        error_setg(errp, "%s: timebase-freq must not be 0", TYPE_RISCV_ACLINT_MTIMER);
        return false;
    }
    mtip = std::make_unique<qemu_irq[]>(num_harts);
    harts = std::make_unique<HartTimer[]>(num_harts);
    for (uint32_t i = 0; i < num_harts; i++) {
        harts[i].owner = this;
        harts[i].irq = &mtip[i];
        timer_init_ns(&harts[i].timer, QEMU_CLOCK_VIRTUAL, timer_fired, &harts[i]);
    }
    memory_region_init_io(&iomem, this, &mtimer_ops, this, TYPE_RISCV_ACLINT_MTIMER, MTIMER_SIZE);
    sysbus_init_mmio(this, &iomem);
    qdev_init_gpio_out(this, mtip.get(), static_cast<int>(num_harts));
    return true;
}

void MTimerState::unrealize() {
    for (uint32_t i = 0; i < num_harts; i++) timer_del(&harts[i].timer);
}

void MTimerState::reset() {
    for (uint32_t i = 0; i < num_harts; i++) harts[i].compare = ~uint64_t{ 0 };
    mtime_write(*this, 0);
}

bool SwiState::realize(Error **errp) {
    if (!check_num_harts(TYPE_RISCV_ACLINT_SWI, num_harts, errp)) return false;
    msip = std::make_unique<uint32_t[]>(num_harts);
    pins = std::make_unique<qemu_irq[]>(num_harts);
    memory_region_init_io(&iomem, this, &swi_ops, this, TYPE_RISCV_ACLINT_SWI, SWI_SIZE);
    sysbus_init_mmio(this, &iomem);
    qdev_init_gpio_out(this, pins.get(), static_cast<int>(num_harts));
    return true;
}

void SwiState::reset() {
    for (uint32_t i = 0; i < num_harts; i++) {
        msip[i] = 0;
        qemu_set_irq(pins[i], 0);
    }
}

static constexpr Property mtimer_properties[] = {
    define_prop<&MTimerState::num_harts>("num-harts", "1", "harts with a timer"),
    define_prop<&MTimerState::timebase_freq>("timebase-freq", "10000000", "mtime's ticks a second"),
    define_prop<&MTimerState::clint>("clint", "true", "described by the CLINT's node"),
};
static constexpr Property swi_properties[] = {
    define_prop<&SwiState::num_harts>("num-harts", "1", "harts with a software interrupt"),
    define_prop<&SwiState::sswi>("sswi", "false", "the supervisor's software interrupts"),
    define_prop<&SwiState::clint>("clint", "true", "its node describes a whole CLINT"),
};

static void mtimer_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "RISC-V machine timer";
    dc->category = DEVICE_CATEGORY_MISC;
    device_class_set_props(dc, mtimer_properties);
}

static void swi_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "RISC-V software interrupts";
    dc->category = DEVICE_CATEGORY_MISC;
    device_class_set_props(dc, swi_properties);
}

static const TypeInfo mtimer_info = {
    .name = TYPE_RISCV_ACLINT_MTIMER,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<MTimerState>,
    .class_init = mtimer_class_init,
};
static const TypeInfo swi_info = {
    .name = TYPE_RISCV_ACLINT_SWI,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<SwiState>,
    .class_init = swi_class_init,
};
static void riscv_aclint_register_types() {
    type_register_static(&mtimer_info);
    type_register_static(&swi_info);
}
type_init(riscv_aclint_register_types)

} // namespace riscv_aclint

uint64_t riscv_aclint_mtimer_rdtime(void *opaque) {
    return riscv_aclint::mtime_now(*static_cast<riscv_aclint::MTimerState *>(opaque));
}

void riscv_aclint_mtimer_on_time_set(void *opaque, void (*fn)(void *), void *fn_opaque) {
    auto &s = *static_cast<riscv_aclint::MTimerState *>(opaque);
    s.time_set = fn;
    s.time_set_opaque = fn_opaque;
}
