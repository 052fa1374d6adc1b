// SPDX-License-Identifier: MIT
/* AioContext: an event loop over file descriptors, bottom halves and worker threads.
 *
 * The main loop is one; a disk may later have another one in a thread of its own. A context is
 * polled by one thread. Bottom halves may be scheduled, and aio_notify called, from any thread,
 * everything else only from the thread that polls it (or, for the main context, under the big
 * lock).
 *
 * In gdb: b aio_poll */
#pragma once

#include <cstdint>

struct AioContext;

using IOHandler = void (*)(void *opaque);
using QEMUBHFunc = void (*)(void *opaque);

AioContext *aio_context_new();
void aio_context_free(AioContext *ctx);
// The main loop's context.
AioContext *qemu_get_aio_context();
// The context that this thread polls; the main one for any other thread.
AioContext *qemu_get_current_aio_context();

// Watches `fd` (both handlers null: no longer). Level-triggered.
void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler io_read, IOHandler io_write,
                        void *opaque);
// Calls cb(opaque) once from the loop, in order of scheduling.
void aio_bh_schedule_oneshot(AioContext *ctx, QEMUBHFunc cb, void *opaque);

// A bottom half that is scheduled again and again, at most once at a time. A member of its owner;
// may be destroyed while it is scheduled.
class QEMUBH {
public:
    QEMUBH(AioContext *ctx, QEMUBHFunc cb, void *opaque) : ctx_(ctx), cb_(cb), opaque_(opaque) {}
    ~QEMUBH() { cancel(); }
    QEMUBH(const QEMUBH &) = delete;
    QEMUBH &operator=(const QEMUBH &) = delete;

    void schedule(); // any thread
    void cancel();

private:
    friend struct AioContext;
    AioContext *ctx_;
    QEMUBHFunc cb_;
    void *opaque_;
    bool scheduled_ = false; // under the context's bh_lock
};
// Ends a blocking aio_poll.
void aio_notify(AioContext *ctx);
// One turn: waits for an event if `blocking` (at most `timeout_ns`; -1: for ever), then runs what
// is ready. True if anything ran. Runs no timers. `release_bql` drops the big lock during the wait.
bool aio_poll(AioContext *ctx, bool blocking, int64_t timeout_ns = -1, bool release_bql = false);

// Runs func(opaque) in a worker thread, then done(opaque, result) from the context's loop.
using ThreadPoolFunc = int (*)(void *opaque);
using ThreadPoolDone = void (*)(void *opaque, int ret);
void thread_pool_submit(AioContext *ctx, ThreadPoolFunc func, ThreadPoolDone done, void *opaque);

// For one who must know when the context has nothing left to do (-icount). Both functions may be
// called from any thread.
struct AioWatcher {
    void (*started)(); // a request or a bottom half has been added
    void (*turned)();  // behind each turn of aio_poll
};
void aio_set_watcher(AioContext *ctx, const AioWatcher *watcher);
// A request of another kind than a worker thread's counts as well.
void aio_request_started(AioContext *ctx);
void aio_request_ended(AioContext *ctx);
// True if requests or bottom halves have not ended.
bool aio_is_busy(AioContext *ctx);
