// SPDX-License-Identifier: MIT
/* Platform-level interrupt controller: sources by priority to contexts, claim and complete.
 * Spec:    RISC-V Platform-Level Interrupt Controller Specification 1.0
 * Guest:   OpenSBI and Linux, compatible = "sifive,plic-1.0.0", "riscv,plic0"
 * Missing: nothing; every source is level-triggered, as the toy machine's are
 * In gdb:  b sifive_plic::claim_read     b sifive_plic::source_set
 *
 *   0x000000 + 4*source          priority, 0 (never) to 7
 *   0x001000 + 4*word            pending, a bit a source, read-only
 *   0x002000 + 0x80*ctx + 4*word enable, a bit a source
 *   0x200000 + 0x1000*ctx        threshold: only higher priorities interrupt
 *   0x200004 + 0x1000*ctx        claim (read), complete (write)
 *
 * Context 2*h is hart h in M mode, 2*h + 1 in S mode. */
#include "hw/intc/sifive_plic.h"

#include <bit>
#include <vector>

#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "util/error.h"
#include "util/module.h"

namespace sifive_plic {

// --- state

static constexpr uint32_t MAX_PRIORITY = 7;
static constexpr uint32_t MAX_SOURCES = 1023;
static constexpr uint32_t MAX_HARTS = 512; // the contexts' registers end at the block's end
static constexpr uint64_t PLIC_SIZE = 0x600000;

struct Context {
    uint32_t threshold = 0;
    std::vector<uint32_t> enable; // a bit a source
};

// Invariant: a source's gateway forwards one request at a time: pending and claimed exclude each
// other, and pending is set again only by a completion or by a rising level.
struct SiFivePLICState : SysBusDevice {
    MemoryRegion iomem;
    uint32_t num_sources = 96; // numbered from 1
    uint32_t num_harts = 1;
    std::vector<uint32_t> priority;                // by source
    std::vector<uint32_t> level, pending, claimed; // a bit a source
    std::vector<Context> contexts;
    std::vector<qemu_irq> pins; // by context

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void reset() override;
};
using S = SiFivePLICState;

// --- behaviour

static bool bit_get(const std::vector<uint32_t> &bits, uint32_t n) {
    return bits[n / 32] >> (n % 32) & 1;
}

static void bit_set(std::vector<uint32_t> &bits, uint32_t n, bool value) {
    uint32_t mask = uint32_t{ 1 } << (n % 32);
    bits[n / 32] = value ? bits[n / 32] | mask : bits[n / 32] & ~mask;
}

// The source that the context would claim: of those pending and enabled the one with the highest
// priority, the lowest number among equals; 0: none. Priority 0 never interrupts.
static uint32_t best_source(const S &s, const Context &ctx) {
    uint32_t best = 0;
    for (size_t word = 0; word < s.pending.size(); word++) {
        for (uint32_t set = s.pending[word] & ctx.enable[word]; set; set &= set - 1) {
            auto source = static_cast<uint32_t>(word * 32) + std::countr_zero(set);
            if (s.priority[source] > s.priority[best]) best = source;
        }
    }
    return best;
}

static void update(S &s) {
    for (size_t i = 0; i < s.contexts.size(); i++) {
        const Context &ctx = s.contexts[i];
        qemu_set_irq(s.pins[i], s.priority[best_source(s, ctx)] > ctx.threshold);
    }
}

// The gateway: a request goes to the core unless one is already there or being served. What is
// forwarded stays, even if the line falls (section "Interrupt Gateways").
static void gateway_forward(S &s, uint32_t source) {
    if (bit_get(s.level, source) && !bit_get(s.claimed, source)) bit_set(s.pending, source, true);
}

static void source_set(void *opaque, int n, int level) {
    S &s = *static_cast<S *>(static_cast<DeviceState *>(opaque));
    if (n == 0) return; // reserved: "no interrupt"
    auto source = static_cast<uint32_t>(n);
    bit_set(s.level, source, level != 0);
    if (!level) return;
    gateway_forward(s, source);
    update(s);
}

// The threshold masks the notification only, not the claim.
static uint32_t claim_read(S &s, Context &ctx) {
    uint32_t source = best_source(s, ctx);
    if (source) {
        bit_set(s.pending, source, false);
        bit_set(s.claimed, source, true);
        update(s);
    }
    return source;
}

// A completion of a source that the context has not enabled is ignored, without a word.
static void complete_write(S &s, Context &ctx, uint32_t source) {
    if (source == 0 || source > s.num_sources || !bit_get(ctx.enable, source)) return;
    bit_set(s.claimed, source, false);
    gateway_forward(s, source);
    update(s);
}

static void priority_write(S &s, uint32_t source, uint32_t v) {
    if (source) s.priority[source] = v & MAX_PRIORITY;
    update(s);
}

static void enable_write(S &s, Context &ctx, uint32_t word, uint32_t v) {
    uint32_t last = s.num_sources / 32;
    if (word == 0) v &= ~uint32_t{ 1 };
    if (word == last) v &= ~uint32_t{ 0 } >> (31 - s.num_sources % 32);
    ctx.enable[word] = v;
    update(s);
}

static void threshold_write(S &s, Context &ctx, uint32_t v) {
    ctx.threshold = v & MAX_PRIORITY;
    update(s);
}

// --- registers: four arrays

enum class Kind { Priority, Pending, Enable, Threshold, Claim, None };
struct Place {
    Kind kind = Kind::None;
    uint32_t index = 0;     // source or word
    Context *ctx = nullptr; // of Enable, Threshold and Claim
};

static Place find(S &s, hwaddr addr) {
    auto offset = static_cast<uint32_t>(addr);
    uint32_t words = static_cast<uint32_t>(s.pending.size());
    if (offset < 0x1000) {
        uint32_t source = offset / 4;
        return { source <= s.num_sources ? Kind::Priority : Kind::None, source, nullptr };
    }
    if (offset < 0x2000) {
        uint32_t word = (offset - 0x1000) / 4;
        return { word < words ? Kind::Pending : Kind::None, word, nullptr };
    }
    bool per_word = offset < 0x200000;
    uint32_t n = per_word ? (offset - 0x2000) / 0x80 : (offset - 0x200000) / 0x1000;
    if (n >= s.contexts.size()) return {};
    Context *ctx = &s.contexts[n];
    if (per_word) {
        uint32_t word = offset % 0x80 / 4;
        return { word < words ? Kind::Enable : Kind::None, word, ctx };
    }
    uint32_t reg = offset % 0x1000;
    return { reg == 0 ? Kind::Threshold : reg == 4 ? Kind::Claim : Kind::None, 0, ctx };
}

static MemTxResult plic_read(void *opaque, hwaddr addr, uint64_t *value, unsigned) {
    S &s = *static_cast<S *>(opaque);
    Place place = find(s, addr);
    *value = 0;
    switch (place.kind) {
    case Kind::Priority:
        *value = s.priority[place.index];
        break;
    case Kind::Pending:
        *value = s.pending[place.index];
        break;
    case Kind::Enable:
        *value = place.ctx->enable[place.index];
        break;
    case Kind::Threshold:
        *value = place.ctx->threshold;
        break;
    case Kind::Claim:
        *value = claim_read(s, *place.ctx);
        break;
    case Kind::None:
        register_log_bad_access(TYPE_SIFIVE_PLIC, nullptr, addr, false);
        break;
    }
    return MEMTX_OK;
}

static MemTxResult plic_write(void *opaque, hwaddr addr, uint64_t value, unsigned) {
    S &s = *static_cast<S *>(opaque);
    Place place = find(s, addr);
    auto v = static_cast<uint32_t>(value);
    switch (place.kind) {
    case Kind::Priority:
        priority_write(s, place.index, v);
        break;
    case Kind::Pending:
        register_log_bad_access(TYPE_SIFIVE_PLIC, "pending", addr, true);
        break;
    case Kind::Enable:
        enable_write(s, *place.ctx, place.index, v);
        break;
    case Kind::Threshold:
        threshold_write(s, *place.ctx, v);
        break;
    case Kind::Claim:
        complete_write(s, *place.ctx, v);
        break;
    case Kind::None:
        register_log_bad_access(TYPE_SIFIVE_PLIC, nullptr, addr, true);
        break;
    }
    return MEMTX_OK;
}

static constexpr MemoryRegionOps ops = { plic_read, plic_write, 4, 4 };

// --- device tree

// A hart's own interrupt controller numbers its lines as mip does.
static constexpr uint32_t S_EXT = 9, M_EXT = 11;

void SiFivePLICState::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "plic");
    std::vector<uint32_t> contexts;
    for (uint32_t intc : place.cpu_intc) {
        contexts.insert(contexts.end(), { intc, M_EXT, intc, S_EXT });
    }
    dt.set_cell(node, "phandle", place.phandle);
    dt.set_cell(node, "riscv,ndev", num_sources);
    dt.set_cells(node, "interrupts-extended", contexts);
    dt.set_empty(node, "interrupt-controller");
    dt.set_strings(node, "compatible", { "sifive,plic-1.0.0", "riscv,plic0" });
    dt.set_cell(node, "#interrupt-cells", 1);
    dt.set_cell(node, "#address-cells", 0);
}

