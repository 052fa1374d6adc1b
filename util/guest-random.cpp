// SPDX-License-Identifier: MIT
/* Random bytes for the guest. See util/guest-random.h. */
#include "util/guest-random.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>

#include <sys/random.h>

// The standard says what mt19937_64 gives: the same on every host.
static std::optional<std::mt19937_64> series;

void qemu_guest_random_seed(uint64_t seed) { series.emplace(seed); }

bool qemu_guest_random_seeded() { return series.has_value(); }

static void from_series(uint8_t *to, size_t len) {
    while (len > 0) {
        uint64_t word = (*series)();
        size_t n = std::min(len, sizeof word);
        memcpy(to, &word, n);
        to += n;
        len -= n;
    }
}

void qemu_guest_getrandom(void *buf, size_t len) {
    auto *to = static_cast<uint8_t *>(buf);
    if (series) return from_series(to, len);
    while (len > 0) {
        ssize_t n = getrandom(to, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            // a kernel without it: nothing that we could give would be random
            perror("getrandom");
            abort();
        }
        to += n;
        len -= static_cast<size_t>(n);
    }
}
