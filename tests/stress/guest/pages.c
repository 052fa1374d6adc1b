// SPDX-License-Identifier: MIT
/* A page that one hart maps and unmaps while the others store to it: once all have answered an
 * SFENCE.VMA by interrupt, nobody writes there any more, and the entry stays as it was left.
 *
 * Harts stay in M mode; MPRV sends single accesses through Sv39 as if from S mode. */
#include "tests/stress/guest/stress.h"

enum { TURNS = 6, BURST = 16, PAUSE = 100 /* ticks */ };
enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_A = 0x40, PTE_D = 0x80 };
enum { MPP = 0x1800, MPP_S = 0x800, MPRV = 0x20000 };
#define SATP_SV39    (8ul << 60)
#define MENVCFG_ADUE (1ul << 61)
#define VA           0x40000000ul // entry 1 of the first level, 0 of the others

typedef volatile uint64_t Page[512];
static Page tables[3] __attribute__((aligned(4096))), frames[2] __attribute__((aligned(4096)));
static volatile uint32_t stores, done;

static uint64_t pte(const volatile void *page, uint64_t bits) {
    return (uint64_t)page >> 12 << 10 | bits | PTE_V;
}

static void prepare(void) {
    memset((void *)tables, 0, sizeof(tables));
    tables[0][1] = pte(tables[1], 0);
    tables[1][0] = pte(tables[2], 0);
    stores = done = 0;
}

static void translate(bool on) {
    write_pmpaddr0(-1);
    write_pmpcfg0(0x1f); // NAPOT, all of memory, all rights
    set_menvcfg(MENVCFG_ADUE);
    write_satp(on ? SATP_SV39 | (uint64_t)tables >> 12 : 0);
    sfence_vma_all();
}

// False if it faults. With interrupts off, since a handler would leave MPP changed.
static bool store_virtual(uint64_t va, uint64_t value) {
    uint64_t enabled = interrupts_off();
    trap_expect();
    asm volatile(".option push; .option norvc\n"
                 "csrc mstatus, %2; csrs mstatus, %3\n"
                 "sd %0, (%1)\n"
                 "csrc mstatus, %4\n"
                 ".option pop" ::"r"(value),
                 "r"(va), "r"(MPP), "r"(MPRV | MPP_S), "r"(MPRV)
                 : "memory");
    interrupts_restore(enabled);
    return !trap_happened();
}

static void flush(uint64_t va) {
    if (va)
        sfence_vma(va);
    else
        sfence_vma_all();
}

static void pause(void) {
    for (uint64_t end = read_time() + PAUSE; read_time() < end;) {
    }
}

static void unmap_and_look(unsigned turn) {
    static uint64_t before[MAX_HARTS];
    volatile uint64_t *frame = frames[turn % 2];
    uint64_t old = amoswap_d(&tables[2][0], 0);
    expect("accessed and dirty", old & (PTE_A | PTE_D), PTE_A | PTE_D);
    fence_rw_rw();
    ipi_call(flush, turn % 3 ? VA : 0);
    for (unsigned h = 0; h < harts; h++) before[h] = frame[h];
    pause();
    for (unsigned h = 0; h < harts; h++) expect("store to a page unmapped", frame[h], before[h]);
    expect("entry unmapped", tables[2][0], 0);
}

static void run_owner(void) {
    for (unsigned turn = 0; harts > 1 && turn < TURNS; turn++) {
        uint32_t seen = stores;
        tables[2][0] = pte(frames[turn % 2], PTE_R | PTE_W);
        fence_rw_rw();
        while (stores == seen) wait_on(&stores, seen);
        unmap_and_look(turn);
    }
    done = 1;
}

static void run(unsigned hart) {
    translate(true);
    if (hart == round_number % harts) run_owner();
    for (uint64_t value = 1; !done; value++) {
        bool stored = store_virtual(VA + 8 * hart, value);
        if (stored)
            amoadd_w_rl(&stores, 1);
        else
            flush(VA);
        if (!stored || value % BURST == 0) wait_on(&done, 0);
    }
    translate(false);
}

const struct Test page_tests[] = {
    { "unmapped page", prepare, run, NULL },
    { 0 },
};
