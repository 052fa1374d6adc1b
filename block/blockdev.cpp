// SPDX-License-Identifier: MIT
/* -drive. See block/blockdev.h.
 *
 * drive_new() deals with what only -drive has: where the drive is plugged in (if=, bus=, unit=,
 * index=) and short forms (cache=, media=). blockdev_init() opens it; whatever neither of them
 * knows goes on to the block driver, which refuses what it does not know either. */
#include "block/blockdev.h"

#include <cstdio>
#include <cstring>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "util/module.h"
#include "util/option.h"

static QemuOptsList qemu_drive_opts = { .name = "drive" }; // any name: a driver may have options

static void blockdev_register_opts() { qemu_add_opts(&qemu_drive_opts); }
opts_init(blockdev_register_opts)

// --- where a drive is plugged in

struct InterfaceInfo {
    const char *name;
    int max_devs; // units on a bus; 0: no limit, there is one bus
};

static constexpr InterfaceInfo interfaces[IF_COUNT] = {
    { "none", 0 },   { "ide", 2 }, { "scsi", 7 }, { "floppy", 0 },
    { "pflash", 0 }, { "mtd", 0 }, { "sd", 0 },   { "virtio", 0 },
};

const char *block_interface_name(BlockInterfaceType type) { return interfaces[type].name; }

DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit) {
    for (BlockBackend *blk = blk_next(nullptr); blk; blk = blk_next(blk)) {
        DriveInfo *dinfo = blk_legacy_dinfo(blk);
        if (dinfo && dinfo->type == type && dinfo->bus == bus && dinfo->unit == unit) return dinfo;
    }
    return nullptr;
}

DriveInfo *drive_get_next(BlockInterfaceType type) {
    static int next_unit[IF_COUNT];
    return drive_get(type, 0, next_unit[type]++);
}

BlockBackend *blk_of_drive(const DriveInfo *dinfo) { return blk_by_legacy_dinfo(dinfo); }

static bool take_interface(BlockOptions *options, BlockInterfaceType *type, Error **errp) {
    std::string name = block_options_take(options, "if");
    if (name.empty()) return true;
    for (int i = 0; i < IF_COUNT; i++) {
        if (name != interfaces[i].name) continue;
        *type = static_cast<BlockInterfaceType>(i);
        return true;
    }
    error_setg(errp, "unsupported bus type '%s'", name.c_str());
    return false;
}

// -1: not given.
static bool take_int(BlockOptions *options, const char *name, int *value, Error **errp) {
    if (!options->contains(name)) return true;
    uint64_t number = 0;
    if (!block_options_take_number(options, name, &number, errp)) return false;
    if (number > INT32_MAX) {
        error_setg(errp, "Parameter '%s' expects a number", name);
        return false;
    }
    *value = static_cast<int>(number);
    return true;
}

static void first_free_unit(DriveInfo *drive, int max_devs) {
    drive->unit = 0;
    while (drive_get(drive->type, drive->bus, drive->unit)) {
        drive->unit++;
        if (max_devs && drive->unit >= max_devs) {
            drive->unit = 0;
            drive->bus++;
        }
    }
}

// bus= and unit=, or index= which counts through both, or the next free place.
static bool take_address(BlockOptions *options, DriveInfo *drive, Error **errp) {
    int bus = -1, unit = -1, index = -1;
    if (!take_int(options, "bus", &bus, errp) || !take_int(options, "unit", &unit, errp) ||
        !take_int(options, "index", &index, errp)) {
        return false;
    }
    int max_devs = interfaces[drive->type].max_devs;
    if (index != -1) {
        if (bus != -1 || unit != -1) {
            error_setg(errp, "index cannot be used with bus and unit");
            return false;
        }
        bus = max_devs ? index / max_devs : 0;
        unit = max_devs ? index % max_devs : index;
    }
    drive->bus = bus == -1 ? 0 : bus;
    drive->unit = unit;
    if (unit == -1) first_free_unit(drive, max_devs);
    if (max_devs && drive->unit >= max_devs) {
        error_setg(errp, "unit %d too big (max is %d)", drive->unit, max_devs - 1);
        return false;
    }
    if (drive_get(drive->type, drive->bus, drive->unit)) {
        int at = max_devs ? drive->bus * max_devs + drive->unit : drive->unit;
        error_setg(errp, "drive with bus=%d, unit=%d (index=%d) exists", drive->bus, drive->unit,
                   at);
        return false;
    }
    return true;
}

// "virtio0", "ide0-hd1": what a drive without id= is called.
static std::string default_id(const DriveInfo &drive) {
    const char *name = interfaces[drive.type].name;
    const char *media = drive.media_cd ? "-cd" : "-hd";
    if (interfaces[drive.type].max_devs) {
        return format_string("%s%d%s%d", name, drive.bus, media, drive.unit);
    }
    return format_string("%s%d", name, drive.unit);
}

// --- short forms

struct CacheMode {
    const char *name;
    const char *writeback;
    const char *direct;
    const char *no_flush;
};

