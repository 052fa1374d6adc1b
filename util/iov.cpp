// SPDX-License-Identifier: MIT
/* Vectors of memory pieces. See util/iov.h. */
#include "util/iov.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

QEMUIOVector::QEMUIOVector(void *buf, size_t len) : iov{ { buf, len } }, size(len) {}

void qemu_iovec_add(QEMUIOVector *qiov, void *base, size_t len) {
    qiov->iov.push_back({ base, len });
    qiov->size += len;
}

void qemu_iovec_reset(QEMUIOVector *qiov) {
    qiov->iov.clear();
    qiov->size = 0;
}

// Calls fn(piece, length) for each part of the pieces that lies in [offset, offset + bytes).
template <typename Fn>
static void for_each_piece(const QEMUIOVector *qiov, size_t offset, size_t bytes, Fn fn) {
    assert(offset <= qiov->size && bytes <= qiov->size - offset);
    for (const iovec &piece : qiov->iov) {
        if (bytes == 0) return;
        if (offset >= piece.iov_len) {
            offset -= piece.iov_len;
            continue;
        }
        size_t len = std::min(piece.iov_len - offset, bytes);
        fn(static_cast<uint8_t *>(piece.iov_base) + offset, len);
        bytes -= len;
        offset = 0;
    }
}

void qemu_iovec_concat(QEMUIOVector *dst, const QEMUIOVector *src, size_t offset, size_t bytes) {
    for_each_piece(src, offset, bytes,
                   [dst](uint8_t *base, size_t len) { qemu_iovec_add(dst, base, len); });
}

void qemu_iovec_to_buf(const QEMUIOVector *qiov, size_t offset, void *buf, size_t bytes) {
    auto *to = static_cast<uint8_t *>(buf);
    for_each_piece(qiov, offset, bytes, [&to](const uint8_t *base, size_t len) {
        memcpy(to, base, len);
        to += len;
    });
}

void qemu_iovec_from_buf(QEMUIOVector *qiov, size_t offset, const void *buf, size_t bytes) {
    auto *from = static_cast<const uint8_t *>(buf);
    for_each_piece(qiov, offset, bytes, [&from](uint8_t *base, size_t len) {
        memcpy(base, from, len);
        from += len;
    });
}

void qemu_iovec_memset(QEMUIOVector *qiov, size_t offset, int fill, size_t bytes) {
    for_each_piece(qiov, offset, bytes,
                   [fill](uint8_t *base, size_t len) { memset(base, fill, len); });
}

bool qemu_iovec_is_aligned(const QEMUIOVector *qiov, size_t align) {
    for (const iovec &piece : qiov->iov) {
        auto bits = reinterpret_cast<uintptr_t>(piece.iov_base) | piece.iov_len;
        if (bits & (align - 1)) return false;
    }
    return true;
}

// A block is zeroes if it begins with some and is equal to itself moved by as many.
static bool buffer_is_zero(const uint8_t *buf, size_t len) {
    static constexpr uint8_t zeroes[64] = {};
    size_t head = std::min(len, sizeof zeroes);
    return memcmp(buf, zeroes, head) == 0 && memcmp(buf, buf + head, len - head) == 0;
}

bool qemu_iovec_is_zero(const QEMUIOVector *qiov) {
    return std::all_of(qiov->iov.begin(), qiov->iov.end(), [](const iovec &piece) {
        return buffer_is_zero(static_cast<const uint8_t *>(piece.iov_base), piece.iov_len);
    });
}
