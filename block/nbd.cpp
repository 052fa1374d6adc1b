// SPDX-License-Identifier: MIT
/* Protocol `nbd`: an export of a server that speaks the Network Block Device protocol, as
 * qemu-nbd and nbdkit do.
 *
 * Options: where it is (block/nbd-options.cpp), `export`, `open-timeout`, `reconnect-delay`.
 * A loadable module, block-nbd.so, on libnbd: -drive file=nbd://host/export,format=raw loads it.
 *
 * What the server can do decides what happens: without "write zeroes" zeroes are written, without
 * "trim" a discard is forgotten, without "flush" nothing is flushed; a write that must be stable
 * carries FUA, or a flush follows. Data goes between the guest's memory and libnbd without a copy.
 *
 * Spec:    doc/proto.md of the NBD project
 * Missing: TLS, resizing (the protocol has none), several connections to one export
 * In gdb:  b nbd_open, once the library is loaded     b nbd_co_preadv */
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <libnbd.h>

#include "block/nbd.h"
#include "block/trace.h"
#include "util/module.h"

struct BDRVNBDState : BDRVState {
    NBDClient client;
};

static NBDClient *nbd_client(const BlockDriverState *bs) {
    return &static_cast<BDRVNBDState *>(bs->opaque.get())->client;
}

// Of a trim or a write of zeroes, which have no data; a number of 32 bits says how long it is.
static constexpr int64_t MAX_WITHOUT_DATA = 1 << 30;

// --- opening and closing

static bool nbd_connect(BlockDriverState *bs, NBDClient *c, Error **errp) {
    nbd_client_attach(c, qemu_get_current_aio_context());
    if (aio_wait(nbd_client_co_connect(c, errp)) < 0) return false;
    if (!c->info.read_only || bdrv_is_read_only(bs)) return true;
    if (bs->open_flags & BDRV_O_AUTO_RDONLY) {
        trace_bdrv_auto_read_only(c->server.name().c_str(), "the server offers no writing");
        bs->open_flags &= ~BDRV_O_RDWR;
        return true;
    }
    error_setg(errp, "Could not open image: %s", strerror(EACCES));
    return false;
}

static bool nbd_open(BlockDriverState *bs, BlockOptions *options, int, Error **errp) {
    auto s = std::make_unique<BDRVNBDState>();
    if (!nbd_process_options(options, &s->client, errp)) return false;
    if (!nbd_connect(bs, &s->client, errp)) {
        nbd_client_close(&s->client);
        return false;
    }
    int fua = s->client.info.fua ? BDRV_REQ_FUA : 0;
    bs->supported_write_flags = bs->supported_zero_flags = fua;
    bs->opaque = std::move(s);
    return true;
}

static void nbd_close(BlockDriverState *bs) { nbd_client_close(nbd_client(bs)); }

static int64_t nbd_getlength(BlockDriverState *bs) { return nbd_client(bs)->info.size; }

static void nbd_refresh_limits(BlockDriverState *bs) {
    bs->bl.request_alignment = nbd_client(bs)->info.min_block;
}

static std::string nbd_refresh_filename(const BlockDriverState *bs) {
    return nbd_uri(nbd_client(bs));
}

static bool nbd_attach_aio_context(BlockDriverState *bs, AioContext *ctx, Error **) {
    nbd_client_attach(nbd_client(bs), ctx);
    return true;
}

static void nbd_drain_begin(BlockDriverState *bs) { nbd_client_drain_begin(nbd_client(bs)); }
static void nbd_drain_end(BlockDriverState *bs) { nbd_client_drain_end(nbd_client(bs)); }

// --- requests

static uint32_t fua_flag(int flags) { return flags & BDRV_REQ_FUA ? LIBNBD_CMD_FLAG_FUA : 0; }

static CoTask<int> nbd_co_prw(NBDClient *c, NBDRequest::Send send, int64_t offset,
                              QEMUIOVector *qiov, uint32_t flags) {
    NBDRequest req{ c, send, offset, static_cast<int64_t>(qiov->size), qiov, flags };
    req.max_bytes = c->info.max_block;
    co_return co_await nbd_client_co_request(&req);
}

