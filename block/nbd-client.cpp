// SPDX-License-Identifier: MIT
/* Protocol `nbd`: a connection to a server, and another one when it breaks.
 *
 *     nbd_connect_start     a worker thread connects a socket (block/nbd-connect.cpp)
 *     nbd_connect_done      libnbd gets it: the handshake begins
 *     nbd_pump              the socket is ready: libnbd reads and writes; then one of
 *         connection_made       the handshake is over: requests may go
 *         connection_failed     it did not come to that: another attempt later
 *         connection_lost       it broke: another attempt at once
 *
 * A request that was under way when the connection broke is sent again over the next one. For
 * reconnect-delay seconds requests wait for that; then they fail, until there is one. The time
 * between two attempts doubles, up to 16 seconds. A server is the same one if its export has the
 * same size and may still be written.
 *
 * libnbd works in our event loop: it says what to wait for (nbd_aio_get_direction), and never
 * blocks.
 *
 * In gdb: b nbd_pump     b connection_lost     p *c */
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <libnbd.h>
#include <unistd.h>

#include "block/nbd.h"
#include "block/trace.h"

static constexpr int64_t SECOND = 1'000'000'000;
static constexpr int64_t FIRST_BACKOFF = SECOND / 8, LAST_BACKOFF = 16 * SECOND;
// How long a server may take for an answer that somebody waits for with the machine stopped.
static constexpr int64_t PATIENCE = 10 * SECOND;
static constexpr uint32_t MAX_MIN_BLOCK = 64 << 10, MAX_DATA = 32 << 20; // the protocol's

static void nbd_pump(NBDClient *c);
static void retry_now(void *opaque);
static void give_up_waiting(void *opaque);
static void lose_patience(void *opaque);

NBDClient::NBDClient()
    : retry(retry_now, this), give_up(give_up_waiting, this), patience(lose_patience, this) {}

NBDClient::~NBDClient() { error_free(err); }

// --- the socket in the event loop

static void pump_read(void *opaque) {
    auto *c = static_cast<NBDClient *>(opaque);
    (void)nbd_aio_notify_read(c->nbd); // a failure shows in the handle's state
    nbd_pump(c);
}

static void pump_write(void *opaque) {
    auto *c = static_cast<NBDClient *>(opaque);
    (void)nbd_aio_notify_write(c->nbd);
    nbd_pump(c);
}

static void watch(NBDClient *c, int fd, unsigned direction) {
    if (fd == c->watched_fd && direction == c->watched_direction) return;
    if (c->watched_fd >= 0 && fd != c->watched_fd) {
        aio_set_fd_handler(c->ctx, c->watched_fd, nullptr, nullptr, nullptr);
    }
    c->watched_fd = fd;
    c->watched_direction = direction;
    if (fd < 0) return;
    aio_set_fd_handler(c->ctx, fd, direction & LIBNBD_AIO_DIRECTION_READ ? pump_read : nullptr,
                       direction & LIBNBD_AIO_DIRECTION_WRITE ? pump_write : nullptr, c);
}

static bool is_gone(nbd_handle *nbd) { return nbd_aio_is_dead(nbd) || nbd_aio_is_closed(nbd); }

static void watch_connection(NBDClient *c) {
    if (!c->nbd || is_gone(c->nbd)) return watch(c, -1, 0);
    watch(c, nbd_aio_get_fd(c->nbd), nbd_aio_get_direction(c->nbd));
}

static void drop_connection(NBDClient *c) {
    watch(c, -1, 0);
    if (c->nbd) nbd_close(std::exchange(c->nbd, nullptr));
    if (c->connect) std::exchange(c->connect, nullptr)->client = nullptr;
}

// --- what becomes of an attempt

static void start_attempt(NBDClient *c) {
    trace_bdrv_nbd_connect(c->server.name().c_str(), c->export_name.c_str());
    c->connect = nbd_connect_start(c, c->server);
}

static void retry_now(void *opaque) { start_attempt(static_cast<NBDClient *>(opaque)); }

static void set_state(NBDClient *c, NBDClientState state) {
    c->state = state;
    c->waiters.restart_all();
}

// Takes over `err`.
static void connection_failed(NBDClient *c, Error *err) {
    trace_bdrv_nbd_failed(c->server.name().c_str(), error_get_pretty(err));
    error_free(std::exchange(c->err, err));
    drop_connection(c);
    if (!c->opened && c->open_timeout == 0) return set_state(c, NBD_CLIENT_QUIT);
    c->retry.arm(c->backoff_ns);
    c->backoff_ns = std::min(2 * c->backoff_ns, LAST_BACKOFF);
}

