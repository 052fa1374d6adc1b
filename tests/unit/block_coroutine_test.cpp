// SPDX-License-Identifier: MIT
/* Coroutines and memory vectors, without a block layer. */
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "util/coroutine.h"
#include "util/iov.h"

static CoTask<int> answer(int n) { co_return n; }

static int add_one(void *opaque) { return *static_cast<int *>(opaque) + 1; }

static CoTask<int> slow(int n) { co_return co_await ThreadPoolCo(add_one, &n); }

static CoTask<int> sum(int count, bool in_thread) {
    int total = 0;
    for (int i = 0; i < count; i++) {
        if (in_thread) {
            total += co_await slow(i);
        } else {
            total += co_await answer(i % 2);
        }
    }
    co_return total;
}

static CoTask<int> deep(int depth) {
    if (depth == 0) {
        co_await CoReschedule();
        co_return 0;
    }
    int below = co_await deep(depth - 1);
    co_return below + 1;
}

TEST(Coroutine, WithoutSleeping) { EXPECT_EQ(aio_wait(answer(42)), 42); }

TEST(Coroutine, LongLoopsDoNotGrowTheStack) { EXPECT_EQ(aio_wait(sum(1'000'000, false)), 500'000); }

TEST(Coroutine, SleepsForAThread) {
    EXPECT_EQ(aio_wait(sum(100, true)), 5050); // 1 to 100
}

TEST(Coroutine, ResumesThroughManyLevels) { EXPECT_EQ(aio_wait(deep(1000)), 1000); }

static CoTask<void> append(std::string *log, char c) {
    *log += c;
    co_await CoReschedule();
    *log += static_cast<char>(c - 'a' + 'A');
}

TEST(Coroutine, StartsOnlyWhenAwaited) {
    std::string log;
    CoTask<void> task = append(&log, 'a');
    EXPECT_EQ(log, "");
    aio_wait(std::move(task));
    EXPECT_EQ(log, "aA");
}

TEST(Coroutine, MayBeDroppedUnstarted) {
    std::string log;
    { CoTask<void> task = append(&log, 'a'); }
    EXPECT_EQ(log, "");
}

static CoDetached wait_then_log(CoQueue *queue, std::string *log, char c) {
    co_await queue->wait();
    *log += c;
}

TEST(Coroutine, QueueKeepsTheOrder) {
    CoQueue queue;
    std::string log;
    for (char c : { 'a', 'b', 'c' }) wait_then_log(&queue, &log, c);
    queue.restart_all();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(log, "");
    while (log.size() < 3) aio_poll(qemu_get_aio_context(), true);
    EXPECT_EQ(log, "abc");
}

// --- memory vectors

TEST(IOVector, CopiesAcrossPieces) {
    char a[3], b[1], c[4];
    QEMUIOVector qiov;
    qemu_iovec_add(&qiov, a, 3);
    qemu_iovec_add(&qiov, b, 1);
    qemu_iovec_add(&qiov, c, 4);
    EXPECT_EQ(qiov.size, 8u);
    qemu_iovec_from_buf(&qiov, 0, "abcdefgh", 8);
    qemu_iovec_memset(&qiov, 2, 'x', 3);
    char out[6] = {};
    qemu_iovec_to_buf(&qiov, 1, out, 5);
    EXPECT_STREQ(out, "bxxxf");
}

TEST(IOVector, Concat) {
    char a[3], b[4];
    QEMUIOVector qiov, part;
    qemu_iovec_add(&qiov, a, 3);
    qemu_iovec_add(&qiov, b, 4);
    qemu_iovec_concat(&part, &qiov, 2, 3);
    ASSERT_EQ(part.iov.size(), 2u);
    EXPECT_EQ(part.iov[0].iov_base, a + 2);
    EXPECT_EQ(part.iov[1].iov_base, b);
    EXPECT_EQ(part.iov[1].iov_len, 2u);
    EXPECT_EQ(part.size, 3u);
}

TEST(IOVector, Alignment) {
    alignas(512) static char buf[1024];
    QEMUIOVector qiov(buf, 1024);
    EXPECT_TRUE(qemu_iovec_is_aligned(&qiov, 512));
    qemu_iovec_add(&qiov, buf, 100);
    EXPECT_FALSE(qemu_iovec_is_aligned(&qiov, 512));
    EXPECT_TRUE(qemu_iovec_is_aligned(&qiov, 1));
}

static CoDetached lock_then_sleep(CoMutex *mutex, std::string *log, char c) {
    auto guard = co_await mutex->lock();
    *log += c;
    co_await CoReschedule();
    *log += c;
}

TEST(Coroutine, AMutexLetsThemInOneByOne) {
    CoMutex mutex;
    std::string log;
    for (char c : { 'a', 'b', 'c' }) lock_then_sleep(&mutex, &log, c);
    EXPECT_EQ(log, "a");
    while (log.size() < 6) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    EXPECT_EQ(log, "aabbcc");
    lock_then_sleep(&mutex, &log, 'd');
    EXPECT_EQ(log, "aabbccd") << "it is free again";
    while (log.size() < 8) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
}
