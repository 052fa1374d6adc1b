// SPDX-License-Identifier: MIT
/* Which frames a virtio network driver wants. See hw/net/virtio-net-filter.h. */
#include "hw/net/virtio-net-filter.h"

#include <algorithm>
#include <cstring>

static constexpr size_t MAC_TABLE_ENTRIES = 64;

static bool in_table(const VirtioNetFilter &f, const uint8_t *address) {
    return f.too_many || std::any_of(f.table.begin(), f.table.end(), [address](const MACAddr &m) {
               return memcmp(m.a.data(), address, m.a.size()) == 0;
           });
}

bool VirtioNetFilter::wants(const uint8_t *frame, const MACAddr &own) const {
    static constexpr uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    if (promisc || memcmp(frame, broadcast, sizeof(broadcast)) == 0) return true;
    bool multicast = frame[0] & 1;
    if (multicast) return allmulti || in_table(*this, frame);
    return memcmp(frame, own.a.data(), own.a.size()) == 0 || in_table(*this, frame);
}

// Takes one list from the front.
static bool take_addresses(const uint8_t **data, size_t *size, VirtioNetFilter *f) {
    uint32_t count;
    if (*size < sizeof(count)) return false;
    memcpy(&count, *data, sizeof(count));
    *data += sizeof(count);
    *size -= sizeof(count);
    if (count > *size / 6) return false;
    f->too_many |= f->table.size() + count > MAC_TABLE_ENTRIES;
    for (uint32_t i = 0; i < count && !f->too_many; i++) {
        MACAddr mac;
        memcpy(mac.a.data(), *data + size_t{ 6 } * i, 6);
        f->table.push_back(mac);
    }
    *data += size_t{ 6 } * count;
    *size -= size_t{ 6 } * count;
    return true;
}

bool VirtioNetFilter::set_table(const uint8_t *data, size_t size) {
    VirtioNetFilter f = { promisc, allmulti, false, {} };
    if (!take_addresses(&data, &size, &f) || !take_addresses(&data, &size, &f) || size)
        return false;
    *this = f;
    return true;
}
