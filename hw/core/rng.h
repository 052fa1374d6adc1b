// SPDX-License-Identifier: MIT
/* RngBackend: where a device that gives the guest random numbers gets them from.
 *
 *     rng-builtin    the host's random numbers, or those of -seed
 *     rng-random     a file of the host that never ends: /dev/urandom, /dev/hwrng
 *
 * A device asks and is answered from the main loop, in the order of requests. Under the big lock.
 *
 * In gdb: b rng_backend::builtin_serve     b rng_backend::random_read */
#pragma once

#include <deque>

#include "qom/object_interfaces.h"

#define TYPE_RNG_BACKEND "rng-backend"
#define TYPE_RNG_BUILTIN "rng-builtin"
#define TYPE_RNG_RANDOM  "rng-random"

// A member of the device. `received` gets 1 to `size` bytes.
struct RngRequest {
    void (*received)(void *opaque, const uint8_t *bytes, size_t n);
    void *opaque;
    size_t size = 0;
};

inline constexpr size_t RNG_MAX_BYTES = 4096; // in one request

struct RngBackend : UserCreatable {
    std::deque<RngRequest *> requests; // oldest first

    // There is a first request.
    virtual void start() = 0;
};

// Asks for at most `size` bytes (RNG_MAX_BYTES at most). The request must not be pending.
void rng_backend_request_entropy(RngBackend *rng, RngRequest *request, size_t size);
// It will not be answered.
void rng_backend_cancel_request(RngBackend *rng, RngRequest *request);