// Every piece of memory must be whole blocks; if it is not, an aligned copy is.
static CoTask<int> nbd_co_bounce(NBDClient *c, NBDRequest::Send send, int64_t offset,
                                 QEMUIOVector *qiov, uint32_t flags) {
    auto size = static_cast<int64_t>(qiov->size);
    BlockMemory buf = block_memory_new(c->info.min_block, size);
    QEMUIOVector bounce(buf.get(), qiov->size);
    if (send == nbd_send_write) qemu_iovec_to_buf(qiov, 0, buf.get(), qiov->size);
    int ret = co_await nbd_co_prw(c, send, offset, &bounce, flags);
    if (ret == 0 && send == nbd_send_read) qemu_iovec_from_buf(qiov, 0, buf.get(), qiov->size);
    co_return ret;
}

static bool is_whole_blocks(const QEMUIOVector *qiov, uint32_t block) {
    return std::all_of(qiov->iov.begin(), qiov->iov.end(),
                       [block](const iovec &piece) { return piece.iov_len % block == 0; });
}

static CoTask<int> nbd_co_data(BlockDriverState *bs, NBDRequest::Send send, int64_t offset,
                               QEMUIOVector *qiov, uint32_t flags) {
    NBDClient *c = nbd_client(bs);
    if (is_whole_blocks(qiov, c->info.min_block)) {
        co_return co_await nbd_co_prw(c, send, offset, qiov, flags);
    }
    co_return co_await nbd_co_bounce(c, send, offset, qiov, flags);
}

// A size that is no multiple of 512: what is behind it reads as zeroes.
static CoTask<int> nbd_co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                 QEMUIOVector *qiov, int) {
    int64_t inside = std::clamp<int64_t>(nbd_getlength(bs) - offset, 0, bytes);
    if (inside == bytes) co_return co_await nbd_co_data(bs, nbd_send_read, offset, qiov, 0);
    QEMUIOVector front;
    qemu_iovec_concat(&front, qiov, 0, static_cast<size_t>(inside));
    qemu_iovec_memset(qiov, static_cast<size_t>(inside), 0, static_cast<size_t>(bytes - inside));
    if (inside == 0) co_return 0;
    co_return co_await nbd_co_data(bs, nbd_send_read, offset, &front, 0);
}

static bool is_behind_end(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    return offset + bytes > nbd_getlength(bs);
}

static CoTask<int> nbd_co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                  QEMUIOVector *qiov, int flags) {
    if (is_behind_end(bs, offset, bytes)) co_return -ENOSPC;
    co_return co_await nbd_co_data(bs, nbd_send_write, offset, qiov, fua_flag(flags));
}

static CoTask<int> nbd_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                        int flags) {
    NBDClient *c = nbd_client(bs);
    bool only_fast = flags & BDRV_REQ_NO_FALLBACK;
    if (!c->info.zeroes || (only_fast && !c->info.fast_zero)) co_return -ENOTSUP;
    if (is_behind_end(bs, offset, bytes)) co_return -ENOSPC;
    uint32_t nbd_flags = fua_flag(flags) | (only_fast ? LIBNBD_CMD_FLAG_FAST_ZERO : 0) |
                         (flags & BDRV_REQ_MAY_UNMAP ? 0 : LIBNBD_CMD_FLAG_NO_HOLE);
    NBDRequest req{ c, nbd_send_zeroes, offset, bytes, nullptr, nbd_flags };
    req.max_bytes = MAX_WITHOUT_DATA;
    co_return co_await nbd_client_co_request(&req);
}

static CoTask<int> nbd_co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes) {
    NBDClient *c = nbd_client(bs);
    if (!c->info.trim) co_return -ENOTSUP;
    bytes = std::clamp<int64_t>(nbd_getlength(bs) - offset, 0, bytes);
    if (bytes == 0) co_return 0;
    NBDRequest req{ c, nbd_send_trim, offset, bytes };
    req.max_bytes = MAX_WITHOUT_DATA;
    co_return co_await nbd_client_co_request(&req);
}

static CoTask<int> nbd_co_flush(BlockDriverState *bs) {
    NBDClient *c = nbd_client(bs);
    if (!c->info.flush) co_return 0;
    NBDRequest req{ c, nbd_send_flush, 0, 0 };
    co_return co_await nbd_client_co_request(&req);
}

