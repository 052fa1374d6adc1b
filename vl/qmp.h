// SPDX-License-Identifier: MIT
/* QMP: the monitor for programs. Its commands are rows of util/qmp.h.
 *
 * Spec:    QEMU's docs/interop/qmp-spec
 * Missing: out-of-band commands */
#pragma once

#include "hw/core/system.h"

struct Chardev;

// A monitor in control mode on that chardev, for the life of the process.
void monitor_init_qmp(Chardev *chr, bool pretty);

// --- the launcher's events (the way of an event: qapi_event_send in util/qmp.h)
void qapi_event_send_reset(ShutdownCause cause);
void qapi_event_send_shutdown(ShutdownCause cause);
