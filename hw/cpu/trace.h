// SPDX-License-Identifier: MIT
/* The hart: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<unsigned, bool, uint64_t, uint64_t, uint64_t, TraceText>
    trace_riscv_trap{ "riscv_trap", "hart interrupt cause #epc #tval desc" };
inline constinit TraceEvent<unsigned, TraceText, TraceText, uint64_t>
    trace_riscv_mode{ "riscv_mode", "hart from to #pc" };
inline constinit TraceEvent<unsigned, uint64_t>
    trace_riscv_cpu_reset{ "riscv_cpu_reset", "hart #pc" };
// clang-format on
