// SPDX-License-Identifier: MIT
/* Locks: each protects eight words that must always be equal. */
#include "tests/stress/guest/stress.h"

enum { TURNS = 500, WORDS = 8 };

static struct {
    volatile uint32_t word, serving;
    char pad[56];
    volatile uint64_t guarded[WORDS];
} lock __attribute__((aligned(64)));

static void prepare(void) { memset((void *)&lock, 0, sizeof(lock)); }

static void change_guarded(const char *name) {
    uint64_t before = lock.guarded[0];
    for (unsigned i = 1; i < WORDS; i++) expect(name, lock.guarded[i], before);
    for (unsigned i = 0; i < WORDS; i++) lock.guarded[i] = before + 1;
}

static void check(void) { expect("sum under a lock", lock.guarded[0], harts * TURNS); }

static void run_lrsc(unsigned hart) {
    (void)hart;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        while (lr_w_aq(&lock.word) || sc_w(&lock.word, 1)) wait_on(&lock.word, 1);
        change_guarded("lr/sc lock");
        amoswap_w_rl(&lock.word, 0);
    }
}

static void run_amoswap(unsigned hart) {
    (void)hart;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        while (amoswap_w_aq(&lock.word, 1)) wait_on(&lock.word, 1);
        change_guarded("amoswap lock");
        fence_rw_w();
        lock.word = 0;
    }
}

// Plain loads and stores behind fences.
static void run_ticket(unsigned hart) {
    (void)hart;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint32_t mine = amoadd_w(&lock.word, 1), now;
        while ((now = lock.serving) != mine) wait_on(&lock.serving, now);
        fence_r_rw();
        change_guarded("ticket lock");
        fence_rw_w();
        lock.serving = mine + 1;
    }
}

const struct Test lock_tests[] = {
    { "lr/sc lock", prepare, run_lrsc, check },
    { "amoswap lock", prepare, run_amoswap, check },
    { "ticket lock", prepare, run_ticket, check },
    { 0 },
};
