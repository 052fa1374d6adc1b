// SPDX-License-Identifier: MIT
/* An image's first bytes, looked at by every format; and a file's name, by every protocol. */
#include <algorithm>
#include <string>

#include "tests/fuzz/block_memory.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    Error *err = nullptr;
    std::string name(reinterpret_cast<const char *>(data), std::min<size_t>(size, 256));
    BlockDriver *protocol = bdrv_find_protocol(name.c_str(), true, &err);
    if (!protocol == !err) abort();
    error_free(err);
    err = nullptr;

    memory_image.assign(data, data + size);
    memory_alignment = 1;
    BlockBackend *blk = blk_new_open("memory:", nullptr, {}, 0, &err);
    error_free(err);
    if (!blk) return 0;
    std::vector<uint8_t> content(static_cast<size_t>(blk_getlength(blk)));
    bool ok = blk_pread(blk, 0, blk_getlength(blk), content.data(), 0) == 0 &&
              std::equal(data, data + size, content.begin());
    if (!ok) abort();
    blk_unref(blk);
    return 0;
}
