// SPDX-License-Identifier: MIT
/* Objects and types: the register of trace events. */
#include "qom/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_type_register,   &trace_type_initialize,     &trace_object_new,
    &trace_object_finalize, &trace_object_property_set,
};

static void qom_trace_init() { trace_event_register_group(events); }

trace_init(qom_trace_init)
