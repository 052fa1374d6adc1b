// SPDX-License-Identifier: MIT
/* AioTimer: calls back once from an event loop after a while of real time.
 *
 * A QEMUTimer (util/timer.h) is for devices: it belongs to the main loop, and its clock may stand
 * still. This one belongs to whatever context it is attached to, and goes on while the guest is
 * stopped: it is for the host's side, such as a server that does not answer.
 *
 * Used under the context's lock, like a handler of the context's. */
#pragma once

#include "util/aio.h"

class AioTimer {
public:
    AioTimer(QEMUBHFunc cb, void *opaque);
    ~AioTimer();
    AioTimer(const AioTimer &) = delete;
    AioTimer &operator=(const AioTimer &) = delete;

    // Which loop calls back. One that is armed stays so when it moves to another; the caller has
    // the locks of both.
    void attach(AioContext *ctx);
    void detach();

    // Calls back in `ns` from now (0: in the next turn), and not when it was to before.
    void arm(int64_t ns);
    void cancel();
    bool pending() const { return pending_; }

private:
    static void expired(void *opaque);

    QEMUBHFunc cb_;
    void *opaque_;
    int fd_;
    AioContext *ctx_ = nullptr;
    bool pending_ = false;
};
