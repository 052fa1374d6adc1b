// SPDX-License-Identifier: MIT
/* Litmus tests: short programs on two words, and the outcomes that RVWMO forbids.
 * Spec: unprivileged, chapter 17 and appendix A; the shapes' names are those of the litmus suite */
#include "tests/stress/guest/stress.h"

enum { CELLS = 64, GROUPS = MAX_HARTS / 2, PATIENCE = 40 };

struct Cell {
    volatile uint32_t x __attribute__((aligned(64)));
    volatile uint32_t y __attribute__((aligned(64)));
    volatile uint32_t r[4] __attribute__((aligned(64)));
};
static struct Cell cells[GROUPS][CELLS];
// Where each role of a group is: in a line of its own.
static struct {
    Word cell __attribute__((aligned(64)));
} places[GROUPS][4];

struct Shape {
    const char *name;
    unsigned threads;
    void (*thread[4])(struct Cell *);
    bool (*forbidden)(const struct Cell *);
};

// --- message passing

static void mp_write(struct Cell *c) {
    c->x = 1;
    fence_w_w();
    c->y = 1;
}
static void mp_read(struct Cell *c) {
    c->r[0] = c->y;
    fence_r_r();
    c->r[1] = c->x;
}
static void mp_release(struct Cell *c) {
    c->x = 1;
    amoswap_w_rl(&c->y, 1);
}
static void mp_acquire(struct Cell *c) {
    c->r[0] = lr_w_aq(&c->y);
    c->r[1] = c->x;
}
static void mp_amo_acquire(struct Cell *c) {
    c->r[0] = amoor_w_aq(&c->y, 0);
    c->r[1] = c->x;
}
// The second load's address depends on the first one's value.
static void mp_address(struct Cell *c) {
    uint32_t value = c->y;
    uint64_t nothing;
    asm volatile("xor %0, %1, %1" : "=r"(nothing) : "r"(value));
    c->r[1] = *(volatile uint32_t *)((uint64_t)&c->x + nothing);
    c->r[0] = value;
}
static bool mp_forbidden(const struct Cell *c) { return c->r[0] == 1 && c->r[1] == 0; }

// --- store buffering

static void sb_0(struct Cell *c) {
    c->x = 1;
    fence_rw_rw();
    c->r[0] = c->y;
}
static void sb_1(struct Cell *c) {
    c->y = 1;
    fence_w_r();
    c->r[1] = c->x;
}
static void sb_amo_0(struct Cell *c) {
    amoswap_w_aqrl(&c->x, 1);
    c->r[0] = c->y;
}
static void sb_amo_1(struct Cell *c) {
    amoswap_w_aqrl(&c->y, 1);
    c->r[1] = c->x;
}
static bool sb_forbidden(const struct Cell *c) { return c->r[0] == 0 && c->r[1] == 0; }

// --- load buffering

static void lb_0(struct Cell *c) {
    c->r[0] = c->x;
    fence_r_w();
    c->y = 1;
}
static void lb_1(struct Cell *c) {
    c->r[1] = c->y;
    fence_r_w();
    c->x = 1;
}
static bool lb_forbidden(const struct Cell *c) { return c->r[0] == 1 && c->r[1] == 1; }

// --- independent reads of independent writes

static void write_x(struct Cell *c) { c->x = 1; }
static void write_y(struct Cell *c) { c->y = 1; }
static void read_xy(struct Cell *c) {
    c->r[0] = c->x;
    fence_r_r();
    c->r[1] = c->y;
}
static void read_yx(struct Cell *c) {
    c->r[2] = c->y;
    fence_r_r();
    c->r[3] = c->x;
}
static bool iriw_forbidden(const struct Cell *c) {
    return c->r[0] == 1 && c->r[1] == 0 && c->r[2] == 1 && c->r[3] == 0;
}

// --- write to read causality

static void wrc_pass(struct Cell *c) {
    c->r[0] = c->x;
    fence_rw_rw();
    c->y = 1;
}
static void wrc_read(struct Cell *c) {
    c->r[1] = c->y;
    fence_r_r();
    c->r[2] = c->x;
}
static bool wrc_forbidden(const struct Cell *c) {
    return c->r[0] == 1 && c->r[1] == 1 && c->r[2] == 0;
}

// --- two writes each, and coherence of one word

static void ww_0(struct Cell *c) {
    c->x = 1;
    fence_w_w();
    c->y = 2;
}
static void ww_1(struct Cell *c) {
    c->y = 1;
    fence_w_w();
    c->x = 2;
}
static bool ww_forbidden(const struct Cell *c) { return c->x == 1 && c->y == 1; }

static void read_twice(struct Cell *c) {
    c->r[0] = c->x;
    c->r[1] = c->x;
}
static bool corr_forbidden(const struct Cell *c) { return c->r[0] == 1 && c->r[1] == 0; }

static const struct Shape shapes[] = {
    { "MP+fence.w.w+fence.r.r", 2, { mp_write, mp_read }, mp_forbidden },
    { "MP+rl+lr.aq", 2, { mp_release, mp_acquire }, mp_forbidden },
    { "MP+rl+amo.aq", 2, { mp_release, mp_amo_acquire }, mp_forbidden },
    { "MP+fence.w.w+addr", 2, { mp_write, mp_address }, mp_forbidden },
    { "SB+fences", 2, { sb_0, sb_1 }, sb_forbidden },
    { "SB+amo.aqrls", 2, { sb_amo_0, sb_amo_1 }, sb_forbidden },
    { "LB+fence.r.ws", 2, { lb_0, lb_1 }, lb_forbidden },
    { "IRIW+fence.r.rs", 4, { write_x, write_y, read_xy, read_yx }, iriw_forbidden },
    { "WRC+fences", 3, { write_x, wrc_pass, wrc_read }, wrc_forbidden },
    { "2+2W+fence.w.ws", 2, { ww_0, ww_1 }, ww_forbidden },
    { "CoRR", 2, { write_x, read_twice }, corr_forbidden },
};

// Waits, not for long, until the next role of the group comes to this cell as well: outcomes that
// are forbidden happen within some nanoseconds.
static void meet(unsigned group, unsigned role, unsigned threads, unsigned cell) {
    places[group][role].cell = cell;
    Word *other = &places[group][(role + 1) % threads].cell;
    for (unsigned n = 0; n < PATIENCE && *other < cell; n++) {}
}

// Harts change roles from round to round; those who make no whole group have none.
static void run_shape(const struct Shape *shape, unsigned hart) {
    unsigned place = (hart + round_number) % harts, group = place / shape->threads;
    if ((group + 1) * shape->threads > harts) return;
    unsigned role = place % shape->threads;
    for (unsigned i = 0; i < CELLS; i++) {
        meet(group, role, shape->threads, i);
        shape->thread[role](&cells[group][i]);
    }
}

static void check_shape(const struct Shape *shape) {
    for (unsigned g = 0; g < harts / shape->threads; g++) {
        for (unsigned i = 0; i < CELLS; i++) {
            if (shape->forbidden(&cells[g][i])) wrong(shape->name, i, ~0ul);
        }
    }
}

static void run(unsigned hart) {
    for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
        if (hart == 0) {
            memset(cells, 0, sizeof(cells[0]) * (harts / 2));
            memset(places, 0, sizeof(places));
        }
        barrier();
        run_shape(&shapes[s], hart);
        barrier();
        if (hart == 0) check_shape(&shapes[s]);
    }
}

const struct Test litmus_tests[] = {
    { "litmus", NULL, run, NULL },
    { 0 },
};
