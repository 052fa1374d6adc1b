// SPDX-License-Identifier: MIT
/* What `scripts/bench debian` runs inside Linux, where BusyBox has no program for it.
 *
 *   guest-io now                        prints a clock's microseconds
 *   guest-io read DEVICE COUNT DEPTH    COUNT reads of 4 KiB at random places of a disk, past the
 *   guest-io write DEVICE COUNT DEPTH   page cache, by DEPTH processes at once
 *   guest-io receive PORT MIB           MiB by TCP from the host, 10.0.2.2 in a user network
 *   guest-io send PORT MIB              MiB to the host, until it has said that it has them all
 *
 * A Linux program without a C library: the compiler that is there for the toy ROM has none. */
#include <stdint.h>

// --- system calls: asm-generic/unistd.h and the kernel's user interface

enum {
    SYS_openat = 56,
    SYS_lseek = 62,
    SYS_read = 63,
    SYS_write = 64,
    SYS_pread64 = 67,
    SYS_pwrite64 = 68,
    SYS_exit = 93,
    SYS_clock_gettime = 113,
    SYS_socket = 198,
    SYS_connect = 203,
    SYS_shutdown = 210,
    SYS_clone = 220,
    SYS_wait4 = 260,
};
enum { AT_FDCWD = -100, O_RDWR = 2, O_DIRECT = 0x4000, SEEK_END = 2, SIGCHLD = 17 };
enum { AF_INET = 2, SOCK_STREAM = 1, SHUT_WR = 1, CLOCK_MONOTONIC = 1 };

static long syscall(long number, long a, long b, long c, long d, long e) {
    register long a7 asm("a7") = number;
    register long a0 asm("a0") = a;
    register long a1 asm("a1") = b;
    register long a2 asm("a2") = c;
    register long a3 asm("a3") = d;
    register long a4 asm("a4") = e;
    asm volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4) : "memory");
    return a0;
}

static void print(const char *text) {
    long length = 0;
    while (text[length]) length++;
    syscall(SYS_write, 1, (long)text, length, 0, 0);
}

// The result of a system call; a failure ends the program.
static long check(long result, const char *what) {
    if (result >= 0) return result;
    print("guest-io: ");
    print(what);
    print(" failed\n");
    for (;;) syscall(SYS_exit, 1, 0, 0, 0, 0);
}

// --- numbers

static long number(const char *text) {
    long value = 0;
    for (; *text >= '0' && *text <= '9'; text++) value = 10 * value + *text - '0';
    return value;
}

static void print_number(long value) {
    char text[24], *at = text + sizeof(text) - 1;
    *at = 0;
    do *--at = (char)('0' + value % 10);
    while (value /= 10);
    print(at);
}

static long microseconds(void) {
    struct {
        long seconds, nanoseconds;
    } now;
    check(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0), "clock_gettime");
    return now.seconds * 1000000 + now.nanoseconds / 1000;
}

static int same(const char *a, const char *b) {
    for (; *a && *a == *b; a++, b++);
    return *a == *b;
}

// --- the disk

enum { BLOCK = 4096 };
static uint8_t buffer[64 * 1024] __attribute__((aligned(BLOCK)));

// One process's part; the generator is Knuth's MMIX, and each process has a seed of its own.
static void random_blocks(long call, long fd, long blocks, long count, uint64_t seed) {
    for (; count > 0; count--) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        long block = (long)((seed >> 33) % (uint64_t)blocks);
        long done = syscall(call, fd, (long)buffer, BLOCK, block * BLOCK, 0);
        check(done == BLOCK ? 0 : -1, "a request of the disk");
    }
}

static void disk(long call, const char *device, long count, long depth) {
    long fd = check(syscall(SYS_openat, AT_FDCWD, (long)device, O_RDWR | O_DIRECT, 0, 0), "open");
    long blocks = check(syscall(SYS_lseek, fd, 0, SEEK_END, 0, 0), "lseek") / BLOCK;
    check(blocks > 0 && depth > 0 ? 0 : -1, "an empty disk, or depth");
    for (long n = 0; n < depth; n++) {
        if (check(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), "clone") != 0) continue;
        random_blocks(call, fd, blocks, count / depth, (uint64_t)n + 1);
        for (;;) syscall(SYS_exit, 0, 0, 0, 0, 0);
    }
    for (long n = 0; n < depth; n++) {
        int status;
        check(syscall(SYS_wait4, -1, (long)&status, 0, 0, 0), "wait4");
        check(status == 0 ? 0 : -1, "a process");
    }
}

// --- the network

static long host_socket(long port) {
    struct {
        uint16_t family;
        uint8_t port[2], address[4], zero[8];
    } host = { AF_INET, { (uint8_t)(port >> 8), (uint8_t)port }, { 10, 0, 2, 2 }, { 0 } };
    long fd = check(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0), "socket");
    check(syscall(SYS_connect, fd, (long)&host, sizeof(host), 0, 0), "connect");
    return fd;
}

static void tcp_receive(long port, long bytes) {
    long fd = host_socket(port), n;
    while ((n = syscall(SYS_read, fd, (long)buffer, sizeof(buffer), 0, 0)) > 0) bytes -= n;
    check(n == 0 && bytes == 0 ? 0 : -1, "receiving");
}

static void tcp_send(long port, long bytes) {
    long fd = host_socket(port);
    while (bytes > 0) {
        long n = bytes < (long)sizeof(buffer) ? bytes : (long)sizeof(buffer);
        bytes -= check(syscall(SYS_write, fd, (long)buffer, n, 0, 0), "write");
    }
    syscall(SYS_shutdown, fd, SHUT_WR, 0, 0, 0);
    check(syscall(SYS_read, fd, (long)buffer, 1, 0, 0) == 1 ? 0 : -1, "the host's answer");
}

// --- the program

static int run(long argc, char **argv) {
    long mib = 1024 * 1024;
    if (argc == 2 && same(argv[1], "now"))
        print_number(microseconds());
    else if (argc == 5 && same(argv[1], "read"))
        disk(SYS_pread64, argv[2], number(argv[3]), number(argv[4]));
    else if (argc == 5 && same(argv[1], "write"))
        disk(SYS_pwrite64, argv[2], number(argv[3]), number(argv[4]));
    else if (argc == 4 && same(argv[1], "receive"))
        tcp_receive(number(argv[2]), number(argv[3]) * mib);
    else if (argc == 4 && same(argv[1], "send"))
        tcp_send(number(argv[2]), number(argv[3]) * mib);
    else
        return 0;
    return 1;
}

// The stack as the kernel made it: the number of words, then the words.
__attribute__((used)) static void start(long *stack) {
    if (!run(stack[0], (char **)(stack + 1))) check(-1, "understanding the command line");
    for (;;) syscall(SYS_exit, 0, 0, 0, 0, 0);
}
asm(".globl _start\n_start: .option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
    "mv a0, sp\nandi sp, sp, -16\ntail start");
