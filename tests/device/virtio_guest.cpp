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

void VirtioGuest::set_up_queue() {
    avail_idx_ = 0;
    memset(at(DESC), 0, USED + 0x1000 - DESC);
    mmio.set("QueueSel", 0);
    EXPECT_GE(mmio.get("QueueNumMax"), NUM);
    mmio.set("QueueNum", NUM);
    if (version_ == Legacy) {
        // one block: the used ring starts at the next page
        desc_ = USED - 0x1000;
        avail_ = desc_ + vring_desc_size(NUM);
        mmio.set("GuestPageSize", 0x1000);
        mmio.set("QueueAlign", 0x1000);
        mmio.set("QueuePFN", static_cast<uint32_t>(desc_ / 0x1000));
        return;
    }
    for (auto [name, addr] :
         { std::pair{ "QueueDesc", DESC }, { "QueueDriver", AVAIL }, { "QueueDevice", USED } }) {
        mmio.set(std::string(name) + "Low", static_cast<uint32_t>(addr));
        mmio.set(std::string(name) + "High", static_cast<uint32_t>(addr >> 32));
    }
    mmio.set("QueueReady", 1);
}

void VirtioGuest::start(uint64_t features) {
    if (version_ == Modern) features |= uint64_t{ 1 } << VIRTIO_F_VERSION_1;
    negotiate(features);
    set_up_queue();
    add_status(VIRTIO_CONFIG_S_DRIVER_OK);
}

// --- the queue

void VirtioGuest::descriptor(unsigned n, uint64_t addr, uint32_t len, uint16_t flags,
                             uint16_t next) {
    VRingDesc desc = { addr, len, flags, next };
    memcpy(at(desc_) + sizeof(desc) * n, &desc, sizeof(desc));
}

void VirtioGuest::publish(uint16_t head) {
    set_word(avail_ + 4 + 2 * (avail_idx_ % NUM), head);
    set_word(avail_ + 2, ++avail_idx_);
}

void VirtioGuest::submit(uint16_t head) {
    publish(head);
    kick();
}

VRingUsedElem VirtioGuest::used(unsigned n) {
    VRingUsedElem elem;
    memcpy(&elem, at(USED) + 4 + sizeof(elem) * (n % NUM), sizeof(elem));
    return elem;
}

void VirtioGuest::wait_used(uint16_t count) {
    constexpr int64_t millisecond = 1'000'000;
    for (int turns = 0; used_idx() != count && turns < 10'000; turns++) {
        aio_poll(qemu_get_aio_context(), true, millisecond);
    }
    ASSERT_EQ(used_idx(), count);
}

// --- guest memory

uint16_t VirtioGuest::word(hwaddr addr) {
    uint16_t value;
    memcpy(&value, at(addr), sizeof(value));
    return value;
}

void VirtioGuest::set_word(hwaddr addr, uint16_t value) { memcpy(at(addr), &value, sizeof(value)); }
