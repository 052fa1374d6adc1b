// SPDX-License-Identifier: MIT
/* virtio: the register of trace events. */
#include "hw/virtio/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_virtio_queue_notify,
    &trace_virtio_notify,
    &trace_virtio_set_status,
};

static void hw_virtio_trace_init() { trace_event_register_group(events); }

trace_init(hw_virtio_trace_init)
