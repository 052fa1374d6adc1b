// SPDX-License-Identifier: MIT
/* Sources of random numbers. See hw/core/rng.h.
 * Missing: rng-egd */
#include "hw/core/rng.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "util/aio.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/module.h"

void rng_backend_request_entropy(RngBackend *rng, RngRequest *request, size_t size) {
    assert(size > 0 && size <= RNG_MAX_BYTES);
    request->size = size;
    rng->requests.push_back(request);
    if (rng->requests.size() == 1) rng->start();
}

void rng_backend_cancel_request(RngBackend *rng, RngRequest *request) {
    std::erase(rng->requests, request);
}

namespace rng_backend {

// The device may ask again at once.
static void answer_first(RngBackend *rng, const uint8_t *bytes, size_t n) {
    RngRequest *request = rng->requests.front();
    rng->requests.pop_front();
    request->received(request->opaque, bytes, n);
}

// --- rng-builtin

static void builtin_serve(void *opaque);

struct RngBuiltin : RngBackend {
    QEMUBH bh{ qemu_get_aio_context(), builtin_serve, this };

    void start() override { bh.schedule(); }
};

// As many as there were; who asks again waits for the loop's next turn.
static void builtin_serve(void *opaque) {
    auto *rng = static_cast<RngBuiltin *>(opaque);
    for (size_t left = rng->requests.size(); left > 0 && !rng->requests.empty(); left--) {
        uint8_t bytes[RNG_MAX_BYTES];
        size_t n = rng->requests.front()->size;
        qemu_guest_getrandom(bytes, n);
        answer_first(rng, bytes, n);
    }
    if (!rng->requests.empty()) rng->bh.schedule();
}

// --- rng-random

static void random_read(void *opaque);

// Invariant: the descriptor is watched only while there are requests.
struct RngRandom : RngBackend {
    std::string filename = "/dev/urandom";
    int fd = -1;

    bool complete(Error **errp) override;
    void start() override { watch(true); }
    void watch(bool on) {
        aio_set_fd_handler(qemu_get_aio_context(), fd, on ? random_read : nullptr, nullptr, this);
    }
    ~RngRandom() override;
};

bool RngRandom::complete(Error **errp) {
    fd = open(filename.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) error_setg(errp, "Could not open '%s': %s", filename.c_str(), strerror(errno));
    return fd >= 0;
}

RngRandom::~RngRandom() {
    if (fd < 0) return;
    watch(false);
    close(fd);
}

static void random_read(void *opaque) {
    auto *rng = static_cast<RngRandom *>(opaque);
    if (rng->requests.empty()) return rng->watch(false);
    uint8_t bytes[RNG_MAX_BYTES];
    ssize_t n = read(rng->fd, bytes, rng->requests.front()->size);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        // the guest waits: there is nothing random to give it
        error_report("rng-random: no more bytes from '%s': %s", rng->filename.c_str(),
                     n < 0 ? strerror(errno) : "it has come to its end");
        return rng->watch(false);
    }
    answer_first(rng, bytes, static_cast<size_t>(n));
    if (rng->requests.empty()) rng->watch(false);
}

static bool get_filename(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = static_cast<RngRandom *>(obj)->filename;
    return true;
}

static bool set_filename(Object *obj, const ObjectProperty &, const std::string &value,
                         Error **errp) {
    auto *rng = static_cast<RngRandom *>(obj);
    if (rng->fd >= 0) {
        error_setg(errp, "Property 'filename' can not be set: the file is open");
        return false;
    }
    rng->filename = value;
    return true;
}

// --- registration

static void random_class_init(ObjectClass *klass, const void *) {
    object_class_property_add(klass, { .name = "filename",
                                       .type = "string",
                                       .description = {},
                                       .default_value = {},
                                       .get = get_filename,
                                       .set = set_filename });
}

static const TypeInfo backend_info = {
    .name = TYPE_RNG_BACKEND,
    .parent = TYPE_USER_CREATABLE,
    .abstract = true,
};
static const TypeInfo builtin_info = {
    .name = TYPE_RNG_BUILTIN,
    .parent = TYPE_RNG_BACKEND,
    .instance_new = object_instance_new<RngBuiltin>,
};
static const TypeInfo random_info = {
    .name = TYPE_RNG_RANDOM,
    .parent = TYPE_RNG_BACKEND,
    .instance_new = object_instance_new<RngRandom>,
    .class_init = random_class_init,
};
static void rng_register_types() {
    type_register_static(&backend_info);
    type_register_static(&builtin_info);
    type_register_static(&random_info);
}
type_init(rng_register_types)

} // namespace rng_backend
