// SPDX-License-Identifier: MIT
/* What a C library would give: memory, strings, formatting; and the way to a device's registers. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
int strcmp(const char *a, const char *b);
size_t strlen(const char *s);

/* Knows %s %c %u %x %lu %lx and %%; cuts at `size`, ends with NUL. Bytes of a %s that are not
 * printable become '?': text from a disk or a device tree may hold a terminal's escape codes. */
void format(char *out, size_t size, const char *text, va_list args);
__attribute__((format(printf, 3, 4))) void format_to(char *out, size_t size, const char *text, ...);

// "1.5 MiB", and so on; returns `out`.
char *format_size(char out[16], uint64_t bytes);

static inline uint8_t read8(uint64_t at) { return *(volatile uint8_t *)at; }
static inline uint32_t read32(uint64_t at) { return *(volatile uint32_t *)at; }
static inline void write8(uint64_t at, uint8_t value) { *(volatile uint8_t *)at = value; }
static inline void write32(uint64_t at, uint32_t value) { *(volatile uint32_t *)at = value; }
