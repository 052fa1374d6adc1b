// SPDX-License-Identifier: MIT
/* A pool of worker threads, that all contexts share. See util/thread-pool.h.
 *
 * Waking a thread up costs more than most requests do. So a worker that finds the context's lock
 * free tells the requester himself, and takes on what that leads to: a disk with one request under
 * way is served by one worker, and the loop sleeps. And whoever can only wait works by himself. */
#include "util/thread-pool.h"

#include <algorithm>
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

// Of this thread, about the first request that it submits: a worker is to be woken up for it, or
// this thread looks into the queue in a moment and takes it.
enum class Next { OTHERS, MINE, CLAIMED };
static thread_local Next next_request = Next::OTHERS;
static thread_local const ThreadPoolRequest *claimed; // may be done by another one, and freed

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
    aio_context_unref(ctx);
}

// Nobody else has taken it?
static ThreadPoolRequest *take_claimed(AioContext *ctx) {
    ThreadPool &pool = thread_pool();
    std::lock_guard guard(pool.lock);
    auto it = std::find(pool.queue.begin(), pool.queue.end(), claimed);
    if (it == pool.queue.end() || (*it)->ctx != ctx) return nullptr;
    ThreadPoolRequest *req = *it;
    pool.queue.erase(it);
    return req;
}

void thread_pool_before_wait_for_requests(AioContext *ctx) {
    if (next_request != Next::CLAIMED) return;
    next_request = Next::MINE;
    if (ThreadPoolRequest *req = take_claimed(ctx)) return work_on(req);
    wake_worker();
}

ThreadPoolOwnWork::ThreadPoolOwnWork() : outer_(next_request != Next::OTHERS) {
    thread_pool_before_wait();
    next_request = Next::MINE;
}

ThreadPoolOwnWork::~ThreadPoolOwnWork() {
    thread_pool_before_wait();
    if (outer_) next_request = Next::MINE;
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
    auto *req = new ThreadPoolRequest{ ctx, func, done, opaque, 0 };
    {
        std::lock_guard guard(thread_pool().lock);
        thread_pool().queue.push_back(req);
    }
    if (next_request != Next::MINE) return wake_worker();
    next_request = Next::CLAIMED;
    claimed = req;
}
