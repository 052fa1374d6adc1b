// SPDX-License-Identifier: MIT
/* Threads for disks. See block/iothread.h.
 * Missing: polling before a wait (poll-max-ns and its kin), a thread pool of its own */
#include "block/iothread.h"

#include <nlohmann/json.hpp>
#include <pthread.h>
#include <unistd.h>

#include "block/io_uring.h"
#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"

static void iothread_run(IOThread *iothread) {
    AioContextGuard guard(iothread->ctx);
    iothread->thread_id = gettid();
    iothread->thread_id.notify_all();
    while (!iothread->stopping) {
        aio_poll(iothread->ctx, /*blocking=*/true, -1, /*release_lock=*/true);
    }
}

bool IOThread::complete(Error **) {
    ctx = aio_context_new();
    thread = std::thread(iothread_run, this);
    // the host's names have room for fifteen letters
    std::string name = "IO " + object_get_canonical_path_component(this);
    pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
    thread_id.wait(0);
    return true;
}

IOThread::~IOThread() {
    if (!ctx) return;
    stopping = true;
    aio_notify(ctx);
    thread.join();
    {
        AioContextGuard guard(ctx);
        luring_cleanup(ctx);
    }
    aio_context_unref(ctx);
}

// --- commands

static std::vector<IOThread *> all_iothreads() {
    std::vector<IOThread *> all;
    for (const ObjectProperty &prop : container_get(object_get_root(), "/objects")->properties) {
        if (object_dynamic_cast(prop.child, TYPE_IOTHREAD))
            all.push_back(static_cast<IOThread *>(prop.child));
    }
    return all;
}

// The numbers are those of polling before a wait, which there is not.
static bool query_iothreads(const nlohmann::json &, nlohmann::json *ret, Error **) {
    *ret = nlohmann::json::array();
    for (const IOThread *iothread : all_iothreads()) {
        ret->push_back({ { "id", object_get_canonical_path_component(iothread) },
                         { "thread-id", iothread->thread_id.load() },
                         { "poll-max-ns", 0 },
                         { "poll-grow", 0 },
                         { "poll-shrink", 0 },
                         { "aio-max-batch", 0 } });
    }
    return true;
}

std::string hmp_info_iothreads() {
    std::string text;
    for (const IOThread *iothread : all_iothreads()) {
        text += format_string("%s:\n  thread_id=%d\n  poll-max-ns=0\n  poll-grow=0\n"
                              "  poll-shrink=0\n  aio-max-batch=0\n",
                              object_get_canonical_path_component(iothread).c_str(),
                              iothread->thread_id.load());
    }
    return text;
}

static const QMPCommand rows[] = { { "query-iothreads", "", query_iothreads } };

static void iothread_register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(iothread_register_commands)

// --- registration

static const TypeInfo iothread_info = {
    .name = TYPE_IOTHREAD,
    .parent = TYPE_USER_CREATABLE,
    .instance_new = object_instance_new<IOThread>,
};

static void iothread_register_types() { type_register_static(&iothread_info); }

type_init(iothread_register_types)
