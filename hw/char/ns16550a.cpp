// SPDX-License-Identifier: MIT
/* 16550A serial port: a 16-byte receive FIFO, five interrupt causes, modem loopback.
 * Spec:    PC16550D data sheet (National Semiconductor, 1995)
 * Guest:   OpenSBI, U-Boot and Linux, compatible = "ns16550a"
 * Missing: the speed of the line: the transmitter is busy only while the host takes nothing; parity
 *          and framing errors; DMA mode
 * In gdb:  b ns16550a::thr_write     b ns16550a::update_irq     p ns16550a::regs */
#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"
#include "util/timer.h"

#define TYPE_NS16550A "ns16550a"

namespace ns16550a {

// --- state

static constexpr uint32_t IER_RDA = 1, IER_THRE = 2, IER_LINE = 4, IER_MODEM = 8;
static constexpr uint32_t IIR_NONE = 1, IIR_MODEM = 0, IIR_THRE = 2, IIR_RDA = 4, IIR_LINE = 6,
                          IIR_TIMEOUT = 12, IIR_FIFO = 0xc0;
static constexpr uint32_t FCR_ENABLE = 1, FCR_CLEAR_RX = 2, FCR_CLEAR_TX = 4;
static constexpr uint32_t LCR_STOP = 4, LCR_PARITY = 8, LCR_DLAB = 0x80;
static constexpr uint32_t MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 16;
static constexpr uint32_t LSR_DR = 1, LSR_OE = 2, LSR_BI = 16, LSR_THRE = 32, LSR_TEMT = 64,
                          LSR_FIFO_ERROR = 128;
static constexpr uint32_t MSR_CTS = 16, MSR_DSR = 32, MSR_RI = 64, MSR_DCD = 128;
static constexpr uint32_t MSR_LINES = 0xf0;

static constexpr unsigned FIFO_SIZE = 16;

struct NS16550AState : SysBusDevice {
    MemoryRegion iomem;
    qemu_irq irq = nullptr;
    Chardev *chr = nullptr;
    uint32_t clock_freq = 3686400; // Hz; only sets how long the receiver's timeout is

    uint32_t ier = 0, fcr = 0, lcr = 0, mcr = 0, msr = 0, scr = 0;
    uint32_t dll = 0, dlm = 0;
    bool overrun = false;
    bool thre_pending = false;    // the transmitter became empty and nobody was told yet
    bool timeout_pending = false; // bytes below the trigger level have waited too long

