// SPDX-License-Identifier: MIT
/* Interrupts between harts, and timers. A lost one is a hart that sleeps for ever, which the
 * script's deadline finds. */
#include "tests/stress/guest/stress.h"

enum { LAPS = 10, TIMER_TURNS = 5, SOON = 200 }; // ticks
#define MENVCFG_STCE (1ul << 63)
#define HOUR         (3600ul * TICKS_PER_SECOND)

static inline void write64(uint64_t at, uint64_t value) { *(volatile uint64_t *)at = value; }

// --- calls

static volatile uint32_t call_lock, call_pending;
static void (*volatile call_fn)(uint64_t);
static volatile uint64_t call_argument;

void ipi_serve(void) {
    write32(CLINT + 4 * hart_number(), 0);
    fence_iorw_iorw();
    call_fn(call_argument);
    amoadd_w_aqrl(&call_pending, -1);
}

void ipi_call(void (*fn)(uint64_t), uint64_t argument) {
    uint32_t left;
    while (amoswap_w_aq(&call_lock, 1)) wait_on(&call_lock, 1);
    call_fn = fn;
    call_argument = argument;
    call_pending = harts - 1;
    fence_iorw_iorw();
    for (unsigned h = 0; h < harts; h++) {
        if (h != hart_number()) write32(CLINT + 4 * h, 1);
    }
    while ((left = call_pending)) wait_on(&call_pending, left);
    amoswap_w_aqrl(&call_lock, 0);
}

static volatile uint32_t calls[MAX_HARTS];

static void count_call(uint64_t caller) { amoadd_w(&calls[caller], 1); }

static void run_calls(unsigned hart) {
    for (unsigned turn = 0; turn < LAPS; turn++) {
        uint32_t before = calls[hart];
        ipi_call(count_call, hart);
        expect("calls served", calls[hart] - before, harts - 1);
    }
}

// --- a token that goes round, from sleeper to sleeper

static volatile uint32_t token;

static void sleep_until(uint64_t pending) {
    while (!(read_mip() & pending)) wfi();
}

static void send_msip(unsigned hart) { write32(CLINT + 4 * hart, 1); }
static void receive_msip(unsigned hart) {
    sleep_until(MIP_MSIP);
    write32(CLINT + 4 * hart, 0);
    fence_iorw_iorw();
    expect("msip", read_mip() & MIP_MSIP, 0);
}
static void send_ssip(unsigned hart) { write32(sswi + 4 * hart, 1); }
static void receive_ssip(unsigned hart) {
    sleep_until(MIP_SSIP);
    expect("setssip", read32(sswi + 4 * hart), 0);
    clear_mip(MIP_SSIP);
}

static void ring(unsigned hart, void (*send)(unsigned), void (*receive)(unsigned)) {
    if (hart == 0) {
        token = 0;
        send(0);
    }
    for (unsigned lap = 0; lap < LAPS; lap++) {
        receive(hart);
        expect("token", token, lap * harts + hart);
        token = token + 1;
        fence_rw_iorw();
        if (token < LAPS * harts) send((hart + 1) % harts);
    }
}

// With interrupts off: they are pending and end the sleep, and nobody takes them.
static void run_rings(unsigned hart) {
    uint64_t enabled = interrupts_off();
    set_mie(MIP_SSIP);
    barrier();
    ring(hart, send_msip, receive_msip);
    barrier();
    if (sswi) ring(hart, send_ssip, receive_ssip);
    barrier();
    clear_mie(MIP_SSIP);
    interrupts_restore(enabled);
}

// --- timers

static void run_timers(unsigned hart) {
    uint64_t enabled = interrupts_off(), then;
    set_mie(MIP_MTIP | MIP_STIP);
    write_stimecmp(-1);
    set_menvcfg(MENVCFG_STCE);
    for (unsigned turn = 0; turn < TIMER_TURNS; turn++) {
        write64(MTIMECMP + 8 * hart, then = read_time() + SOON);
        sleep_until(MIP_MTIP);
        if (read_time() < then) wrong("mtimecmp came early", read_time(), then);
        write64(MTIMECMP + 8 * hart, -1);
        write_stimecmp(then = read_time() + SOON);
        sleep_until(MIP_STIP);
        if (read_time() < then) wrong("stimecmp came early", read_time(), then);
        write_stimecmp(-1);
    }
    clear_mie(MIP_MTIP | MIP_STIP);
    interrupts_restore(enabled);
}

// Hart 0 sets mtime an hour ahead, and back: who waits for that hour is woken.
static void run_mtime(unsigned hart) {
    uint64_t enabled = interrupts_off();
    uint64_t then = read_time() + HOUR / 2;
    set_mie(MIP_STIP);
    write_stimecmp(then);
    expect("stip half an hour early", read_mip() & MIP_STIP, 0);
    barrier();
    if (hart == 0) write64(MTIME, read_time() + HOUR);
    sleep_until(MIP_STIP);
    write_stimecmp(-1);
    barrier();
    if (hart == 0) write64(MTIME, read_time() - HOUR);
    clear_mie(MIP_STIP);
    interrupts_restore(enabled);
}

const struct Test ipi_tests[] = {
    { "calls", NULL, run_calls, NULL },
    { "rings", NULL, run_rings, NULL },
    { "timers", NULL, run_timers, NULL },
    { "mtime", NULL, run_mtime, NULL },
    { 0 },
};
