// SPDX-License-Identifier: MIT
/* Coroutines: a function returning CoTask<T> may sleep while the host works and go on later.
 *
 * A task starts when it is awaited, and runs on its caller's stack until it first has to wait. So
 * on the way down a backtrace shows the whole chain, from the device's request to the system call,
 * and a task that never waits is an ordinary call. Going up, whoever finishes resumes whoever
 * waits for it. No tail calls are needed, hence it is the same at -O0 and -O2.
 *
 * Ways in: co_await from another task, aio_wait() from synchronous code, and CoDetached for a
 * request that reports through a callback. A task goes on in the context it waited in, under that
 * context's lock (util/aio.h). Nothing here takes a lock.
 *
 * In gdb: b raw_co_preadv, then bt */
#pragma once

#include <cassert>
#include <coroutine>
#include <deque>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "util/aio.h"
#include "util/thread-pool.h"

template <typename T>
class CoTask;

struct CoPromiseBase {
    std::coroutine_handle<> waiter; // sleeps until this task ends; null: nobody sleeps

    struct Final {
        bool await_ready() noexcept { return false; }
        // The waiter frees the task's frame, and this awaiter in it, before resume() returns:
        // nothing may be touched after it, and an inlined copy might.
        template <typename Promise>
        [[gnu::noinline]] void await_suspend(std::coroutine_handle<Promise> task) noexcept {
            std::coroutine_handle<> waiter = task.promise().waiter;
            if (waiter) waiter.resume();
        }
        void await_resume() noexcept {}
    };

    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
};

template <typename T>
struct CoPromise : CoPromiseBase {
    static_assert(std::is_trivially_copyable_v<T>, "the result is read more than once");
    T value{};

    CoTask<T> get_return_object() noexcept;
    void return_value(T v) noexcept { value = v; }
    T result() const noexcept { return value; }
};

template <>
struct CoPromise<void> : CoPromiseBase {
    CoTask<void> get_return_object() noexcept;
    void return_void() noexcept {}
    void result() const noexcept {}
};

template <typename T>
class [[nodiscard]] CoTask {
public:
    using promise_type = CoPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit CoTask(Handle handle) noexcept : handle_(handle) {}
    CoTask(CoTask &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    CoTask(const CoTask &) = delete;
    CoTask &operator=(const CoTask &) = delete;
    ~CoTask() {
        if (!handle_) return;
        assert(handle_.done() || !slept()); // somebody would resume a freed frame
        handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    // False, so that the caller goes straight on, if the task ended without sleeping.
    bool await_suspend(std::coroutine_handle<> waiter) noexcept {
        handle_.resume();
        if (handle_.done()) return false;
        handle_.promise().waiter = waiter;
        return true;
    }
    T await_resume() const noexcept { return handle_.promise().result(); }

    // True once its awaiter had to sleep for it.
    bool slept() const noexcept { return handle_.promise().waiter != nullptr; }

private:
    Handle handle_;
};

template <typename T>
CoTask<T> CoPromise<T>::get_return_object() noexcept {
    return CoTask<T>(CoTask<T>::Handle::from_promise(*this));
}

inline CoTask<void> CoPromise<void>::get_return_object() noexcept {
    return CoTask<void>(CoTask<void>::Handle::from_promise(*this));
}

// --- ways in

// A coroutine that nobody awaits: it starts at once and frees itself when it ends.
struct CoDetached {
    struct promise_type {
        CoDetached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
    };
};

template <typename T>
CoDetached co_run_then_set(CoTask<T> *task, bool *done) {
    (void)co_await *task;
    *done = true;
}

// Runs a task to its end from synchronous code, polling the context meanwhile.
template <typename T>
T aio_wait(CoTask<T> task) {
    bool done = false;
    ThreadPoolOwnWork own;
    co_run_then_set(&task, &done);
    while (!done) aio_poll(qemu_get_current_aio_context(), /*blocking=*/true);
    return task.await_resume();
}

// --- what a task may wait for

// `int ret = co_await ThreadPoolCo(func, arg)`: func(arg) in a worker thread.
class ThreadPoolCo {
public:
    ThreadPoolCo(ThreadPoolFunc func, void *arg) noexcept : func_(func), arg_(arg) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        waiter_ = waiter;
        thread_pool_submit(qemu_get_current_aio_context(), work, done, this);
    }
    int await_resume() const noexcept { return ret_; }

private:
    static int work(void *opaque) {
        auto *self = static_cast<ThreadPoolCo *>(opaque);
        return self->func_(self->arg_);
    }
    static void done(void *opaque, int ret) {
        auto *self = static_cast<ThreadPoolCo *>(opaque);
        self->ret_ = ret;
        self->waiter_.resume();
    }

    ThreadPoolFunc func_;
    void *arg_;
    int ret_ = 0;
    std::coroutine_handle<> waiter_;
};

inline void co_resume_bh(void *opaque) { std::coroutine_handle<>::from_address(opaque).resume(); }

// `co_await CoReschedule()`: goes on in the loop's next turn, on a fresh stack.
struct CoReschedule {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        aio_bh_schedule_oneshot(qemu_get_current_aio_context(), co_resume_bh, waiter.address());
    }
    void await_resume() const noexcept {}
};

// One task at a time: `auto guard = co_await mutex.lock()`. Whoever has to wait goes on, in
// the order of coming, where the one before unlocks it; so all belong to one context.
class CoMutex {
public:
    class Guard {
    public:
        explicit Guard(CoMutex *mutex) : mutex_(mutex) {}
        ~Guard() { mutex_->unlock(); }
        Guard(const Guard &) = delete;
        Guard &operator=(const Guard &) = delete;

    private:
        CoMutex *mutex_;
    };

    struct Lock {
        CoMutex *mutex;
        bool await_ready() const noexcept { return !std::exchange(mutex->locked_, true); }
        void await_suspend(std::coroutine_handle<> waiter) { mutex->waiters_.push_back(waiter); }
        Guard await_resume() const noexcept { return Guard(mutex); }
    };

    Lock lock() noexcept { return { this }; }

private:
    void unlock() {
        if (waiters_.empty()) {
            locked_ = false;
            return;
        }
        std::coroutine_handle<> next = waiters_.front();
        waiters_.pop_front();
        next.resume();
    }

    bool locked_ = false;
    std::deque<std::coroutine_handle<>> waiters_;
};

// Tasks that sleep until somebody calls restart_all(). They go on in the loop's next turn, in the
// order in which they came.
class CoQueue {
public:
    struct Wait {
        CoQueue *queue;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiter) {
            queue->waiters_.push_back({ qemu_get_current_aio_context(), waiter });
        }
        void await_resume() const noexcept {}
    };

    Wait wait() noexcept { return { this }; }
    bool empty() const noexcept { return waiters_.empty(); }
    void restart_all() {
        for (const Waiter &w : std::exchange(waiters_, {})) {
            aio_bh_schedule_oneshot(w.ctx, co_resume_bh, w.handle.address());
        }
    }

private:
    struct Waiter {
        AioContext *ctx;
        std::coroutine_handle<> handle;
    };
    std::vector<Waiter> waiters_;
};
