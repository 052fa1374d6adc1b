// SPDX-License-Identifier: MIT
/* `info block` and what QMP tells of drives and nodes. See block/qapi.h. */
#include "block/qapi.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "block/block-backend.h"
#include "block/block_int.h"
#include "block/snapshot.h"
#include "qom/object.h"

// Of the node that has the data; a protocol speaks for itself.
static int64_t bdrv_get_allocated_file_size(BlockDriverState *bs) {
    if (bs->drv->bdrv_get_allocated_file_size) return bs->drv->bdrv_get_allocated_file_size(bs);
    if (bs->drv->bdrv_file_open || !bs->file) return -ENOTSUP;
    return bdrv_get_allocated_file_size(bs->file->bs);
}

// An image has a dirty flag (which is off) if it ends in a file.
static bool has_dirty_flag(const BlockDriverState *bs) {
    while (bs->file) bs = bs->file->bs;
    return bs->drv->bdrv_needs_filename;
}

const char *block_io_status_name(BlockDeviceIoStatus status) {
    static constexpr const char *names[] = { "ok", "failed", "nospace" };
    return names[status];
}

// As the option has it.
static const char *detect_zeroes_name(const BlockDriverState *bs) {
    auto row = std::find_if(bdrv_common_options.begin(), bdrv_common_options.end(),
                            [](const BlockOption &o) { return !strcmp(o.name, "detect-zeroes"); });
    return row->values[bs->detect_zeroes];
}

static ImageInfo bdrv_query_image_info(BlockDriverState *bs) {
    return { bs->filename, bs->drv->format_name, bdrv_getlength(bs),
             bdrv_get_allocated_file_size(bs), has_dirty_flag(bs) };
}

// What is below as an image of its own: a snapshot's base, or what a filter stands before.
static BlockDriverState *bdrv_filter_or_cow_bs(const BlockDriverState *bs) {
    return bs->drv->is_filter ? bs->file->bs : bdrv_backing(bs);
}

// `blk` may be null: the node by itself.
static BlockDeviceInfo bdrv_block_device_info(const BlockBackend *blk, BlockDriverState *bs,
                                              bool flat) {
    BlockDeviceInfo info;
    info.node_name = bs->node_name;
    info.file = bs->filename;
    info.drv = bs->drv->format_name;
    if (bdrv_backing(bs)) info.backing_file = bdrv_backing(bs)->filename;
    if (blk && blk_throttle(blk)->group) {
        info.throttle_group = throttle_group_name(blk_throttle(blk));
        info.limits = throttle_group_config(blk_throttle(blk));
    }
    info.detect_zeroes = detect_zeroes_name(bs);
    info.ro = bdrv_is_read_only(bs);
    info.cache_writeback = !blk || blk_enable_write_cache(blk);
    info.cache_direct = bs->open_flags & BDRV_O_NOCACHE;
    info.cache_no_flush = bs->open_flags & BDRV_O_NO_FLUSH;
    info.images.push_back(bdrv_query_image_info(bs));
    while (!flat && (bs = bdrv_filter_or_cow_bs(bs)))
        info.images.push_back(bdrv_query_image_info(bs));
    return info;
}

// As device_del and others name it.
static std::string device_name(const Object *dev) {
    static const std::string named = "/machine/peripheral/";
    std::string path = object_get_canonical_path(dev);
    return path.starts_with(named) ? path.substr(named.size()) : path;
}

static BlockInfo bdrv_query_info(const BlockBackend *blk) {
    AioContextGuard guard(blk_get_aio_context(blk));
    BlockInfo info;
    info.device = blk_name(blk);
    // A drive that no device holds can be given to one, and taken away.
    info.removable = !blk_get_attached_dev(blk);
    if (!info.removable) info.qdev = device_name(blk_get_attached_dev(blk));
    info.io_status = blk_iostatus(blk);
    if (BlockDriverState *bs = blk_bs(blk))
        info.inserted = bdrv_block_device_info(blk, bs, /*flat=*/false);
    return info;
}

std::vector<BlockInfo> qmp_query_block() {
    std::vector<BlockInfo> all;
    for (BlockBackend *blk = blk_all_next(nullptr); blk; blk = blk_all_next(blk)) {
        if (*blk_name(blk) || blk_get_attached_dev(blk)) all.push_back(bdrv_query_info(blk));
    }
    return all;
}

