// SPDX-License-Identifier: MIT
/* The block layer: the register of trace events. */
#include "block/trace.h"

#include "util/module.h"

// clang-format off
static TraceEventRow *const events[] = {
    &trace_bdrv_register,
    &trace_bdrv_open,
    &trace_bdrv_choose_driver,
    &trace_bdrv_probe,
    &trace_bdrv_whitelist,
    &trace_bdrv_open_common,
    &trace_bdrv_opened,
    &trace_bdrv_close,
    &trace_blk_error_action,
    &trace_blk_co_preadv,
    &trace_blk_co_pwritev,
    &trace_bdrv_co_preadv,
    &trace_bdrv_co_pwritev,
    &trace_bdrv_co_pwrite_zeroes,
    &trace_bdrv_co_flush,
    &trace_bdrv_auto_read_only,
    &trace_bdrv_lock,
    &trace_bdrv_lock_refused,
    &trace_bdrv_nbd_connect,
    &trace_bdrv_nbd_connected,
    &trace_bdrv_nbd_failed,
    &trace_bdrv_nbd_lost,
    &trace_bdrv_nbd_gave_up,
    &trace_bdrv_change_aio_context,
    &trace_luring_init_state,
    &trace_luring_cleanup_state,
    &trace_luring_co_submit,
    &trace_luring_do_submit,
    &trace_luring_io_uring_submit,
    &trace_luring_process_completion,
    &trace_luring_resubmit_short_read,
};
// clang-format on

static void block_trace_init() { trace_event_register_group(events); }

trace_init(block_trace_init)
