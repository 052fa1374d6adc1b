// SPDX-License-Identifier: MIT
/* Protocol `nbd`: a request of the block layer as commands of the NBD protocol.
 *
 * libnbd takes one piece of memory a command, so a request for memory in several pieces becomes
 * several commands, and so does one that is longer than the server allows. All are sent before the
 * first is waited for.
 *
 * Spec:    the NBD protocol (doc/proto.md of the NBD project), "Transmission phase"
 * In gdb:  b NBDRequest::await_suspend     b nbd_request_finish */
#include <algorithm>
#include <cerrno>

#include <libnbd.h>

#include "block/nbd.h"

// --- commands

// Called inside libnbd, which must not be called from here.
static int command_done(void *opaque, int *error) {
    auto *req = static_cast<NBDRequest *>(opaque);
    if (*error && !req->ret) req->ret = -*error;
    if (--req->pending == 0) req->client->completed.push_back(req);
    return 1; // libnbd forgets the command
}

static nbd_completion_callback on_done(NBDRequest *req) {
    return { .callback = command_done, .user_data = req, .free = nullptr };
}

int64_t nbd_send_read(nbd_handle *nbd, NBDRequest *req, const NBDPiece &p) {
    return nbd_aio_pread(nbd, p.buf, p.bytes, p.offset, on_done(req), req->flags);
}

int64_t nbd_send_write(nbd_handle *nbd, NBDRequest *req, const NBDPiece &p) {
    return nbd_aio_pwrite(nbd, p.buf, p.bytes, p.offset, on_done(req), req->flags);
}

int64_t nbd_send_zeroes(nbd_handle *nbd, NBDRequest *req, const NBDPiece &p) {
    return nbd_aio_zero(nbd, p.bytes, p.offset, on_done(req), req->flags);
}

int64_t nbd_send_trim(nbd_handle *nbd, NBDRequest *req, const NBDPiece &p) {
    return nbd_aio_trim(nbd, p.bytes, p.offset, on_done(req), req->flags);
}

int64_t nbd_send_flush(nbd_handle *nbd, NBDRequest *req, const NBDPiece &) {
    return nbd_aio_flush(nbd, on_done(req), req->flags);
}

// The first extent of the first context, and we asked for one only.
static int extent_told(void *opaque, const char *, uint64_t, uint32_t *entries, size_t count,
                       int *error) {
    auto *req = static_cast<NBDRequest *>(opaque);
    if (count < 2 || entries[0] == 0) {
        *error = EIO;
        return -1;
    }
    req->extent[0] = entries[0];
    req->extent[1] = entries[1];
    return 0;
}

int64_t nbd_send_block_status(nbd_handle *nbd, NBDRequest *req, const NBDPiece &p) {
    nbd_extent_callback told = { .callback = extent_told, .user_data = req, .free = nullptr };
    return nbd_aio_block_status(nbd, p.bytes, p.offset, told, on_done(req), req->flags);
}

// --- a request

static bool is_gone(nbd_handle *nbd) { return nbd_aio_is_dead(nbd) || nbd_aio_is_closed(nbd); }

static void send_piece(NBDRequest *req, const NBDPiece &piece) {
    nbd_handle *nbd = req->client->nbd;
    req->pending++;
    if (req->send(nbd, req, piece) >= 0) return;
    int error = nbd_get_errno();
    req->pending--; // nobody is told
    if (req->ret) return;
    req->ret = is_gone(nbd) ? -ENOTCONN : error ? -error : -EIO;
}

// The range in pieces of at most max_bytes, with the memory at `buf` if there is any.
static void send_range(NBDRequest *req, int64_t offset, int64_t bytes, uint8_t *buf) {
    do {
        int64_t n = std::min(bytes, req->max_bytes);
        send_piece(req, { static_cast<uint64_t>(offset), static_cast<uint64_t>(n), buf });
        offset += n;
        bytes -= n;
        if (buf) buf += n;
    } while (bytes > 0 && req->ret == 0);
}

static void send_all(NBDRequest *req) {
    if (!req->qiov) return send_range(req, req->offset, req->bytes, nullptr);
    int64_t offset = req->offset;
    for (const iovec &piece : req->qiov->iov) {
        auto bytes = static_cast<int64_t>(piece.iov_len);
        if (bytes == 0) continue;
        send_range(req, offset, bytes, static_cast<uint8_t *>(piece.iov_base));
        offset += bytes;
        if (req->ret != 0) return;
    }
}

bool NBDRequest::await_suspend(std::coroutine_handle<> coroutine) {
    waiter = coroutine;
    aio_request_started(client->ctx);
    client->in_flight++;
    pending = 1; // ours, until all are sent
    send_all(this);
    nbd_client_kick(client);
    if (--pending > 0) return true;
    client->in_flight--;
    aio_request_ended(client->ctx);
    return false;
}

void nbd_request_finish(NBDRequest *req) {
    req->client->in_flight--;
    aio_request_ended(req->client->ctx);
    req->waiter.resume(); // which frees the request
}

CoTask<int> nbd_client_co_request(NBDRequest *req) {
    for (;;) {
        int ret = co_await nbd_client_co_wait(req->client);
        if (ret < 0) co_return ret;
        req->ret = 0;
        ret = co_await *req;
        if (ret != -ENOTCONN) co_return ret;
    }
}
