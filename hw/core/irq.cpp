// SPDX-License-Identifier: MIT
#include "hw/core/irq.h"

void qemu_set_irq(qemu_irq irq, int level) {
    if (irq) irq->handler(irq->opaque, irq->n, level);
}
