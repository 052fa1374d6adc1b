// SPDX-License-Identifier: MIT
/* The hart: the register of trace events. */
#include "hw/cpu/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_riscv_trap,
    &trace_riscv_mode,
    &trace_riscv_cpu_reset,
};

static void hw_cpu_trace_init() { trace_event_register_group(events); }

trace_init(hw_cpu_trace_init)