static void connection_lost(NBDClient *c) {
    trace_bdrv_nbd_lost(c->server.name().c_str(), c->in_flight, c->reconnect_delay);
    drop_connection(c);
    c->backoff_ns = FIRST_BACKOFF;
    c->state = c->reconnect_delay ? NBD_CLIENT_CONNECTING_WAIT : NBD_CLIENT_CONNECTING_NOWAIT;
    if (c->reconnect_delay) c->give_up.arm(static_cast<int64_t>(c->reconnect_delay) * SECOND);
    start_attempt(c);
}

static void stop_waiting(NBDClient *c, uint64_t seconds) {
    trace_bdrv_nbd_gave_up(c->server.name().c_str(), seconds);
    set_state(c, c->opened ? NBD_CLIENT_CONNECTING_NOWAIT : NBD_CLIENT_QUIT);
}

// The time that requests wait, or that opening may take, is over.
static void give_up_waiting(void *opaque) {
    auto *c = static_cast<NBDClient *>(opaque);
    stop_waiting(c, c->opened ? c->reconnect_delay : c->open_timeout);
}

// Who waits has the machine stopped, so not for ever: the server counts as gone.
static void lose_patience(void *opaque) {
    auto *c = static_cast<NBDClient *>(opaque);
    if (c->state == NBD_CLIENT_CONNECTING_WAIT) return stop_waiting(c, PATIENCE / SECOND);
    if (c->state != NBD_CLIENT_CONNECTED || c->in_flight == 0) return;
    (void)shutdown(nbd_aio_get_fd(c->nbd), SHUT_RDWR);
    (void)nbd_aio_notify_read(c->nbd);
    nbd_pump(c);
}

// --- the handshake

// 0 from libnbd: the server did not say. Without its word, and with extents or a size that shows
// that it counts in bytes, it can do so; a sector is safe.
static uint32_t guess_min_block(const NBDExportInfo &info) {
    return info.block_status || info.size % BDRV_SECTOR_SIZE ? 1 : BDRV_SECTOR_SIZE;
}

static bool read_block_sizes(nbd_handle *nbd, NBDExportInfo *info, Error **errp) {
    int64_t min = nbd_get_block_size(nbd, LIBNBD_SIZE_MINIMUM);
    int64_t max = nbd_get_block_size(nbd, LIBNBD_SIZE_MAXIMUM);
    info->min_block =
        min > 0 && min <= MAX_MIN_BLOCK ? static_cast<uint32_t>(min) : guess_min_block(*info);
    info->max_block = max > 0 && max < MAX_DATA ? static_cast<uint32_t>(max) : MAX_DATA;
    info->max_block -= info->max_block % info->min_block;
    if (std::has_single_bit(info->min_block) && info->max_block > 0 &&
        info->size % info->min_block == 0) {
        return true;
    }
    error_setg(errp, "The server's block size %u does not fit", info->min_block);
    return false;
}

static bool read_export_info(nbd_handle *nbd, NBDExportInfo *info, Error **errp) {
    info->size = nbd_get_size(nbd);
    if (info->size < 0) {
        error_setg(errp, "The server's export has no size: %s", nbd_get_error());
        return false;
    }
    info->read_only = nbd_is_read_only(nbd) > 0;
    info->flush = nbd_can_flush(nbd) > 0;
    info->fua = nbd_can_fua(nbd) > 0;
    info->trim = nbd_can_trim(nbd) > 0;
    info->zeroes = nbd_can_zero(nbd) > 0;
    info->fast_zero = nbd_can_fast_zero(nbd) > 0;
    info->block_status = nbd_can_meta_context(nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) > 0;
    return read_block_sizes(nbd, info, errp);
}

static bool is_same_export(const NBDExportInfo &was, const NBDExportInfo &is, Error **errp) {
    if (was.size == is.size && was.min_block == is.min_block && was.read_only >= is.read_only) {
        return true;
    }
    error_setg(errp, "The server's export is another one than before");
    return false;
}

static void connection_made(NBDClient *c) {
    NBDExportInfo info;
    Error *err = nullptr;
    bool ok = read_export_info(c->nbd, &info, &err) &&
              (!c->opened || is_same_export(c->info, info, &err));
    if (!ok) return connection_failed(c, err);
    trace_bdrv_nbd_connected(c->server.name().c_str(), c->export_name.c_str(), info.size,
                             info.read_only);
    c->info = info;
    c->opened = true;
    c->give_up.cancel();
    set_state(c, NBD_CLIENT_CONNECTED);
}

