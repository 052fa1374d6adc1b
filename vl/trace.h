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
// clang-format on
