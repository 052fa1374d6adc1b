// SPDX-License-Identifier: MIT
/* Disks: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TracePointer, TracePointer, uint64_t, uint64_t>
    trace_virtio_blk_handle_read{ "virtio_blk_handle_read", "vdev req sector nsectors" };
inline constinit TraceEvent<TracePointer, TracePointer, uint64_t, uint64_t>
    trace_virtio_blk_handle_write{ "virtio_blk_handle_write", "vdev req sector nsectors" };
inline constinit TraceEvent<TracePointer, TracePointer, int>
    trace_virtio_blk_rw_complete{ "virtio_blk_rw_complete", "vdev req ret" };
inline constinit TraceEvent<TracePointer, TracePointer, int>
    trace_virtio_blk_req_complete{ "virtio_blk_req_complete", "vdev req status" };
// clang-format on
