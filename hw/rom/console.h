// SPDX-License-Identifier: MIT
/* The serial console on a 16550A, polled. */
#pragma once
#include "hw/rom/lib.h"

// Address 0: there is none, and what is said is lost.
void console_open(uint64_t uart);
void console_interrupt_on_receive(void);
int console_get(void); // a byte, or -1 when none waits
void console_write(const char *text);

// One line, formatted as format() does; the line's end is added.
__attribute__((format(printf, 1, 2))) void say(const char *text, ...);
