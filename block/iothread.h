// SPDX-License-Identifier: MIT
/* IOThread: a thread with an event loop of its own, for the disks that are told of it
 * (iothread=ID).
 *
 *     -object iothread,id=io0 -device virtio-blk-device,drive=d,iothread=io0
 *
 * The thread does nothing but poll its AioContext, whose lock it has but while it waits. It never
 * takes the big lock (util/aio.h). A disk lets its queues be handled there, and moves its block
 * nodes there; what others do with such a node they do under the context's lock.
 *
 * In gdb: b iothread_run     info threads */
#pragma once

#include <atomic>
#include <thread>

#include "qom/object_interfaces.h"
#include "util/aio.h"

#define TYPE_IOTHREAD "iothread"

struct IOThread : UserCreatable {
    AioContext *ctx = nullptr; // null: not complete
    std::thread thread;
    std::atomic<int> thread_id{ 0 }; // the host's
    std::atomic<bool> stopping{ false };

    bool complete(Error **errp) override;
    // No node lives in the context any more.
    ~IOThread() override;
};

// `info iothreads`.
std::string hmp_info_iothreads();
