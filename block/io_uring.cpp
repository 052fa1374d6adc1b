// SPDX-License-Identifier: MIT
/* aio=io_uring. See block/io_uring.h.
 *
 * Requests are queued, and go to the kernel together, in the loop's next turn: one system call for
 * all that a guest's notification brought. That is a thread that polls the loop, never one that
 * only makes requests, since the kernel may cancel what a thread has submitted when that thread
 * ends. What completions lead to goes to the kernel between them, a few at a time: the disk is to
 * have something to do meanwhile. The loop wakes up when the ring has completions.
 *
 * Each context has its own ring, used under the context's lock. */
#include "block/io_uring.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <deque>
#include <map>
#include <utility>

#include <liburing.h>

#include "block/trace.h"
#include "util/aio.h"
#include "util/error.h"

static constexpr unsigned MAX_ENTRIES = 128;
// Requests that wait at most while completions are looked at. With 32 scattered reads under way, a
// larger batch takes no less of the processor, and the disk idles.
static constexpr size_t MAX_BATCH = 8;

static void ioq_submit_bh(void *opaque);
static void ioq_submit(LuringState *s);

struct LuringState {
    AioContext *ctx;
    io_uring ring;
    std::deque<LuringCo *> queue; // not submitted yet, oldest first
    unsigned in_flight = 0;       // at the kernel; at most MAX_ENTRIES, so no completion is lost
    QEMUBH submit;
    // Somebody looks at completions. If the queue is not empty and nothing is scheduled, there are
    // more of them: whoever polls the loop, be it a completed request's owner, gets to the queue.
    bool completing = false;

    explicit LuringState(AioContext *ctx) : ctx(ctx), submit(ctx, ioq_submit_bh, this) {}
};

void LuringCo::await_suspend(std::coroutine_handle<> coroutine) {
    waiter = coroutine;
    aio_request_started(ring->ctx);
    ring->queue.push_back(this);
    trace_luring_co_submit(ring, this, fd, offset, qiov ? qiov->size : 0, type);
    trace_luring_do_submit(ring, ring->queue.size(), ring->in_flight);
    if (!ring->completing) return ring->submit.schedule();
    bool is_last = io_uring_cq_ready(&ring->ring) == 0;
    if (is_last || ring->queue.size() >= MAX_BATCH) ioq_submit(ring);
}

// --- completions

static void finish(LuringCo *req, int ret) {
    req->ret = ret;
    aio_request_ended(req->ring->ctx);
    req->waiter.resume(); // which frees the request
}

static void submit_again(LuringState *s, LuringCo *req) {
    s->queue.push_front(req);
    s->submit.schedule();
}

static void luring_process_completion(LuringState *s, LuringCo *req, int ret) {
    trace_luring_process_completion(s, req, ret);
    if (ret == -EINTR || ret == -EAGAIN) return submit_again(s, req);
    if (ret < 0 || req->type == LURING_FLUSH) return finish(req, std::min(ret, 0));

    req->done += static_cast<size_t>(ret);
    size_t left = req->qiov->size - req->done;
    if (left == 0) return finish(req, 0);
    if (ret == 0) { // the end of the file, or of the disk
        if (req->type == LURING_WRITE) return finish(req, -ENOSPC);
        qemu_iovec_memset(req->qiov, req->done, 0, left);
        return finish(req, 0);
    }
    if (req->type == LURING_READ) trace_luring_resubmit_short_read(s, req, ret);
    qemu_iovec_reset(&req->rest);
    qemu_iovec_concat(&req->rest, req->qiov, req->done, left);
    submit_again(s, req);
}

// At most as many as were under way before the call: the loop has other work, too.
static void process_completions(LuringState *s) {
    bool outer = std::exchange(s->completing, true);
    io_uring_cqe *cqe;
    for (unsigned n = s->in_flight; n > 0 && io_uring_peek_cqe(&s->ring, &cqe) == 0; n--) {
        auto *req = static_cast<LuringCo *>(io_uring_cqe_get_data(cqe));
        int ret = cqe->res;
        io_uring_cqe_seen(&s->ring, cqe); // before anything that may poll the loop
        s->in_flight--;
        luring_process_completion(s, req, ret);
    }
    s->completing = outer;
    if (!s->queue.empty()) ioq_submit(s);
}

static void luring_completion_cb(void *opaque) {
    process_completions(static_cast<LuringState *>(opaque));
}

// --- submission

static void prepare(io_uring_sqe *sqe, const LuringCo *req) {
    if (req->type == LURING_FLUSH) {
        io_uring_prep_fsync(sqe, req->fd, IORING_FSYNC_DATASYNC);
        return;
    }
    const QEMUIOVector *now = req->done > 0 ? &req->rest : req->qiov;
    auto count = static_cast<unsigned>(std::min<size_t>(now->iov.size(), IOV_MAX));
    uint64_t offset = static_cast<uint64_t>(req->offset) + req->done;
    auto prep = req->type == LURING_WRITE ? io_uring_prep_writev : io_uring_prep_readv;
    prep(sqe, req->fd, now->iov.data(), count, offset);
}

static void ioq_submit(LuringState *s) {
    while (!s->queue.empty() && s->in_flight < MAX_ENTRIES) {
        io_uring_sqe *sqe = io_uring_get_sqe(&s->ring);
        if (!sqe) break;
        prepare(sqe, s->queue.front());
        io_uring_sqe_set_data(sqe, s->queue.front());
        s->queue.pop_front();
        s->in_flight++;
    }
    trace_luring_io_uring_submit(s, io_uring_submit(&s->ring));
    // What the kernel did not take, being short of something, stays in the ring.
    if (io_uring_sq_ready(&s->ring) > 0) s->submit.schedule();
}

static void ioq_submit_bh(void *opaque) {
    auto *s = static_cast<LuringState *>(opaque);
    ioq_submit(s);
    process_completions(s); // of what was in the page cache
}

// --- the ring

// By context. Never freed: requests may be under way in the main one while the process exits.
static std::map<AioContext *, LuringState *> &rings() {
    static auto *all = new std::map<AioContext *, LuringState *>;
    return *all;
}

// Completions wait until the thread that submitted enters the kernel, as it does in each turn of
// its loop: no interrupt is sent to it. Linux knows the flags since 5.19.
static int queue_init(io_uring *ring) {
    int ret = io_uring_queue_init(MAX_ENTRIES, ring,
                                  IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
    return ret == -EINVAL ? io_uring_queue_init(MAX_ENTRIES, ring, 0) : ret;
}

LuringState *luring_init(AioContext *ctx, Error **errp) {
    if (auto it = rings().find(ctx); it != rings().end()) return it->second;
    auto *s = new LuringState(ctx);
    if (queue_init(&s->ring) < 0) {
        error_setg(errp, "failed to init linux io_uring ring");
        delete s;
        return nullptr;
    }
    trace_luring_init_state(s, sizeof *s);
    aio_set_fd_handler(ctx, s->ring.ring_fd, luring_completion_cb, nullptr, s);
    return rings()[ctx] = s;
}

void luring_cleanup(AioContext *ctx) {
    auto it = rings().find(ctx);
    if (it == rings().end()) return;
    LuringState *s = it->second;
    rings().erase(it);
    aio_set_fd_handler(ctx, s->ring.ring_fd, nullptr, nullptr, nullptr);
    io_uring_queue_exit(&s->ring);
    trace_luring_cleanup_state(s);
    delete s;
}
