// SPDX-License-Identifier: MIT
/* vl's block layer without a machine, as qemu-io and `qemu-img bench` are QEMU's.
 *
 *     block-io OPTIONS                        OPTIONS as of -drive; commands on standard input
 *     block-io OPTIONS bench r|w COUNT DEPTH BYTES STEP
 *
 * Commands, a line each: read OFFSET BYTES, write OFFSET BYTES VALUE, zero OFFSET BYTES, unmap
 * OFFSET BYTES (zeroes that need not be allocated), discard OFFSET BYTES, truncate BYTES, flush,
 * map (lines OFFSET BYTES data|zero), verify OFFSET BYTES VALUE (does it read as that?), say WORD
 * (repeats it); aio_read and aio_write, which go on without waiting, and aio_flush, which waits for
 * them. A request that fails is reported on standard error. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <utility>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "block/blockdev.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/option.h"
#include "util/thread-pool.h"

static BlockBackend *open_image(const char *options) {
    module_call_init(MODULE_INIT_OPTS);
    bdrv_init();
    QemuOpts *opts = qemu_opts_parse(qemu_find_opts("drive"), options, false, &error_fatal);
    BlockBackend *blk = blk_of_drive(drive_new(opts, IF_NONE, &error_fatal));
    (void)blkconf_apply_backend_options(blk, /*share_rw=*/false, &error_fatal);
    return blk;
}

// --- commands

static int write_value(BlockBackend *blk, int64_t offset, int64_t bytes, int value) {
    std::string data(static_cast<size_t>(bytes), static_cast<char>(value));
    return blk_pwrite(blk, offset, bytes, data.data(), 0);
}

static int read_somewhere(BlockBackend *blk, int64_t offset, int64_t bytes) {
    std::string data(static_cast<size_t>(bytes), 0);
    return blk_pread(blk, offset, bytes, data.data(), 0);
}

static int verify_value(BlockBackend *blk, int64_t offset, int64_t bytes, int value) {
    std::string data(static_cast<size_t>(bytes), static_cast<char>(~value));
    int ret = blk_pread(blk, offset, bytes, data.data(), 0);
    if (ret < 0) return ret;
    bool same = data.find_first_not_of(static_cast<char>(value)) == std::string::npos;
    return same ? 0 : -EBADMSG;
}

struct AioRequest {
    BlockMemory memory;
    QEMUIOVector qiov;
};

static int aio_in_flight, aio_ret;

static void aio_done(void *opaque, int ret) {
    delete static_cast<AioRequest *>(opaque);
    aio_in_flight--;
    if (ret < 0) aio_ret = ret;
    if (aio_in_flight == 0) aio_notify(qemu_get_aio_context());
}

static int aio_begin(BlockBackend *blk, int64_t offset, int64_t bytes, int value, bool is_write) {
    auto size = static_cast<size_t>(bytes);
    auto *req = new AioRequest{ block_memory_new(4096, bytes), {} };
    memset(req->memory.get(), value, size);
    req->qiov = QEMUIOVector(req->memory.get(), size);
    aio_in_flight++;
    (is_write ? blk_aio_pwritev : blk_aio_preadv)(blk, offset, &req->qiov, 0, aio_done, req);
    return 0;
}

// What the last one that failed says.
static int aio_flush() {
    while (aio_in_flight > 0) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    return std::exchange(aio_ret, 0);
}

// And lets the loop do what is due.
static int say(const std::string &line) {
    aio_poll(qemu_get_aio_context(), /*blocking=*/false);
    puts(line.c_str());
    return fflush(stdout);
}

static int print_map(BlockBackend *blk) {
    BlockDriverState *bs = blk_bs(blk), *file;
    for (int64_t at = 0, n = 0, map; at < bdrv_getlength(bs); at += n) {
        int ret = aio_wait(bdrv_co_block_status(bs, at, bdrv_getlength(bs) - at, &n, &map, &file));
        if (ret < 0) return ret;
        printf("%lld %lld %s\n", static_cast<long long>(at), static_cast<long long>(n),
               ret & BDRV_BLOCK_ZERO ? "zero" : "data");
    }
    return 0;
}

