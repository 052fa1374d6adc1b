// SPDX-License-Identifier: MIT
/* Network clients: the two ends of a wire, a NIC and what the host has for it (a netdev).
 *
 * A client sends a frame with qemu_send_packet; its peer's receive() takes it, or refuses it for
 * now, and then the frame waits in the peer's queue until qemu_flush_queued_packets. Frames are
 * whole Ethernet frames without a checksum. All of it under the big lock.
 *
 * A kind of netdev (`-netdev user`) is a NetClientDriver, in a loadable module of its own, so that
 * a machine without a network never pays for it.
 *
 * In gdb: b net_client_init     b qemu_send_packet     b net_init_clients */
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <sys/types.h>

#include "hw/core/qdev.h"

struct NetClientState;
struct QemuOpts;

// A kind of client, and what its frames are like.
struct NetClientInfo {
    const char *type; // "nic", "user"
    // It takes TCP segments larger than a frame, as the sender's stack makes them (TSO).
    bool takes_large_segments = false;
    // Checksums of what it sends have been made by the host.
    bool sends_good_checksums = false;
};

// Frames that a client could not take yet, in order. Buffers are kept for reuse.
struct NetQueue {
    static constexpr size_t MAX_PACKETS = 1000; // more are lost, as on a wire
    std::deque<std::vector<uint8_t>> packets;
    std::vector<std::vector<uint8_t>> spare;
    bool delivering = false;
};

struct NetClientState {
    const NetClientInfo *info = nullptr;
    std::string name;  // the netdev's or the device's id, or a made-up one
    std::string model; // of a NIC: its type
    std::string info_str;
    NetClientState *peer = nullptr;
    NetQueue incoming_queue; // frames for this client

    virtual ~NetClientState() = default;
    // Takes a frame. Returns its size, even if nobody wants it; 0: not now.
    virtual ssize_t receive(const uint8_t *buf, size_t size) = 0;
};

// --- clients
// Puts a client on the list; the caller keeps it. An empty name: MODEL.N.
void qemu_new_net_client(NetClientState *nc, const NetClientInfo *info, const std::string &model,
                         const std::string &name);
// Takes it off the list and off its peer.
void qemu_del_net_client(NetClientState *nc);
void net_client_connect(NetClientState *nic, NetClientState *netdev);
// The netdev of that name, or nullptr.
NetClientState *qemu_find_netdev(const std::string &name);
// `info network`
std::string net_info();

// --- frames
// To the sender's peer. Returns `size`, or 0 if the frame now waits in the peer's queue.
ssize_t qemu_send_packet(NetClientState *sender, const uint8_t *buf, size_t size);
// The client has room again.
void qemu_flush_queued_packets(NetClientState *nc);
// What waits for it is lost.
void qemu_purge_queued_packets(NetClientState *nc);

// --- netdevs
struct NetClientDriver {
    const char *name;
    // Makes a client of that name and puts it on the list.
    bool (*init)(const QemuOpts *opts, const std::string &name, Error **errp);
};
// The rows of a loadable module, by a type_init function.
void net_client_register(const NetClientDriver *driver);
// One -netdev; `name` is its id.
[[nodiscard]] bool net_client_init(const QemuOpts *opts, const std::string &name, Error **errp);
// Every -netdev, -nic and -net; a -nic adds a -device of its own.
[[nodiscard]] bool net_init_clients(Error **errp);
// Warns of netdevs that no NIC uses.
void net_check_clients();
void net_cleanup();

// --- properties of NICs
struct MACAddr {
    std::array<uint8_t, 6> a{};
    bool operator==(const MACAddr &) const = default;
};
// "52:54:00:12:34:56"; dashes will do.
bool net_parse_macaddr(const std::string &text, MACAddr *mac);
std::string net_format_macaddr(const MACAddr &mac);
// The next of 52:54:00:12:34:56 and up, for a NIC that has none.
void qemu_macaddr_default_if_unset(MACAddr *mac);

extern const PropertyInfo qdev_prop_netdev, qdev_prop_macaddr;
template <>
constexpr const PropertyInfo *property_info_of<NetClientState *>() {
    return &qdev_prop_netdev;
}
template <>
constexpr const PropertyInfo *property_info_of<MACAddr>() {
    return &qdev_prop_macaddr;
}