std::vector<BlockDeviceInfo> qmp_query_named_block_nodes(bool flat) {
    std::vector<BlockDeviceInfo> all;
    for (BlockDriverState *bs : bdrv_all_nodes()) {
        AioContextGuard guard(bs->aio_context);
        all.push_back(bdrv_block_device_info(nullptr, bs, flat));
    }
    std::reverse(all.begin(), all.end());
    return all;
}

// --- info block

// "bps=0 bps_rd=0 ... group=d"
static std::string print_limits(const BlockDeviceInfo &info) {
    static constexpr struct {
        const char *name;
        BucketType first; // of three: total, read, write
        uint64_t LeakyBucketLimit::*value;
    } columns[] = {
        { "bps%s", THROTTLE_BPS_TOTAL, &LeakyBucketLimit::avg },
        { "bps%s_max", THROTTLE_BPS_TOTAL, &LeakyBucketLimit::max },
        { "iops%s", THROTTLE_OPS_TOTAL, &LeakyBucketLimit::avg },
        { "iops%s_max", THROTTLE_OPS_TOTAL, &LeakyBucketLimit::max },
    };
    std::string out = "    I/O throttling:   ";
    for (const auto &column : columns) {
        for (size_t i = 0; i < 3; i++) {
            static constexpr const char *parts[] = { "", "_rd", "_wr" };
            std::string name = column.name;
            name.replace(name.find("%s"), 2, parts[i]);
            out += name + "=" + std::to_string(info.limits.limits[column.first + i].*column.value);
            out += " ";
        }
    }
    return out + "iops_size=" + std::to_string(info.limits.op_size) +
           " group=" + info.throttle_group + "\n";
}

// "d: disk.img (raw)"
static std::string print_title(const std::string &name, const BlockDeviceInfo &node) {
    return name + ": " + node.file + " (" + node.drv + (node.ro ? ", read-only)\n" : ")\n");
}

static std::string print_node(const BlockDeviceInfo &node) {
    std::string out = "    Cache mode:       ";
    out += node.cache_writeback ? "writeback" : "writethrough";
    out += node.cache_direct ? ", direct" : "";
    out += node.cache_no_flush ? ", ignore flushes\n" : "\n";
    if (!node.backing_file.empty()) {
        out += "    Backing file:     " + node.backing_file +
               format_string(" (chain depth: %zu)\n", node.images.size() - 1);
    }
    if (node.detect_zeroes != "off") out += "    Detect zeroes:    " + node.detect_zeroes + "\n";
    if (!node.throttle_group.empty()) out += print_limits(node);
    return out;
}

static std::string print_block_info(const BlockInfo &info) {
    std::string out = info.device;
    if (info.inserted) {
        const std::string &node = info.inserted->node_name;
        out = print_title(out.empty() ? node : out + " (" + node + ")", *info.inserted);
    } else {
        out += ": [not inserted]\n";
    }
    if (!info.qdev.empty()) out += "    Attached to:      " + info.qdev + "\n";
    if (info.io_status != BLOCK_DEVICE_IO_STATUS_OK) {
        out += "    I/O status:       " + std::string(block_io_status_name(info.io_status)) + "\n";
    }
    if (info.removable) out += "    Removable device: not locked, tray closed\n";
    return info.inserted ? out + print_node(*info.inserted) : out;
}

// "1.5 GiB"
static std::string size_to_str(int64_t bytes) {
    static constexpr const char *units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    for (; value >= 1000 && unit + 1 < std::size(units); unit++) value /= 1024;
    return format_string("%0.3g %sB", value, units[unit]);
}

static std::string print_images(const BlockDeviceInfo &node) {
    std::string out = "\nImages:\n";
    for (const ImageInfo &image : node.images) {
        out += "image: " + image.filename + "\nfile format: " + image.format +
               "\nvirtual size: " + size_to_str(image.virtual_size) +
               format_string(" (%lld bytes)\n", static_cast<long long>(image.virtual_size)) +
               "disk size: " +
               (image.actual_size < 0 ? "unavailable" : size_to_str(image.actual_size)) + "\n";
    }
    return out;
}

