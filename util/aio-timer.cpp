// SPDX-License-Identifier: MIT
/* Timers of an event loop, each a timerfd(2). See util/aio-timer.h. */
#include "util/aio-timer.h"

#include <algorithm>

#include <sys/timerfd.h>
#include <unistd.h>

#include "util/error.h"

AioTimer::AioTimer(QEMUBHFunc cb, void *opaque)
    : cb_(cb), opaque_(opaque), fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (fd_ < 0) error_exit("could not create a timer of the host's");
}

AioTimer::~AioTimer() {
    detach();
    close(fd_);
}

void AioTimer::attach(AioContext *ctx) {
    detach();
    ctx_ = ctx;
    aio_set_fd_handler(ctx_, fd_, expired, nullptr, this);
}

void AioTimer::detach() {
    if (ctx_) aio_set_fd_handler(ctx_, fd_, nullptr, nullptr, nullptr);
    ctx_ = nullptr;
}

void AioTimer::arm(int64_t ns) {
    static constexpr int64_t second = 1'000'000'000;
    ns = std::max<int64_t>(ns, 1); // 0 would disarm it
    itimerspec when = {};
    when.it_value = { static_cast<time_t>(ns / second), static_cast<long>(ns % second) };
    timerfd_settime(fd_, 0, &when, nullptr);
    pending_ = true;
}

void AioTimer::cancel() {
    itimerspec never = {};
    timerfd_settime(fd_, 0, &never, nullptr);
    pending_ = false;
}

void AioTimer::expired(void *opaque) {
    auto *timer = static_cast<AioTimer *>(opaque);
    uint64_t count;
    // Nothing to read: it was armed again in the meantime.
    if (read(timer->fd_, &count, sizeof count) != sizeof count) return;
    timer->pending_ = false;
    timer->cb_(timer->opaque_);
}
