// SPDX-License-Identifier: MIT
/* A driver for the tests of virtio devices. See tests/device/virtio_guest.h. */
#include "tests/device/virtio_guest.h"

#include <cstring>

#include "util/aio.h"
#include "util/error.h"

static Chip::Props transport_props(VirtioGuest::Version version) {
    return { { "force-legacy", version == VirtioGuest::Legacy ? "on" : "off" } };
}

VirtioGuest::VirtioGuest(const char *type, const Chip::Props &props, Version version)
    : mmio("virtio-mmio", transport_props(version)), dev(qdev_new(type)), ram(test_ram()),
      version_(version) {
    for (const auto &[name, value] : props) {
        object_property_set_assert(dev, name.c_str(), value);
    }
    bool ok = qdev_realize(dev, mmio.device()->child_bus.at(0), &error_abort);
    EXPECT_TRUE(ok);
    mmio.reset();
}

// --- the handshake

uint64_t VirtioGuest::offered_features() {
    const char *sel = version_ == Modern ? "DeviceFeaturesSel" : "HostFeaturesSel";
    const char *bits = version_ == Modern ? "DeviceFeatures" : "HostFeatures";
    mmio.set(sel, 1);
    uint64_t high = mmio.get(bits);
    mmio.set(sel, 0);
    return high << 32 | mmio.get(bits);
}

void VirtioGuest::negotiate(uint64_t features) {
    EXPECT_EQ(features & ~offered_features(), 0u);
    const char *sel = version_ == Modern ? "DriverFeaturesSel" : "GuestFeaturesSel";
    const char *bits = version_ == Modern ? "DriverFeatures" : "GuestFeatures";
    mmio.set("Status", 0);
    add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
    add_status(VIRTIO_CONFIG_S_DRIVER);
    mmio.set(sel, 0);
    mmio.set(bits, static_cast<uint32_t>(features));
    mmio.set(sel, 1);
    mmio.set(bits, static_cast<uint32_t>(features >> 32));
    if (version_ == Modern) add_status(VIRTIO_CONFIG_S_FEATURES_OK);
}

void VirtioGuest::set_up_queue(unsigned q) {
    hwaddr offset = QUEUE_STEP * q;
    memset(at(DESC + offset), 0, QUEUE_STEP);
    mmio.set("QueueSel", q);
    EXPECT_GE(mmio.get("QueueNumMax"), NUM);
    mmio.set("QueueNum", NUM);
    if (version_ == Legacy) {
        // one block: the used ring starts at the next page
        hwaddr desc = USED - 0x1000 + offset;
        rings_[q] = { desc, desc + vring_desc_size(NUM), 0 };
        mmio.set("GuestPageSize", 0x1000);
        mmio.set("QueueAlign", 0x1000);
        mmio.set("QueuePFN", static_cast<uint32_t>(desc / 0x1000));
        return;
    }
    rings_[q] = { DESC + offset, AVAIL + offset, 0 };
    for (auto [name, addr] :
         { std::pair{ "QueueDesc", DESC }, { "QueueDriver", AVAIL }, { "QueueDevice", USED } }) {
        mmio.set(std::string(name) + "Low", static_cast<uint32_t>(addr + offset));
        mmio.set(std::string(name) + "High", static_cast<uint32_t>((addr + offset) >> 32));
    }
    mmio.set("QueueReady", 1);
}

void VirtioGuest::start(uint64_t features, unsigned queues) {
    if (version_ == Modern) features |= uint64_t{ 1 } << VIRTIO_F_VERSION_1;
    negotiate(features);
    for (unsigned q = 0; q < queues; q++) set_up_queue(q);
    add_status(VIRTIO_CONFIG_S_DRIVER_OK);
}

// --- a queue

void VirtioGuest::descriptor(unsigned n, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next,
                             unsigned q) {
    VRingDesc desc = { addr, len, flags, next };
    memcpy(at(rings_[q].desc) + sizeof(desc) * n, &desc, sizeof(desc));
}

void VirtioGuest::publish(uint16_t head, unsigned q) {
    Rings &rings = rings_[q];
    set_word(rings.avail + 4 + 2 * (rings.avail_idx % NUM), head);
    set_word(rings.avail + 2, ++rings.avail_idx);
}

void VirtioGuest::submit(uint16_t head, unsigned q) {
    publish(head, q);
    kick(q);
}

VRingUsedElem VirtioGuest::used(unsigned n, unsigned q) {
    VRingUsedElem elem;
    memcpy(&elem, at(USED + QUEUE_STEP * q) + 4 + sizeof(elem) * (n % NUM), sizeof(elem));
    return elem;
}

void VirtioGuest::wait_used(uint16_t count, unsigned q) {
    constexpr int64_t millisecond = 1'000'000;
    for (int turns = 0; used_idx(q) != count && turns < 10'000; turns++) {
        aio_poll(qemu_get_aio_context(), true, millisecond);
    }
    ASSERT_EQ(used_idx(q), count);
}

// --- guest memory

uint16_t VirtioGuest::word(hwaddr addr) {
    return __atomic_load_n(reinterpret_cast<uint16_t *>(at(addr)), __ATOMIC_ACQUIRE);
}

void VirtioGuest::set_word(hwaddr addr, uint16_t value) {
    __atomic_store_n(reinterpret_cast<uint16_t *>(at(addr)), value, __ATOMIC_RELEASE);
}

std::string plug_error(const char *type, const Chip::Props &props) {
    Chip mmio("virtio-mmio");
    DeviceState *dev = qdev_new(type);
    for (const auto &[name, value] : props) object_property_set_assert(dev, name.c_str(), value);
    Error *err = nullptr;
    EXPECT_FALSE(qdev_realize(dev, mmio.device()->child_bus.at(0), &err));
    std::string text = error_get_pretty(err);
    error_free(err);
    EXPECT_EQ(mmio.get("DeviceID"), 0u);
    delete_device(dev);
    return text;
}
