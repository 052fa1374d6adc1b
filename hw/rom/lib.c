// SPDX-License-Identifier: MIT
/* Memory, strings, formatting: the few functions of a C library that the ROM needs. */
#include "hw/rom/lib.h"

void *memset(void *to, int byte, size_t size) {
    for (uint8_t *t = to; size > 0; size--) *t++ = byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t size) {
    const uint8_t *f = from;
    for (uint8_t *t = to; size > 0; size--) *t++ = *f++;
    return to;
}

int memcmp(const void *a, const void *b, size_t size) {
    const uint8_t *x = a, *y = b;
    for (; size > 0; size--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

int strcmp(const char *a, const char *b) {
    for (; *a && *a == *b; a++, b++);
    return (uint8_t)*a - (uint8_t)*b;
}

size_t strlen(const char *s) {
    size_t length = 0;
    while (s[length]) length++;
    return length;
}

// --- formatting

struct Out {
    char *next, *last; // the last byte is kept for the NUL
};

static void put(struct Out *out, char c) {
    if (out->next < out->last) *out->next++ = c;
}

static void put_string(struct Out *out, const char *s) {
    for (; *s; s++) put(out, *s >= ' ' && *s <= '~' ? *s : '?');
}

static void put_number(struct Out *out, uint64_t value, unsigned base) {
    char digits[20];
    int n = 0;
    do digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (n > 0) put(out, digits[--n]);
}

void format(char *buffer, size_t size, const char *text, va_list args) {
    struct Out out = { buffer, buffer + size - 1 };
    for (; *text; text++) {
        if (*text != '%') {
            put(&out, *text);
            continue;
        }
        bool wide = *++text == 'l';
        if (wide) text++;
        switch (*text) {
        case 's': put_string(&out, va_arg(args, const char *)); break;
        case 'c': put(&out, va_arg(args, int)); break;
        case 'u':
        case 'x':
            put_number(&out, wide ? va_arg(args, uint64_t) : va_arg(args, uint32_t),
                       *text == 'u' ? 10 : 16);
            break;
        default: put(&out, *text);
        }
    }
    *out.next = '\0';
}

void format_to(char *out, size_t size, const char *text, ...) {
    va_list args;
    va_start(args, text);
    format(out, size, text, args);
    va_end(args);
}

char *format_size(char out[16], uint64_t bytes) {
    static const char units[] = "KMGTPE";
    unsigned unit = 0;
    uint64_t tenths = bytes / 1024 * 10 + bytes % 1024 * 10 / 1024;
    for (; tenths >= 10240 && unit < 5; unit++) tenths /= 1024;
    format_to(out, 16, "%lu.%lu %ciB", tenths / 10, tenths % 10, units[unit]);
    return out;
}