    struct Received {
        uint8_t byte;
        bool is_break;
    };
    Received fifo[FIFO_SIZE];
    unsigned fifo_head = 0, fifo_count = 0;
    std::string unsent; // written by the guest, and not taken by the host yet
    QEMUTimer timeout;

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void unrealize() override;
    void reset() override;
};
using S = NS16550AState;

// --- behaviour: interrupts

static bool fifo_enabled(const S &s) { return s.fcr & FCR_ENABLE; }
static unsigned fifo_capacity(const S &s) { return fifo_enabled(s) ? FIFO_SIZE : 1; }

static unsigned trigger_level(const S &s) {
    static constexpr unsigned levels[] = { 1, 4, 8, 14 };
    return fifo_enabled(s) ? levels[s.fcr >> 6] : 1;
}

static bool break_at_head(const S &s) { return s.fifo_count && s.fifo[s.fifo_head].is_break; }

// The cause with the highest priority, as IIR reports it (data sheet, table V).
static uint32_t interrupt_cause(const S &s) {
    if ((s.ier & IER_LINE) && (s.overrun || break_at_head(s))) return IIR_LINE;
    if ((s.ier & IER_RDA) && s.fifo_count >= trigger_level(s)) return IIR_RDA;
    if ((s.ier & IER_RDA) && s.timeout_pending) return IIR_TIMEOUT;
    if ((s.ier & IER_THRE) && s.thre_pending) return IIR_THRE;
    if ((s.ier & IER_MODEM) && (s.msr & ~MSR_LINES)) return IIR_MODEM;
    return IIR_NONE;
}

static void update_irq(S &s) { qemu_set_irq(s.irq, interrupt_cause(s) != IIR_NONE); }

// --- behaviour: the receiver

// Four characters' time at the programmed speed, start and stop bits included.
static int64_t timeout_ns(const S &s) {
    uint32_t divisor = s.dlm << 8 | s.dll;
    uint32_t parity = (s.lcr & LCR_PARITY) ? 1 : 0;
    uint32_t stop = (s.lcr & LCR_STOP) ? 2 : 1;
    uint32_t bits = 1 + (5 + (s.lcr & 3)) + parity + stop;
    int64_t cycles = int64_t{ 4 } * bits * 16 * (divisor ? divisor : 1);
    return cycles * NANOSECONDS_PER_SECOND / s.clock_freq;
}

// The timeout counts from the last byte that came or went, while bytes wait in the FIFO.
static void timeout_restart(S &s) {
    s.timeout_pending = false;
    if (fifo_enabled(s) && s.fifo_count) {
        timer_mod(&s.timeout, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + timeout_ns(s));
    } else {
        timer_del(&s.timeout);
    }
}

static void timeout_fired(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.timeout_pending = true;
    update_irq(s);
}

static void receive(S &s, uint8_t byte, bool is_break) {
    if (s.fifo_count == fifo_capacity(s)) {
        s.overrun = true;
        // without FIFO the new byte replaces the old one; with it, it is lost
        if (fifo_enabled(s)) return;
        s.fifo_count = 0;
    }
    s.fifo[(s.fifo_head + s.fifo_count) % FIFO_SIZE] = { byte, is_break };
    s.fifo_count++;
    timeout_restart(s);
}

static void fifo_clear(S &s) {
    s.fifo_head = s.fifo_count = 0;
    timeout_restart(s);
}

// In loopback the line's input is cut off: the back end keeps its bytes until later.
static int can_receive(void *opaque) {
    const S &s = *static_cast<S *>(opaque);
    if (s.mcr & MCR_LOOP) return 0;
    return static_cast<int>(fifo_capacity(s) - s.fifo_count);
}

static void receive_bytes(void *opaque, const uint8_t *buf, int size) {
    S &s = *static_cast<S *>(opaque);
    for (int i = 0; i < size; i++) receive(s, buf[i], false);
    update_irq(s);
}

static void line_event(void *opaque, QEMUChrEvent event) {
    S &s = *static_cast<S *>(opaque);
    if (event != CHR_EVENT_BREAK || (s.mcr & MCR_LOOP)) return;
    receive(s, 0, true);
    update_irq(s);
}

// --- behaviour: registers 0 and 1 are the divisor while LCR's DLAB is set

static bool dlab(const S &s) { return s.lcr & LCR_DLAB; }

static uint32_t rbr_read(S &s) {
    if (dlab(s)) return s.dll;
    if (!s.fifo_count) return 0;
    uint8_t byte = s.fifo[s.fifo_head].byte;
    s.fifo_head = (s.fifo_head + 1) % FIFO_SIZE;
    s.fifo_count--;
    timeout_restart(s);
    update_irq(s);
    qemu_chr_fe_accept_input(s.chr);
    return byte;
}

// What a full transmitter is given is lost, as on the chip: LSR has said that it is busy.
static void send(S &s, uint8_t byte) {
    bool busy = !s.unsent.empty();
    if (!busy && qemu_chr_fe_write(s.chr, &byte, 1) == 1) {
        s.thre_pending = true; // it was sent: empty again
    } else if (s.unsent.size() < fifo_capacity(s)) {
        s.unsent += static_cast<char>(byte);
    }
}

static void host_takes_more(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    if (s.unsent.empty()) return;
    int n = qemu_chr_fe_write(s.chr, reinterpret_cast<const uint8_t *>(s.unsent.data()),
                              static_cast<int>(s.unsent.size()));
    s.unsent.erase(0, static_cast<size_t>(n));
    s.thre_pending = s.unsent.empty();
    update_irq(s);
}

static void thr_write(S &s, uint32_t v) {
    if (dlab(s)) {
        s.dll = v & 0xff;
        return;
    }
    auto byte = static_cast<uint8_t>(v);
    s.thre_pending = s.mcr & MCR_LOOP; // sent at once
    if (s.mcr & MCR_LOOP)
        receive(s, byte, false);
    else
        send(s, byte);
    update_irq(s);
}

static uint32_t ier_read(S &s) { return dlab(s) ? s.dlm : s.ier; }

static void ier_write(S &s, uint32_t v) {
    if (dlab(s)) {
        s.dlm = v & 0xff;
        return;
    }
    // turning the cause on interrupts at once if the transmitter is empty
    if ((v & IER_THRE) && !(s.ier & IER_THRE)) s.thre_pending = s.unsent.empty();
    s.ier = v & 0x0f;
    update_irq(s);
}

// Reading IIR takes the transmitter's interrupt back if it is the one reported.
static uint32_t iir_read(S &s) {
    uint32_t cause = interrupt_cause(s);
    if (cause == IIR_THRE) {
        s.thre_pending = false;
        update_irq(s);
    }
    return cause | (fifo_enabled(s) ? IIR_FIFO : 0);
}

static void fcr_write(S &s, uint32_t v) {
    bool toggled = (v ^ s.fcr) & FCR_ENABLE;
    s.fcr = v & (0xc0 | FCR_ENABLE);
    // the other bits count only while the FIFO is on; switching it clears it
    if (toggled || (v & FCR_CLEAR_RX)) fifo_clear(s);
    if (toggled || (v & FCR_CLEAR_TX)) s.unsent.clear();
    update_irq(s);
    qemu_chr_fe_accept_input(s.chr);
}

// In loopback the modem's inputs are the port's own outputs (data sheet 8.7).
static uint32_t modem_lines(const S &s) {
    if (!(s.mcr & MCR_LOOP)) return MSR_DCD | MSR_DSR | MSR_CTS; // a peer that is always ready
    uint32_t lines = 0;
    if (s.mcr & MCR_DTR) lines |= MSR_DSR;
    if (s.mcr & MCR_RTS) lines |= MSR_CTS;
    if (s.mcr & MCR_OUT1) lines |= MSR_RI;
    if (s.mcr & MCR_OUT2) lines |= MSR_DCD;
    return lines;
}

static void mcr_write(S &s, uint32_t v) {
    s.mcr = v & 0x1f;
    uint32_t lines = modem_lines(s);
    uint32_t changed = (s.msr ^ lines) & MSR_LINES;
    // RI tells of its falling edge only
    if (lines & MSR_RI) changed &= ~MSR_RI;
    s.msr = lines | (s.msr & ~MSR_LINES) | changed >> 4;
    update_irq(s);
    qemu_chr_fe_accept_input(s.chr);
}

static uint32_t lsr_read(S &s) {
    uint32_t v = s.unsent.empty() ? LSR_THRE | LSR_TEMT : 0;
    if (s.fifo_count) v |= LSR_DR;
    if (s.overrun) v |= LSR_OE;
    if (break_at_head(s)) v |= LSR_BI;
    for (unsigned i = 0; fifo_enabled(s) && i < s.fifo_count; i++) {
        if (s.fifo[(s.fifo_head + i) % FIFO_SIZE].is_break) v |= LSR_FIFO_ERROR;
    }
    s.overrun = false;
    if (s.fifo_count) s.fifo[s.fifo_head].is_break = false;
    update_irq(s);
    return v;
}

static uint32_t msr_read(S &s) {
    uint32_t v = s.msr;
    s.msr &= MSR_LINES;
    update_irq(s);
    return v;
}

// --- registers: the data sheet's table II

// clang-format off
static constexpr Register<S> regs[] = {
    // offset name       acc reset storage  on read   on write
    { 0x00, "RBR/THR",   RW, 0,    none,    rbr_read, thr_write },
    { 0x01, "IER",       RW, 0,    &S::ier, ier_read, ier_write },
    { 0x02, "IIR/FCR",   RW, 0,    &S::fcr, iir_read, fcr_write },
    { 0x03, "LCR",       RW, 0,    &S::lcr, none,     none },
    { 0x04, "MCR",       RW, 0,    &S::mcr, none,     mcr_write },
    { 0x05, "LSR",       RO, 0,    none,    lsr_read, none },
    { 0x06, "MSR",       RO, 0xb0, &S::msr, msr_read, none },
    { 0x07, "SCR",       RW, 0,    &S::scr, none,     none },
};
// clang-format on
static_assert(register_table_ok<S>(regs));

// --- device tree

void NS16550AState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "serial");
    dt.set_cell(node, "clock-frequency", clock_freq);
    dt.set_string(node, "compatible", "ns16550a");
}

