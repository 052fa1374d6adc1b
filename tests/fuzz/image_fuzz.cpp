// SPDX-License-Identifier: MIT
/* A kernel file: ELF, Linux Image or flat. Whatever it holds, it loads into RAM or is refused. */
#include <cstdlib>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "hw/core/loader.h"
#include "util/error.h"

static constexpr hwaddr RAM = 0x80000000, RAM_END = RAM + (1 << 20);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("image", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) abort();
    LoadedImage image;
    Error *err = nullptr;
    std::string path = "/proc/self/fd/" + std::to_string(fd);
    bool ok = load_image("kernel", path, RAM, RAM, RAM_END, &image, &err);
    if (ok == (err != nullptr)) abort();
    if (ok && (image.start < RAM || image.end > RAM_END || image.start >= image.end)) abort();
    error_free(err);
    rom_remove_all();
    close(fd);
    return 0;
}
