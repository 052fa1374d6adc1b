// SPDX-License-Identifier: MIT
/* AioContext: an event loop over file descriptors and bottom halves.
 *
 * The main loop is one; an iothread (block/iothread.h) has another one in a thread of its own.
 *
 * Invariants: each context has a lock, the main context's is the big lock. Whoever holds it, of
 * whatever thread, may poll the context and use what lives in it: handlers, timers, block nodes.
 * The thread that a context belongs to gives the lock up only while it waits for events. Only
 * aio_notify and the scheduling of bottom halves need no lock.
 *
 * Lock order: the big lock, then contexts' locks, then locks inside util. Nobody waits for the big
 * lock with a context's lock in his hand: an iothread that has something to tell a device
 * schedules a bottom half of the main context.
 *
 * In gdb: b aio_poll */
#pragma once

#include <cstdint>

struct AioContext;

using IOHandler = void (*)(void *opaque);
using QEMUBHFunc = void (*)(void *opaque);

AioContext *aio_context_new();
// For who will come back to it from another thread. It goes with the last reference.
void aio_context_ref(AioContext *ctx);
void aio_context_unref(AioContext *ctx);
// The main loop's context.
AioContext *qemu_get_aio_context();
// The context that this thread polls, or has in an AioContextGuard; else the main one.
AioContext *qemu_get_current_aio_context();

// Has the context's lock, unless this thread has it already, and makes the context the current one.
// Of the main context: the caller has the big lock. Who comes first is served first, so that a busy
// loop keeps nobody out.
class AioContextGuard {
public:
    explicit AioContextGuard(AioContext *ctx);
    ~AioContextGuard();
    AioContextGuard(const AioContextGuard &) = delete;
    AioContextGuard &operator=(const AioContextGuard &) = delete;

private:
    AioContext *ctx_, *outer_;
    bool taken_;
};

// Watches `fd` (both handlers null: no longer). Level-triggered.
void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler io_read, IOHandler io_write,
                        void *opaque);
// Calls cb(opaque) once from the loop, in order of scheduling.
void aio_bh_schedule_oneshot(AioContext *ctx, QEMUBHFunc cb, void *opaque);

// Calls cb(opaque) once in the context: here and now if nobody has its lock, so that its thread
// need not be woken up; else, also if the caller has it, from the loop.
void aio_run_or_schedule(AioContext *ctx, QEMUBHFunc cb, void *opaque);

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
// is ready. True if anything ran. Runs no QEMUTimers. `release_lock`: others may have the context's
// lock during the wait.
bool aio_poll(AioContext *ctx, bool blocking, int64_t timeout_ns = -1, bool release_lock = false);

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
