// SPDX-License-Identifier: MIT
/* The launcher: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TraceText> trace_phase{ "phase", "name" };
inline constinit TraceEvent<TraceText, TraceText>
    trace_runstate_set{ "runstate_set", "current_run_state new_state" };
inline constinit TraceEvent<TraceText> trace_qemu_system_reset{ "qemu_system_reset", "reason" };
inline constinit TraceEvent<TraceText> trace_handle_hmp_command{ "handle_hmp_command", "command" };
inline constinit TraceEvent<TraceText> trace_handle_qmp_command{ "handle_qmp_command", "command" };
inline constinit TraceEvent<TraceText>
    trace_monitor_qmp_respond{ "monitor_qmp_respond", "message" };
inline constinit TraceEvent<TraceText> trace_gdbstub_op_start{ "gdbstub_op_start", "device" };
inline constinit TraceEvent<int> trace_gdbstub_op_exiting{ "gdbstub_op_exiting", "code" };
inline constinit TraceEvent<> trace_gdbstub_op_continue{ "gdbstub_op_continue", "" };
inline constinit TraceEvent<int> trace_gdbstub_op_stepping{ "gdbstub_op_stepping", "cpu" };
inline constinit TraceEvent<TraceText>
    trace_gdbstub_op_extra_info{ "gdbstub_op_extra_info", "info" };
inline constinit TraceEvent<> trace_gdbstub_hit_break{ "gdbstub_hit_break", "" };
inline constinit TraceEvent<> trace_gdbstub_hit_paused{ "gdbstub_hit_paused", "" };
inline constinit TraceEvent<> trace_gdbstub_hit_shutdown{ "gdbstub_hit_shutdown", "" };
inline constinit TraceEvent<> trace_gdbstub_hit_io_error{ "gdbstub_hit_io_error", "" };
inline constinit TraceEvent<TraceText, int, uint64_t>
    trace_gdbstub_hit_watchpoint{ "gdbstub_hit_watchpoint", "type thread #addr" };
inline constinit TraceEvent<TraceText> trace_gdbstub_io_reply{ "gdbstub_io_reply", "message" };
inline constinit TraceEvent<TraceText> trace_gdbstub_io_command{ "gdbstub_io_command", "command" };
inline constinit TraceEvent<> trace_gdbstub_io_got_ack{ "gdbstub_io_got_ack", "" };
inline constinit TraceEvent<> trace_gdbstub_err_got_nack{ "gdbstub_err_got_nack", "" };
inline constinit TraceEvent<unsigned>
    trace_gdbstub_err_garbage{ "gdbstub_err_garbage", "#byte" };
inline constinit TraceEvent<> trace_gdbstub_err_overrun{ "gdbstub_err_overrun", "" };
inline constinit TraceEvent<unsigned>
    trace_gdbstub_err_checksum_invalid{ "gdbstub_err_checksum_invalid", "#byte" };
inline constinit TraceEvent<unsigned, int>
    trace_gdbstub_err_checksum_incorrect{ "gdbstub_err_checksum_incorrect", "#expected #got" };
// clang-format on
