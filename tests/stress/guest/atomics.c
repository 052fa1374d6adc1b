// SPDX-License-Identifier: MIT
/* Atomic operations on shared words: sums and sets that must come out, operations of different
 * widths on the same bytes, and misaligned stores side by side. */
#include "tests/stress/guest/stress.h"

// So many that harts which begin one after the other still meet.
enum { TURNS = 2000 };

static struct {
    volatile uint32_t add32, lrsc32, cas32, max32, min32;
    volatile uint64_t add64, lrsc64, cas64, xor64, or64, and64;
} sums __attribute__((aligned(64)));

static void prepare_sums(void) {
    memset((void *)&sums, 0, sizeof(sums));
    sums.min32 = ~0u;
    sums.and64 = ~0ul;
}

static void add_lrsc32(Word *p) {
    while (sc_w(p, lr_w(p) + 1)) {
    }
}
static void add_lrsc64(DoubleWord *p) {
    while (sc_d_aqrl(p, lr_d_aqrl(p) + 1)) {
    }
}

static void add_cas32(Word *p) {
    uint32_t seen = 0, old;
    while ((old = amocas_w(seen, p, seen + 1)) != seen) seen = old;
}
static void add_cas64(DoubleWord *p) {
    uint64_t seen = 0, old;
    while ((old = amocas_d(seen, p, seen + 1)) != seen) seen = old;
}

static void run_sums(unsigned hart) {
    for (unsigned turn = 0; turn < TURNS; turn++) {
        amoadd_w(&sums.add32, 3);
        amoadd_d_aqrl(&sums.add64, 1ul << 31);
        add_lrsc32(&sums.lrsc32);
        add_lrsc64(&sums.lrsc64);
        if (has_zacas) add_cas32(&sums.cas32);
        if (has_zacas) add_cas64(&sums.cas64);
        amomaxu_w(&sums.max32, hart * TURNS + turn);
        amominu_w(&sums.min32, hart * TURNS + turn + 7);
        amoxor_d(&sums.xor64, 1ul << (hart + 32 * (turn & 1)));
        amoor_d(&sums.or64, 1ul << hart);
        amoand_d(&sums.and64, ~(1ul << hart));
    }
}

static void check_sums(void) {
    uint64_t n = harts * TURNS, all = ~0ul >> (64 - harts);
    expect("amoadd.w", sums.add32, 3 * n);
    expect("amoadd.d", sums.add64, n << 31);
    expect("lr.w, sc.w", sums.lrsc32, n);
    expect("lr.d, sc.d", sums.lrsc64, n);
    expect("amocas.w", sums.cas32, has_zacas ? n : 0);
    expect("amocas.d", sums.cas64, has_zacas ? n : 0);
    expect("amomaxu.w", sums.max32, n - 1);
    expect("amominu.w", sums.min32, 7);
    expect("amoxor.d", sums.xor64, 0);
    expect("amoor.d", sums.or64, all);
    expect("amoand.d", sums.and64, ~all);
}

// --- one double word, by its halves, its bytes and as a whole

static union {
    volatile uint64_t whole;
    volatile uint32_t half[2];
    volatile uint8_t bytes[8];
} mixed[16] __attribute__((aligned(64)));

static void prepare_mixed(void) { memset((void *)mixed, 0, sizeof(mixed)); }

// In each word, byte 0 counts by double words, byte 2 by LR and SC of the low half, byte 4 by AMOs
// of the high half; two harts have bytes 6 and 7 to themselves. Counts stay below 256.
static void run_mixed(unsigned hart) {
    for (unsigned turn = 0; turn < 16 * 7; turn++) {
        unsigned n = (turn + hart) % 16;
        amoadd_d(&mixed[n].whole, 1);
        uint32_t low;
        do low = lr_w(&mixed[n].half[0]);
        while (sc_w(&mixed[n].half[0], low + (1 << 16)));
        amoadd_w(&mixed[n].half[1], 1);
        if (hart < 2) mixed[n].bytes[6 + hart]++;
    }
}

static void check_mixed(void) {
    uint64_t n = harts * 7 & 0xff, expected = n | n << 16 | n << 32 | 7ul << 48;
    if (harts > 1) expected |= 7ul << 56;
    for (unsigned i = 0; i < 16; i++) expect("mixed widths", mixed[i].whole, expected);
}

// --- amocas.q: two double words that stand for one number

static volatile uint64_t pair[2] __attribute__((aligned(16)));

static void prepare_pair(void) {
    pair[0] = 0;
    pair[1] = ~0ul;
}

// amocas.q a2, a4, (a0): what was there is in old; true if it was what old said.
static bool cas_pair(uint64_t old[2], uint64_t first, uint64_t second) {
    register volatile uint64_t *a0 asm("a0") = pair;
    register uint64_t a2 asm("a2") = old[0], a3 asm("a3") = old[1];
    register uint64_t a4 asm("a4") = first, a5 asm("a5") = second;
    asm volatile(".4byte 0x28e5462f" : "+r"(a2), "+r"(a3) : "r"(a0), "r"(a4), "r"(a5) : "memory");
    bool same = a2 == old[0] && a3 == old[1];
    old[0] = a2;
    old[1] = a3;
    return same;
}

static void run_pair(unsigned hart) {
    (void)hart;
    uint64_t old[2] = { 0, ~0ul };
    for (unsigned turn = 0; has_zacas && turn < TURNS; turn++) {
        while (!cas_pair(old, old[0] + 1, ~(old[0] + 1))) expect("amocas.q", old[1], ~old[0]);
    }
}

static void check_pair(void) {
    expect("amocas.q, sum", pair[0], has_zacas ? harts * TURNS : 0);
    expect("amocas.q, complement", pair[1], ~pair[0]);
}

// --- misaligned stores: each hart's bytes lie between its neighbours', across words and pages

enum { STRIDE = 7, ACROSS = 4096 - 16 * STRIDE };
static volatile uint8_t bytes[2 * 4096] __attribute__((aligned(4096)));

static void run_misaligned(unsigned hart) {
    volatile uint8_t *mine = &bytes[ACROSS + hart * STRIDE];
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        uint32_t value = (turn * 0x01010101u) ^ hart;
        *(volatile uint32_t *)mine = value;
        *(volatile uint16_t *)(mine + 4) = (uint16_t)value;
        mine[6] = (uint8_t)value;
        expect("misaligned word", *(volatile uint32_t *)mine, value);
        expect("misaligned half word", *(volatile uint16_t *)(mine + 4), (uint16_t)value);
        expect("byte between them", mine[6], (uint8_t)value);
    }
}

const struct Test atomic_tests[] = {
    { "sums", prepare_sums, run_sums, check_sums },
    { "mixed widths", prepare_mixed, run_mixed, check_mixed },
    { "amocas.q", prepare_pair, run_pair, check_pair },
    { "misaligned", NULL, run_misaligned, NULL },
    { 0 },
};
