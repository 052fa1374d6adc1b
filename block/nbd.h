// SPDX-License-Identifier: MIT
/* What the parts of `nbd` share: block/nbd.cpp is the driver, block/nbd-options.cpp reads its file
 * names and options, block/nbd-connect.cpp gets a socket, and block/nbd-client.cpp keeps the
 * connection, and block/nbd-request.cpp sends commands on it. */
#pragma once

#include <coroutine>

#include "block/block_int.h"
#include "util/aio-timer.h"

struct nbd_handle;

// Where a server listens.
struct NBDServer {
    enum Type { INET, UNIX, FD } type = UNIX;
    std::string host, port; // INET
    std::string path;       // UNIX
    int fd = -1;            // FD: an open socket

    std::string name() const; // for people: "localhost:10809"
};

// What a server says of an export.
struct NBDExportInfo {
    int64_t size = 0;
    bool read_only = false;
    bool flush = false, fua = false, trim = false, zeroes = false, fast_zero = false;
    bool block_status = false;
    uint32_t min_block = 1; // a power of two; requests are multiples of it
    uint32_t max_block = 0; // the most bytes of data in one command
};

enum NBDClientState {
    NBD_CLIENT_CONNECTING_WAIT,   // requests wait for a connection
    NBD_CLIENT_CONNECTING_NOWAIT, // requests fail until there is one
    NBD_CLIENT_CONNECTED,
    NBD_CLIENT_QUIT, // it could not be opened
};

struct NBDClient;

// --- block/nbd-connect.cpp

// A socket that a worker thread connects, since names are looked up and servers waited for. It
// belongs to the worker until that is done; a client that goes away first sets `client` to null.
struct NBDConnect {
    NBDClient *client;
    NBDServer server;
    Location loc; // where the user named the server
    int fd = -1;
    Error *err = nullptr;
};

NBDConnect *nbd_connect_start(NBDClient *client, const NBDServer &server);
// Called by the loop, once, if the client is still there: takes the socket, or the error.
void nbd_connect_done(NBDClient *client, int fd, Error *err);

// One connection after another to one export. All of it is used in the loop of `ctx`.
//
// Invariants: `nbd` is there from the moment a socket is connected until its connection ends, and
// `connect` before that; `state` is CONNECTED from the end of the handshake on. libnbd's callbacks
// only put requests into `completed`: they may not call it again.
struct NBDClient {
    // --- as it was opened
    NBDServer server;
    std::string export_name;
    uint64_t open_timeout = 0;    // seconds in which a first connection may fail; 0: not once
    uint64_t reconnect_delay = 0; // seconds in which requests wait for another connection
    AioContext *ctx = nullptr;

    // --- the connection
    NBDClientState state = NBD_CLIENT_CONNECTING_WAIT;
    bool opened = false; // there has been one
    NBDConnect *connect = nullptr;
    nbd_handle *nbd = nullptr;
    int watched_fd = -1;
    unsigned watched_direction = 0;
    NBDExportInfo info;
    Error *err = nullptr; // why the last attempt failed
    int64_t backoff_ns = 0;
    AioTimer retry, give_up, patience;

    // --- requests
    unsigned in_flight = 0; // that the server has not answered
    std::vector<struct NBDRequest *> completed;
    bool pump_scheduled = false;
    CoQueue waiters; // for another state

    NBDClient();
    ~NBDClient();
    NBDClient(const NBDClient &) = delete;
    NBDClient &operator=(const NBDClient &) = delete;
};

// --- block/nbd-client.cpp

// Connects; 0, or -errno with *errp.
CoTask<int> nbd_client_co_connect(NBDClient *c, Error **errp);
// Until there is a connection; or -EIO.
CoTask<int> nbd_client_co_wait(NBDClient *c);
// libnbd has been told to do something: looks at what came of it, soon.
void nbd_client_kick(NBDClient *c);
// While somebody waits for all requests to end, a server must answer them in time.
void nbd_client_drain_begin(NBDClient *c);
void nbd_client_drain_end(NBDClient *c);
// Lets it work in that loop. No request may be in flight; under the locks of both loops.
void nbd_client_attach(NBDClient *c, AioContext *ctx);
// Says goodbye to the server. No request may be in flight.
void nbd_client_close(NBDClient *c);

// --- block/nbd-request.cpp

// A piece of a request that is one command.
struct NBDPiece {
    uint64_t offset;
    uint64_t bytes;
    void *buf; // null: the command has no data
};

// `co_await request`: sends its commands, all at once, and waits for all answers. 0 or -errno:
// -ENOTCONN if the connection was lost. No data is copied: a piece of memory is a command.
struct NBDRequest {
    // Hands one command to libnbd: its number, or -1.
    using Send = int64_t (*)(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);

    NBDClient *client;
    Send send;
    int64_t offset, bytes;
    QEMUIOVector *qiov = nullptr;
    uint32_t flags = 0;            // LIBNBD_CMD_FLAG_*
    int64_t max_bytes = INT64_MAX; // in a command
    uint32_t extent[2] = {};       // block status: the first extent's length and flags

    unsigned pending = 0; // commands that are not answered
    int ret = 0;          // the first error
    std::coroutine_handle<> waiter = nullptr;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine);
    int await_resume() const noexcept { return ret; }
};

int64_t nbd_send_read(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);
int64_t nbd_send_write(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);
int64_t nbd_send_zeroes(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);
int64_t nbd_send_trim(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);
int64_t nbd_send_flush(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);
int64_t nbd_send_block_status(nbd_handle *nbd, NBDRequest *req, const NBDPiece &piece);

// Sends a request, after another connection too: 0 or -errno.
CoTask<int> nbd_client_co_request(NBDRequest *req);
// The server has answered all of it.
void nbd_request_finish(NBDRequest *req);

// --- block/nbd-options.cpp
[[nodiscard]] bool nbd_parse_filename(const char *filename, BlockOptions *options, Error **errp);
// Takes what says where the export is and how to reach it.
[[nodiscard]] bool nbd_process_options(BlockOptions *options, NBDClient *c, Error **errp);
// "nbd://host:port/export"; "" if only options can say it.
std::string nbd_uri(const NBDClient *c);
