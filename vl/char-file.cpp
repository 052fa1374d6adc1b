// SPDX-License-Identifier: MIT
/* Chardevs on files of the host: file, pipe, and null, which is none. */
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "util/error.h"
#include "util/module.h"
#include "vl/char-fd.h"

namespace char_file {

struct FileChardev : FdChardev {
    using FdChardev::FdChardev;
    ~FileChardev() override {
        watch(false, false);
        if (in_fd >= 0) close(in_fd);
        if (out_fd >= 0 && out_fd != in_fd) close(out_fd);
    }
};

static const char *path_of(const QemuOpts &opts, const char *complaint, Error **errp) {
    const char *path = qemu_opt_get(&opts, "path");
    if (path && *path) return path;
    error_setg(errp, "%s", complaint);
    return nullptr;
}

static Chardev *open_file(const QemuOpts &opts, Error **errp) {
    const char *path = path_of(opts, "chardev: file: no filename given", errp);
    if (!path) return nullptr;
    int how = qemu_opt_get_bool(&opts, "append", false) ? O_APPEND : O_TRUNC;
    int fd = open(path, O_WRONLY | how | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0) return new FileChardev("file", -1, fd);
    error_setg(errp, "Could not open '%s': %s", path, strerror(errno));
    return nullptr;
}

// PATH.in and PATH.out if they are there, else PATH both ways. Opened for both, so that it neither
// waits for the other end nor ever sees it gone.
static Chardev *open_pipe(const QemuOpts &opts, Error **errp) {
    const char *path = path_of(opts, "chardev: pipe: no device path given", errp);
    if (!path) return nullptr;
    const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK;
    int in = open((std::string(path) + ".in").c_str(), flags);
    int out = open((std::string(path) + ".out").c_str(), flags);
    if (in >= 0 && out >= 0) return new FileChardev("pipe", in, out);
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    int both = open(path, flags);
    if (both >= 0) return new FileChardev("pipe", both, both);
    error_setg(errp, "Could not open '%s': %s", path, strerror(errno));
    return nullptr;
}

static Chardev *open_null(const QemuOpts &, Error **) { return new FdChardev("null", -1, -1); }

static const ChardevDriver drivers[] = {
    { "file", open_file, { { "path" }, { "append", QEMU_OPT_BOOL } } },
    { "pipe", open_pipe, { { "path" } } },
    { "null", open_null },
};

static void register_drivers() {
    for (const ChardevDriver &driver : drivers) chardev_register(&driver);
}

type_init(register_drivers)

} // namespace char_file
