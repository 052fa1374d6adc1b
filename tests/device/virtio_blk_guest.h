// SPDX-License-Identifier: MIT
/* A disk behind virtio-blk, and requests to it. */
#pragma once

#include "block/block-backend.h"
#include "tests/device/virtio_guest.h"

inline constexpr unsigned BLK_F_RO = 5, BLK_F_FLUSH = 9, BLK_F_CONFIG_WCE = 11, BLK_F_MQ = 12,
                          BLK_F_DISCARD = 13, BLK_F_WRITE_ZEROES = 14;
inline constexpr uint32_t BLK_T_IN = 0, BLK_T_OUT = 1, BLK_T_FLUSH = 4, BLK_T_GET_ID = 8,
                          BLK_T_DISCARD = 11, BLK_T_WRITE_ZEROES = 13;
inline constexpr uint8_t BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2;

// A raw image in a file of its own, as the drive "disk0".
class Disk {
public:
    explicit Disk(const std::string &content, bool read_only = false,
                  const char *discard = "ignore");
    // One that fails by blkdebug's rules ("inject-error.0.event").
    Disk(const std::string &content, const BlockOptions &rules);
    ~Disk();
    std::string content() const { return file_.content(); }

private:
    TempFile file_;
    BlockBackend *blk_;
};

std::string pattern(size_t size);

class BlkGuest : public VirtioGuest {
public:
    explicit BlkGuest(Version version = Modern, Chip::Props props = {});

    // Where request n of several keeps its header and its status.
    static constexpr hwaddr header(unsigned n = 0) { return DATA + 0x40 * n; }
    static constexpr hwaddr status(unsigned n = 0) { return DATA + 0x40 * n + 0x20; }
    static constexpr hwaddr BUFFER = DATA + 0x1000;

    void put_header(uint32_t type, uint64_t sector, unsigned n = 0);
    // Header, one buffer (none if `len` is 0) and status as a chain from descriptor `first` on.
    void put_chain(uint32_t type, uint64_t sector, hwaddr buffer, uint32_t len, unsigned first = 0,
                   unsigned n = 0);
    // Does one request and waits for it. Returns the status.
    uint8_t request(uint32_t type, uint64_t sector, uint32_t len, hwaddr buffer = BUFFER);
    std::string buffer(size_t len) {
        return std::string(reinterpret_cast<char *>(at(BUFFER)), len);
    }
};
