// SPDX-License-Identifier: MIT
/* Boot code: which files go where in RAM, and what a hart finds at its reset vector.
 *
 * Spec: OpenSBI's docs/firmware/fw_dynamic.md; Linux's Documentation/arch/riscv/boot.rst. Places
 *       are QEMU's: firmware at the start of RAM, the kernel at the next 2 MiB, the device tree
 *       below the end of RAM (or of the first 3 GiB).
 * In gdb: b toy_load_firmware; in the guest: the reset vector at 0x1000 */
#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "hw/core/loader.h"
#include "hw/riscv/toy.h"
#include "hw/rom/toy_rom.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/module.h"

static constexpr hwaddr MIB = 1 << 20;
static constexpr hwaddr KERNEL_ALIGN = 2 * MIB;
static constexpr hwaddr FDT_LIMIT = 3072 * MIB;
static constexpr const char *DEFAULT_FIRMWARE = "fw_dynamic.bin";

// Where the toy ROM is linked: behind the reset vector, in the same ROM.
static constexpr hwaddr TOY_ROM_BASE = 0x2000;

struct BootPlan {
    hwaddr ram_start, ram_end;
    hwaddr start = 0;  // where the reset vector jumps
    hwaddr kernel = 0; // where the firmware goes on to; 0: nowhere
    hwaddr fdt = 0;
    LoadedImage initrd; // end is 0: none
};

static hwaddr align_up(hwaddr v, hwaddr to) { return (v + to - 1) & ~(to - 1); }
static hwaddr align_down(hwaddr v, hwaddr to) { return v & ~(to - 1); }

// --- firmware

// A name without a slash is also looked for where distributions keep firmware.
static std::string find_firmware(const std::string &name) {
    if (access(name.c_str(), R_OK) == 0 || name.find('/') != std::string::npos) return name;
    for (const char *dir : CONFIG_FIRMWARE_PATHS) {
        std::string path = dir + name;
        if (access(path.c_str(), R_OK) == 0) return path;
    }
    return {};
}

static bool load_bios(ToyMachineState *m, BootPlan *plan, hwaddr *end, Error **errp) {
    bool is_default = m->firmware.empty() || m->firmware == "default";
    std::string name = is_default ? DEFAULT_FIRMWARE : m->firmware;
    std::string path = find_firmware(name);
    if (path.empty()) {
        error_setg(errp, "Unable to find the RISC-V BIOS \"%s\"", name.c_str());
        if (is_default) error_append_hint(errp, "Debian's package opensbi has it.\n");
        return false;
    }
    LoadedImage image;
    if (!load_image("BIOS", path, plan->ram_start, plan->ram_start, plan->ram_end, &image, errp)) {
        return false;
    }
    plan->start = image.entry;
    *end = image.end;
    return true;
}

static bool add_toy_rom(BootPlan *plan, Error **errp) {
    std::span<const uint8_t> image = toy_rom_image();
    plan->start = TOY_ROM_BASE;
    return rom_add_blob("toy.rom", { image.begin(), image.end() }, TOY_ROM_BASE, errp);
}

// --- kernel and initrd

static bool load_initrd(ToyMachineState *m, hwaddr kernel, BootPlan *plan, Error **errp) {
    // As far up as QEMU puts it: half the RAM or 128 MiB above the kernel.
    hwaddr offset = std::min<hwaddr>(m->ram_size / 2, 128 * MIB);
    hwaddr addr = align_up(kernel + offset, 4096);
    return load_raw("initrd", m->initrd_filename, addr, plan->ram_end, &plan->initrd, errp);
}

static bool load_kernel(ToyMachineState *m, BootPlan *plan, hwaddr addr, Error **errp) {
    LoadedImage image;
    if (!load_image("kernel", m->kernel_filename, addr, plan->ram_start, plan->ram_end, &image,
                    errp)) {
        return false;
    }
    plan->kernel = image.entry;
    if (!plan->start) plan->start = image.entry; // -bios none
    return m->initrd_filename.empty() || load_initrd(m, image.start, plan, errp);
}

static bool load_images(ToyMachineState *m, BootPlan *plan, Error **errp) {
    if (m->firmware.empty() && m->kernel_filename.empty()) return add_toy_rom(plan, errp);
    hwaddr firmware_end = plan->ram_start;
    if (m->firmware != "none" && !load_bios(m, plan, &firmware_end, errp)) return false;
    if (!m->kernel_filename.empty()) {
        return load_kernel(m, plan, align_up(firmware_end, KERNEL_ALIGN), errp);
    }
    if (!plan->start) plan->start = plan->ram_start;
    return true;
}

// --- the device tree

