// SPDX-License-Identifier: MIT
/* The ROM's picture: a night sky, the logo, and a panel with what was found. */
#pragma once
#include "hw/rom/fb.h"

// Paints the picture. With a framebuffer of width 0 this and screen_line() do nothing.
void screen_open(const struct Framebuffer *fb);

// Adds a line to the panel: a name and what there is to say. A full panel takes no more.
void screen_line(const char *label, const char *text);
