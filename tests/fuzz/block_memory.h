// SPDX-License-Identifier: MIT
/* A protocol for fuzzers, `memory:`: an image in memory that answers from the event loop. */
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "util/main-loop.h"
#include "util/module.h"

inline std::vector<uint8_t> memory_image;
inline uint32_t memory_alignment = 1;

inline bool memory_open(BlockDriverState *, BlockOptions *options, int, Error **) {
    options->erase("filename");
    return true;
}

inline int64_t memory_getlength(BlockDriverState *) {
    return static_cast<int64_t>(memory_image.size());
}

inline void memory_refresh_limits(BlockDriverState *bs) {
    bs->bl.request_alignment = memory_alignment;
}

inline void memory_check(int64_t offset, int64_t bytes, const QEMUIOVector *qiov) {
    bool ok = offset % memory_alignment == 0 && bytes % memory_alignment == 0 &&
              qiov->size == static_cast<size_t>(bytes);
    if (!ok) abort();
}

inline CoTask<int> memory_co_preadv(BlockDriverState *, int64_t offset, int64_t bytes,
                                    QEMUIOVector *qiov, int) {
    memory_check(offset, bytes, qiov);
    co_await CoReschedule();
    int64_t inside = std::clamp<int64_t>(memory_getlength(nullptr) - offset, 0, bytes);
    if (inside > 0) qemu_iovec_from_buf(qiov, 0, memory_image.data() + offset, inside);
    qemu_iovec_memset(qiov, inside, 0, bytes - inside);
    co_return 0;
}

inline CoTask<int> memory_co_pwritev(BlockDriverState *, int64_t offset, int64_t bytes,
                                     QEMUIOVector *qiov, int) {
    memory_check(offset, bytes, qiov);
    co_await CoReschedule();
    auto end = static_cast<size_t>(offset + bytes);
    if (end > memory_image.size()) memory_image.resize(end);
    qemu_iovec_to_buf(qiov, 0, memory_image.data() + offset, bytes);
    co_return 0;
}

inline BlockDriver memory_driver = {
    .format_name = "memory",
    .protocol_name = "memory",
    .bdrv_file_open = memory_open,
    .bdrv_getlength = memory_getlength,
    .bdrv_refresh_limits = memory_refresh_limits,
    .bdrv_co_preadv = memory_co_preadv,
    .bdrv_co_pwritev = memory_co_pwritev,
};

// Once, before the first input.
inline void memory_init() {
    static bool done = [] {
        bql_lock();
        bdrv_init();
        module_call_init(MODULE_INIT_OPTS);
        bdrv_register(&memory_driver);
        return true;
    }();
    (void)done;
}
