// SPDX-License-Identifier: MIT
/* The demonstration's picture. Frame n looks the same whenever it is drawn: it depends on n and on
 * the framebuffer's size only. Frames must be drawn in order, from 0, after scene_start(). */
#pragma once
#include "hw/rom/fb.h"

enum { SCENE_MIN_WIDTH = 320, SCENE_MIN_HEIGHT = 240, SCENE_MAX_HEIGHT = 4096 };

// The framebuffer's size must be within the limits above.
void scene_start(const struct Framebuffer *fb);
void scene_frame(uint32_t n);
