// SPDX-License-Identifier: MIT
/* Disks: the register of trace events. */
#include "hw/block/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_virtio_blk_handle_read,
    &trace_virtio_blk_handle_write,
    &trace_virtio_blk_rw_complete,
    &trace_virtio_blk_req_complete,
};

static void hw_block_trace_init() { trace_event_register_group(events); }

trace_init(hw_block_trace_init)
