// SPDX-License-Identifier: MIT
/* util/timer and util/aio: the order of timers, and the turns of a loop. */
#include <atomic>
#include <optional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "util/aio.h"
#include "util/coroutine.h"
#include "util/main-loop.h"
#include "util/thread-pool.h"
#include "util/timer.h"

static std::string fired;

struct Named {
    char name;
    QEMUTimer timer;
};

static void note(void *opaque) { fired += static_cast<Named *>(opaque)->name; }

struct VirtualClock : testing::Test {
    void SetUp() override {
        qemu_clock_set_manual();
        fired.clear();
    }
};

TEST_F(VirtualClock, TimersFireInTheOrderOfTheirTimes) {
    Named a{ 'a', {} }, b{ 'b', {} }, c{ 'c', {} };
    for (Named *n : { &a, &b, &c }) timer_init_ns(&n->timer, QEMU_CLOCK_VIRTUAL, note, n);
    timer_mod(&b.timer, 20);
    timer_mod(&c.timer, 30);
    timer_mod(&a.timer, 10);
    qemu_clock_advance_virtual(20);
    EXPECT_EQ(fired, "ab");
    EXPECT_EQ(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), 20);
    EXPECT_TRUE(timer_pending(&c.timer));
    timer_del(&c.timer);
    qemu_clock_advance_virtual(100);
    EXPECT_EQ(fired, "ab");
}

static void rearm(void *opaque) {
    auto *n = static_cast<Named *>(opaque);
    fired += n->name;
    if (fired.size() < 3) timer_mod(&n->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + 10);
}

TEST_F(VirtualClock, ATimerSeesItsOwnTime) {
    Named a{ 'a', {} };
    timer_init_ns(&a.timer, QEMU_CLOCK_VIRTUAL, rearm, &a);
    timer_mod(&a.timer, 10);
    qemu_clock_advance_virtual(25);
    EXPECT_EQ(fired, "aa") << "at 10 and 20, not yet at 30";
    qemu_clock_advance_virtual(5);
    EXPECT_EQ(fired, "aaa");
}

TEST_F(VirtualClock, ADestroyedTimerIsForgotten) {
    {
        Named a{ 'a', {} };
        timer_init_ns(&a.timer, QEMU_CLOCK_VIRTUAL, note, &a);
        timer_mod(&a.timer, 10);
    }
    qemu_clock_advance_virtual(100);
    EXPECT_EQ(fired, "");
}

static int64_t ahead_by;
static int64_t ahead() { return ahead_by; }
static void deadline_changed() { fired += '!'; }
static constexpr ManualClockDriver driver = { ahead, deadline_changed };

TEST_F(VirtualClock, ItsDriverIsAheadAndHearsOfEarlierTimers) {
    qemu_clock_set_manual(&driver);
    Named a{ 'a', {} }, b{ 'b', {} };
    for (Named *n : { &a, &b }) timer_init_ns(&n->timer, QEMU_CLOCK_VIRTUAL, note, n);
    EXPECT_EQ(qemu_clock_deadline_virtual(), -1);
    timer_mod(&a.timer, 20);
    EXPECT_EQ(fired, "!");
    timer_mod(&b.timer, 30);
    EXPECT_EQ(fired, "!") << "b is not the next one";
    ahead_by = 5;
    EXPECT_EQ(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), 5);
    EXPECT_EQ(qemu_clock_deadline_virtual(), 15);
    ahead_by = 0;
    qemu_clock_advance_virtual(20);
    EXPECT_EQ(fired, "!a");
}

// --- event loops

struct Loop : testing::Test {
    AioContext *ctx = aio_context_new();
    std::optional<AioContextGuard> guard{ ctx };
    void SetUp() override { fired.clear(); }
    void TearDown() override {
        guard.reset();
        aio_context_unref(ctx);
    }
};

TEST_F(Loop, BottomHalvesRunOnceAndInOrder) {
    Named a{ 'a', {} }, b{ 'b', {} };
    aio_bh_schedule_oneshot(ctx, note, &a);
    aio_bh_schedule_oneshot(ctx, note, &b);
    EXPECT_TRUE(aio_poll(ctx, true));
    EXPECT_EQ(fired, "ab");
    EXPECT_FALSE(aio_poll(ctx, false));
}

static void poll_again(void *opaque) {
    fired += "(";
    aio_poll(static_cast<AioContext *>(opaque), false);
    fired += ")";
}

TEST_F(Loop, ABottomHalfMayPollForALaterOne) {
    Named a{ 'a', {} };
    aio_bh_schedule_oneshot(ctx, poll_again, ctx);
    aio_bh_schedule_oneshot(ctx, note, &a);
    aio_poll(ctx, true);
    EXPECT_EQ(fired, "(a)");
}

static void drain_pipe(void *opaque) {
    char c;
    if (read(*static_cast<int *>(opaque), &c, 1) == 1) fired += c;
}