static constexpr CacheMode cache_modes[] = {
    { "writeback", "on", "off", "off" },     { "none", "on", "on", "off" },
    { "writethrough", "off", "off", "off" }, { "directsync", "off", "on", "off" },
    { "unsafe", "on", "off", "on" },         { "off", "on", "on", "off" },
};

// An option that says one of the three by itself wins.
static bool expand_cache(BlockOptions *options, Error **errp) {
    if (!options->contains("cache")) return true;
    std::string name = block_options_take(options, "cache");
    for (const CacheMode &mode : cache_modes) {
        if (name != mode.name) continue;
        options->emplace("cache.writeback", mode.writeback);
        options->emplace("cache.direct", mode.direct);
        options->emplace("cache.no-flush", mode.no_flush);
        return true;
    }
    error_setg(errp, "invalid cache option");
    return false;
}

static bool expand_media(BlockOptions *options, DriveInfo *drive, Error **errp) {
    std::string media = block_options_take(options, "media", "disk");
    drive->media_cd = media == "cdrom";
    if (drive->media_cd) (*options)["read-only"] = "on";
    if (drive->media_cd || media == "disk") return true;
    error_setg(errp, "'%s' invalid media", media.c_str());
    return false;
}

static bool rename_readonly(BlockOptions *options, Error **errp) {
    if (!options->contains("readonly")) return true;
    if (options->contains("read-only")) {
        error_setg(errp, "'read-only' and its alias 'readonly' can't be used at the same time");
        return false;
    }
    (*options)["read-only"] = block_options_take(options, "readonly");
    return true;
}

static bool check_aio(const BlockOptions &options, Error **errp) {
    auto it = options.find("aio");
    if (it == options.end() || it->second == "threads" || it->second == "io_uring") return true;
    error_setg(errp, "invalid aio option");
    return false;
}

// Options accepted with the values that ask for nothing; with another one they go on to the driver,
// which refuses them.
static void drop_defaults(BlockOptions *options) {
    static constexpr struct {
        const char *name, *value;
    } defaults[] = {
        { "copy-on-read", "off" },
    };
    for (const auto &d : defaults) {
        auto it = options->find(d.name);
        if (it != options->end() && it->second == d.value) options->erase(it);
    }
}

// QEMU's -drive, unlike a node, takes "unmap" where discards are ignored; it is "on" there.
static void weaken_detect_zeroes(BlockOptions *options) {
    auto zeroes = options->find("detect-zeroes"), discard = options->find("discard");
    bool unmap =
        discard != options->end() && (discard->second == "unmap" || discard->second == "on");
    if (!unmap && zeroes != options->end() && zeroes->second == "unmap") zeroes->second = "on";
}

static bool expand_short_forms(BlockOptions *options, DriveInfo *drive, Error **errp) {
    drop_defaults(options);
    weaken_detect_zeroes(options);
    return rename_readonly(options, errp) && expand_cache(options, errp) &&
           expand_media(options, drive, errp) && check_aio(*options, errp);
}

// --- what becomes of requests that failed

// The devices that know of it.
static bool check_error_options(const BlockOptions &options, BlockInterfaceType type,
                                Error **errp) {
    if (type == IF_IDE || type == IF_SCSI || type == IF_VIRTIO || type == IF_NONE) return true;
    for (const char *name : { "werror", "rerror" }) {
        if (!options.contains(name)) continue;
        error_setg(errp, "%s is not supported by this bus type", name);
        return false;
    }
    return true;
}

static bool take_on_error(BlockOptions *options, bool is_read, BlockdevOnError *on_error,
                          Error **errp) {
    const char *option = is_read ? "rerror" : "werror";
    if (!options->contains(option)) return true;
    std::string name = block_options_take(options, option);
    *on_error = static_cast<BlockdevOnError>(blockdev_on_error_parse(name));
    bool known = *on_error >= 0 && *on_error != BLOCKDEV_ON_ERROR_AUTO;
    if (known && !(is_read && *on_error == BLOCKDEV_ON_ERROR_ENOSPC)) return true;
    error_setg(errp, "'%s' invalid %s error action", name.c_str(), is_read ? "read" : "write");
    return false;
}

// --- opening

static bool snapshot_default;

void drive_set_snapshot_default() { snapshot_default = true; }

static void print_formats() {
    printf("Supported formats:");
    for (const std::string &name : bdrv_format_names(/*read_only=*/false)) {
        printf(" %s", name.c_str());
    }
    printf("\nSupported formats (read-only):");
    for (const std::string &name : bdrv_format_names(/*read_only=*/true)) {
        printf(" %s", name.c_str());
    }
    printf("\n");
}

// "format" is the user's word for the driver.
static bool rename_format(BlockOptions *options, Error **errp) {
    if (!options->contains("format")) return true;
    if (options->contains("driver")) {
        error_setg(errp, "Cannot specify both 'driver' and 'format'");
        return false;
    }
    (*options)["driver"] = block_options_take(options, "format");
    return true;
}

