// SPDX-License-Identifier: MIT
/* blkdebug's configuration file: whatever rules it has, requests end, and nothing stays open. */
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/block_memory.h"
#include "util/option.h"

static BlockDriverState *open_with(const std::string &config) {
    BlockOptions options = { { "driver", "raw" },
                             { "file.driver", "blkdebug" },
                             { "file.config", config },
                             { "file.image.driver", "memory" } };
    Error *err = nullptr;
    BlockDriverState *bs = bdrv_open(nullptr, nullptr, std::move(options), BDRV_O_RDWR, &err);
    if (!bs != !!err) abort();
    error_free(err);
    return bs;
}

static void use(BlockDriverState *bs) {
    BdrvChild child{ bs, "root", &child_of_bds, nullptr };
    uint8_t buf[1000] = {};
    for (int64_t at : { 0, 512, 3 }) {
        (void)bdrv_pread(&child, at, sizeof buf, buf, 0);
        (void)bdrv_pwrite(&child, at, sizeof buf, buf, 0);
        (void)aio_wait(bdrv_co_pwrite_zeroes(&child, at, sizeof buf, BDRV_REQ_MAY_UNMAP));
        (void)aio_wait(bdrv_co_pdiscard(&child, at, sizeof buf));
        (void)bdrv_flush(bs);
    }
}

extern "C" int LLVMFuzzerInitialize(int *, char ***argv) {
    qemu_init_exec_dir((*argv)[0]); // the driver is a loadable module
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    memory_image.assign(1 << 12, 0);
    int fd = memfd_create("config", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) abort();
    BlockDriverState *bs = open_with("/proc/self/fd/" + std::to_string(fd));
    close(fd);
    if (bs) {
        use(bs);
        bdrv_unref(bs);
    }
    if (!bdrv_all_nodes().empty()) abort();
    return 0;
}
