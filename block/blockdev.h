// SPDX-License-Identifier: MIT
/* -drive: from the user's words to an open BlockBackend that a board or a -device then takes.
 *
 * `if=virtio` adds a -device of its own; `if=none` waits for one of the user's. Other values of if=
 * are for the board, which asks with drive_get().
 *
 * In gdb: b drive_new     b blockdev_init */
#pragma once

#include <string>

#include "block/block.h"

#include <nlohmann/json_fwd.hpp>

struct BlockBackend;
struct Error;
struct QemuOpts;

enum BlockInterfaceType {
    IF_DEFAULT = -1, // the machine's default, until drive_new() has looked it up
    IF_NONE,
    IF_IDE,
    IF_SCSI,
    IF_FLOPPY,
    IF_PFLASH,
    IF_MTD,
    IF_SD,
    IF_VIRTIO,
    IF_COUNT,
};

struct DriveInfo {
    BlockInterfaceType type = IF_NONE;
    int bus = 0;
    int unit = 0;
    bool is_default = false; // the machine's own, not the user's: may stay unused
    bool media_cd = false;
    QemuOpts *opts = nullptr; // of group "drive"
};

// Opens the drive that `all_opts` describes. Null and no error: it was a call for help, which is
// printed. The file is named by option "file", its format by "format" (or "driver").
DriveInfo *drive_new(QemuOpts *all_opts, BlockInterfaceType block_default_type, Error **errp);

// Keeps what a -blockdev says for later: name=value pairs, or a JSON object.
[[nodiscard]] bool blockdev_parse(const char *text, Error **errp);
// Opens the nodes of all of them.
[[nodiscard]] bool blockdev_open_all(Error **errp);
// Opens the node that an object describes, and those below it.
[[nodiscard]] bool qmp_blockdev_add(const nlohmann::json &node, Error **errp);
// Gives up -blockdev's references to its nodes.
void blockdev_close_all_bdrv_states();

// From now on drives are opened with snapshot=on, unless they say otherwise (-snapshot).
void drive_set_snapshot_default();

// What a bare word or -hda stands for: a QemuOpts for drive_new(). IF_DEFAULT and index -1 mean
// that they are not said.
QemuOpts *drive_add(BlockInterfaceType type, int index, const char *file, const char *optstr,
                    Error **errp);

// The drive at that place, or nullptr.
DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit);
// The next one of a type that this function has not returned yet.
DriveInfo *drive_get_next(BlockInterfaceType type);
// Its backend.
BlockBackend *blk_of_drive(const DriveInfo *dinfo);
// Warns of drives that no device has taken. True if there is one.
bool drive_check_orphaned();

const char *block_interface_name(BlockInterfaceType type);
