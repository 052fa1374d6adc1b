// SPDX-License-Identifier: MIT
/* Worker threads, for system calls that would keep an event loop waiting.
 *
 * In gdb: b thread_pool_submit     b thread_pool_completion */
#pragma once

struct AioContext;

using ThreadPoolFunc = int (*)(void *opaque);
using ThreadPoolDone = void (*)(void *opaque, int ret);

// Runs func(opaque) in a worker thread, then done(opaque, result) in the context, under its lock:
// from the worker itself if the lock is free, else from the context's loop. Under the lock.
void thread_pool_submit(AioContext *ctx, ThreadPoolFunc func, ThreadPoolDone done, void *opaque);

// While it exists, this thread waits for what it submits, and has nothing else to do: so it works
// on a request by itself, in aio_poll(), instead of waking a worker up and being woken up by it.
class ThreadPoolOwnWork {
public:
    ThreadPoolOwnWork();
    ~ThreadPoolOwnWork();
    ThreadPoolOwnWork(const ThreadPoolOwnWork &) = delete;
    ThreadPoolOwnWork &operator=(const ThreadPoolOwnWork &) = delete;

private:
    bool outer_; // there is another one around it
};

// This thread is about to wait for other things: what it wanted to take on next is a worker's.
void thread_pool_before_wait();
// It is about to wait for requests of the context, whose lock it has: what it wanted to take on it
// does now.
void thread_pool_before_wait_for_requests(AioContext *ctx);