TEST_F(Loop, HandlersSeeReadableFiles) {
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    aio_set_fd_handler(ctx, fds[0], drain_pipe, nullptr, &fds[0]);
    EXPECT_FALSE(aio_poll(ctx, false));
    ASSERT_EQ(write(fds[1], "xy", 2), 2);
    aio_poll(ctx, true);
    aio_poll(ctx, true);
    EXPECT_EQ(fired, "xy") << "level-triggered";
    aio_set_fd_handler(ctx, fds[0], nullptr, nullptr, nullptr);
    ASSERT_EQ(write(fds[1], "z", 1), 1);
    aio_poll(ctx, false);
    EXPECT_EQ(fired, "xy");
    close(fds[0]);
    close(fds[1]);
}

static int work(void *) { return 42; }
static CoTask<int> run(ThreadPoolFunc func) { co_return co_await ThreadPoolCo(func, nullptr); }
static void work_done(void *opaque, int ret) { *static_cast<int *>(opaque) = ret; }

TEST_F(Loop, WorkersReportToTheLoop) {
    int result = 0;
    thread_pool_submit(ctx, work, work_done, &result);
    while (result == 0) aio_poll(ctx, true);
    EXPECT_EQ(result, 42);
}

// What a worker's request leads to.
struct Chain {
    AioContext *ctx;
    int left;
    std::atomic<bool> begun{ false }, done{ false };
};

// A worker that were ready before the test has left the loop would leave its report to the loop.
static int work_once_begun(void *opaque) {
    static_cast<Chain *>(opaque)->begun.wait(false);
    return 42;
}

static void next_of_chain(void *opaque, int) {
    auto *chain = static_cast<Chain *>(opaque);
    EXPECT_EQ(qemu_get_current_aio_context(), chain->ctx);
    if (chain->left-- > 0) return thread_pool_submit(chain->ctx, work, next_of_chain, chain);
    chain->done = true;
    chain->done.notify_one();
}

// Nobody polls the loop meanwhile.
static void leave_loop_until_done(Chain *chain, std::optional<AioContextGuard> *guard) {
    guard->reset();
    chain->begun = true;
    chain->begun.notify_one();
    chain->done.wait(false);
    guard->emplace(chain->ctx);
    EXPECT_FALSE(aio_is_busy(chain->ctx));
}

TEST_F(Loop, AWorkerReportsByItselfToALoopThatNobodyHas) {
    Chain chain{ ctx, 100 };
    thread_pool_submit(ctx, work_once_begun, next_of_chain, &chain);
    leave_loop_until_done(&chain, &guard);
}

static void wait_for_another(void *opaque, int) {
    auto *chain = static_cast<Chain *>(opaque);
    int result = 0;
    thread_pool_submit(chain->ctx, work, work_done, &result);
    while (result == 0) aio_poll(chain->ctx, true);
    next_of_chain(chain, result);
}

TEST_F(Loop, AWorkerThatWaitsLeavesItsNextRequestToOthers) {
    Chain chain{ ctx, 0 };
    thread_pool_submit(ctx, work_once_begun, wait_for_another, &chain);
    leave_loop_until_done(&chain, &guard);
}

static int this_thread(void *) { return gettid(); }

TEST_F(Loop, WhoOnlyWaitsWorksByItself) {
    for (int i = 0; i < 3; i++) EXPECT_EQ(aio_wait(run(this_thread)), gettid());
    int result = 0;
    thread_pool_submit(ctx, this_thread, work_done, &result);
    while (result == 0) aio_poll(ctx, true);
    EXPECT_NE(result, gettid()) << "who may have other things to do asks a worker";
}

// a worker says so too
static std::atomic<unsigned> started, turned;
static constexpr AioWatcher watcher = { [] { started++; }, [] { turned++; } };

TEST_F(Loop, IsBusyUntilWhatWasAskedIsDone) {
    started = turned = 0;
    aio_set_watcher(ctx, &watcher);
    EXPECT_FALSE(aio_is_busy(ctx));
    int result = 0;
    thread_pool_submit(ctx, work, work_done, &result);
    EXPECT_GE(started.load(), 1u); // the worker may have scheduled its answer already
    EXPECT_TRUE(aio_is_busy(ctx));
    while (aio_is_busy(ctx)) aio_poll(ctx, true);
    EXPECT_EQ(result, 42);
    EXPECT_GE(turned.load(), 1u);
    Named a{ 'a', {} };
    aio_bh_schedule_oneshot(ctx, note, &a);
    EXPECT_TRUE(aio_is_busy(ctx));
    aio_poll(ctx, true);
    EXPECT_FALSE(aio_is_busy(ctx));
}

TEST_F(Loop, AWaitEndsAtItsTimeout) { EXPECT_FALSE(aio_poll(ctx, true, 1000)); }
