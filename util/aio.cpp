// SPDX-License-Identifier: MIT
/* Event loops: poll(2) and bottom halves. See util/aio.h. */
#include "util/aio.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/main-loop.h"
#include "util/thread-pool.h"

struct AioHandler {
    int fd;
    IOHandler io_read;
    IOHandler io_write;
    void *opaque;
};

struct BottomHalf {
    QEMUBHFunc cb;
    void *opaque;
    QEMUBH *bh; // of its owner's; null: for once
};

// First come, first served: a loop that takes the lock again at once would keep others out.
class FairLock {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        uint64_t ticket = next_++;
        turn_.wait(guard, [&] { return ticket == serving_; });
    }
    bool try_lock() {
        std::lock_guard guard(mutex_);
        if (next_ != serving_) return false;
        next_++;
        return true;
    }
    void unlock() {
        std::lock_guard guard(mutex_);
        serving_++;
        turn_.notify_all(); // under the mutex: the next one may end the context
    }

private:
    std::mutex mutex_;
    std::condition_variable turn_;
    uint64_t next_ = 0, serving_ = 0;
};

struct AioContext {
    std::atomic<unsigned> refcnt{ 1 };
    FairLock lock;                              // the main context's is the big lock instead
    std::atomic<const void *> owner{ nullptr }; // the thread that has `lock`
    int notify_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    std::atomic<unsigned> waiting{ 0 };  // threads that are, or are about to be, in ppoll
    std::atomic<bool> notified{ false }; // the next wait must not block
    std::vector<AioHandler> handlers;
    std::mutex bh_lock; // guards bottom_halves; a leaf
    std::deque<BottomHalf> bottom_halves;
    std::atomic<unsigned> requests{ 0 };
    uint64_t turns = 0;                  // of aio_poll, in any thread that had the lock
    const AioWatcher *watcher = nullptr; // set before there is anything to watch

    ~AioContext() { close(notify_fd); }
    void add(const BottomHalf &bottom_half);
    bool take(BottomHalf *bottom_half);
    void remove(QEMUBH *bh);
};

static thread_local AioContext *current_context;
// The one in which this thread is a guest of the loop. The loop is woken up when the guest has
// left: it wants the lock first.
static thread_local AioContext *visited_context;
static thread_local bool visit_woke_up;

AioContext *aio_context_new() { return new AioContext; }

void aio_context_ref(AioContext *ctx) { ctx->refcnt++; }

void aio_context_unref(AioContext *ctx) {
    if (--ctx->refcnt == 0) delete ctx;
}

AioContext *qemu_get_aio_context() {
    // Never destroyed: workers may still notify it while the process exits.
    static AioContext *ctx = new AioContext;
    return ctx;
}

AioContext *qemu_get_current_aio_context() {
    return current_context ? current_context : qemu_get_aio_context();
}

// --- the lock

static const void *this_thread() {
    static thread_local char unique;
    return &unique;
}

static bool is_main(const AioContext *ctx) { return ctx == qemu_get_aio_context(); }

static void context_lock(AioContext *ctx) {
    if (is_main(ctx)) return bql_lock();
    ctx->lock.lock();
    ctx->owner = this_thread();
}

static bool context_try_lock(AioContext *ctx) {
    if (is_main(ctx)) return bql_try_lock();
    if (!ctx->lock.try_lock()) return false;
    ctx->owner = this_thread();
    return true;
}

static void context_unlock(AioContext *ctx) {
    if (is_main(ctx)) return bql_unlock();
    ctx->owner = nullptr;
    ctx->lock.unlock();
}

AioContextGuard::AioContextGuard(AioContext *ctx)
    : ctx_(ctx), outer_(current_context), taken_(!is_main(ctx) && ctx->owner != this_thread()) {
    if (taken_) {
        thread_pool_before_wait();
        context_lock(ctx);
    }
    current_context = ctx;
}

AioContextGuard::~AioContextGuard() {
    current_context = outer_;
    if (taken_) context_unlock(ctx_);
}

// --- descriptors

void aio_set_fd_handler(AioContext *ctx, int fd, IOHandler io_read, IOHandler io_write,
                        void *opaque) {
    std::erase_if(ctx->handlers, [fd](const AioHandler &h) { return h.fd == fd; });
    if (io_read || io_write) ctx->handlers.push_back({ fd, io_read, io_write, opaque });
    aio_notify(ctx);
}

static void wake_up(AioContext *ctx) {
    uint64_t one = 1;
    // A full counter means the loop is already going to wake up.
    (void)!write(ctx->notify_fd, &one, sizeof one);
}

void aio_notify(AioContext *ctx) {
    // Either a waiter sees `notified` before it waits, or we see that it waits.
    ctx->notified = true;
    if (ctx->waiting == 0) return;
    if (ctx == visited_context)
        visit_woke_up = true;
    else
        wake_up(ctx);
}

// --- bottom halves

void AioContext::add(const BottomHalf &bottom_half) {
    {
        std::lock_guard guard(bh_lock);
        if (bottom_half.bh && std::exchange(bottom_half.bh->scheduled_, true)) return;
        bottom_halves.push_back(bottom_half);
    }
    if (watcher) watcher->started();
    aio_notify(this);
}

