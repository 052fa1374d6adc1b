// SPDX-License-Identifier: MIT
/* A pool of worker threads, that all contexts share. See util/thread-pool.h.
 *
 * Waking a thread up costs more than most requests do. So a worker that finds the context's lock
 * free tells the requester himself, and takes on what that leads to: a disk with one request under
 * way is served by one worker, and the loop sleeps. */
#include "util/thread-pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "util/aio.h"
#include "util/trace-events.h"

struct ThreadPoolRequest {
    AioContext *ctx;
    ThreadPoolFunc func;
    ThreadPoolDone done;
    void *opaque;
    int ret;
};

static constexpr int MAX_WORKERS = 16;

// Guarded by its lock. Workers are started as requests find none idle, and end with the process.
struct ThreadPool {
    std::mutex lock;
    std::condition_variable wake;
    std::deque<ThreadPoolRequest *> queue;
    int workers = 0;
    int idle = 0;
};

static ThreadPool &thread_pool() {
    // Never destroyed: detached workers wait on it until the process is gone.
    static ThreadPool *pool = new ThreadPool;
    return *pool;
}

// Of this thread, about the first request that it submits: another worker is to be woken up for it,
// or this one looks into the queue in a moment and takes it.
enum class Next { OTHERS, MINE, CLAIMED };
static thread_local Next next_request = Next::OTHERS;

static void worker_thread();

static void wake_worker() {
    ThreadPool &pool = thread_pool();
    {
        std::lock_guard guard(pool.lock);
        if (pool.idle < static_cast<int>(pool.queue.size()) && pool.workers < MAX_WORKERS) {
            pool.workers++;
            std::thread(worker_thread).detach();
        }
    }
    pool.wake.notify_one(); // behind the lock, which the worker wants
}

void thread_pool_before_wait() {
    if (std::exchange(next_request, Next::OTHERS) == Next::CLAIMED) wake_worker();
}

static void thread_pool_completion(void *opaque) {
    auto *req = static_cast<ThreadPoolRequest *>(opaque);
    trace_thread_pool_complete(req->opaque, req->ret);
    req->done(req->opaque, req->ret);
    aio_request_ended(req->ctx);
    delete req;
}

static void work_on(ThreadPoolRequest *req) {
    AioContext *ctx = req->ctx;
    req->ret = req->func(req->opaque);
    next_request = Next::MINE;
    aio_run_or_schedule(ctx, thread_pool_completion, req);
    next_request = Next::OTHERS;
    aio_context_unref(ctx);
}

static void worker_thread() {
    ThreadPool &pool = thread_pool();
    std::unique_lock lock(pool.lock);
    for (;;) {
        pool.idle++;
        pool.wake.wait(lock, [&] { return !pool.queue.empty(); });
        pool.idle--;
        ThreadPoolRequest *req = pool.queue.front();
        pool.queue.pop_front();
        lock.unlock();
        work_on(req);
        lock.lock();
    }
}

void thread_pool_submit(AioContext *ctx, ThreadPoolFunc func, ThreadPoolDone done, void *opaque) {
    aio_context_ref(ctx);
    aio_request_started(ctx);
    trace_thread_pool_submit(opaque);
    {
        std::lock_guard guard(thread_pool().lock);
        thread_pool().queue.push_back(new ThreadPoolRequest{ ctx, func, done, opaque, 0 });
    }
    if (next_request == Next::MINE)
        next_request = Next::CLAIMED;
    else
        wake_worker();
}
