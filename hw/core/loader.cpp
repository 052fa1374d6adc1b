// SPDX-License-Identifier: MIT
/* Loaders: ELF, Linux Image and flat files become ROM blobs, copied at each reset.
 *
 * Spec: ELF-64 object file format; Documentation/riscv/boot-image-header of Linux
 * In gdb: b load_image     b rom_reset */
#include "hw/core/loader.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/core/reset.h"
#include "hw/core/trace.h"
#include "util/error.h"

// --- blobs

struct Rom {
    std::string name;
    hwaddr addr;
    std::vector<uint8_t> data;
};

static std::vector<Rom> roms; // sorted by address, disjoint

bool rom_add_blob(const std::string &name, std::vector<uint8_t> data, hwaddr addr, Error **errp) {
    hwaddr end = addr + data.size();
    for (const Rom &rom : roms) {
        if (addr < rom.addr + rom.data.size() && rom.addr < end) {
            error_setg(errp,
                       "ROM regions are overlapping: %s (0x%" PRIx64 "-0x%" PRIx64
                       ") and %s (0x%" PRIx64 "-0x%" PRIx64 ")",
                       rom.name.c_str(), rom.addr, rom.addr + rom.data.size(), name.c_str(), addr,
                       end);
            return false;
        }
    }
    auto at = std::find_if(roms.begin(), roms.end(), [=](const Rom &r) { return r.addr > addr; });
    trace_loader_write_rom(name.c_str(), addr, data.size());
    roms.insert(at, { name, addr, std::move(data) });
    return true;
}

void rom_remove_all() { roms.clear(); }

static void rom_reset(void *) {
    for (const Rom &rom : roms) {
        address_space_write_rom(&address_space_memory, rom.addr, rom.data.data(), rom.data.size());
    }
}

void rom_register_reset() { qemu_register_reset(rom_reset, nullptr); }

std::string rom_info() {
    std::string text;
    for (const Rom &rom : roms) {
        const FlatRange *range = address_space_lookup(&address_space_memory, rom.addr);
        const char *kind = range && range->mr->readonly ? "rom" : "ram";
        text += format_string("addr=%016" PRIx64 " size=0x%06zx mem=%s name=\"%s\"\n", rom.addr,
                              rom.data.size(), kind, rom.name.c_str());
    }
    return text;
}

// --- files

bool read_file(const std::string &file, std::vector<uint8_t> *data, Error **errp) {
    int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat st = {};
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (ok && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        ok = false;
    }
    if (ok) {
        data->resize(st.st_size);
        size_t done = 0;
        ssize_t n = 0;
        while (done < data->size() &&
               (n = read(fd, data->data() + done, data->size() - done)) > 0) {
            done += n;
        }
        ok = n >= 0;
        data->resize(done);
    }
    if (!ok) error_setg(errp, "Could not open '%s': %s", file.c_str(), strerror(errno));
    if (fd >= 0) close(fd);
    if (ok) trace_load_file(file.c_str(), data->size());
    return ok;
}

// --- images

struct Window {
    const char *what; // "kernel"
    const std::string &file;
    hwaddr start, end; // where it may go
};

static bool fits(const Window &w, hwaddr addr, uint64_t size, Error **errp) {
    if (addr >= w.start && addr <= w.end && size <= w.end - addr) return true;
    error_setg(errp,
               "could not load %s '%s': 0x%" PRIx64 " bytes at 0x%" PRIx64
               " do not fit into RAM (0x%" PRIx64 "-0x%" PRIx64 ")",
               w.what, w.file.c_str(), size, addr, w.start, w.end);
    return false;
}

static bool bad_file(const Window &w, const char *why, Error **errp) {
    error_setg(errp, "could not load %s '%s': %s", w.what, w.file.c_str(), why);
    return false;
}

static bool load_segment(const Window &w, const Elf64_Phdr &ph, const std::vector<uint8_t> &data,
                         LoadedImage *image, Error **errp) {
    if (ph.p_offset > data.size() || ph.p_filesz > data.size() - ph.p_offset ||
        ph.p_filesz > ph.p_memsz) {
        return bad_file(w, "The image is truncated: a segment lies outside the file", errp);
    }
    if (!fits(w, ph.p_paddr, ph.p_memsz, errp)) return false;
    std::vector<uint8_t> bytes(data.begin() + ph.p_offset,
                               data.begin() + ph.p_offset + ph.p_filesz);
    bytes.resize(ph.p_memsz); // the rest is zero
    image->start = std::min(image->start, ph.p_paddr);
    image->end = std::max(image->end, ph.p_paddr + ph.p_memsz);
    return rom_add_blob(w.file, std::move(bytes), ph.p_paddr, errp);
}

