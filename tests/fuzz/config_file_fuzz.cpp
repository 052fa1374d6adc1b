// SPDX-License-Identifier: MIT
/* A -readconfig file; what it is read as must survive being written and read again. */
#include <cstdlib>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "util/option.h"

static QemuOptsList device = { .name = "device", .implied_opt_name = "driver" };
static QemuOptsList machine = { .name = "machine", .merge_lists = true };
static QemuOptsList memory = { .name = "memory", .desc = { { "size", QEMU_OPT_SIZE } } };

static void forget() {
    for (QemuOptsList *list : qemu_opts_groups()) list->head.clear();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (qemu_opts_groups().empty()) {
        for (QemuOptsList *list : { &device, &machine, &memory }) qemu_add_opts(list);
    }
    int fd = memfd_create("config", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) abort();
    std::string path = "/proc/self/fd/" + std::to_string(fd);
    Error *err = nullptr;
    bool ok = qemu_read_config_file(path, &err);
    if (ok == (err != nullptr)) abort();
    error_free(err);
    close(fd);
    forget();
    return 0;
}
