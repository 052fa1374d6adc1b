// SPDX-License-Identifier: MIT
/* The stress guest: all harts run every test again and again, until the time is over.
 * `-append seconds=N` says how long. It ends by the test device: passed, or failed with 1. */
#include "tests/stress/guest/stress.h"

enum { DEFAULT_SECONDS = 5, SHOWN = 20 };
enum { CAUSE_ILLEGAL = 2, CAUSE_LOAD_PAGE = 13, CAUSE_STORE_PAGE = 15 };
#define CAUSE_M_SOFT (1ul << 63 | 3)

unsigned harts, round_number;
struct Machine machine;
uint64_t sswi;
bool has_zawrs, has_zacas;

static const struct Test *const groups[] = { lock_tests, atomic_tests, litmus_tests, ipi_tests,
                                             code_tests, page_tests,   device_tests,  disk_tests };

static uint64_t seconds = DEFAULT_SECONDS;
static volatile uint32_t over, errors;
extern volatile uint32_t ready;
static struct {
    volatile bool expected, happened;
    char pad[62];
} traps[MAX_HARTS] __attribute__((aligned(64)));

// --- errors

static volatile uint32_t print_lock;

void wrong(const char *what, uint64_t got, uint64_t wanted) {
    if (amoadd_w(&errors, 1) >= SHOWN) return;
    uint64_t enabled = interrupts_off(); // a handler may have something to say, too
    while (amoswap_w_aq(&print_lock, 1)) wait_on(&print_lock, 1);
    say("hart %u, round %u: %s: %lx, not %lx", hart_number(), round_number, what, got, wanted);
    amoswap_w_rl(&print_lock, 0);
    interrupts_restore(enabled);
}

// --- barrier

void barrier(void) {
    static volatile uint32_t arrived, generation;
    uint32_t mine = generation;
    if (amoadd_w_aqrl(&arrived, 1) == harts - 1) {
        arrived = 0;
        fence_rw_w();
        generation = mine + 1;
        return;
    }
    while (generation == mine) wait_on(&generation, mine);
    fence_r_rw();
}

// --- traps

void trap_expect(void) {
    traps[hart_number()].happened = false;
    traps[hart_number()].expected = true;
}

bool trap_happened(void) {
    traps[hart_number()].expected = false;
    return traps[hart_number()].happened;
}

uint64_t trap(uint64_t cause, uint64_t epc, uint64_t tval) {
    if (cause == CAUSE_M_SOFT) {
        ipi_serve();
        return epc;
    }
    bool known = cause == CAUSE_ILLEGAL || cause == CAUSE_LOAD_PAGE || cause == CAUSE_STORE_PAGE;
    if (traps[hart_number()].expected && known) {
        traps[hart_number()].happened = true;
        return epc + 4;
    }
    say("hart %u: trap %lx at %lx, tval %lx", hart_number(), cause, epc, tval);
    machine_power(&machine, 1 << 16 | POWER_FAIL);
}

// --- what there is

static uint64_t number_behind(const char *text, const char *name) {
    for (; *text; text++) {
        size_t n = 0;
        while (name[n] && text[n] == name[n]) n++;
        if (name[n]) continue;
        uint64_t number = 0;
        for (text += n; *text >= '0' && *text <= '9'; text++) number = number * 10 + *text - '0';
        return number;
    }
    return 0;
}

static void read_tree(uint64_t tree) {
    struct Fdt fdt;
    struct FdtNode node = { 0 };
    struct Region reg;
    if (!machine_read(&machine, tree) || !fdt_open(&fdt, tree)) return;
    while (fdt_next(&fdt, &node)) {
        const char *args = fdt_string(&fdt, &node, "bootargs");
        uint64_t wanted = args ? number_behind(args, "seconds=") : 0;
        if (wanted) seconds = wanted;
        if (fdt_compatible(&fdt, &node, "riscv,aclint-sswi") && fdt_reg(&fdt, &node, &reg)) {
            sswi = reg.base;
        }
    }
}

static void probe(void) {
    trap_expect();
    wrs_nto();
    has_zawrs = !trap_happened();
    uint32_t word = 0;
    trap_expect();
    (void)amocas_w(0, &word, 0);
    has_zacas = !trap_happened();
}

static void configure(uint64_t tree) {
    read_tree(tree);
    console_open(machine.uart);
    harts = machine.harts;
    probe();
    say("stress: %u harts, %lu seconds%s%s%s", harts, seconds, has_zacas ? ", zacas" : "",
        has_zawrs ? ", zawrs" : "", sswi ? ", sswi" : "");
}

// --- the run

static void run_test(const struct Test *test, unsigned hart) {
    if (hart == 0 && test->prepare) test->prepare();
    barrier();
    test->run(hart);
    barrier();
    if (hart == 0 && test->check) test->check();
}

static void run_round(unsigned hart) {
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const struct Test *test = groups[g]; test->name; test++) run_test(test, hart);
    }
}

_Noreturn static void report(void) {
    say("stress: %u rounds, %u errors", round_number, errors);
    machine_power(&machine, errors ? 1 << 16 | POWER_FAIL : POWER_OFF);
}

_Noreturn void hart_main(unsigned hart, uint64_t tree) {
    if (hart == 0) {
        configure(tree);
        fence_rw_w();
        ready = 1;
        fence_rw_iorw();
        for (unsigned h = 1; h < harts; h++) write32(CLINT + 4 * h, 1);
    }
    write32(CLINT + 4 * hart, 0);
    fence_iorw_iorw();
    set_mstatus(MSTATUS_MIE);
    uint64_t end = read_time() + seconds * TICKS_PER_SECOND;
    while (!over) {
        run_round(hart);
        barrier();
        if (hart == 0) {
            round_number++;
            over = read_time() >= end || errors > SHOWN;
        }
        barrier();
    }
    if (hart == 0) report();
    for (;;) wfi();
}
