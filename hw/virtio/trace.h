// SPDX-License-Identifier: MIT
/* virtio: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TracePointer, unsigned>
    trace_virtio_queue_notify{ "virtio_queue_notify", "vdev n" };
inline constinit TraceEvent<TracePointer, TracePointer>
    trace_virtio_notify{ "virtio_notify", "vdev vq" };
inline constinit TraceEvent<TracePointer, unsigned>
    trace_virtio_set_status{ "virtio_set_status", "vdev #val" };
// clang-format on
