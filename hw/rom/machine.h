// SPDX-License-Identifier: MIT
/* What the device tree tells about the machine, and its plain devices: test device and PLIC. */
#pragma once
#include "hw/rom/fb.h"
#include "hw/rom/fdt.h"

enum { MAX_VIRTIO = 32 };
enum PowerWord { POWER_FAIL = 0x3333, POWER_OFF = 0x5555, POWER_RESET = 0x7777 };

struct Machine {
    const char *model; // "?" where the tree is silent
    char isa[16];      // the first hart's, up to the first "_"; likewise
    unsigned harts;
    struct Region tree, ram;
    uint64_t uart, test;   // at the usual place where the tree is silent
    uint64_t plic, toy_fb; // 0: the machine has none
    uint32_t uart_irq, toy_fb_irq;
    struct Framebuffer screen;   // width 0: none, or not one we can paint on
    uint64_t virtio[MAX_VIRTIO]; // in the tree's order
    unsigned virtio_count;
};

// False if there is no usable device tree.
bool machine_read(struct Machine *machine, uint64_t tree);

// Writes a word to the test device, which ends or resets the machine.
_Noreturn void machine_power(const struct Machine *machine, uint32_t word);

// The PLIC, for the boot hart in M mode: context 0.
void plic_enable(const struct Machine *machine, uint32_t irq);
uint32_t plic_claim(const struct Machine *machine);
void plic_complete(const struct Machine *machine, uint32_t irq);
