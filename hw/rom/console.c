// SPDX-License-Identifier: MIT
/* The serial console on a 16550A, polled.
 * Spec: the 16550A's data sheet; registers are one byte apart */
#include "hw/rom/console.h"

enum { DATA = 0, IER = 1, FCR = 2, LCR = 3, LSR = 5 };
enum { IER_RECEIVE = 1, FCR_ENABLE = 1, LCR_8_BITS = 3, LSR_DATA_READY = 1, LSR_THR_EMPTY = 0x20 };

static uint64_t uart;

void console_open(uint64_t base) {
    uart = base;
    if (!uart) return;
    write8(uart + IER, 0);
    write8(uart + LCR, LCR_8_BITS);
    write8(uart + FCR, FCR_ENABLE);
}

void console_interrupt_on_receive(void) {
    if (uart) write8(uart + IER, IER_RECEIVE);
}

int console_get(void) {
    if (!uart || !(read8(uart + LSR) & LSR_DATA_READY)) return -1;
    return read8(uart + DATA);
}

static void put(char c) {
    while (!(read8(uart + LSR) & LSR_THR_EMPTY));
    write8(uart + DATA, c);
}

void console_write(const char *text) {
    for (; uart && *text; text++) {
        if (*text == '\n') put('\r');
        put(*text);
    }
}

void say(const char *text, ...) {
    char line[128];
    va_list args;
    va_start(args, text);
    format(line, sizeof line, text, args);
    va_end(args);
    console_write(line);
    console_write("\n");
}
