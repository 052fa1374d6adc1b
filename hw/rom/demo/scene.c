// SPDX-License-Identifier: MIT
/* The demonstration's picture: a sunset over a floor that comes nearer, twinkling stars, and the
 * logo bouncing along. Only what changes is redrawn: a tenth of the screen in a frame. */
#include "hw/rom/demo/scene.h"

static const uint32_t sky[] = { 0xff060a1e, 0xff111a4a, 0xff3f1f6b, 0xff97307f, 0xffff7a66 };
static const uint32_t ground[] = { 0xff5a1c62, 0xff2a0f4a, 0xff170a38, 0xff0a0622 };
static const uint32_t sun[] = { 0xffffe87a, 0xffffa552, 0xffff4f8b };
enum { WHITE = 0xfff1f5ff, DIM = 0xff9fb0d8, GRID = 0xff39d5f0, LINE = 0xfff06ad8 };

enum { MAX_LOGO = 192, MAX_LOGO_WIDTH = 198, MAX_FLOOR = SCENE_MAX_HEIGHT * 3 / 8 + 1 };
enum { STARS = 150, DIGITS = 7, HOP = 96, CELL = 16, CELLS = 40, SPOKES = 24 };

struct Star {
    int x, y;
    unsigned phase, speed;
};

static struct {
    struct Framebuffer fb;
    int horizon, floor; // the sky's height and the rest
    int sun_x, sun_y, sun_radius;
    struct Star stars[STARS];
    uint8_t line[MAX_FLOOR]; // brightness of each floor row's line, as drawn
    char counter[DIGITS + 1]; // as drawn
} scene;

static struct {
    int width, height;
    int x, y;
    bool drawn;
    struct {
        int from, to; // what of the row is not wholly clear
    } row[MAX_LOGO];
    uint32_t pixels[MAX_LOGO * MAX_LOGO_WIDTH]; // opacity on top, colours times opacity below
    uint32_t under[MAX_LOGO * MAX_LOGO_WIDTH]; // what the logo covers
} logo;

// From 0 up to `top` and down again as n goes on.
static int zigzag(uint32_t n, int top) {
    int at = top > 0 ? n % (2 * top) : 0;
    return at < top ? at : 2 * top - at;
}

// --- sky, sun and stars

static uint32_t sky_colour(int y) { return gradient(sky, 5, y * 256 / scene.horizon); }

static void draw_sky(void) {
    for (int y = 0; y < scene.horizon; y++)
        fb_fill(&scene.fb, 0, y, scene.fb.width, 1, sky_colour(y));
}

static int sun_distance2(int x, int y) {
    return (x - scene.sun_x) * (x - scene.sun_x) + (y - scene.sun_y) * (y - scene.sun_y);
}

// Slits cut the lower half of the sun, wider towards the bottom.
static bool in_slit(int y) {
    int period = scene.sun_radius / 5 + 1, below = y - scene.sun_y;
    return below >= period && below % period < below * period / (2 * scene.sun_radius) + 2;
}

static void draw_sun(void) {
    int r = scene.sun_radius;
    for (int y = scene.sun_y - r; y < scene.horizon && y <= scene.sun_y + r; y++) {
        if (y < 0 || in_slit(y)) continue;
        uint32_t colour = gradient(sun, 3, (y - scene.sun_y + r) * 256 / (2 * r + 1));
        for (int x = scene.sun_x - r; x <= scene.sun_x + r; x++) {
            int inside = (r * r - sun_distance2(x, y)) * 128 / r + 128; // soft rim, as the logo's
            if (inside > 0) fb_blend(&scene.fb, x, y, 1, 1, colour, inside < 256 ? inside : 256);
        }
    }
}

// Stars keep clear of the text above them and of the sun.
static void place_stars(int top) {
    uint32_t seed = 20;
    int clear = scene.sun_radius * scene.sun_radius * 2;
    for (struct Star *star = scene.stars; star < scene.stars + STARS; star++) {
        do {
            seed = seed * 1664525 + 1013904223;
            star->x = (uint64_t)(seed >> 8) * scene.fb.width >> 24;
            seed = seed * 1664525 + 1013904223;
            star->y = top + ((uint64_t)(seed >> 8) * (scene.horizon * 3 / 4 - top) >> 24);
            star->phase = seed >> 5 & 255;
            star->speed = 1 + (seed >> 14) % 4;
        } while (sun_distance2(star->x, star->y) < clear);
    }
}

static void draw_stars(uint32_t n) {
    for (const struct Star *star = scene.stars; star < scene.stars + STARS; star++) {
        int size = star->speed == 1 ? 2 : 1, light = zigzag(n * star->speed + star->phase, 180);
        fb_fill(&scene.fb, star->x, star->y, size, size,
                mix(sky_colour(star->y), WHITE, 30 + light));
    }
}

// --- floor

// A point `at`, in 256ths of a pixel, shared out between the two pixels it lies on.
static void draw_spoke(uint32_t *row, int at, unsigned light) {
    int x = at >> 8;
    unsigned right = light * (at & 255) >> 8;
    if (x < 0 || x + 1 >= scene.fb.width) return;
    row[x] = mix(row[x], GRID, light - right);
    row[x + 1] = mix(row[x + 1], GRID, right);
}

