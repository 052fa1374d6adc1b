// SPDX-License-Identifier: MIT
/* The demonstration: a program without a system below it. The framebuffer's vertical-sync interrupt
 * draws a frame, the serial port's receive interrupt answers keys, and in between the hart sleeps.
 * Spec:   docs/specs/toy-fb.md, docs/specs/boot-sector.md
 * In gdb: gdb-multiarch build/release/demo.elf, then b on_vsync */
#include "hw/rom/console.h"
#include "hw/rom/machine.h"
#include "hw/rom/demo/scene.h"

enum ToyFb { ID = 0x00, CONTROL = 0x1c, STATUS = 0x20 };
enum { TOY_FB_ID = 0x31424654, CONTROL_ENABLE = 1, CONTROL_VSYNC_IE = 2, STATUS_VSYNC = 1 };
enum { FROZEN_FRAME = 60 };

static struct Machine machine;
static struct {
    bool present, running, freeze;
    uint32_t frame; // the next one to draw
} show;

// --- the picture

static void start_show(void) {
    scene_start(&machine.screen);
    show.frame = 0;
    show.running = true;
}

static void on_vsync(void) {
    write32(machine.toy_fb + STATUS, STATUS_VSYNC); // the frame is taken
    if (!show.running) return;
    scene_frame(show.frame);
    if (show.freeze && show.frame == FROZEN_FRAME) {
        show.running = show.freeze = false;
        say("frozen at frame %u", show.frame);
    }
    show.frame++;
}

static bool find_toy_fb(void) {
    const struct Framebuffer *fb = &machine.screen;
    return machine.toy_fb && read32(machine.toy_fb + ID) == TOY_FB_ID &&
           fb->width >= SCENE_MIN_WIDTH && fb->height >= SCENE_MIN_HEIGHT &&
           fb->height <= SCENE_MAX_HEIGHT;
}

// --- keys

static void pause_show(void) {
    show.running = !show.running;
    if (show.running)
        say("running");
    else
        say("paused after %u frames", show.frame);
}

static void on_key(int key) {
    if (key == 'q') machine_power(&machine, POWER_OFF);
    if (key == 'r') machine_power(&machine, POWER_RESET);
    if (key == ' ' && show.present) {
        pause_show();
    } else if (key == 's' && show.present) {
        show.freeze = true;
        start_show();
    } else if (key > ' ' && key <= '~') {
        say("key '%c'", key);
    } else {
        say("key 0x%x", key);
    }
}

static void on_receive(void) {
    for (int key; (key = console_get()) >= 0;) on_key(key);
}

// --- interrupts

static void serve_interrupt(void) {
    uint32_t irq = plic_claim(&machine); // which device asks?
    if (irq == 0) return;
    if (irq == machine.uart_irq) on_receive();
    if (show.present && irq == machine.toy_fb_irq) on_vsync();
    plic_complete(&machine, irq);
}

__attribute__((interrupt("machine"), aligned(4))) static void trap(void) {
    uint64_t cause, pc, value;
    asm volatile("csrr %0, mcause" : "=r"(cause));
    asm volatile("csrr %0, mepc" : "=r"(pc));
    asm volatile("csrr %0, mtval" : "=r"(value));
    if (cause >> 63) {
        serve_interrupt();
        return;
    }
    say("demo: trap: mcause 0x%lx, mepc 0x%lx, mtval 0x%lx", cause, pc, value);
    machine_power(&machine, 1 << 16 | POWER_FAIL);
}

static void open_interrupts(void) {
    enum { MSTATUS_MIE = 1 << 3, MIE_MEIE = 1 << 11 };
    console_interrupt_on_receive();
    plic_enable(&machine, machine.uart_irq);
    if (show.present) {
        plic_enable(&machine, machine.toy_fb_irq);
        write32(machine.toy_fb + CONTROL, CONTROL_ENABLE | CONTROL_VSYNC_IE);
    }
    asm volatile("csrw mie, %0" ::"r"(MIE_MEIE));
    asm volatile("csrs mstatus, %0" ::"r"(MSTATUS_MIE));
}

void demo_main(uint64_t hart, uint64_t tree) {
    (void)hart;
    asm volatile("csrw mtvec, %0" ::"r"(trap));
    machine_read(&machine, tree); // what is there?
    console_open(machine.uart);
    show.present = find_toy_fb();
    if (show.present) {
        say("vl demonstration: %u x %u pixels, a frame at each vertical sync",
            machine.screen.width, machine.screen.height);
        say("keys: q power off, r reset, space pause, s stop at frame %u", FROZEN_FRAME);
        start_show();
    } else {
        say("vl demonstration: no toy-fb to draw on, but keys are answered");
        say("keys: q power off, r reset");
    }
    open_interrupts();
    for (;;) asm volatile("wfi"); // all else happens in trap()
}
