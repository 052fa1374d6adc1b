// SPDX-License-Identifier: MIT
/* The block layer: the trace events. See util/trace.h. */
#pragma once

#include "util/trace.h"

// clang-format off
inline constinit TraceEvent<TraceText> trace_bdrv_register{ "bdrv_register", "driver" };
inline constinit TraceEvent<TraceText, TraceText, int> trace_bdrv_open{
    "bdrv_open", "filename options #flags" };
inline constinit TraceEvent<TraceText, TraceText> trace_bdrv_choose_driver{
    "bdrv_choose_driver", "driver because" };
inline constinit TraceEvent<TraceText, int> trace_bdrv_probe{ "bdrv_probe", "driver score" };
inline constinit TraceEvent<TraceText, bool, bool> trace_bdrv_whitelist{
    "bdrv_whitelist", "driver read_only allowed" };
inline constinit TraceEvent<TracePointer, TraceText, int, TraceText> trace_bdrv_open_common{
    "bdrv_open_common", "bs filename #flags format_name" };
inline constinit TraceEvent<TracePointer, TraceText, uint64_t> trace_bdrv_opened{
    "bdrv_opened", "bs node_name bytes" };
inline constinit TraceEvent<TracePointer, TraceText> trace_bdrv_close{
    "bdrv_close", "bs node_name" };
inline constinit TraceEvent<TracePointer, TracePointer, int64_t, int64_t, int> trace_blk_co_preadv{
    "blk_co_preadv", "blk bs offset bytes #flags" };
inline constinit TraceEvent<TracePointer, TracePointer, int64_t, int64_t, int> trace_blk_co_pwritev{
    "blk_co_pwritev", "blk bs offset bytes #flags" };
inline constinit TraceEvent<TraceText, TraceText, bool, TraceText> trace_blk_error_action{
    "blk_error_action", "blk action is_read error" };
inline constinit TraceEvent<TracePointer, int64_t, int64_t, int> trace_bdrv_co_preadv{
    "bdrv_co_preadv", "bs offset bytes #flags" };
inline constinit TraceEvent<TracePointer, int64_t, int64_t, int> trace_bdrv_co_pwritev{
    "bdrv_co_pwritev", "bs offset bytes #flags" };
inline constinit TraceEvent<TracePointer, int64_t, int64_t, int> trace_bdrv_co_pwrite_zeroes{
    "bdrv_co_pwrite_zeroes", "bs offset bytes #flags" };
inline constinit TraceEvent<TracePointer> trace_bdrv_co_flush{ "bdrv_co_flush", "bs" };
inline constinit TraceEvent<TracePointer, TraceText, TracePointer, TracePointer>
    trace_bdrv_change_aio_context{ "bdrv_change_aio_context", "bs node_name from to" };
inline constinit TraceEvent<TraceText, TraceText> trace_bdrv_auto_read_only{
    "bdrv_auto_read_only", "filename because" };
inline constinit TraceEvent<TraceText, TraceText, TraceText> trace_bdrv_lock{
    "bdrv_lock", "filename uses shares" };
inline constinit TraceEvent<TraceText, int, TraceText> trace_bdrv_lock_refused{
    "bdrv_lock_refused", "filename byte because" };
inline constinit TraceEvent<TraceText, TraceText> trace_bdrv_nbd_connect{
    "bdrv_nbd_connect", "server export" };
inline constinit TraceEvent<TraceText, TraceText, int64_t, bool> trace_bdrv_nbd_connected{
    "bdrv_nbd_connected", "server export bytes read_only" };
inline constinit TraceEvent<TraceText, TraceText> trace_bdrv_nbd_failed{
    "bdrv_nbd_failed", "server because" };
inline constinit TraceEvent<TraceText, unsigned, uint64_t> trace_bdrv_nbd_lost{
    "bdrv_nbd_lost", "server in_flight reconnect_delay" };
inline constinit TraceEvent<TraceText, uint64_t> trace_bdrv_nbd_gave_up{
    "bdrv_nbd_gave_up", "server seconds" };
// aio=io_uring: s is the ring, luringcb a request, type a LuringType.
inline constinit TraceEvent<TracePointer, size_t> trace_luring_init_state{
    "luring_init_state", "s size" };
inline constinit TraceEvent<TracePointer> trace_luring_cleanup_state{ "luring_cleanup_state", "s" };
inline constinit TraceEvent<TracePointer, TracePointer, int, int64_t, size_t, int>
    trace_luring_co_submit{ "luring_co_submit", "s luringcb fd offset nbytes type" };
inline constinit TraceEvent<TracePointer, size_t, unsigned> trace_luring_do_submit{
    "luring_do_submit", "s queued inflight" };
inline constinit TraceEvent<TracePointer, int> trace_luring_io_uring_submit{
    "luring_io_uring_submit", "s ret" };
inline constinit TraceEvent<TracePointer, TracePointer, int> trace_luring_process_completion{
    "luring_process_completion", "s luringcb ret" };
inline constinit TraceEvent<TracePointer, TracePointer, int> trace_luring_resubmit_short_read{
    "luring_resubmit_short_read", "s luringcb nread" };
// clang-format on
