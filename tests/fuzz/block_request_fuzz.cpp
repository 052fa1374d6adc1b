// SPDX-License-Identifier: MIT
/* Reads and writes of any range, several in flight, on drivers that want whole blocks. The image is
 * compared with a plain array. Input: alignment, offset= of the image, then six bytes a request. */
#include <algorithm>
#include <memory>
#include <string>

#include "tests/fuzz/block_memory.h"

static constexpr size_t IMAGE_SIZE = 20000, DISK_SIZE = 16384;

struct Request {
    size_t offset, bytes;
    std::vector<uint8_t> data;
    QEMUIOVector qiov;
    int ret = 1;

    bool overlaps(const Request &other) const {
        return offset < other.offset + other.bytes && other.offset < offset + bytes;
    }
};

static std::vector<std::unique_ptr<Request>> in_flight;

static void completed(void *opaque, int ret) { static_cast<Request *>(opaque)->ret = ret; }

static void drain(BlockBackend *blk) {
    blk_drain(blk);
    for (const auto &req : in_flight) {
        if (req->ret != 0) abort();
    }
    in_flight.clear();
}

// The order of requests that overlap is nobody's promise.
static void drain_if_overlapping(BlockBackend *blk, const Request &req) {
    if (std::any_of(in_flight.begin(), in_flight.end(),
                    [&](const auto &other) { return req.overlaps(*other); })) {
        drain(blk);
    }
}

static void write(BlockBackend *blk, std::vector<uint8_t> &model, std::unique_ptr<Request> req,
                  uint8_t seed) {
    drain_if_overlapping(blk, *req);
    for (size_t i = 0; i < req->bytes; i++) req->data[i] = static_cast<uint8_t>(seed + i * 3);
    std::copy(req->data.begin(), req->data.end(), model.begin() + req->offset);
    blk_aio_pwritev(blk, req->offset, &req->qiov, 0, completed, req.get());
    in_flight.push_back(std::move(req));
}

static void read(BlockBackend *blk, const std::vector<uint8_t> &model, Request *req) {
    drain(blk);
    if (blk_pread(blk, req->offset, req->bytes, req->data.data(), 0) != 0) abort();
    if (!std::equal(req->data.begin(), req->data.end(), model.begin() + req->offset)) abort();
}

static void run_requests(BlockBackend *blk, const uint8_t *data, size_t size) {
    std::vector<uint8_t> model(static_cast<size_t>(blk_getlength(blk)));
    for (; size >= 6; data += 6, size -= 6) {
        auto req = std::make_unique<Request>();
        req->offset = (data[0] | data[1] << 8) % model.size();
        req->bytes = std::min<size_t>(data[2] | data[3] << 8, model.size() - req->offset);
        req->data.resize(req->bytes);
        size_t cut = req->bytes ? data[4] % req->bytes : 0; // in two pieces of memory
        qemu_iovec_add(&req->qiov, req->data.data(), cut);
        qemu_iovec_add(&req->qiov, req->data.data() + cut, req->bytes - cut);
        if (data[5] & 1) {
            write(blk, model, std::move(req), data[5]);
        } else {
            read(blk, model, req.get());
        }
    }
    drain(blk);
    std::vector<uint8_t> all(model.size());
    if (blk_pread(blk, 0, static_cast<int64_t>(all.size()), all.data(), 0) != 0) abort();
    if (all != model) abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    if (size < 4) return 0;
    memory_image.assign(IMAGE_SIZE, 0);
    memory_alignment = 1u << data[0] % 13;
    std::string offset = std::to_string((data[1] | data[2] << 8) % (IMAGE_SIZE - DISK_SIZE));

    Error *err = nullptr;
    BlockBackend *blk = blk_new_open(
        "memory:", nullptr,
        { { "driver", "raw" }, { "offset", offset }, { "size", std::to_string(DISK_SIZE) } },
        BDRV_O_RDWR, &err);
    if (!blk) abort();
    run_requests(blk, data + 3, size - 3);
    blk_unref(blk);
    return 0;
}
