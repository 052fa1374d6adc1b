// SPDX-License-Identifier: MIT
/* Interrupt lines: one end calls the other. See hw/core/irq.h. */
#include "hw/core/irq.h"

#include "hw/core/trace.h"

void qemu_set_irq(qemu_irq irq, int level) {
    if (!irq) return;
    trace_qemu_set_irq(irq->opaque, irq->n, level);
    irq->handler(irq->opaque, irq->n, level);
}
