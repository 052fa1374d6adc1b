// SPDX-License-Identifier: MIT
/* What a guest does wrong with registers, as log lines. See hw/core/register.h. */
#include "hw/core/register.h"

#include <cinttypes>

void register_log_bad_access(const char *device, const char *name, hwaddr offset, bool is_write) {
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s %s at offset 0x%" PRIx64 "\n", device,
                  is_write ? "write to" : "read of", name ? name : "no register", offset);
}
