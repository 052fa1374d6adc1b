// SPDX-License-Identifier: MIT
/* Devices that all harts use at once: the PLIC gives an interrupt to one hart at a time, and the
 * framebuffer's memory, whose writes are watched, keeps them all. */
#include "tests/stress/guest/stress.h"

enum { CLAIMS = 50, ROWS = 4, PIXELS = 64 };
enum { PLIC_ENABLE = 0x2000, PLIC_CONTEXT = 0x200000, CLAIM = 4 };
enum { UART_IER = 1, IER_TRANSMIT = 2 };

// --- the transmitter's interrupt, which is pending as long as it is enabled

static volatile uint32_t owner, claimed;

static void prepare_claims(void) {
    owner = claimed = 0;
    write32(machine.plic + 4 * machine.uart_irq, 1);
    write8(machine.uart + UART_IER, IER_TRANSMIT);
}

// M mode's context of hart h is 2 * h.
static void run_claims(unsigned hart) {
    uint64_t enable = machine.plic + PLIC_ENABLE + 0x100 * hart + machine.uart_irq / 32 * 4;
    uint64_t context = machine.plic + PLIC_CONTEXT + 0x2000 * hart;
    write32(enable, 1u << machine.uart_irq % 32);
    write32(context, 0);
    for (unsigned n = 0; n < CLAIMS; n++) {
        uint32_t irq = read32(context + CLAIM);
        if (irq == 0) continue;
        expect("claimed", irq, machine.uart_irq);
        expect("claimed by another hart", amoswap_w_aq(&owner, hart + 1), 0);
        amoadd_w(&claimed, 1);
        amoswap_w_rl(&owner, 0);
        fence_rw_o();
        write32(context + CLAIM, irq);
    }
    write32(enable, 0);
}

static void check_claims(void) {
    write8(machine.uart + UART_IER, 0);
    if (claimed == 0) wrong("claims", 0, 1);
}

// --- pixels

static void run_pixels(unsigned hart) {
    struct Framebuffer *screen = &machine.screen;
    if (screen->width < PIXELS || screen->height < ROWS * MAX_HARTS) return;
    for (unsigned row = 0; row < ROWS; row++) {
        volatile uint32_t *line = screen->pixels + screen->stride * (row * MAX_HARTS + hart);
        uint32_t colour = 0xff000000 | round_number << 8 | hart;
        for (unsigned x = 0; x < PIXELS; x++) line[x] = colour + row;
        for (unsigned x = 0; x < PIXELS; x++) expect("pixel", line[x], colour + row);
    }
}

const struct Test device_tests[] = {
    { "claims", prepare_claims, run_claims, check_claims },
    { "pixels", NULL, run_pixels, NULL },
    { 0 },
};
