// SPDX-License-Identifier: MIT
/* Interrupt lines: one end calls the other. See hw/core/irq.h. */
#include "hw/core/irq.h"

void qemu_set_irq(qemu_irq irq, int level) {
    if (irq) irq->handler(irq->opaque, irq->n, level);
}
