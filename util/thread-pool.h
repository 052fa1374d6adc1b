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
// This thread is about to wait: what it wanted to take on next is another worker's.
void thread_pool_before_wait();
