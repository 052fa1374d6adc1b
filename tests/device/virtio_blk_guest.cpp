// SPDX-License-Identifier: MIT
/* Requests to a virtio disk. See tests/device/virtio_blk_guest.h. */
#include "tests/device/virtio_blk_guest.h"

#include <cstring>

#include "util/error.h"
#include "util/module.h"

Disk::Disk(const std::string &content, bool read_only, const char *discard) : file_(content) {
    blk_ =
        blk_new_open(file_.path().c_str(), nullptr, { { "driver", "raw" }, { "discard", discard } },
                     read_only ? 0 : BDRV_O_RDWR, &error_abort);
    EXPECT_TRUE(monitor_add_blk(blk_, "disk0", &error_abort));
}

Disk::Disk(const std::string &content, const BlockOptions &rules) : file_(content) {
    BlockOptions options = { { "driver", "raw" } };
    for (const auto &[name, value] : rules) options["file." + name] = value;
    qemu_init_exec_dir(""); // the driver is a loadable module
    std::string name = "blkdebug::" + file_.path();
    blk_ = blk_new_open(name.c_str(), nullptr, std::move(options), BDRV_O_RDWR, &error_abort);
    EXPECT_TRUE(monitor_add_blk(blk_, "disk0", &error_abort));
}

Disk::~Disk() {
    monitor_remove_blk(blk_);
    blk_unref(blk_);
}

std::string pattern(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; i++) text[i] = static_cast<char>(i * 7 + i / 512);
    return text;
}

static Chip::Props with_drive(Chip::Props props) {
    props.push_back({ "drive", "disk0" });
    return props;
}

BlkGuest::BlkGuest(Version version, Chip::Props props)
    : VirtioGuest("virtio-blk-device", with_drive(std::move(props)), version) {}

void BlkGuest::put_header(uint32_t type, uint64_t sector, unsigned n) {
    struct {
        uint32_t type, reserved;
        uint64_t sector;
    } text = { type, 0, sector };
    memcpy(at(header(n)), &text, sizeof(text));
    *at(status(n)) = 0xff;
}

void BlkGuest::put_chain(uint32_t type, uint64_t sector, hwaddr buffer, uint32_t len,
                         unsigned first, unsigned n) {
    bool device_writes = type == BLK_T_IN || type == BLK_T_GET_ID;
    uint16_t data_flags = VRING_DESC_F_NEXT | (device_writes ? VRING_DESC_F_WRITE : 0);
    auto next = static_cast<uint16_t>(first + 1);
    put_header(type, sector, n);
    descriptor(first, header(n), 16, VRING_DESC_F_NEXT, next);
    if (len) {
        descriptor(next, buffer, len, data_flags, static_cast<uint16_t>(next + 1));
        next++;
    }
    descriptor(next, status(n), 1, VRING_DESC_F_WRITE, 0);
}

uint8_t BlkGuest::request(uint32_t type, uint64_t sector, uint32_t len, hwaddr buffer) {
    auto count = static_cast<uint16_t>(used_idx() + 1);
    put_chain(type, sector, buffer, len);
    submit(0);
    wait_used(count);
    return *at(status());
}
