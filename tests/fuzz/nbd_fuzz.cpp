// SPDX-License-Identifier: MIT
/* What an NBD server says, from the first byte on. The input's first two bytes are how long the
 * handshake is; that waits in the socket before we look. The rest comes when a few requests have
 * been sent, and behind it the server hangs up. */
#include <sys/socket.h>
#include <unistd.h>

#include "block/nbd.h"
#include "tests/fuzz/block_memory.h"

static int server_fd;
static unsigned idle_turns;
static bool opening;

// The server hangs up when nothing has happened for a while.
static void opening_turn(void *) {
    if (!opening) return;
    AioContext *ctx = qemu_get_aio_context();
    if (!aio_is_busy(ctx) && ++idle_turns == 100) shutdown(server_fd, SHUT_WR);
    aio_bh_schedule_oneshot(ctx, opening_turn, nullptr);
}

static BlockBackend *open_export(int fd) {
    BlockOptions options = { { "driver", "nbd" },
                             { "server.type", "fd" },
                             { "server.str", std::to_string(fd) },
                             { "discard", "unmap" } };
    idle_turns = 0;
    opening = true;
    opening_turn(nullptr);
    Error *err = nullptr;
    BlockBackend *blk = blk_new_open(nullptr, nullptr, options, BDRV_O_RDWR, &err);
    if (!blk && !err) abort();
    opening = false;
    aio_poll(qemu_get_aio_context(), /*blocking=*/false); // the last turn
    error_free(err);
    return blk;
}

static void say(const uint8_t *data, size_t size) {
    // Nobody may be there any more to hear it.
    (void)!send(server_fd, data, size, MSG_NOSIGNAL);
}

static int results;

static void request_done(void *, int) { results++; }

// Requests of each kind, at the same time.
static void use(BlockBackend *blk, const uint8_t *answers, size_t size) {
    uint8_t buf[3][4096] = {};
    QEMUIOVector read, write(buf[2], 4096);
    qemu_iovec_add(&read, buf[0], 512);
    qemu_iovec_add(&read, buf[1], 3584);
    results = 0;
    blk_aio_preadv(blk, 0, &read, 0, request_done, nullptr);
    blk_aio_pwritev(blk, 0, &write, BDRV_REQ_FUA, request_done, nullptr);
    blk_aio_pwrite_zeroes(blk, 0, 4096, 0, request_done, nullptr);
    blk_aio_pdiscard(blk, 0, 4096, request_done, nullptr);
    BlockDriverState *bs = blk_bs(blk), *file;
    int64_t n, map;
    bool told = false;
    auto status = bdrv_co_block_status(bs, 0, bdrv_getlength(bs), &n, &map, &file);
    co_run_then_set(&status, &told);
    say(answers, size);
    shutdown(server_fd, SHUT_WR);
    blk_drain(blk);
    bdrv_drain(bs);
    if (results != 4 || !told) abort();
    if (status.await_resume() >= 0 && (n < 0 || n > bdrv_getlength(bs))) abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    int ends[2];
    if (size < 2 || size > 16384) return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) abort();
    server_fd = ends[1];
    size_t length = std::min<size_t>(data[0] << 8 | data[1], size - 2);
    say(data + 2, length);
    if (BlockBackend *blk = open_export(ends[0])) {
        use(blk, data + 2 + length, size - 2 - length);
        blk_unref(blk);
    }
    close(ends[0]);
    close(ends[1]);
    if (!bdrv_all_nodes().empty()) abort();
    return 0;
}
