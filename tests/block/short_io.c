// SPDX-License-Identifier: MIT
/* LD_PRELOAD: a host that reads and writes less than it was asked for, and is interrupted by
 * signals. What it does is real, there is just less of it: SHORT_IO_UNIT to eight times that many
 * bytes. The number of such calls goes to the file SHORT_IO_COUNT when the program ends. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

typedef ssize_t (*VectorCall)(int fd, const struct iovec *iov, int count, off_t offset);
typedef ssize_t (*VectorCall2)(int fd, const struct iovec *iov, int count, off_t offset, int flags);

static atomic_uint calls, shortened;
static size_t unit;

__attribute__((constructor)) static void begin(void) {
    unit = strtoul(getenv("SHORT_IO_UNIT"), NULL, 10);
}

__attribute__((destructor)) static void end(void) {
    FILE *out = fopen(getenv("SHORT_IO_COUNT"), "w");
    if (!out) return;
    fprintf(out, "%u\n", atomic_load(&shortened));
    fclose(out);
}

/* The vector's first bytes, as a vector of its own; its length. */
static int first_bytes(const struct iovec *iov, int count, size_t bytes, struct iovec *out) {
    int n = 0;
    for (; n < count && bytes > 0; n++) {
        out[n] = iov[n];
        if (out[n].iov_len > bytes) {
            out[n].iov_len = bytes;
            atomic_fetch_add(&shortened, 1);
        }
        bytes -= out[n].iov_len;
    }
    return n;
}

/* How much of the next call is done; 0: it is interrupted. */
static size_t next_bytes(void) { return unit * ((atomic_fetch_add(&calls, 1) * 7) % 9); }

static ssize_t do_less(const char *name, int fd, const struct iovec *iov, int count, off_t offset) {
    VectorCall real = (VectorCall)dlsym(RTLD_NEXT, name);
    struct iovec part[IOV_MAX];
    size_t bytes = next_bytes();
    if (bytes == 0) {
        errno = EINTR;
        return -1;
    }
    return real(fd, part, first_bytes(iov, count, bytes, part), offset);
}

ssize_t preadv(int fd, const struct iovec *iov, int count, off_t offset) {
    return do_less("preadv", fd, iov, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t offset) {
    return do_less("pwritev", fd, iov, count, offset);
}

ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags) {
    VectorCall2 real = (VectorCall2)dlsym(RTLD_NEXT, "preadv2");
    struct iovec part[IOV_MAX];
    size_t bytes = next_bytes();
    if (bytes == 0) {
        errno = EINTR;
        return -1;
    }
    return real(fd, part, first_bytes(iov, count, bytes, part), offset, flags);
}