// Makes the backend called `id`. Null and no error: help was asked for.
[[gnu::noinline]] static BlockBackend *blockdev_init(const std::string &file, const std::string &id,
                                                     BlockOptions options, Error **errp) {
    if (auto it = options.find("format"); it != options.end() && is_help_option(it->second)) {
        print_formats();
        return nullptr;
    }
    bool writeback = true, snapshot = snapshot_default;
    if (!rename_format(&options, errp)) return nullptr;
    if (!block_options_take_bool(&options, "snapshot", &snapshot, errp)) return nullptr;
    int flags = BDRV_O_RDWR | BDRV_O_AUTO_RDONLY | (snapshot ? BDRV_O_SNAPSHOT : 0);
    // The upper node's option is for the file below.
    if (block_options_take(&options, "aio") == "io_uring") flags |= BDRV_O_IO_URING;
    if (!block_options_take_bool(&options, "cache.writeback", &writeback, errp)) return nullptr;
    BlockdevOnError on_read = BLOCKDEV_ON_ERROR_AUTO, on_write = BLOCKDEV_ON_ERROR_AUTO;
    if (!take_on_error(&options, false, &on_write, errp)) return nullptr;
    if (!take_on_error(&options, true, &on_read, errp)) return nullptr;
    ThrottleConfig limits;
    std::string group = id;
    if (!throttle_take_options(&options, &limits, &group, errp)) return nullptr;

    BlockBackend *blk = file.empty() && options.empty()
                            ? blk_new()
                            : blk_new_open(file.c_str(), nullptr, std::move(options), flags, errp);
    if (!blk) return nullptr;
    blk_set_enable_write_cache(blk, writeback);
    blk_set_on_error(blk, on_read, on_write);
    if (!blk_set_io_limits(blk, group, limits, errp) || !monitor_add_blk(blk, id, errp)) {
        blk_unref(blk);
        return nullptr;
    }
    return blk;
}

// The last duplicate wins.
static BlockOptions options_of(const QemuOpts *opts) {
    BlockOptions options;
    for (const QemuOpt &opt : opts->opts) options[opt.name] = opt.value;
    return options;
}

static bool add_virtio_device(const char *id, Error **errp) {
    QemuOpts *dev = qemu_opts_create(qemu_find_opts("device"), "", false, errp);
    return dev && qemu_opt_set(dev, "driver", "virtio-blk-device", errp) &&
           qemu_opt_set(dev, "drive", id, errp);
}

[[gnu::noinline]] DriveInfo *drive_new(QemuOpts *all_opts, BlockInterfaceType block_default_type,
                                       Error **errp) {
    auto drive = std::make_unique<DriveInfo>();
    drive->opts = all_opts;
    drive->type = block_default_type;

    BlockOptions options = options_of(all_opts);
    if (!expand_short_forms(&options, drive.get(), errp)) return nullptr;
    if (!take_interface(&options, &drive->type, errp)) return nullptr;
    if (!take_address(&options, drive.get(), errp)) return nullptr;
    if (!check_error_options(options, drive->type, errp)) return nullptr;

    std::string file = block_options_take(&options, "file");
    std::string id = all_opts->id.empty() ? default_id(*drive) : all_opts->id;
    BlockBackend *blk = blockdev_init(file, id, std::move(options), errp);
    if (!blk) return nullptr;
    if (drive->type == IF_VIRTIO && !add_virtio_device(id.c_str(), errp)) return nullptr;
    return blk_set_legacy_dinfo(blk, drive.release());
}

QemuOpts *drive_add(BlockInterfaceType type, int index, const char *file, const char *optstr,
                    Error **errp) {
    QemuOpts *opts = qemu_opts_parse(&qemu_drive_opts, optstr, false, errp);
    if (!opts) return nullptr;
    std::string number = std::to_string(index);
    if (type != IF_DEFAULT && !qemu_opt_set(opts, "if", interfaces[type].name, errp))
        return nullptr;
    if (index >= 0 && !qemu_opt_set(opts, "index", number, errp)) return nullptr;
    if (file && !qemu_opt_set(opts, "file", file, errp)) return nullptr;
    return opts;
}

// --- drives that nobody uses

static bool is_orphaned(const BlockBackend *blk) {
    const DriveInfo *dinfo = blk_legacy_dinfo(blk);
    return dinfo && !dinfo->is_default && dinfo->type != IF_NONE && !blk_get_attached_dev(blk);
}

bool drive_check_orphaned() {
    bool found = false;
    for (BlockBackend *blk = blk_next(nullptr); blk; blk = blk_next(blk)) {
        if (!is_orphaned(blk)) continue;
        const DriveInfo *dinfo = blk_legacy_dinfo(blk);
        fprintf(stderr,
                "Warning: Orphaned drive without device: id=%s,file=%s,if=%s,bus=%d,unit=%d\n",
                blk_name(blk), blk_bs(blk) ? blk_bs(blk)->filename.c_str() : "",
                interfaces[dinfo->type].name, dinfo->bus, dinfo->unit);
        found = true;
    }
    return found;
}
