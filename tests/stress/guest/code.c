// SPDX-License-Identifier: MIT
/* Code that one hart writes and others run: behind an interrupt and a fence.i it is the new one;
 * without them each aligned word is the old or the new one, never a mixture (Ziccif). */
#include "tests/stress/guest/stress.h"

enum { TURNS = 5, FLIPS = 40, FENCE_EVERY = 8 };
#define RET 0x00008067u

// Two words a hart, so that several share a line, and data lies beside them.
static struct {
    volatile uint32_t word, ret;
    volatile uint64_t data;
} slots[MAX_HARTS] __attribute__((aligned(4096)));

static void write_code(volatile uint32_t *function, uint32_t word) {
    function[0] = word;
    function[1] = RET;
}

static uint64_t call(volatile uint32_t *function) {
    return ((uint64_t(*)(void))(uint64_t)function)();
}

// --- with fence.i

// The argument: whose slot it is, and the number that its function returns.
static void run_slot(uint64_t argument) {
    fence_i();
    expect("code behind fence.i", call(&slots[argument >> 32].word), (uint32_t)argument << 12);
}

static void run_calls(unsigned hart) {
    static uint32_t numbers[MAX_HARTS];
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint32_t number = numbers[hart]++ & 0x7ffff;
        write_code(&slots[hart].word, number << 12 | 0x537); // lui a0, number
        fence_rw_rw();
        ipi_call(run_slot, (uint64_t)hart << 32 | number);
        run_slot((uint64_t)hart << 32 | number);
        slots[hart].data++;
    }
}

// --- without

// One instruction of four bytes, and a pair of two bytes each. Half of one word with half of the
// other is an instruction that returns neither.
static volatile uint32_t single[2] __attribute__((aligned(4096))), pair[2];
enum { ADDI_111 = 0x11100513, LUI_22220 = 0x22220537 }; // addi a0, zero, 0x111; lui a0, 0x22220
enum { LI_1_1 = 0x45854505, LI_2_2 = 0x45894509 };      // c.li a0, n; c.li a1, n
static volatile uint32_t done;

static void prepare_patches(void) {
    write_code(single, ADDI_111);
    write_code(pair, LI_1_1);
    done = 0;
}

static void call_single(void) {
    uint64_t value = call(single);
    if (value != 0x111 && value != 0x22220000) wrong("patched instruction", value, 0x111);
}

static void call_pair(void) {
    register uint64_t a0 asm("a0"), a1 asm("a1");
    asm volatile("jalr %2" : "=r"(a0), "=r"(a1) : "r"(pair) : "ra", "memory");
    uint64_t first = a0, second = a1;
    if ((first != 1 && first != 2) || (second != 1 && second != 2)) {
        wrong("patched pair", first << 32 | second, 1ul << 32 | 1);
    }
}

static void patch(void) {
    for (unsigned flip = 0; flip < FLIPS; flip++) {
        single[0] = flip & 1 ? ADDI_111 : LUI_22220;
        pair[0] = flip & 1 ? LI_1_1 : LI_2_2;
        for (unsigned n = 0; n < (round_number + flip) % 16; n++) call_single();
    }
    single[0] = LUI_22220;
    pair[0] = LI_2_2;
    fence_rw_w();
    done = 1;
}

static void run_patches(unsigned hart) {
    fence_i();
    if (hart == round_number % harts) patch();
    for (unsigned turn = 0; !done; turn++) {
        call_single();
        call_pair();
        if (turn % FENCE_EVERY) continue;
        fence_i();
        wait_on(&done, 0);
    }
    fence_r_rw();
    fence_i();
    expect("code when all is done", call(single), 0x22220000);
}

const struct Test code_tests[] = {
    { "code by ipi", NULL, run_calls, NULL },
    { "patched code", prepare_patches, run_patches, NULL },
    { 0 },
};
