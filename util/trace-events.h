// SPDX-License-Identifier: MIT
/* Modules, worker threads: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TraceText> trace_module_call_init{ "module_call_init", "type" };
inline constinit TraceEvent<TraceText, TracePointer>
    trace_module_init_function{ "module_init_function", "type function" };
inline constinit TraceEvent<TraceText> trace_module_load_module{ "module_load_module", "name" };
inline constinit TraceEvent<TraceText, TracePointer>
    trace_register_dso_module_init{ "register_dso_module_init", "type function" };
inline constinit TraceEvent<TracePointer>
    trace_thread_pool_submit{ "thread_pool_submit", "opaque" };
inline constinit TraceEvent<TracePointer, int>
    trace_thread_pool_complete{ "thread_pool_complete", "opaque ret" };
inline constinit TraceEvent<TraceText, int, TraceText> trace_error_setg{
    "error_setg", "file line message" };
// clang-format on
