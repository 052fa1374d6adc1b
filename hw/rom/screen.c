// SPDX-License-Identifier: MIT
/* The ROM's picture. All sizes follow from the framebuffer's height. */
#include "hw/rom/screen.h"

static const uint32_t night[] = { 0xff060914, 0xff0b1430, 0xff16245a, 0xff3b2f7a, 0xff7a3f86 };
enum { WHITE = 0xfff1f5ff, CYAN = 0xff6fdcf0, DIM = 0xff9fb0d8, PANEL = 0xff050814 };
enum { LABEL_LETTERS = 13 };

static struct {
    struct Framebuffer fb;
    int scale;               // of the letters
    int x, y, right, bottom; // what is free in the panel
} screen;

static uint32_t sky_colour(const struct Framebuffer *fb, int y) {
    return gradient(night, 5, y * 256 / fb->height);
}

static void paint_sky(const struct Framebuffer *fb) {
    for (int y = 0; y < fb->height; y++) fb_fill(fb, 0, y, fb->width, 1, sky_colour(fb, y));

    uint32_t seed = 7; // the same sky each time
    for (int i = 0; i < 160; i++) {
        seed = seed * 1664525 + 1013904223;
        int x = (uint64_t)(seed >> 8) * fb->width >> 24;
        seed = seed * 1664525 + 1013904223;
        int y = (uint64_t)(seed >> 8) * fb->height >> 24, size = i % 16 == 0 ? 2 : 1;
        fb_blend(fb, x, y, size, size, WHITE, 40 + seed / 64 % 200);
    }
}

static void paint_logo(const struct Framebuffer *fb, int x, int y, int height) {
    int width = logo_width(height);
    for (int i = 0; i < width * height; i++) {
        uint32_t pixel = logo_pixel(i % width, i / width, height);
        if (pixel != 0) fb_blend(fb, x + i % width, y + i / width, 1, 1, pixel, pixel >> 24);
    }
}

// A dark sheet, the sky shining through, with its corners taken off and a bright line on top.
static void paint_panel(const struct Framebuffer *fb, int x, int y, int w, int h) {
    for (int row = 0; row < h; row++) {
        int from_edge = row < h - 1 - row ? row : h - 1 - row;
        int inset = from_edge < 4 ? 4 - from_edge : 0;
        uint32_t colour = mix(sky_colour(fb, y + row), PANEL, 150);
        fb_fill(fb, x + inset, y + row, w - 2 * inset, 1, colour);
    }
    for (int i = 0; i < w; i++) fb_blend(fb, x + i, y, 1, 2, CYAN, 200 - i * 180 / w);
}

void screen_open(const struct Framebuffer *fb) {
    if (fb->width == 0) return;
    int unit = fb->height / 24, margin = fb->width / 16, logo = unit * 8;
    screen.fb = *fb;
    screen.scale = fb->height >= 600 ? 2 : 1;
    paint_sky(fb);
    paint_logo(fb, margin - logo / 8, unit, logo);

    int title_x = margin + logo_width(logo), title = screen.scale * 2;
    fb_text(fb, title_x, unit * 4, title, WHITE, "the toy ROM");
    fb_text(fb, title_x, unit * 4 + LETTER_HEIGHT * title, screen.scale, DIM,
            "what the device tree tells");

    paint_panel(fb, margin, unit * 9, fb->width - 2 * margin, unit * 14);
    screen.x = margin + unit / 2;
    screen.y = unit * 9 + unit / 2;
    screen.right = fb->width - margin - unit / 2;
    screen.bottom = unit * 23 - unit / 4;
}

void screen_line(const char *label, const char *text) {
    int line = LETTER_HEIGHT * screen.scale;
    if (screen.fb.width == 0 || screen.y + line > screen.bottom) return;
    int value_x = screen.x + LABEL_LETTERS * LETTER_WIDTH * screen.scale;

    struct Framebuffer inside = screen.fb; // so that long lines end at the panel's edge
    inside.width = screen.right;
    fb_text(&inside, screen.x, screen.y, screen.scale, CYAN, label);
    fb_text(&inside, value_x, screen.y, screen.scale, WHITE, text);
    screen.y += line;
}
