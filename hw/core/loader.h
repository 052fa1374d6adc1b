// SPDX-License-Identifier: MIT
/* Loaders: files and blobs that are copied into guest memory at each reset.
 *
 * A file is read and checked once, at machine creation, and kept as a list of ROM blobs; the reset
 * handler copies them, so a reset starts from unspoilt images. `info roms` lists them. */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/core/memory.h"

struct Error;

struct LoadedImage {
    hwaddr start = 0; // lowest address
    hwaddr end = 0;   // one past the highest
    hwaddr entry = 0;
    bool is_elf = false;
};

// A blob for `addr`. Fails if it overlaps another one.
[[nodiscard]] bool rom_add_blob(const std::string &name, std::vector<uint8_t> data, hwaddr addr,
                                Error **errp);
// Forgets them all: for tests.
void rom_remove_all();
// From now on each reset copies the blobs. Register it before the CPUs' reset.
void rom_register_reset();
// `info roms`.
std::string rom_info();

// ELF (64-bit, little-endian, RISC-V, executable), Linux Image (its header's magic decides), or a
// flat binary, which goes to `flat_addr`. Everything must fit into [ram_start, ram_end).
// `what` names it in errors: "could not load kernel 'x': ...".
[[nodiscard]] bool load_image(const char *what, const std::string &file, hwaddr flat_addr,
                              hwaddr ram_start, hwaddr ram_end, LoadedImage *image, Error **errp);
// A plain copy of the file to `addr`.
[[nodiscard]] bool load_raw(const char *what, const std::string &file, hwaddr addr, hwaddr ram_end,
                            LoadedImage *image, Error **errp);
// The whole file. "Could not open 'x': No such file or directory".
[[nodiscard]] bool read_file(const std::string &file, std::vector<uint8_t> *data, Error **errp);
