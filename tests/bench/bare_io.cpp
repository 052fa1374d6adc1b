// SPDX-License-Identifier: MIT
/* What disk requests cost with nothing around the system calls: the least that a block layer takes.
 *
 *     bare-io IMAGE cached|direct threads|io_uring r|w COUNT DEPTH BYTES STEP
 *
 * `threads`: preadv or pwritev, one request after the other. `io_uring`: DEPTH requests under way,
 * and one system call to submit and to wait. The image's size is a multiple of BYTES. */
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <liburing.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

struct Requests {
    int fd;
    bool is_write;
    long left; // to begin
    unsigned depth;
    size_t bytes;
    off_t step, image_size;
    char *memory;
    off_t offset = 0;
};

[[noreturn]] static void fail(const char *what) {
    fprintf(stderr, "bare-io: %s\n", what);
    exit(EXIT_FAILURE);
}

static off_t next_offset(Requests *r) {
    off_t now = r->offset;
    r->offset = (r->offset + r->step) % r->image_size;
    r->left--;
    return now;
}

static void one_by_one(Requests *r) {
    auto call = r->is_write ? pwritev : preadv;
    iovec vector{ r->memory, r->bytes };
    while (r->left > 0) {
        if (call(r->fd, &vector, 1, next_offset(r)) != static_cast<ssize_t>(r->bytes))
            fail("a request failed");
    }
}

static void prepare(Requests *r, io_uring *ring, char *buffer) {
    io_uring_sqe *sqe = io_uring_get_sqe(ring);
    auto size = static_cast<unsigned>(r->bytes);
    auto offset = static_cast<__u64>(next_offset(r));
    if (r->is_write)
        io_uring_prep_write(sqe, r->fd, buffer, size, offset);
    else
        io_uring_prep_read(sqe, r->fd, buffer, size, offset);
    io_uring_sqe_set_data(sqe, buffer);
}

static void by_ring(Requests *r) {
    io_uring ring;
    if (io_uring_queue_init(r->depth, &ring, 0) < 0) fail("no io_uring");
    unsigned in_flight = 0;
    for (; in_flight < r->depth && r->left > 0; in_flight++)
        prepare(r, &ring, r->memory + in_flight * r->bytes);
    while (in_flight > 0) {
        io_uring_submit_and_wait(&ring, 1);
        for (io_uring_cqe *cqe; io_uring_peek_cqe(&ring, &cqe) == 0;) {
            auto *buffer = static_cast<char *>(io_uring_cqe_get_data(cqe));
            if (cqe->res != static_cast<int>(r->bytes)) fail("a request failed");
            io_uring_cqe_seen(&ring, cqe);
            in_flight--;
            if (r->left == 0) continue;
            prepare(r, &ring, buffer);
            in_flight++;
        }
    }
}

static bool is(const char *word, const char *other) { return strcmp(word, other) == 0; }

int main(int argc, char **argv) {
    if (argc != 9) fail("see bare_io.cpp");
    Requests r{};
    r.fd = open(argv[1], O_RDWR | (is(argv[2], "direct") ? O_DIRECT : 0));
    struct stat st;
    if (r.fd < 0 || fstat(r.fd, &st) < 0) fail("cannot open the image");
    r.is_write = is(argv[4], "w");
    r.left = atol(argv[5]);
    r.depth = static_cast<unsigned>(atoi(argv[6]));
    r.bytes = static_cast<size_t>(atol(argv[7]));
    r.step = atol(argv[8]);
    r.image_size = st.st_size;
    void *memory = mmap(nullptr, r.bytes * r.depth, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) fail("no memory");
    r.memory = static_cast<char *>(memory);
    is(argv[3], "io_uring") ? by_ring(&r) : one_by_one(&r);
    return EXIT_SUCCESS;
}
