// SPDX-License-Identifier: MIT
/* QEMUIOVector: a request's memory, in pieces, as preadv(2) and pwritev(2) take it.
 *
 * It owns the list of pieces, not the memory. A device fills one with pointers into guest RAM and
 * it travels unchanged down to the system call. */
#pragma once

#include <cstddef>
#include <vector>

#include <sys/uio.h>

struct QEMUIOVector {
    std::vector<iovec> iov;
    size_t size = 0; // bytes in all pieces

    QEMUIOVector() = default;
    QEMUIOVector(void *buf, size_t len);
};

void qemu_iovec_add(QEMUIOVector *qiov, void *base, size_t len);
void qemu_iovec_reset(QEMUIOVector *qiov);
// Appends bytes [offset, offset + bytes) of `src`, which must have them.
void qemu_iovec_concat(QEMUIOVector *dst, const QEMUIOVector *src, size_t offset, size_t bytes);
// Copies out of, or into, bytes [offset, offset + bytes) of the vector, which must have them.
void qemu_iovec_to_buf(const QEMUIOVector *qiov, size_t offset, void *buf, size_t bytes);
void qemu_iovec_from_buf(QEMUIOVector *qiov, size_t offset, const void *buf, size_t bytes);
void qemu_iovec_memset(QEMUIOVector *qiov, size_t offset, int fill, size_t bytes);
// True if all of it is zeroes.
bool qemu_iovec_is_zero(const QEMUIOVector *qiov);
// True if every piece starts at and is as long as a multiple of `align`, a power of two.
bool qemu_iovec_is_aligned(const QEMUIOVector *qiov, size_t align);
