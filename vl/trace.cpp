// SPDX-License-Identifier: MIT
/* The launcher: the register of trace events. */
#include "vl/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_phase,
    &trace_runstate_set,
    &trace_qemu_system_reset,
    &trace_handle_hmp_command,
};

static void vl_trace_init() { trace_event_register_group(events); }

trace_init(vl_trace_init)
