// SPDX-License-Identifier: MIT
/* Painting on a framebuffer of 32-bit words, 0xaarrggbb. Whatever lies outside is cut off. */
#pragma once
#include "hw/rom/lib.h"

struct Framebuffer {
    uint32_t *pixels;
    int width, height;
    int stride; // in pixels
};

static inline uint32_t *fb_row(const struct Framebuffer *fb, int y) {
    return fb->pixels + (size_t)y * fb->stride;
}

enum { LETTER_WIDTH = 8, LETTER_HEIGHT = 16 };

// The colour `part` 256ths of the way from one to the other.
static inline uint32_t mix(uint32_t from, uint32_t to, unsigned part) {
    // red and blue go together: their products do not meet
    uint32_t rb = (from & 0xff00ff) * (256 - part) + (to & 0xff00ff) * part;
    uint32_t g = (from & 0x00ff00) * (256 - part) + (to & 0x00ff00) * part;
    return 0xff000000 | (rb >> 8 & 0xff00ff) | (g >> 8 & 0x00ff00);
}

// The colour at `part` 256ths of the way through a list of `count` colours.
uint32_t gradient(const uint32_t *colours, unsigned count, unsigned part);

void fb_fill(const struct Framebuffer *fb, int x, int y, int w, int h, uint32_t colour);

// Mixes `part` 256ths of the colour into what is there.
void fb_blend(const struct Framebuffer *fb, int x, int y, int w, int h, uint32_t colour,
              unsigned part);

// Letters of 8 x 16 dots, `scale` times as large; an even scale rounds the corners.
void fb_text(const struct Framebuffer *fb, int x, int y, int scale, uint32_t colour,
             const char *text);

// The logo, "vl" in neon tubes, in a box of the given height and of logo_width().
int logo_width(int height);

// One pixel of the logo: colour in the low 24 bits, opacity in the high 8.
uint32_t logo_pixel(int x, int y, int height);
