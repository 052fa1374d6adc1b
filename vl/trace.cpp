// SPDX-License-Identifier: MIT
/* The launcher: the register of trace events. */
#include "vl/trace.h"

#include "util/module.h"

static TraceEventRow *const events[] = {
    &trace_phase,
    &trace_runstate_set,
    &trace_qemu_system_reset,
    &trace_handle_hmp_command,
    &trace_handle_qmp_command,
    &trace_monitor_qmp_respond,
    &trace_gdbstub_op_start,
    &trace_gdbstub_op_exiting,
    &trace_gdbstub_op_continue,
    &trace_gdbstub_op_stepping,
    &trace_gdbstub_op_extra_info,
    &trace_gdbstub_hit_break,
    &trace_gdbstub_hit_paused,
    &trace_gdbstub_hit_shutdown,
    &trace_gdbstub_hit_io_error,
    &trace_gdbstub_hit_watchpoint,
    &trace_gdbstub_io_reply,
    &trace_gdbstub_io_command,
    &trace_gdbstub_io_got_ack,
    &trace_gdbstub_err_got_nack,
    &trace_gdbstub_err_garbage,
    &trace_gdbstub_err_overrun,
    &trace_gdbstub_err_checksum_invalid,
    &trace_gdbstub_err_checksum_incorrect,
};

static void vl_trace_init() { trace_event_register_group(events); }

trace_init(vl_trace_init)
