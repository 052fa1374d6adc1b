// SPDX-License-Identifier: MIT
/* Event loops in threads of their own: bottom halves that come again, and the lock of a context. */
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "util/aio.h"

static void count(void *opaque) { ++*static_cast<int *>(opaque); }

class Context : public testing::Test {
protected:
    ~Context() override { aio_context_unref(ctx); }
    AioContext *ctx = aio_context_new();
    int n = 0;
};

TEST_F(Context, ABottomHalfIsScheduledOnceAtATime) {
    AioContextGuard guard(ctx);
    QEMUBH bh(ctx, count, &n);
    bh.schedule();
    bh.schedule();
    aio_poll(ctx, /*blocking=*/false);
    EXPECT_EQ(n, 1);
    bh.schedule();
    aio_poll(ctx, /*blocking=*/false);
    EXPECT_EQ(n, 2);
    bh.schedule();
    bh.cancel();
    bh.cancel();
    aio_poll(ctx, /*blocking=*/false);
    EXPECT_EQ(n, 2);
}

TEST_F(Context, ABottomHalfMayGoWhileItIsScheduled) {
    AioContextGuard guard(ctx);
    {
        QEMUBH bh(ctx, count, &n);
        bh.schedule();
    }
    aio_poll(ctx, /*blocking=*/false);
    EXPECT_EQ(n, 0);
}

TEST_F(Context, AGuardMakesItTheCurrentOne) {
    EXPECT_EQ(qemu_get_current_aio_context(), qemu_get_aio_context());
    {
        AioContextGuard guard(ctx), again(ctx);
        EXPECT_EQ(qemu_get_current_aio_context(), ctx);
        AioContextGuard main(qemu_get_aio_context());
        EXPECT_EQ(qemu_get_current_aio_context(), qemu_get_aio_context());
    }
    EXPECT_EQ(qemu_get_current_aio_context(), qemu_get_aio_context());
}

// A loop in a thread, which is never without work.
class BusyLoop : public Context {
protected:
    BusyLoop() {
        bh.schedule();
        thread = std::thread(run, this);
    }
    ~BusyLoop() override {
        stopping = true;
        thread.join();
        bh.cancel();
    }
    static void run(BusyLoop *self) {
        AioContextGuard guard(self->ctx);
        while (!self->stopping) {
            aio_poll(self->ctx, /*blocking=*/true, -1, /*release_lock=*/true);
        }
    }
    static void work(void *opaque) {
        auto *self = static_cast<BusyLoop *>(opaque);
        self->n++;
        self->turns++;
        self->bh.schedule();
    }
    QEMUBH bh{ ctx, work, this };
    std::atomic<int> turns{ 0 };
    std::atomic<bool> stopping{ false };
    std::thread thread;
};

// `n` is guarded by the context's lock alone: the thread sanitizer would see a race.
TEST_F(BusyLoop, KeepsNobodyOutOfItsContext) {
    for (int i = 0; i < 1000; i++) {
        AioContextGuard guard(ctx);
        n++;
    }
    AioContextGuard guard(ctx);
    EXPECT_EQ(n, turns + 1000);
}

TEST_F(BusyLoop, CanBePolledByAnother) {
    for (int i = 0; i < 100; i++) {
        AioContextGuard guard(ctx);
        int before = n;
        aio_poll(ctx, /*blocking=*/true);
        EXPECT_EQ(n, before + 1);
    }
}
