// SPDX-License-Identifier: MIT
/* The split virtqueue as it lies in guest memory (virtio 1.2, section 2.7). All little-endian.
 *
 *   descriptor table   num * VRingDesc
 *   available ring     flags, idx, ring[num], used_event    16-bit words, the driver writes
 *   used ring          flags, idx, ring[num], avail_event   the device writes */
#pragma once

#include <cstdint>

struct VRingDesc {
    uint64_t addr; // guest physical
    uint32_t len;  // bytes
    uint16_t flags;
    uint16_t next;
};
inline constexpr uint16_t VRING_DESC_F_NEXT = 1;
inline constexpr uint16_t VRING_DESC_F_WRITE = 2; // the device writes
inline constexpr uint16_t VRING_DESC_F_INDIRECT = 4;

struct VRingUsedElem {
    uint32_t id;  // the chain's head
    uint32_t len; // bytes that the device wrote
};
inline constexpr uint16_t VRING_AVAIL_F_NO_INTERRUPT = 1;
inline constexpr uint16_t VRING_USED_F_NO_NOTIFY = 1;

inline constexpr uint64_t vring_desc_size(uint32_t num) { return uint64_t{ 16 } * num; }
inline constexpr uint64_t vring_avail_size(uint32_t num) { return 6 + uint64_t{ 2 } * num; }
inline constexpr uint64_t vring_used_size(uint32_t num) { return 6 + uint64_t{ 8 } * num; }

// True if a step from `old_idx` to `new_idx` passes `event` (section 2.7.10).
inline constexpr bool vring_need_event(uint16_t event, uint16_t new_idx, uint16_t old_idx) {
    return static_cast<uint16_t>(new_idx - event - 1) < static_cast<uint16_t>(new_idx - old_idx);
}

// Device status (section 2.1).
inline constexpr uint8_t VIRTIO_CONFIG_S_ACKNOWLEDGE = 1;
inline constexpr uint8_t VIRTIO_CONFIG_S_DRIVER = 2;
inline constexpr uint8_t VIRTIO_CONFIG_S_DRIVER_OK = 4;
inline constexpr uint8_t VIRTIO_CONFIG_S_FEATURES_OK = 8;
inline constexpr uint8_t VIRTIO_CONFIG_S_NEEDS_RESET = 64;
inline constexpr uint8_t VIRTIO_CONFIG_S_FAILED = 128;

// Feature bits of every device (section 6).
inline constexpr unsigned VIRTIO_F_ANY_LAYOUT = 27; // legacy only
inline constexpr unsigned VIRTIO_RING_F_INDIRECT_DESC = 28;
inline constexpr unsigned VIRTIO_RING_F_EVENT_IDX = 29;
inline constexpr unsigned VIRTIO_F_VERSION_1 = 32;
