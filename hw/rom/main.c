// SPDX-License-Identifier: MIT
/* The toy ROM: tells what the device tree says, paints it, and boots the first disk that can.
 * Spec:  docs/specs/boot-sector.md
 * Guest: none; this is what runs before one
 * In gdb: gdb-multiarch build/release/toy-rom.elf, then b rom_main */
#include "hw/rom/boot.h"
#include "hw/rom/console.h"
#include "hw/rom/screen.h"

static struct Machine machine;

// One line of what was found, on the serial port and on the screen.
__attribute__((format(printf, 2, 3))) static void report(const char *label, const char *text, ...) {
    char line[100];
    va_list args;
    va_start(args, text);
    format(line, sizeof line, text, args);
    va_end(args);

    console_write("  ");
    console_write(label);
    for (size_t n = strlen(label); n < 13; n++) console_write(" ");
    say("%s", line);
    screen_line(label, line);
}

// --- what was found

static void report_disks(void) {
    char label[16], size[16];
    unsigned disks = 0;
    for (unsigned i = 0; i < machine.virtio_count; i++)
        if (virtio_blk_probe(machine.virtio[i])) disks++;
    report("virtio", "%u slots, %u with a disk", machine.virtio_count, disks);

    disks = 0;
    for (unsigned i = 0; i < machine.virtio_count; i++) {
        if (!virtio_blk_probe(machine.virtio[i])) continue;
        uint64_t sectors = virtio_blk_sectors(machine.virtio[i]);
        format_to(label, sizeof label, "disk %u", disks++);
        report(label, "%lu sectors (%s) at 0x%lx", sectors,
               format_size(size, sectors * SECTOR_SIZE), machine.virtio[i]);
    }
}

static void report_machine(void) {
    char size[16];
    report("machine", "%s", machine.model);
    report("harts", "%u, %s", machine.harts, machine.isa);
    report("memory", "%s at 0x%lx", format_size(size, machine.ram.size), machine.ram.base);
    if (machine.screen.width != 0)
        report("framebuffer", "%u x %u at 0x%lx", machine.screen.width, machine.screen.height,
               (uint64_t)machine.screen.pixels);
    else
        report("framebuffer", "none");
    report_disks();
}

// --- boot

// The payload finds the hart as the ROM did: M mode, no interrupts, a0 and a1 as at reset.
static _Noreturn void jump(uint64_t entry, uint64_t hart, uint64_t tree) {
    register uint64_t a0 asm("a0") = hart;
    register uint64_t a1 asm("a1") = tree;
    asm volatile("fence.i\n\tjr %0" ::"r"(entry), "r"(a0), "r"(a1) : "memory");
    __builtin_unreachable();
}

static void boot_disks(uint64_t hart, uint64_t tree) {
    struct VirtioQueue queue __attribute__((aligned(VIRTIO_PAGE)));
    struct VirtioBlk disk;
    struct BootSector sector;
    char label[16];
    unsigned number = 0;
    for (unsigned i = 0; i < machine.virtio_count; i++) {
        if (!virtio_blk_probe(machine.virtio[i])) continue;
        format_to(label, sizeof label, "disk %u", number);
        const char *wrong = "the device does not take a queue";
        if (virtio_blk_open(&disk, machine.virtio[i], &queue, 0))
            wrong = boot_load(&disk, &machine, &sector);
        virtio_blk_close(&disk);
        if (!wrong) {
            char name[sizeof sector.name + 1] = { 0 };
            memcpy(name, sector.name, sizeof sector.name);
            screen_line("booting", name);
            say("booting disk %u: \"%s\"", number, name);
            jump(sector.entry, hart, tree);
        }
        report(label, "%s", wrong);
        number++;
    }
}

// --- no disk: wait for a key

static void wait_for_keys(void) {
    console_interrupt_on_receive();
    plic_enable(&machine, machine.uart_irq);
    asm volatile("csrs mie, %0" ::"r"(1 << 11)); // machine external: ends wfi, though not taken
    for (;;) {
        if (machine.plic) asm volatile("wfi");
        uint32_t irq = plic_claim(&machine);
        int key = console_get();
        if (key == 'q') machine_power(&machine, POWER_OFF);
        if (key == 'r') machine_power(&machine, POWER_RESET);
        if (irq != 0) plic_complete(&machine, irq);
    }
}

// From start.S, with nothing to return to. It may come before the console is open.
void trap(uint64_t cause, uint64_t pc, uint64_t value) {
    console_open(machine.uart);
    say("toy ROM: trap: mcause 0x%lx, mepc 0x%lx, mtval 0x%lx", cause, pc, value);
    machine_power(&machine, 1 << 16 | POWER_FAIL);
}

void rom_main(uint64_t hart, uint64_t tree) {
    bool found = machine_read(&machine, tree); // what is there?
    console_open(machine.uart);                // the serial port
    say("vl toy ROM");
    if (!found) {
        say("no usable device tree at 0x%lx", tree);
        wait_for_keys();
    }
    screen_open(&machine.screen); // the sky, the logo, the panel
    report_machine();             // fill it
    boot_disks(hart, tree);       // does not come back if one boots
    screen_line("no boot", "no disk here carries a boot sector");
    screen_line("attach one", "-drive file=disk.img,format=raw,if=virtio");
    screen_line("keys", "q power off, r reset");
    say("no bootable disk: attach one with -drive file=disk.img,format=raw,if=virtio");
    say("keys: q power off, r reset");
    wait_for_keys();
}