// --- life cycle and registration

bool SiFivePLICState::realize(Error **errp) {
    if (num_sources < 1 || num_sources > MAX_SOURCES) {
        error_setg(errp, "%s: num-sources must be between 1 and %u", TYPE_SIFIVE_PLIC, MAX_SOURCES);
        return false;
    }
    if (num_harts < 1 || num_harts > MAX_HARTS) {
        error_setg(errp, "%s: num-harts must be between 1 and %u", TYPE_SIFIVE_PLIC, MAX_HARTS);
        return false;
    }
    size_t words = num_sources / 32 + 1;
    priority.assign(num_sources + 1, 0);
    level.assign(words, 0);
    pending.assign(words, 0);
    claimed.assign(words, 0);
    contexts.assign(size_t{ num_harts } * 2, Context{ 0, std::vector<uint32_t>(words) });
    pins.assign(contexts.size(), nullptr);

    memory_region_init_io(&iomem, this, &ops, this, TYPE_SIFIVE_PLIC, PLIC_SIZE);
    sysbus_init_mmio(this, &iomem);
    qdev_init_gpio_in(this, source_set, static_cast<int>(num_sources) + 1);
    qdev_init_gpio_out(this, pins.data(), static_cast<int>(pins.size()));
    return true;
}

// The input lines keep their levels and are not looked at: a device that is still to be reset
// would leave a request behind.
void SiFivePLICState::reset() {
    priority.assign(priority.size(), 0);
    pending.assign(pending.size(), 0);
    claimed.assign(claimed.size(), 0);
    for (Context &ctx : contexts) {
        ctx.threshold = 0;
        ctx.enable.assign(ctx.enable.size(), 0);
    }
    update(*this);
}

static constexpr Property properties[] = {
    define_prop<&S::num_sources>("num-sources", "96", "interrupt sources, numbered from 1"),
    define_prop<&S::num_harts>("num-harts", "1", "harts; each has an M and an S context"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "SiFive platform-level interrupt controller";
    dc->category = DEVICE_CATEGORY_MISC;
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_SIFIVE_PLIC,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void sifive_plic_register_types() { type_register_static(&info); }
type_init(sifive_plic_register_types)

} // namespace sifive_plic