static void draw_floor_row(int down) {
    int y = scene.horizon + down, far = down + scene.floor / 24;
    uint32_t colour = gradient(ground, 4, down * 256 / scene.floor);
    fb_fill(&scene.fb, 0, y, scene.fb.width, 1, mix(colour, LINE, scene.line[down]));
    int step = scene.fb.width * 32 / scene.floor * far, light = 30 + down * 190 / scene.floor;
    for (int i = -SPOKES; i <= SPOKES; i++)
        draw_spoke(fb_row(&scene.fb, y), scene.fb.width * 128 + i * step, light);
}

// Lines lie CELL apart in depth; each frame brings them one nearer, and CELL frames on all is as
// before. A line at depth z is seen at 1 / z below the horizon.
static void draw_floor(uint32_t n, bool all) {
    uint8_t line[MAX_FLOOR] = { 0 };
    int depth = scene.floor * CELL * 3 / 2, farthest = depth / (CELLS * CELL);
    for (int i = 1; i <= CELLS; i++) {
        int down = depth / (int)(i * CELL - n % CELL);
        int thickness = 1 + down * 4 / scene.floor;
        int light = 250 * (down - farthest) / (down + scene.floor / 10 + 1);
        for (int row = down; row < down + thickness && row < scene.floor; row++) line[row] = light;
    }
    for (int row = 0; row < scene.floor; row++) {
        if (!all && line[row] == scene.line[row]) continue;
        scene.line[row] = line[row];
        draw_floor_row(row);
    }
}

// --- logo

static void make_logo(int height) {
    logo.height = height;
    logo.width = logo_width(height);
    logo.drawn = false;
    for (int y = 0; y < height; y++) {
        logo.row[y].from = logo.width;
        logo.row[y].to = 0;
        for (int x = 0; x < logo.width; x++) {
            uint32_t pixel = logo_pixel(x, y, height), opacity = pixel >> 24;
            logo.pixels[y * logo.width + x] = (mix(0, pixel, opacity) & 0xffffff) | opacity << 24;
            if (opacity == 0) continue;
            if (logo.row[y].from > x) logo.row[y].from = x;
            logo.row[y].to = x + 1;
        }
    }
}

static void uncover_logo(void) {
    if (!logo.drawn) return;
    for (int y = 0; y < logo.height; y++) {
        uint32_t *screen = fb_row(&scene.fb, logo.y + y) + logo.x;
        const uint32_t *under = logo.under + y * logo.width;
        for (int x = logo.row[y].from; x < logo.row[y].to; x++) screen[x] = under[x];
    }
}

static void draw_logo(uint32_t n) {
    int t = (int)(n % HOP) - HOP / 2, height = HOP * HOP / 4 - t * t; // thrown up, falls back
    int low = scene.horizon + scene.floor / 3 - logo.height, high = scene.fb.height / 12;
    logo.x = zigzag(n * 3 + scene.fb.width / 16, scene.fb.width - logo.width);
    logo.y = low - (low - high) * height / (HOP * HOP / 4);
    logo.drawn = true;

    for (int y = 0; y < logo.height; y++) {
        uint32_t *screen = fb_row(&scene.fb, logo.y + y) + logo.x;
        uint32_t *under = logo.under + y * logo.width, *pixel = logo.pixels + y * logo.width;
        for (int x = logo.row[y].from; x < logo.row[y].to; x++) {
            under[x] = screen[x];
            screen[x] = mix(screen[x], 0, pixel[x] >> 24) + (pixel[x] & 0xffffff);
        }
    }
}

// --- frame counter

static int text_scale(void) { return scene.fb.width >= 800 ? 2 : 1; }

// Only the digits that change are drawn anew, on a piece of clean sky.
static void draw_counter(uint32_t n) {
    int w = LETTER_WIDTH * text_scale(), h = LETTER_HEIGHT * text_scale();
    for (int i = DIGITS - 1; i >= 0; i--, n /= 10) {
        char digit[] = { '0' + n % 10, '\0' };
        int x = scene.fb.width - h - (DIGITS - i) * w;
        if (scene.counter[i] == *digit) continue;
        scene.counter[i] = *digit;
        for (int y = h / 2; y < h / 2 + h; y++) fb_fill(&scene.fb, x, y, w, 1, sky_colour(y));
        fb_text(&scene.fb, x, h / 2, text_scale(), WHITE, digit);
    }
}

static void draw_text(void) {
    int scale = text_scale(), w = LETTER_WIDTH * scale, h = LETTER_HEIGHT * scale;
    fb_text(&scene.fb, h, h / 2, scale, WHITE, "vl");
    fb_text(&scene.fb, h + 3 * w, h / 2, scale, DIM, "demonstration disk");
    fb_text(&scene.fb, scene.fb.width - h - (DIGITS + 6) * w, h / 2, scale, DIM, "frame");
    memset(scene.counter, 0, sizeof scene.counter);
}

// --- the whole

void scene_start(const struct Framebuffer *fb) {
    int height = fb->height / 4;
    scene.fb = *fb;
    scene.horizon = fb->height * 5 / 8;
    scene.floor = fb->height - scene.horizon;
    scene.sun_x = fb->width / 2;
    scene.sun_radius = fb->height / 5;
    scene.sun_y = scene.horizon - scene.sun_radius * 3 / 5;
    make_logo(height < MAX_LOGO ? height : MAX_LOGO);
    draw_sky();
    draw_sun();
    place_stars(LETTER_HEIGHT * text_scale() * 2);
    draw_floor(0, true);
    draw_text();
}

void scene_frame(uint32_t n) {
    uncover_logo();
    draw_stars(n);
    draw_floor(n, false);
    draw_counter(n);
    draw_logo(n);
}
