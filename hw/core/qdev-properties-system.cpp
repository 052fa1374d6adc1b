// SPDX-License-Identifier: MIT
/* Properties that tie a device to something of the host: a drive, a character device, an object of
 * -object. */
#include "block/block-backend.h"
#include "block/iothread.h"
#include "hw/core/qdev.h"
#include "hw/core/rng.h"
#include "util/chardev.h"
#include "util/error.h"

// --- drive=ID

static bool drive_get(DeviceState *, void *field, std::string *value) {
    BlockBackend *blk = *static_cast<BlockBackend **>(field);
    *value = blk ? blk_display_name(blk) : "";
    return true;
}

// A node gets a backend without a name, which lives as long as the device holds it.
static bool attach_node(DeviceState *dev, BlockDriverState *bs, BlockBackend **slot, Error **errp) {
    BlockBackend *blk = blk_new();
    bool ok = blk_insert_bs(blk, bs, errp) && blk_attach_dev(blk, dev);
    blk_unref(blk);
    if (ok) *slot = blk;
    return ok;
}

static bool drive_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                      Error **errp) {
    auto **slot = static_cast<BlockBackend **>(field);
    BlockBackend *blk = value.empty() ? nullptr : blk_by_name(value.c_str());
    BlockDriverState *bs = blk ? nullptr : bdrv_find_node(value.c_str());
    if (bs && !value.empty()) return attach_node(dev, bs, slot, errp);
    if (!blk && !value.empty()) {
        error_setg(errp, "Property '%s.%s' can't find value '%s'", object_get_typename(dev), name,
                   value.c_str());
        return false;
    }
    if (blk && blk != *slot && !blk_attach_dev(blk, dev)) {
        error_setg(errp, "Drive '%s' is already in use by another device", value.c_str());
        return false;
    }
    *slot = blk;
    return true;
}

const PropertyInfo qdev_prop_drive = { "str",
                                       "Node name or ID of a block device to use as a backend",
                                       drive_get, drive_set };

// --- werror=, rerror=

static bool on_error_get(DeviceState *, void *field, std::string *value) {
    *value = blockdev_on_error_name(*static_cast<BlockdevOnError *>(field));
    return true;
}

static bool on_error_set(DeviceState *, void *field, const char *name, const std::string &value,
                         Error **errp) {
    int on_error = blockdev_on_error_parse(value);
    if (on_error < 0) {
        error_setg(errp, "Parameter '%s' does not accept value '%s'", name, value.c_str());
        return false;
    }
    *static_cast<BlockdevOnError *>(field) = static_cast<BlockdevOnError>(on_error);
    return true;
}

const PropertyInfo qdev_prop_blockdev_on_error = {
    "BlockdevOnError", "Error handling policy, report/ignore/enospc/stop/auto", on_error_get,
    on_error_set
};

// --- chardev=ID

static bool chardev_get(DeviceState *, void *field, std::string *value) {
    Chardev *chr = *static_cast<Chardev **>(field);
    *value = chr ? chr->label : "";
    return true;
}

static bool chardev_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                        Error **errp) {
    Chardev *chr = value.empty() ? nullptr : qemu_chr_find(value);
    if (!chr && !value.empty()) {
        error_setg(errp, "Property '%s.%s' can't find value '%s'", object_get_typename(dev), name,
                   value.c_str());
        return false;
    }
    // a multiplexer has front ends of its own
    if (chr && chr->fe.read) {
        error_setg(errp, "Property '%s.%s' can't take value '%s': Device '%s' is in use",
                   object_get_typename(dev), name, value.c_str(), value.c_str());
        return false;
    }
    *static_cast<Chardev **>(field) = chr;
    return true;
}

const PropertyInfo qdev_prop_chardev = { "str", "ID of a chardev to use as a backend", chardev_get,
                                         chardev_set };

// --- rng=ID, iothread=ID: an object of -object

template <typename T>
static bool object_get(DeviceState *, void *field, std::string *value) {
    T *obj = *static_cast<T **>(field);
    *value = obj ? object_get_canonical_path(obj) : "";
    return true;
}

template <typename T, const char *TYPE>
static bool object_set(DeviceState *, void *field, const char *name, const std::string &value,
                       Error **errp) {
    UserCreatable *obj = nullptr;
    if (!user_creatable_find(value, TYPE, name, &obj, errp)) return false;
    *static_cast<T **>(field) = static_cast<T *>(obj);
    return true;
}

static constexpr char RNG_BACKEND[] = TYPE_RNG_BACKEND, IOTHREAD[] = TYPE_IOTHREAD;

const PropertyInfo qdev_prop_rng = { "link<rng-backend>", nullptr, object_get<RngBackend>,
                                     object_set<RngBackend, RNG_BACKEND> };
const PropertyInfo qdev_prop_iothread = { "link<iothread>", nullptr, object_get<IOThread>,
                                          object_set<IOThread, IOTHREAD> };
