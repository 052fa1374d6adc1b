// SPDX-License-Identifier: MIT
/* The list of reset handlers. See hw/core/reset.h. */
#include "hw/core/reset.h"

#include <vector>

struct ResetEntry {
    QEMUResetHandler fn;
    void *opaque;
};

static std::vector<ResetEntry> reset_handlers;

void qemu_register_reset(QEMUResetHandler fn, void *opaque) {
    reset_handlers.push_back({ fn, opaque });
}

void qemu_devices_reset() {
    // A handler may register or remove another one.
    std::vector<ResetEntry> handlers = reset_handlers;
    for (const ResetEntry &e : handlers) e.fn(e.opaque);
}