static bool load_elf(const Window &w, const std::vector<uint8_t> &data, LoadedImage *image,
                     Error **errp) {
    Elf64_Ehdr eh;
    if (data.size() < sizeof eh) return bad_file(w, "The image is truncated", errp);
    memcpy(&eh, data.data(), sizeof eh);
    if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB ||
        eh.e_machine != EM_RISCV) {
        return bad_file(w, "The image is for another architecture", errp);
    }
    uint64_t table = uint64_t{ eh.e_phnum } * sizeof(Elf64_Phdr);
    if (eh.e_phentsize != sizeof(Elf64_Phdr) || eh.e_phoff > data.size() ||
        table > data.size() - eh.e_phoff) {
        return bad_file(w, "The image is truncated: no program headers", errp);
    }
    *image = { .start = ~hwaddr{ 0 }, .end = 0, .entry = eh.e_entry, .is_elf = true };
    for (int i = 0; i < eh.e_phnum; i++) {
        Elf64_Phdr ph;
        memcpy(&ph, data.data() + eh.e_phoff + i * sizeof ph, sizeof ph);
        if (ph.p_type != PT_LOAD || ph.p_memsz == 0) continue;
        if (!load_segment(w, ph, data, image, errp)) return false;
    }
    if (image->end == 0) return bad_file(w, "The image has no loadable segments", errp);
    return true;
}

// The 64-byte header in front of a Linux kernel Image.
struct LinuxImageHeader {
    uint32_t code[2];
    uint64_t text_offset; // from the start of RAM
    uint64_t image_size;  // in memory, .bss included
    uint64_t flags;
    uint32_t version, res1;
    uint64_t res2;
    uint64_t magic;  // "RISCV\0\0\0", deprecated
    uint32_t magic2; // "RSC\x05"
    uint32_t pe;     // where the header for EFI is; 0: nowhere
};
static_assert(sizeof(LinuxImageHeader) == 64);
static constexpr uint32_t LINUX_IMAGE_MAGIC2 = 0x05435352;

// How many bytes a flat file takes in memory: a Linux Image needs more than its file has.
static uint64_t memory_size(const std::vector<uint8_t> &data) {
    LinuxImageHeader header;
    if (data.size() < sizeof header) return data.size();
    memcpy(&header, data.data(), sizeof header);
    bool is_linux = header.magic2 == LINUX_IMAGE_MAGIC2;
    return is_linux ? std::max<uint64_t>(header.image_size, data.size()) : data.size();
}

// The number of T at an offset; 0 behind the end.
template <typename T>
static T number_at(const std::vector<uint8_t> &data, uint64_t offset) {
    T value = 0;
    if (offset <= data.size() && sizeof value <= data.size() - offset) {
        memcpy(&value, data.data() + offset, sizeof value);
    }
    return value;
}

// How many bytes an Image's file has by its own account, the section table of its EFI program (PE
// format, 3 and 4): what is cut off would else fail in the guest, without a word. 0: it has none.
static uint64_t file_size_by_sections(const std::vector<uint8_t> &data) {
    if (number_at<uint32_t>(data, offsetof(LinuxImageHeader, magic2)) != LINUX_IMAGE_MAGIC2) {
        return 0;
    }
    uint64_t pe = number_at<uint32_t>(data, offsetof(LinuxImageHeader, pe));
    if (pe == 0 || number_at<uint32_t>(data, pe) != 0x4550) return 0; // "PE\0\0"
    unsigned sections = number_at<uint16_t>(data, pe + 6);
    uint64_t table = pe + 24 + number_at<uint16_t>(data, pe + 20), size = 0;
    for (unsigned i = 0; i < sections; i++) {
        uint64_t section = table + 40 * i;
        uint64_t end = uint64_t{ number_at<uint32_t>(data, section + 16) } + // SizeOfRawData
                       number_at<uint32_t>(data, section + 20);              // PointerToRawData
        size = std::max(size, end);
    }
    return size;
}

static bool load_flat(const Window &w, std::vector<uint8_t> data, hwaddr addr, LoadedImage *image,
                      Error **errp) {
    if (file_size_by_sections(data) > data.size()) {
        return bad_file(w, "The image is truncated: a section lies outside the file", errp);
    }
    uint64_t size = memory_size(data);
    if (!fits(w, addr, size, errp)) return false;
    *image = { .start = addr, .end = addr + size, .entry = addr, .is_elf = false };
    return rom_add_blob(w.file, std::move(data), addr, errp);
}

static bool read_image(const Window &w, std::vector<uint8_t> *data, Error **errp) {
    Error *err = nullptr;
    if (read_file(w.file, data, &err) && !data->empty()) return true;
    if (err) {
        error_prepend(&err, "could not load %s '%s': ", w.what, w.file.c_str());
        error_propagate(errp, err);
        return false;
    }
    return bad_file(w, "The file is empty", errp);
}

bool load_image(const char *what, const std::string &file, hwaddr flat_addr, hwaddr ram_start,
                hwaddr ram_end, LoadedImage *image, Error **errp) {
    Window w{ what, file, ram_start, ram_end };
    std::vector<uint8_t> data;
    if (!read_image(w, &data, errp)) return false;
    if (data.size() >= SELFMAG && memcmp(data.data(), ELFMAG, SELFMAG) == 0) {
        return load_elf(w, data, image, errp);
    }
    return load_flat(w, std::move(data), flat_addr, image, errp);
}

bool load_raw(const char *what, const std::string &file, hwaddr addr, hwaddr ram_end,
              LoadedImage *image, Error **errp) {
    Window w{ what, file, addr, ram_end };
    std::vector<uint8_t> data;
    if (!read_image(w, &data, errp) || !fits(w, addr, data.size(), errp)) return false;
    *image = { .start = addr, .end = addr + data.size(), .entry = addr, .is_elf = false };
    return rom_add_blob(file, std::move(data), addr, errp);
}
