// SPDX-License-Identifier: MIT
/* Which frames a virtio network driver wants, by their destination.
 * Spec: virtio 1.2, sections 5.1.6.5.1 and 5.1.6.5.2 */
#pragma once

#include <vector>

#include "hw/net/net.h"

struct VirtioNetFilter {
    bool promisc = true, allmulti = false;
    bool too_many = false; // addresses: all are wanted
    std::vector<MACAddr> table;

    // A frame begins with its destination; `own` is the card's address.
    bool wants(const uint8_t *frame, const MACAddr &own) const;
    // Two lists, unicast and multicast, each a number and as many addresses. False: they are not.
    [[nodiscard]] bool set_table(const uint8_t *data, size_t size);
};
