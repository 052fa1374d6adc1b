// SPDX-License-Identifier: MIT
/* The text behind -drive, with the image in memory whatever the text says. */
#include <string>

#include "block/blockdev.h"
#include "block/qapi.h"
#include "tests/fuzz/block_memory.h"
#include "util/option.h"

static QemuOptsList device_opts = { .name = "device" };

// What could name a file of the host, or print.
static bool is_kept(const QemuOpt &opt) {
    return !opt.name.starts_with("file") && !is_help_option(opt.value);
}

static void use_and_close(BlockBackend *blk) {
    uint8_t buf[3];
    (void)blk_pread(blk, 511, sizeof buf, buf, 0);
    (void)blk_pwrite(blk, 0, sizeof buf, buf, 0);
    (void)hmp_info_block();
    monitor_remove_blk(blk);
    blk_unref(blk);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memory_init();
    if (!qemu_find_opts("device")) qemu_add_opts(&device_opts);
    memory_image.assign(1 << 16, 0);

    std::string text(reinterpret_cast<const char *>(data), size);
    std::vector<QemuOpt> pairs;
    Error *err = nullptr;
    if (!opts_parse_pairs(text.c_str(), nullptr, &pairs, &err)) {
        error_free(err);
        return 0;
    }
    QemuOpts opts;
    for (const QemuOpt &opt : pairs) {
        if (opt.name == "id") opts.id = opt.value;
        if (opt.name != "id" && is_kept(opt)) opts.opts.push_back(opt);
    }
    opts.opts.push_back({ "file", "memory:" });
    // Named, so that nothing is printed about probing.
    opts.opts.insert(opts.opts.begin(), { "format", "raw" });

    drive_new(&opts, IF_NONE, &err);
    error_free(err);
    while (BlockBackend *blk = blk_next(nullptr)) use_and_close(blk);
    while (!device_opts.head.empty()) qemu_opts_del(device_opts.head.back().get());
    if (!bdrv_all_nodes().empty()) abort(); // a failed drive left something open
    return 0;
}
