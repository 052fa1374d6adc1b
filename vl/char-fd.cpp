// SPDX-License-Identifier: MIT
/* A chardev on file descriptors. See vl/char-fd.h.
 *
 * In gdb: b char_fd::input_ready */
#include "vl/char-fd.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

#include "util/aio.h"

namespace char_fd {

static void input_ready(void *opaque) {
    auto *chr = static_cast<FdChardev *>(opaque);
    uint8_t buf[4096];
    int room = std::min<int>(qemu_chr_be_can_write(chr), sizeof buf);
    if (room <= 0) return chr->watch(false, chr->writes); // until accept_input()
    ssize_t n = read(chr->in_fd, buf, static_cast<size_t>(room));
    if (n > 0) return qemu_chr_be_write(chr, buf, static_cast<int>(n));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    chr->has_eof = true;
    chr->watch(false, chr->writes);
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
}

static void output_ready(void *opaque) {
    auto *chr = static_cast<FdChardev *>(opaque);
    chr->watch(chr->reads, false);
    qemu_chr_be_writable(chr);
}

static bool takes_some(int fd) {
    pollfd p{ fd, POLLOUT, 0 };
    return poll(&p, 1, 0) > 0;
}

} // namespace char_fd

FdChardev::~FdChardev() { watch(false, false); }

void FdChardev::watch(bool read, bool write) {
    using namespace char_fd;
    AioContext *ctx = qemu_get_aio_context();
    read = read && !has_eof && in_fd >= 0;
    if (in_fd == out_fd && in_fd >= 0) {
        aio_set_fd_handler(ctx, in_fd, read ? input_ready : nullptr, write ? output_ready : nullptr,
                           this);
    } else {
        if (read != reads)
            aio_set_fd_handler(ctx, in_fd, read ? input_ready : nullptr, nullptr, this);
        if (write != writes)
            aio_set_fd_handler(ctx, out_fd, nullptr, write ? output_ready : nullptr, this);
    }
    reads = read;
    writes = write;
}

// The descriptor may be shared with other processes, so it is not made non-blocking: where poll(2)
// sees room, a pipe takes PIPE_BUF bytes at once.
int FdChardev::write(const uint8_t *buf, int size) {
    int done = out_fd < 0 ? size : 0;
    while (done < size && char_fd::takes_some(out_fd)) {
        ssize_t n = ::write(out_fd, buf + done, std::min(size - done, PIPE_BUF));
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (n <= 0) return size; // nobody reads it any more
        done += static_cast<int>(n);
    }
    return done;
}

void FdChardev::watch_output() { watch(reads, true); }

void FdChardev::set_frontend(const CharFrontend &frontend) {
    Chardev::set_frontend(frontend);
    watch(fe.read != nullptr, writes);
}

void FdChardev::accept_input() { watch(fe.read != nullptr, writes); }