// Why the handshake ended, in QEMU's words where they are those of the protocol. libnbd has the
// reason of this thread's last failure only.
static void handshake_failed(NBDClient *c) {
    Error *err = nullptr;
    if (nbd_get_errno() == ENOENT) {
        error_setg(&err, "Requested export not available");
        error_append_hint(&err, "server reported: export '%s' not present\n",
                          c->export_name.c_str());
    } else {
        error_setg(&err, "Failed to negotiate with '%s': %s", c->server.name().c_str(),
                   nbd_get_error());
    }
    connection_failed(c, err);
}

void nbd_connect_done(NBDClient *c, int fd, Error *err) {
    c->connect = nullptr;
    if (fd < 0) return connection_failed(c, err);
    c->nbd = nbd_create();
    bool ok = c->nbd && nbd_set_export_name(c->nbd, c->export_name.c_str()) == 0 &&
              nbd_add_meta_context(c->nbd, LIBNBD_CONTEXT_BASE_ALLOCATION) == 0 &&
              nbd_aio_connect_socket(c->nbd, fd) == 0;
    if (!ok) return handshake_failed(c);
    nbd_pump(c);
}

// --- the loop

static void resume_completed(NBDClient *c) {
    for (NBDRequest *req : std::exchange(c->completed, {})) nbd_request_finish(req);
}

// What libnbd's last work changed.
static void nbd_pump(NBDClient *c) {
    if (c->nbd && is_gone(c->nbd)) {
        c->state == NBD_CLIENT_CONNECTED ? connection_lost(c) : handshake_failed(c);
    } else if (c->nbd && c->state != NBD_CLIENT_CONNECTED && nbd_aio_is_ready(c->nbd)) {
        connection_made(c);
    }
    watch_connection(c);
    resume_completed(c);
}

static void pump_soon(void *opaque) {
    auto *c = static_cast<NBDClient *>(opaque);
    c->pump_scheduled = false;
    nbd_pump(c);
}

void nbd_client_kick(NBDClient *c) {
    watch_connection(c);
    if (c->pump_scheduled || (c->completed.empty() && !is_gone(c->nbd))) return;
    c->pump_scheduled = true;
    aio_bh_schedule_oneshot(c->ctx, pump_soon, c);
}

// --- for the driver

CoTask<int> nbd_client_co_wait(NBDClient *c) {
    if (c->state == NBD_CLIENT_CONNECTED && is_gone(c->nbd)) connection_lost(c);
    // Somebody asks for it: no need to let the server rest.
    if (c->state == NBD_CLIENT_CONNECTING_NOWAIT && c->retry.pending()) c->retry.arm(0);
    while (c->state == NBD_CLIENT_CONNECTING_WAIT) co_await c->waiters.wait();
    co_return c->state == NBD_CLIENT_CONNECTED ? 0 : -EIO;
}

CoTask<int> nbd_client_co_connect(NBDClient *c, Error **errp) {
    c->backoff_ns = FIRST_BACKOFF;
    if (c->open_timeout) c->give_up.arm(static_cast<int64_t>(c->open_timeout) * SECOND);
    start_attempt(c);
    int ret = co_await nbd_client_co_wait(c);
    if (ret == 0) co_return 0;
    if (!c->err) {
        error_setg(&c->err, "Failed to negotiate with '%s': %s", c->server.name().c_str(),
                   strerror(ETIMEDOUT));
    }
    error_propagate(errp, std::exchange(c->err, nullptr));
    co_return ret;
}

void nbd_client_drain_begin(NBDClient *c) { c->patience.arm(PATIENCE); }

void nbd_client_drain_end(NBDClient *c) { c->patience.cancel(); }

void nbd_client_attach(NBDClient *c, AioContext *ctx) {
    while (c->pump_scheduled) aio_poll(c->ctx, /*blocking=*/true);
    watch(c, -1, 0);
    // an attempt comes back to the loop that it was made in
    bool connecting = c->connect;
    if (connecting) std::exchange(c->connect, nullptr)->client = nullptr;
    c->ctx = ctx;
    if (connecting) start_attempt(c);
    for (AioTimer *timer : { &c->retry, &c->give_up, &c->patience }) timer->attach(ctx);
    watch_connection(c);
}

void nbd_client_close(NBDClient *c) {
    while (c->pump_scheduled) aio_poll(c->ctx, /*blocking=*/true);
    if (c->nbd && nbd_aio_is_ready(c->nbd)) (void)nbd_aio_disconnect(c->nbd, 0);
    drop_connection(c);
}
