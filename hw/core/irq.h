// SPDX-License-Identifier: MIT
/* qemu_irq: one end of an interrupt or signal line.
 *
 * Whoever drives a line holds a qemu_irq and sets its level; whoever listens owns the IRQState
 * behind it. A device never sees what is at the other end. Levels are set under the big lock. */
#pragma once

using qemu_irq_handler = void (*)(void *opaque, int n, int level);

struct IRQState {
    qemu_irq_handler handler;
    void *opaque;
    int n; // the line's number at its owner
};
using qemu_irq = IRQState *;

// Sets the level; a null line (an output that nobody connected) is ignored.
void qemu_set_irq(qemu_irq irq, int level);
inline void qemu_irq_raise(qemu_irq irq) { qemu_set_irq(irq, 1); }
inline void qemu_irq_lower(qemu_irq irq) { qemu_set_irq(irq, 0); }
