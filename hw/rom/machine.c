// SPDX-License-Identifier: MIT
/* The machine as its device tree describes it. Devices are found by their "compatible" property:
 * nothing here knows the memory map but two defaults, which serve where the tree is silent. */
#include "hw/rom/machine.h"

enum { DEFAULT_UART = 0x10000000, DEFAULT_TEST = 0x100000 };
enum { MIN_SIDE = 64, MAX_HEIGHT = 1 << 14, MAX_STRIDE = 1 << 16 };

static bool is_one_of(const struct Fdt *fdt, const struct FdtNode *node, const char *name,
                      const char *wanted) {
    const char *value = fdt_string(fdt, node, name);
    return value && strcmp(value, wanted) == 0;
}

static void read_hart(struct Machine *m, const struct Fdt *fdt, const struct FdtNode *node) {
    const char *isa = fdt_string(fdt, node, "riscv,isa");
    if (m->harts++ > 0 || !isa) return;
    // the screen has no room for the names of all extensions
    size_t n = 0;
    for (; isa[n] && isa[n] != '_' && n < sizeof(m->isa) - 1; n++) m->isa[n] = isa[n];
    m->isa[n] = '\0';
}

// Rows must lie one behind the other in the node's own region, in a format we can write.
static void read_screen(struct Machine *m, const struct Fdt *fdt, const struct FdtNode *node,
                        const struct Region *reg) {
    uint64_t width = fdt_u32(fdt, node, "width"), height = fdt_u32(fdt, node, "height");
    uint64_t stride = fdt_u32(fdt, node, "stride");
    bool format =
        is_one_of(fdt, node, "format", "a8r8g8b8") || is_one_of(fdt, node, "format", "x8r8g8b8");
    if (!format || width < MIN_SIDE || height < MIN_SIDE || height > MAX_HEIGHT) return;
    if (stride % 4 != 0 || stride > MAX_STRIDE || reg->base % 4 != 0) return;
    if (width * 4 > stride || stride * height > reg->size) return;
    m->screen = (struct Framebuffer){ (uint32_t *)reg->base, width, height, stride / 4 };
}

static void read_device(struct Machine *m, const struct Fdt *fdt, const struct FdtNode *node,
                        const struct Region *reg) {
    if (fdt_compatible(fdt, node, "ns16550a")) {
        m->uart = reg->base;
        m->uart_irq = fdt_u32(fdt, node, "interrupts");
    } else if (fdt_compatible(fdt, node, "sifive,test0") ||
               fdt_compatible(fdt, node, "sifive,test1")) {
        m->test = reg->base;
    } else if (fdt_compatible(fdt, node, "riscv,plic0") ||
               fdt_compatible(fdt, node, "sifive,plic-1.0.0")) {
        m->plic = reg->base;
    } else if (fdt_compatible(fdt, node, "virtio,mmio")) {
        if (m->virtio_count < MAX_VIRTIO) m->virtio[m->virtio_count++] = reg->base;
    } else if (fdt_compatible(fdt, node, "simple-framebuffer")) {
        read_screen(m, fdt, node, reg);
    } else if (fdt_compatible(fdt, node, "vl,toy-fb")) {
        m->toy_fb = reg->base;
        m->toy_fb_irq = fdt_u32(fdt, node, "interrupts");
    }
}

bool machine_read(struct Machine *m, uint64_t tree) {
    struct Fdt fdt;
    struct FdtNode node = { 0 };
    struct Region reg;
    *m = (struct Machine){ .model = "?", .isa = "?", .uart = DEFAULT_UART, .test = DEFAULT_TEST };
    if (!fdt_open(&fdt, tree)) return false;

    m->tree = fdt.blob;
    while (fdt_next(&fdt, &node)) {
        const char *model = node.depth == 1 ? fdt_string(&fdt, &node, "model") : NULL;
        if (model) m->model = model;
        if (is_one_of(&fdt, &node, "device_type", "cpu"))
            read_hart(m, &fdt, &node);
        else if (!fdt_reg(&fdt, &node, &reg))
            continue;
        else if (is_one_of(&fdt, &node, "device_type", "memory"))
            m->ram = reg;
        else
            read_device(m, &fdt, &node, &reg);
    }
    return true;
}

void machine_power(const struct Machine *m, uint32_t word) {
    write32(m->test, word);
    for (;;) asm volatile("wfi");
}

// --- PLIC: priority at 4 * irq, enable bits, threshold, claim and complete

enum { PLIC_SOURCES = 1024 };
enum { PLIC_ENABLE = 0x2000, PLIC_THRESHOLD = 0x200000, PLIC_CLAIM = 0x200004 };

void plic_enable(const struct Machine *m, uint32_t irq) {
    if (!m->plic || irq == 0 || irq >= PLIC_SOURCES) return;
    uint64_t word = m->plic + PLIC_ENABLE + irq / 32 * 4;
    write32(m->plic + 4 * irq, 1);
    write32(word, read32(word) | 1u << irq % 32);
    write32(m->plic + PLIC_THRESHOLD, 0);
}

uint32_t plic_claim(const struct Machine *m) { return m->plic ? read32(m->plic + PLIC_CLAIM) : 0; }

void plic_complete(const struct Machine *m, uint32_t irq) {
    if (m->plic) write32(m->plic + PLIC_CLAIM, irq);
}