// A line is empty before each but the first of a list, be that one printed or not.
std::string hmp_info_block(const std::string &device, bool verbose, bool nodes) {
    std::string out;
    auto drives = nodes ? std::vector<BlockInfo>{} : qmp_query_block();
    for (const BlockInfo &info : drives) {
        if (!device.empty() && info.device != device) continue;
        if (&info != &drives.front()) out += "\n";
        out += print_block_info(info);
        if (verbose && info.inserted) out += print_images(*info.inserted);
    }
    if (!nodes && device.empty()) return out;
    auto all = qmp_query_named_block_nodes(/*flat=*/false);
    for (const BlockDeviceInfo &node : all) {
        if (!device.empty() && node.node_name != device) continue;
        if (&node != &all.front()) out += "\n";
        out += print_title(node.node_name, node) + print_node(node);
        if (verbose) out += print_images(node);
    }
    return out;
}

// --- commands

static bool commit_one(BlockBackend *blk, Error **errp) {
    Error *err = nullptr;
    AioContextGuard guard(blk_get_aio_context(blk));
    BdrvDrainedSection drained(blk_bs(blk));
    blk_drain(blk);
    if (blk_is_inserted(blk)) {
        (void)bdrv_commit(blk_bs(blk), &err);
    } else {
        error_setg(&err, "%s", strerror(ENOMEDIUM));
    }
    error_prepend(&err, "'commit' error for '%s': ", blk_name(blk));
    error_propagate(errp, err);
    return !err;
}

static bool commit_all(Error **errp) {
    for (BlockBackend *blk = blk_next(nullptr); blk; blk = blk_next(blk)) {
        if (!blk_is_inserted(blk) || !bdrv_backing(blk_bs(blk))) continue;
        if (!commit_one(blk, errp)) return false;
    }
    return true;
}

bool hmp_do_commit(const std::string &device, Error **errp) {
    if (device == "all") return commit_all(errp);
    if (BlockBackend *blk = blk_by_name(device.c_str())) return commit_one(blk, errp);
    error_setg(errp, "Device '%s' not found", device.c_str());
    return false;
}

// The backend of a node of -blockdev that a device has.
static BlockBackend *blk_of_node(const std::string &node_name) {
    BlockBackend *blk = blk_all_next(nullptr);
    while (blk && !(blk_bs(blk) && blk_bs(blk)->node_name == node_name)) blk = blk_all_next(blk);
    return blk;
}

// The backend of the device with that id or path.
static BlockBackend *blk_of_device(const std::string &id) {
    for (BlockBackend *blk = blk_all_next(nullptr); blk; blk = blk_all_next(blk)) {
        if (!blk_get_attached_dev(blk)) continue;
        std::string path = object_get_canonical_path(blk_get_attached_dev(blk));
        if (path == id || path == "/machine/peripheral/" + id) return blk;
    }
    return nullptr;
}

bool qmp_block_set_io_throttle(const std::string &device, const std::string &id,
                               const ThrottleConfig &config, std::string group, Error **errp) {
    if (device.empty() == id.empty()) {
        error_setg(errp, "Need exactly one of 'device' and 'id'");
        return false;
    }
    const std::string &name = device.empty() ? id : device;
    BlockBackend *blk = device.empty() ? blk_of_device(id) : blk_by_name(device.c_str());
    if (!blk) {
        error_setg(errp, "Device '%s' not found", name.c_str());
        return false;
    }
    if (!blk_is_inserted(blk)) {
        error_setg(errp, "Device has no medium");
        return false;
    }
    if (!throttle_is_valid(config, errp)) return false;
    const ThrottleGroupMember *member = blk_throttle(blk);
    if (group.empty()) group = member->group ? throttle_group_name(member) : name;
    return blk_set_io_limits(blk, group, config, errp);
}

bool qmp_block_resize(const std::string &device, int64_t size, Error **errp) {
    BlockBackend *blk = blk_by_name(device.c_str());
    if (!blk) blk = blk_of_node(device);
    if (!blk) {
        error_setg(errp, "Cannot find device='%s' nor node-name=''", device.c_str());
        return false;
    }
    if (size < 0) {
        error_setg(errp, "Parameter 'size' expects a >0 size");
        return false;
    }
    return blk_truncate(blk, size, errp) >= 0;
}
