// SPDX-License-Identifier: MIT
/* The big lock and one turn of the main loop. See util/main-loop.h. */
#include "util/main-loop.h"

#include <mutex>

#include "util/aio.h"
#include "util/timer.h"

static std::mutex big_lock;
static thread_local bool holds_big_lock;

void bql_lock() {
    big_lock.lock();
    holds_big_lock = true;
}

bool bql_try_lock() {
    if (holds_big_lock || !big_lock.try_lock()) return false;
    holds_big_lock = true;
    return true;
}

void bql_unlock() {
    holds_big_lock = false;
    big_lock.unlock();
}

bool bql_locked() { return holds_big_lock; }

void main_loop_wait(bool blocking) {
    aio_poll(qemu_get_aio_context(), blocking, timers_deadline_ns(), /*release_lock=*/true);
    timers_run();
}
