// SPDX-License-Identifier: MIT
/* aio=io_uring: requests that the kernel works on by itself, without a worker thread.
 *
 * In gdb: b luring_init     b ioq_submit     b luring_process_completion */
#pragma once

#include <coroutine>
#include <cstdint>

#include "util/iov.h"

struct AioContext;
struct Error;
struct LuringState;

// The context's ring, which the first caller makes; nullptr if the host has none for us. Under the
// big lock and the context's.
LuringState *luring_init(AioContext *ctx, Error **errp);
// The end of the context's ring, if it has one: nobody uses it any more.
void luring_cleanup(AioContext *ctx);

enum LuringType { LURING_READ, LURING_WRITE, LURING_FLUSH };

// `int ret = co_await LuringCo(ring, type, fd, offset, qiov)`: 0 or -errno. All of the memory is
// read or written; behind the end of the file it is read as zeroes. A flush takes no memory.
struct LuringCo {
    LuringState *ring;
    LuringType type;
    int fd;
    int64_t offset = 0;
    QEMUIOVector *qiov = nullptr;

    // of the ring
    size_t done = 0;   // bytes
    QEMUIOVector rest; // what is left of qiov, if done > 0
    int ret = 0;
    std::coroutine_handle<> waiter;

    LuringCo(LuringState *ring, LuringType type, int fd, int64_t offset = 0,
             QEMUIOVector *qiov = nullptr)
        : ring(ring), type(type), fd(fd), offset(offset), qiov(qiov) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine);
    int await_resume() const noexcept { return ret; }
};