// --- life cycle and registration

bool NS16550AState::realize(Error **errp) {
    if (clock_freq == 0) {
        error_setg(errp, "%s: clock-frequency must not be 0", TYPE_NS16550A);
        return false;
    }
    memory_region_init_io(&iomem, this, &register_ops<S, regs, 1>, this, TYPE_NS16550A, 8);
    sysbus_init_mmio(this, &iomem);
    sysbus_init_irq(this, &irq);
    timer_init_ns(&timeout, QEMU_CLOCK_VIRTUAL, timeout_fired, this);
    qemu_chr_fe_set_handlers(chr,
                             { can_receive, receive_bytes, line_event, this, host_takes_more });
    return true;
}

void NS16550AState::unrealize() {
    timer_del(&timeout);
    qemu_chr_fe_set_handlers(chr, {});
}

void NS16550AState::reset() {
    register_reset<S>(*this, regs);
    dll = 12; // 19200 Bd, until the guest says otherwise
    dlm = 0;
    overrun = thre_pending = false;
    unsent.clear();
    fifo_clear(*this);
    update_irq(*this);
    qemu_chr_fe_accept_input(chr);
}

static constexpr Property properties[] = {
    define_prop<&S::chr>("chardev", nullptr, "where its bytes go and come from"),
    define_prop<&S::clock_freq>("clock-frequency", "3686400", "input clock in Hz"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "16550A serial port";
    dc->category = DEVICE_CATEGORY_INPUT;
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_NS16550A,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void ns16550a_register_types() { type_register_static(&info); }
type_init(ns16550a_register_types)

} // namespace ns16550a