bool AioContext::take(BottomHalf *bottom_half) {
    std::lock_guard guard(bh_lock);
    if (bottom_halves.empty()) return false;
    *bottom_half = bottom_halves.front();
    bottom_halves.pop_front();
    if (bottom_half->bh) bottom_half->bh->scheduled_ = false;
    return true;
}

void AioContext::remove(QEMUBH *bh) {
    std::lock_guard guard(bh_lock);
    if (!std::exchange(bh->scheduled_, false)) return;
    std::erase_if(bottom_halves, [bh](const BottomHalf &b) { return b.bh == bh; });
}

void aio_bh_schedule_oneshot(AioContext *ctx, QEMUBHFunc cb, void *opaque) {
    ctx->add({ cb, opaque, nullptr });
}

void aio_run_or_schedule(AioContext *ctx, QEMUBHFunc cb, void *opaque) {
    if (!context_try_lock(ctx)) return aio_bh_schedule_oneshot(ctx, cb, opaque);
    AioContext *outer = std::exchange(current_context, ctx);
    visited_context = ctx;
    cb(opaque);
    visited_context = nullptr;
    current_context = outer;
    if (ctx->watcher) ctx->watcher->turned();
    context_unlock(ctx);
    if (std::exchange(visit_woke_up, false)) wake_up(ctx);
}

void QEMUBH::schedule() { ctx_->add({ cb_, opaque_, this }); }

void QEMUBH::cancel() { ctx_->remove(this); }

static size_t count_bottom_halves(AioContext *ctx) {
    std::lock_guard guard(ctx->bh_lock);
    return ctx->bottom_halves.size();
}

// Runs as many as there were before the call; what they schedule waits for the next turn. One is
// taken at a time, since it may itself poll the loop until another one has run.
static bool run_bottom_halves(AioContext *ctx) {
    bool progress = false;
    BottomHalf bh;
    for (size_t n = count_bottom_halves(ctx); n > 0 && ctx->take(&bh); n--) {
        bh.cb(bh.opaque);
        progress = true;
    }
    return progress;
}

// A handler may remove any other one, so each is looked up again before it is called.
static const AioHandler *find_handler(AioContext *ctx, int fd) {
    for (const AioHandler &h : ctx->handlers) {
        if (h.fd == fd) return &h;
    }
    return nullptr;
}

static bool dispatch(AioContext *ctx, const std::vector<pollfd> &fds) {
    bool progress = false;
    for (const pollfd &p : fds) {
        const AioHandler *h = p.revents ? find_handler(ctx, p.fd) : nullptr;
        if (h && h->io_read && (p.revents & (POLLIN | POLLHUP | POLLERR | POLLRDHUP))) {
            h->io_read(h->opaque);
            progress = true;
            h = find_handler(ctx, p.fd);
        }
        if (h && h->io_write && (p.revents & (POLLOUT | POLLERR))) {
            h->io_write(h->opaque);
            progress = true;
        }
    }
    return progress;
}

// Waits for the first event. A loop's own thread lets others have the lock meanwhile; if one of
// them has polled the loop, it may have handled what was seen here, so that is looked at again.
static int wait_for_event(AioContext *ctx, std::vector<pollfd> &fds, int64_t timeout_ns,
                          bool release_lock) {
    timespec timeout{ timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000 };
    uint64_t turn = ctx->turns;
    if (release_lock) context_unlock(ctx);
    int n = ppoll(fds.data(), fds.size(), timeout_ns < 0 ? nullptr : &timeout, nullptr);
    if (release_lock) context_lock(ctx);
    return n > 0 && ctx->turns != turn ? poll(fds.data(), fds.size(), 0) : n;
}

bool aio_poll(AioContext *ctx, bool blocking, int64_t timeout_ns, bool release_lock) {
    AioContext *outer = std::exchange(current_context, ctx);
    if (blocking && timeout_ns < 0 && !release_lock)
        thread_pool_before_wait_for_requests(ctx);
    else
        thread_pool_before_wait();

    std::vector<pollfd> fds{ { ctx->notify_fd, POLLIN, 0 } };
    for (const AioHandler &h : ctx->handlers) {
        short events = static_cast<short>((h.io_read ? POLLIN : 0) | (h.io_write ? POLLOUT : 0));
        fds.push_back({ h.fd, events, 0 });
    }
    ctx->waiting++;
    if (!blocking || ctx->notified || count_bottom_halves(ctx) > 0) timeout_ns = 0;
    int n = wait_for_event(ctx, fds, timeout_ns, release_lock);
    ctx->waiting--;
    ctx->turns++;
    ctx->notified = false; // what it was about is looked at from here on

    if (n > 0 && fds[0].revents) {
        uint64_t count;
        (void)!read(ctx->notify_fd, &count, sizeof count);
    }
    bool progress = run_bottom_halves(ctx);
    fds.erase(fds.begin());
    if (n > 0) progress |= dispatch(ctx, fds);
    current_context = outer;
    if (ctx->watcher) ctx->watcher->turned();
    return progress;
}

// --- requests

void aio_set_watcher(AioContext *ctx, const AioWatcher *watcher) { ctx->watcher = watcher; }

bool aio_is_busy(AioContext *ctx) { return ctx->requests > 0 || count_bottom_halves(ctx) > 0; }

void aio_request_started(AioContext *ctx) {
    ctx->requests++;
    if (ctx->watcher) ctx->watcher->started();
}

void aio_request_ended(AioContext *ctx) { ctx->requests--; }