static bool read_dtb(const std::string &file, std::vector<uint8_t> *blob, Error **errp) {
    Error *err = nullptr;
    if (!read_file(file, blob, &err)) {
        error_prepend(&err, "could not load device tree '%s': ", file.c_str());
        error_propagate(errp, err);
        return false;
    }
    if (!device_tree_check(*blob)) {
        error_setg(errp, "could not load device tree '%s': not a valid flattened device tree",
                   file.c_str());
        return false;
    }
    return true;
}

static bool create_fdt(ToyMachineState *m, const BootPlan &plan, std::vector<uint8_t> *blob,
                       Error **errp) {
    if (!m->dtb.empty() && !read_dtb(m->dtb, blob, errp)) return false;
    DeviceTree dt = m->dtb.empty() ? toy_create_fdt(m) : DeviceTree(*blob);
    if (!dt.has_node("/chosen")) dt.add_node("/chosen");
    if (!m->kernel_cmdline.empty()) dt.set_string("/chosen", "bootargs", m->kernel_cmdline);
    if (plan.initrd.end) {
        dt.set_u64("/chosen", "linux,initrd-start", plan.initrd.start);
        dt.set_u64("/chosen", "linux,initrd-end", plan.initrd.end);
    }
    *blob = dt.blob();
    return true;
}

static bool place_fdt(ToyMachineState *m, BootPlan *plan, Error **errp) {
    std::vector<uint8_t> blob;
    if (!create_fdt(m, *plan, &blob, errp)) return false;
    if (!m->dumpdtb.empty()) {
        FILE *f = fopen(m->dumpdtb.c_str(), "wb");
        bool ok = f && fwrite(blob.data(), 1, blob.size(), f) == blob.size();
        if (!f || fclose(f) != 0) ok = false;
        if (!ok) {
            error_setg(errp, "Could not write '%s': %s", m->dumpdtb.c_str(), strerror(errno));
            return false;
        }
        info_report("dtb dumped to %s. Exiting.", m->dumpdtb.c_str());
        exit(EXIT_SUCCESS);
    }
    hwaddr top = std::min(plan->ram_end, FDT_LIMIT);
    hwaddr room = top - plan->ram_start;
    if (room < blob.size()) {
        error_setg(errp, "RAM of %" PRIu64 " bytes is too small for the device tree of %zu bytes",
                   m->ram_size, blob.size());
        return false;
    }
    // 2 MiB down, so that early page tables can map it whole; in a tiny RAM just below the end.
    hwaddr align = room >= 2 * KERNEL_ALIGN ? KERNEL_ALIGN : 8;
    plan->fdt = align_down(top - blob.size(), align);
    return rom_add_blob("fdt", std::move(blob), plan->fdt, errp);
}

// --- the reset vector

// fw_dynamic_info of OpenSBI: what follows the firmware, and in which mode.
struct FwDynamicInfo {
    uint64_t magic = 0x4942534f; // "OSBI"
    uint64_t version = 2;
    uint64_t next_addr = 0;
    uint64_t next_mode = 1; // supervisor
    uint64_t options = 0;
    uint64_t boot_hart = 0;
};

struct ResetVector {
    uint32_t code[8];
    uint64_t start;
    uint64_t fdt;
    FwDynamicInfo info;
};

static bool write_reset_vector(const BootPlan &plan, Error **errp) {
    ResetVector rv = {
        .code = {
            0x00000297, // 1: auipc t0, 0
            0x03028613, //    addi  a2, t0, 0x30   info
            0xf1402573, //    csrr  a0, mhartid
            0x0282b583, //    ld    a1, 0x28(t0)   fdt
            0x0202b283, //    ld    t0, 0x20(t0)   start
            0x00028067, //    jr    t0
            0x00000013, //    nop
            0x00000013, //    nop
        },
        .start = plan.start,
        .fdt = plan.fdt,
        .info = {},
    };
    static_assert(offsetof(ResetVector, start) == 0x20 && offsetof(ResetVector, fdt) == 0x28 &&
                  offsetof(ResetVector, info) == 0x30);
    rv.info.next_addr = plan.kernel;
    auto *bytes = reinterpret_cast<const uint8_t *>(&rv);
    return rom_add_blob("reset-vector", { bytes, bytes + sizeof rv }, toy_row("rom").base, errp);
}

bool toy_load_firmware(ToyMachineState *m, Error **errp) {
    BootPlan plan{ .ram_start = toy_row("ram").base,
                   .ram_end = toy_row("ram").base + m->ram_size,
                   .initrd = {} };
    return load_images(m, &plan, errp) && place_fdt(m, &plan, errp) &&
           write_reset_vector(plan, errp);
}
