// SPDX-License-Identifier: MIT
/* Painting on the framebuffer: colours, boxes, letters, and the logo drawn from its shape. */
#include "hw/rom/fb.h"
#include "hw/rom/font.h"

// --- colours

uint32_t gradient(const uint32_t *colours, unsigned count, unsigned part) {
    unsigned at = part * (count - 1);
    if (at / 256 >= count - 1) return colours[count - 1];
    return mix(colours[at / 256], colours[at / 256 + 1], at % 256);
}

// --- boxes

typedef uint64_t __attribute__((may_alias)) PixelPair;

static void clip(int *at, int *length, int limit) {
    if (*at < 0) *length += *at, *at = 0;
    if (*length > limit - *at) *length = limit - *at;
}

void fb_fill(const struct Framebuffer *fb, int x, int y, int w, int h, uint32_t colour) {
    clip(&x, &w, fb->width);
    clip(&y, &h, fb->height);
    PixelPair pair = (PixelPair)colour << 32 | colour;
    for (; h > 0; h--, y++) {
        uint32_t *pixel = fb_row(fb, y) + x;
        int n = w;
        if (n > 0 && (uint64_t)pixel % sizeof pair != 0) *pixel++ = colour, n--;
        for (; n >= 2; n -= 2, pixel += 2) *(PixelPair *)pixel = pair;
        if (n > 0) *pixel = colour;
    }
}

void fb_blend(const struct Framebuffer *fb, int x, int y, int w, int h, uint32_t colour,
              unsigned part) {
    clip(&x, &w, fb->width);
    clip(&y, &h, fb->height);
    for (; h > 0; h--, y++) {
        uint32_t *pixel = fb_row(fb, y) + x;
        for (int n = w; n > 0; n--, pixel++) *pixel = mix(*pixel, colour, part);
    }
}

// --- letters

// The dots of one row; the rows above and below the letter are empty.
static unsigned dots(const uint64_t *letter, int row) {
    if (row < 0 || row >= FONT_ROWS) return 0;
    return row < 8 ? letter[0] >> (56 - 8 * row) & 0xff
                   : letter[1] >> (8 * (FONT_ROWS - 1 - row)) & 0xff;
}

// At even scales a dot has 2 x 2 parts. Part (right, low) takes the colour of its two outer
// neighbours where those agree and the inner ones differ: this rounds the corners ("Scale2x").
static unsigned rounded_dots(const uint64_t *letter, int row, int right, int low) {
    unsigned here = dots(letter, row), left = here >> 1, next = here << 1;
    unsigned outer = dots(letter, low ? row + 1 : row - 1);
    unsigned inner = dots(letter, low ? row - 1 : row + 1);
    unsigned beside = right ? next : left, across = right ? left : next;
    unsigned rounded = ~(beside ^ outer) & (beside ^ inner) & (outer ^ across);
    return ((here & ~rounded) | (beside & rounded)) & 0xff;
}

static void letter(const struct Framebuffer *fb, int x, int y, int scale, uint32_t colour, char c) {
    const uint64_t *letter = font[c < FONT_FIRST || c > FONT_LAST ? 0 : c - FONT_FIRST];
    int parts = scale % 2 == 0 ? 2 : 1, dot = scale / parts;
    y += FONT_TOP * scale;
    for (int i = 0; i < FONT_ROWS * parts * parts; i++) {
        int row = i / parts / parts, low = i / parts % parts, right = i % parts;
        unsigned bits = parts == 1 ? dots(letter, row) : rounded_dots(letter, row, right, low);
        for (int at = x + right * dot; bits != 0; bits = bits << 1 & 0xff, at += scale)
            if (bits & 0x80) fb_fill(fb, at, y + row * scale + low * dot, dot, dot, colour);
    }
}

void fb_text(const struct Framebuffer *fb, int x, int y, int scale, uint32_t colour,
             const char *text) {
    for (; *text && x < fb->width; text++, x += LETTER_WIDTH * scale)
        letter(fb, x, y, scale, colour, *text);
}

// --- logo

// The strokes, on a sheet of 76 x 74 with a margin for the glow, in sixteenths.
enum { UNIT = 16, SHEET_WIDTH = 76, SHEET_HEIGHT = 74, RADIUS = 5 * UNIT, GLOW = 15 * UNIT };

struct Stroke {
    int x, y, dx, dy;
    uint32_t colour;
};

static const struct Stroke arm = { 0, 59 * UNIT, 13 * UNIT, -28 * UNIT, 0x22d3ee };
static const struct Stroke stem = { 60 * UNIT, 15 * UNIT, 0, 44 * UNIT, 0xff5fa8 };
enum { AXIS = 29 * UNIT }; // the v is its right arm and a mirror

// The square of the distance from a point to a stroke's middle line.
static int distance2(const struct Stroke *s, int x, int y) {
    int length2 = s->dx * s->dx + s->dy * s->dy;
    int64_t along = (x - s->x) * s->dx + (y - s->y) * s->dy; // times the stroke's length
    if (along < 0) along = 0;
    if (along > length2) along = length2;
    int ex = x - s->x - along * s->dx / length2, ey = y - s->y - along * s->dy / length2;
    return ex * ex + ey * ey;
}

static int between(int low, int value, int high) {
    return value < low ? low : value > high ? high : value;
}

int logo_width(int height) { return height * SHEET_WIDTH / SHEET_HEIGHT; }

uint32_t logo_pixel(int px, int py, int height) {
    int x = px * UNIT * SHEET_HEIGHT / height, y = py * UNIT * SHEET_HEIGHT / height;
    int to_arm = distance2(&arm, x < AXIS ? AXIS - x : x - AXIS, y);
    int to_stem = distance2(&stem, x, y), best = to_arm < to_stem ? to_arm : to_stem;
    if (best >= GLOW * GLOW) return 0;

    // near the rim, (r*r - d*d) / 2r is the distance to it: a soft edge without a square root
    int rim = (RADIUS * RADIUS - best) * height / (2 * RADIUS * UNIT * SHEET_HEIGHT / 256);
    int cover = between(0, 128 + rim, 256);
    int heat = between(0, 256 - best * 256 / (RADIUS * RADIUS), 256);
    int glow = between(0, 256 - best / (GLOW * GLOW / 256), 256);
    int halo = glow * glow / 256 * glow / 256 * 140 / 256;
    uint32_t colour = mix(best == to_arm ? arm.colour : stem.colour, 0xffffff, heat * 220 / 256);
    uint32_t opacity = between(0, halo + cover * (256 - halo) / 256, 255);
    return (colour & 0xffffff) | opacity << 24;
}
