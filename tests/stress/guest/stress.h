// SPDX-License-Identifier: MIT
/* What the stress guest's tests share. Every hart runs each test's run() between two barriers;
 * hart 0 alone runs prepare() before and check() behind. */
#pragma once
#include "hw/rom/console.h"
#include "hw/rom/machine.h"
#include "tests/stress/guest/instructions.h"

enum { MAX_HARTS = 32 };

struct Test {
    const char *name;
    void (*prepare)(void); // may be NULL, as check
    void (*run)(unsigned hart);
    void (*check)(void);
};
// Each file's, ended by a row without a name.
extern const struct Test lock_tests[], atomic_tests[], litmus_tests[], ipi_tests[], code_tests[],
    page_tests[], device_tests[], disk_tests[];

extern unsigned harts;         // how many there are
extern unsigned round_number;  // of all tests together
extern struct Machine machine; // as its device tree has it
extern uint64_t sswi;          // ACLINT's, or 0

// In both of the device tree's descriptions of it.
enum { CLINT = 0x2000000, MTIMECMP = CLINT + 0x4000, MTIME = CLINT + 0xbff8 };
enum { TICKS_PER_SECOND = 10000000 };

// An error: counted, and the first ones printed.
void wrong(const char *what, uint64_t got, uint64_t wanted);
// Counts and prints an error unless they are the same.
static inline void expect(const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) wrong(what, got, wanted);
}
// Returns when every hart has called it.
void barrier(void);

// --- traps

// Whether the instruction that `access` stands for traps: an exception between the two only sets
// `trapped`, and the hart goes on behind the instruction, which is 4 bytes long.
void trap_expect(void);
bool trap_happened(void);

// --- interrupts between harts

// Runs fn(argument) on every other hart, in its interrupt handler; returns when all have done so.
void ipi_call(void (*fn)(uint64_t), uint64_t argument);
void ipi_serve(void); // the handler's part

// --- the hart

static inline unsigned hart_number(void) {
    unsigned long hart;
    asm volatile("mv %0, tp" : "=r"(hart));
    return (unsigned)hart;
}

enum { MSTATUS_MIE = 8, MIP_SSIP = 2, MIP_MSIP = 8, MIP_STIP = 0x20, MIP_MTIP = 0x80 };
static inline uint64_t interrupts_off(void) {
    uint64_t enabled = read_mstatus() & MSTATUS_MIE;
    clear_mstatus(MSTATUS_MIE);
    return enabled;
}
static inline void interrupts_restore(uint64_t enabled) { set_mstatus(enabled); }

// Gives the others time until the word may have changed. WRS.NTO where there is Zawrs.
extern bool has_zawrs, has_zacas;
static inline void wait_on(Word *word, uint32_t old) {
    if (lr_w(word) == old && has_zawrs) wrs_nto();
}