static int run_command(BlockBackend *blk, const std::string &line) {
    std::istringstream words(line);
    std::string name;
    int64_t a = 0, b = 0;
    int value = 0;
    words >> name >> a >> b >> value;
    if (name == "read") return read_somewhere(blk, a, b);
    if (name == "write") return write_value(blk, a, b, value);
    if (name == "aio_read") return aio_begin(blk, a, b, 0, /*is_write=*/false);
    if (name == "aio_write") return aio_begin(blk, a, b, value, /*is_write=*/true);
    if (name == "aio_flush") return aio_flush();
    if (name == "zero") return blk_pwrite_zeroes(blk, a, b, 0);
    if (name == "unmap") return blk_pwrite_zeroes(blk, a, b, BDRV_REQ_MAY_UNMAP);
    if (name == "discard") return blk_pdiscard(blk, a, b);
    if (name == "truncate") return blk_truncate(blk, a, nullptr);
    if (name == "flush") return blk_flush(blk);
    if (name == "verify") return verify_value(blk, a, b, value);
    if (name == "say") return say(line);
    if (name == "map") return print_map(blk);
    return -EINVAL;
}

static int run_line(BlockBackend *blk, const std::string &line) {
    int ret = run_command(blk, line);
    if (ret >= 0) return EXIT_SUCCESS;
    fprintf(stderr, "%s: %s\n", line.c_str(), strerror(-ret));
    return EXIT_FAILURE;
}

static int run_commands(BlockBackend *blk) {
    int status = EXIT_SUCCESS;
    ThreadPoolOwnWork own; // there is nothing else to do meanwhile
    for (std::string line; std::getline(std::cin, line);) status |= run_line(blk, line);
    return status | run_line(blk, "aio_flush");
}

// --- bench

struct Bench {
    BlockBackend *blk;
    bool is_write;
    int64_t left; // requests to submit
    int64_t bytes, step, offset = 0;
    int64_t in_flight = 0;
};

struct BenchRequest {
    Bench *bench;
    QEMUIOVector qiov;
};

static void bench_next(BenchRequest *req);

static void bench_done(void *opaque, int ret) {
    auto *req = static_cast<BenchRequest *>(opaque);
    if (ret < 0) error_exit("a request failed: %s", strerror(-ret));
    Bench *b = req->bench;
    b->in_flight--;
    if (b->left > 0) bench_next(req);
    if (b->in_flight == 0) aio_notify(qemu_get_aio_context());
}

static void bench_next(BenchRequest *req) {
    Bench *b = req->bench;
    b->left--;
    b->in_flight++;
    auto submit = b->is_write ? blk_aio_pwritev : blk_aio_preadv;
    submit(b->blk, b->offset, &req->qiov, 0, bench_done, req);
    b->offset = (b->offset + b->step) % blk_getlength(b->blk);
}

static int run_bench(BlockBackend *blk, char **argv) {
    Bench bench{ blk, *argv[0] == 'w', atoll(argv[1]), atoll(argv[3]), atoll(argv[4]) };
    auto depth = static_cast<size_t>(atoll(argv[2]));
    BlockMemory memory = block_memory_new(4096, round_up(bench.bytes, 4096) * atoll(argv[2]));
    memset(memory.get(), 0, static_cast<size_t>(bench.bytes) * depth);
    std::vector<BenchRequest> requests(depth);
    for (size_t i = 0; i < depth; i++) {
        auto size = static_cast<size_t>(bench.bytes);
        requests[i] = { &bench, QEMUIOVector(memory.get() + i * size, size) };
        bench_next(&requests[i]);
    }
    while (bench.in_flight > 0) main_loop_wait(/*blocking=*/true);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    error_set_progname(argv[0]);
    qemu_init_exec_dir(argv[0]);
    if (argc != 2 && !(argc == 8 && !strcmp(argv[2], "bench"))) error_exit("see block_io.cpp");
    bql_lock();
    BlockBackend *blk = open_image(argv[1]);
    int status = argc == 2 ? run_commands(blk) : run_bench(blk, argv + 3);
    bdrv_close_all();
    return status;
}
