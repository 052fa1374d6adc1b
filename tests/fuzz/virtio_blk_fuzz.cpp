// SPDX-License-Identifier: MIT
/* Fuzzes the virtio disk. See tests/fuzz/virtio_fuzz.h. */
#include <fcntl.h>
#include <unistd.h>

#include "block/block-backend.h"
#include "tests/fuzz/virtio_fuzz.h"

static void give_disk(DeviceState *dev, int n) {
    char file[] = "/tmp/vl-fuzz-XXXXXX";
    int fd = mkstemp(file);
    if (fd < 0 || ftruncate(fd, 64 << 10) < 0) abort();
    close(fd);
    BlockBackend *blk =
        blk_new_open(file, nullptr, { { "driver", "raw" } }, BDRV_O_RDWR, &error_abort);
    unlink(file);
    const char *name = n ? "legacy" : "modern";
    if (!monitor_add_blk(blk, name, &error_abort)) abort();
    object_property_set_assert(dev, "drive", name);
    object_property_set_assert(dev, "num-queues", "2");
}

// Its header, its status and its data lie one behind the other.
static void write_request(FuzzInput &in, unsigned q) {
    const uint32_t type = in.byte() % 16, sector = in.byte();
    const bool is_range = type == 11 || type == 13;
    const uint32_t len = is_range ? 16 : 512 * (in.byte() % 8);
    const uint32_t range[4] = { in.byte(), 0, in.byte(), in.byte() % 4u };
    const uint32_t header[4] = { type, 0, sector, 0 };
    const bool device_writes = type == 0 || type == 8;
    const uint16_t data_flags = VRING_DESC_F_NEXT | (device_writes ? VRING_DESC_F_WRITE : 0);
    memcpy(fuzz_at(FUZZ_DATA), header, sizeof(header));
    if (is_range) memcpy(fuzz_at(FUZZ_DATA + 0x100), range, sizeof(range));
    fuzz_descriptor(
        q, 0, { FUZZ_DATA, sizeof(header), VRING_DESC_F_NEXT, static_cast<uint16_t>(len ? 1 : 2) });
    fuzz_descriptor(q, 1, { FUZZ_DATA + 0x100, len, data_flags, 2 });
    fuzz_descriptor(q, 2, { FUZZ_DATA + sizeof(header), 1, VRING_DESC_F_WRITE, 0 });
}

const VirtioFuzz virtio_fuzz = {
    .type = "virtio-blk-device",
    .queues = 2,
    .prepare = give_disk,
    .realized = nullptr,
    .sound_request = write_request,
    .outside = nullptr,
};