// LIBNBD_STATE_* are those of the context base:allocation.
static CoTask<int> nbd_co_block_status(BlockDriverState *bs, int64_t offset, int64_t bytes,
                                       int64_t *pnum, int64_t *map, BlockDriverState **file) {
    NBDClient *c = nbd_client(bs);
    *pnum = bytes;
    *map = offset;
    *file = bs;
    int64_t inside = std::min({ c->info.size - offset, bytes, MAX_WITHOUT_DATA });
    if (inside <= 0) co_return BDRV_BLOCK_ZERO;
    if (!c->info.block_status) co_return BDRV_BLOCK_DATA | BDRV_BLOCK_OFFSET_VALID;

    NBDRequest req{ c, nbd_send_block_status, offset, inside, nullptr, LIBNBD_CMD_FLAG_REQ_ONE };
    int ret = co_await nbd_client_co_request(&req);
    if (ret < 0) co_return ret;
    if (req.extent[0] == 0) co_return -EIO; // no answer to what was asked
    *pnum = std::min<int64_t>(req.extent[0], inside);
    co_return (req.extent[1] & LIBNBD_STATE_HOLE ? 0 : BDRV_BLOCK_DATA) |
        (req.extent[1] & LIBNBD_STATE_ZERO ? BDRV_BLOCK_ZERO : 0) | BDRV_BLOCK_OFFSET_VALID;
}

// --- registration

// clang-format off
static constexpr const char *server_types[] = { "inet", "unix", "fd" };
static constexpr BlockOption server_options[] = {
    { "type", BLOCK_OPT_ENUM, BLOCK_OPT_REQUIRED, server_types },
    { "host", BLOCK_OPT_STR,  BLOCK_OPT_REQUIRED, {}, {}, "inet" },
    { "port", BLOCK_OPT_STR,  BLOCK_OPT_REQUIRED, {}, {}, "inet" },
    { "path", BLOCK_OPT_STR,  BLOCK_OPT_REQUIRED, {}, {}, "unix" },
    { "str",  BLOCK_OPT_STR,  BLOCK_OPT_REQUIRED, {}, {}, "fd" },
};
static constexpr BlockOption nbd_options[] = {
    { "server",          BLOCK_OPT_OBJECT, BLOCK_OPT_REQUIRED, {}, server_options },
    { "export" },
    { "reconnect-delay", BLOCK_OPT_UINT32, BLOCK_OPT_WEAK },
    { "open-timeout",    BLOCK_OPT_UINT32, BLOCK_OPT_WEAK },
};
// clang-format on

// One driver, known by the three protocols a name may begin with.
static constexpr BlockDriver nbd_driver(const char *protocol_name) {
    return {
        .format_name = "nbd",
        .protocol_name = protocol_name,
        .options = nbd_options,
        .bdrv_parse_filename = nbd_parse_filename,
        .bdrv_file_open = nbd_open,
        .bdrv_close = nbd_close,
        .bdrv_getlength = nbd_getlength,
        .bdrv_refresh_limits = nbd_refresh_limits,
        .bdrv_refresh_filename = nbd_refresh_filename,
        .bdrv_drain_begin = nbd_drain_begin,
        .bdrv_drain_end = nbd_drain_end,
        .bdrv_attach_aio_context = nbd_attach_aio_context,
        .bdrv_co_preadv = nbd_co_preadv,
        .bdrv_co_pwritev = nbd_co_pwritev,
        .bdrv_co_flush_to_disk = nbd_co_flush,
        .bdrv_co_pwrite_zeroes = nbd_co_pwrite_zeroes,
        .bdrv_co_pdiscard = nbd_co_pdiscard,
        .bdrv_co_block_status = nbd_co_block_status,
    };
}

static BlockDriver bdrv_nbd = nbd_driver("nbd");
static BlockDriver bdrv_nbd_tcp = nbd_driver("nbd+tcp");
static BlockDriver bdrv_nbd_unix = nbd_driver("nbd+unix");

static void bdrv_nbd_init() {
    bdrv_register(&bdrv_nbd_unix);
    bdrv_register(&bdrv_nbd_tcp);
    bdrv_register(&bdrv_nbd);
}
block_init(bdrv_nbd_init)
