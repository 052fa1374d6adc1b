// SPDX-License-Identifier: MIT
/* Modules, worker threads: the register of trace events. */
#include "util/trace-events.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_module_call_init,   &trace_module_init_function,
    &trace_module_load_module, &trace_register_dso_module_init,
    &trace_thread_pool_submit, &trace_thread_pool_complete,
    &trace_error_setg,
};

static void util_trace_init() { trace_event_register_group(events); }

trace_init(util_trace_init)
