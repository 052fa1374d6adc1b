// SPDX-License-Identifier: MIT
/* A log that blklogwrites shall append to: whatever it has, the driver refuses it, or goes on
 * behind its end. */
#include "tests/fuzz/block_memory.h"

static BlockDriverState *open_log() {
    BlockOptions options = { { "driver", "blklogwrites" },
                             { "log-append", "on" },
                             { "log.driver", "memory" },
                             { "file.driver", "null-co" },
                             { "file.size", "1048576" } };
    Error *err = nullptr;
    BlockDriverState *bs = bdrv_open(nullptr, nullptr, std::move(options), BDRV_O_RDWR, &err);
    if (!bs != !!err) abort();
    error_free(err);
    return bs;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***argv) {
    qemu_init_exec_dir((*argv)[0]); // the drivers are loadable modules
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    memory_image.assign(data, data + size);
    if (BlockDriverState *bs = open_log()) {
        BdrvChild child{ bs, "root", &child_of_bds, nullptr };
        uint8_t buf[1000] = {};
        (void)bdrv_pwrite(&child, 100, sizeof buf, buf, 0);
        (void)bdrv_flush(bs);
        bdrv_unref(bs);
    }
    if (!bdrv_all_nodes().empty()) abort();
    return 0;
}
