// SPDX-License-Identifier: MIT
/* Objects and types: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TraceText, TraceText>
    trace_type_register{ "type_register", "name parent" };
inline constinit TraceEvent<TraceText> trace_type_initialize{ "type_initialize", "name" };
inline constinit TraceEvent<TraceText, TracePointer>
    trace_object_new{ "object_new", "type object" };
inline constinit TraceEvent<TraceText, TracePointer>
    trace_object_finalize{ "object_finalize", "type object" };
inline constinit TraceEvent<TraceText, TraceText, TraceText>
    trace_object_property_set{ "object_property_set", "type property value" };
// clang-format on
