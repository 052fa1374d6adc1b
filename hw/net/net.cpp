// SPDX-License-Identifier: MIT
/* Network clients: the list, the wire between two of them, and a NIC's properties. See
 * hw/net/net.h. */
#include "hw/net/net.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstring>

#include "util/error.h"

// --- the list

static std::vector<NetClientState *> clients;

static bool is_nic(const NetClientState *nc) { return strcmp(nc->info->type, "nic") == 0; }

// "virtio-net-device.0": the first number that is free.
static std::string assign_name(const std::string &model) {
    for (unsigned n = 0;; n++) {
        std::string name = model + "." + std::to_string(n);
        auto same = [&](const NetClientState *nc) { return nc->name == name; };
        if (std::none_of(clients.begin(), clients.end(), same)) return name;
    }
}

void qemu_new_net_client(NetClientState *nc, const NetClientInfo *info, const std::string &model,
                         const std::string &name) {
    nc->info = info;
    nc->model = model;
    nc->name = name.empty() ? assign_name(model) : name;
    clients.push_back(nc);
}

void qemu_del_net_client(NetClientState *nc) {
    std::erase(clients, nc);
    qemu_purge_queued_packets(nc);
    if (!nc->peer) return;
    qemu_purge_queued_packets(nc->peer);
    nc->peer->peer = nullptr;
    nc->peer = nullptr;
}

void net_client_connect(NetClientState *nic, NetClientState *netdev) {
    assert(!nic->peer && !netdev->peer);
    nic->peer = netdev;
    netdev->peer = nic;
}

NetClientState *qemu_find_netdev(const std::string &name) {
    for (NetClientState *nc : clients) {
        if (nc->name == name && !is_nic(nc)) return nc;
    }
    return nullptr;
}

static std::string info_line(const NetClientState *nc) {
    std::string text = nc->name + ": index=0,type=" + nc->info->type + "," + nc->info_str;
    return text + "\n";
}

std::string net_info() {
    std::string text;
    for (const NetClientState *nc : clients) {
        if (!is_nic(nc)) continue;
        text += info_line(nc);
        if (nc->peer) text += " \\ " + info_line(nc->peer);
    }
    for (const NetClientState *nc : clients) {
        if (!is_nic(nc) && !nc->peer) text += info_line(nc);
    }
    return text;
}

void net_check_clients() {
    for (const NetClientState *nc : clients) {
        if (!is_nic(nc) && !nc->peer) warn_report("netdev %s has no peer", nc->name.c_str());
    }
}

// NICs are members of their devices and stay.
void net_cleanup() {
    for (size_t i = 0; i < clients.size();) {
        NetClientState *nc = clients[i];
        if (is_nic(nc)) {
            i++;
            continue;
        }
        qemu_del_net_client(nc);
        delete nc;
    }
}

// --- the wire

static void enqueue(NetQueue *queue, const uint8_t *buf, size_t size) {
    if (queue->packets.size() >= NetQueue::MAX_PACKETS) return;
    std::vector<uint8_t> packet;
    if (!queue->spare.empty()) {
        packet = std::move(queue->spare.back());
        queue->spare.pop_back();
    }
    packet.assign(buf, buf + size);
    queue->packets.push_back(std::move(packet));
}

static ssize_t deliver(NetClientState *nc, const uint8_t *buf, size_t size) {
    nc->incoming_queue.delivering = true;
    ssize_t ret = nc->receive(buf, size);
    nc->incoming_queue.delivering = false;
    return ret;
}

ssize_t qemu_send_packet(NetClientState *sender, const uint8_t *buf, size_t size) {
    NetClientState *nc = sender->peer;
    if (!nc) return static_cast<ssize_t>(size); // the wire's end is loose
    NetQueue *queue = &nc->incoming_queue;
    if (queue->delivering || !queue->packets.empty()) {
        enqueue(queue, buf, size); // behind those that wait
        return 0;
    }
    ssize_t ret = deliver(nc, buf, size);
    if (ret == 0) enqueue(queue, buf, size);
    // what came in meanwhile, in answer to it
    if (ret != 0 && !queue->packets.empty()) qemu_flush_queued_packets(nc);
    return ret;
}

void qemu_flush_queued_packets(NetClientState *nc) {
    NetQueue *queue = &nc->incoming_queue;
    while (!queue->delivering && !queue->packets.empty()) {
        std::vector<uint8_t> packet = std::move(queue->packets.front());
        queue->packets.pop_front();
        if (deliver(nc, packet.data(), packet.size()) == 0) {
            queue->packets.push_front(std::move(packet));
            return;
        }
        queue->spare.push_back(std::move(packet));
    }
}

void qemu_purge_queued_packets(NetClientState *nc) { nc->incoming_queue.packets.clear(); }

// --- properties

bool net_parse_macaddr(const std::string &text, MACAddr *mac) {
    static constexpr size_t LENGTH = sizeof("52:54:00:12:34:56") - 1;
    MACAddr read;
    if (text.size() != LENGTH) return false;
    for (size_t i = 0; i < LENGTH; i++) {
        auto c = static_cast<unsigned char>(text[i]);
        if (i % 3 == 2 ? c != ':' && c != '-' : !isxdigit(c)) return false;
        if (i % 3 == 0) read.a[i / 3] = static_cast<uint8_t>(stoul(text.substr(i, 2), nullptr, 16));
    }
    *mac = read;
    return true;
}

std::string net_format_macaddr(const MACAddr &mac) {
    const auto &a = mac.a;
    return format_string("%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
}

void qemu_macaddr_default_if_unset(MACAddr *mac) {
    static uint8_t next = 0x56;
    if (*mac == MACAddr{}) *mac = { { 0x52, 0x54, 0x00, 0x12, 0x34, next++ } };
}

static bool netdev_get(DeviceState *, void *field, std::string *value) {
    NetClientState *nc = *static_cast<NetClientState **>(field);
    *value = nc ? nc->name : "";
    return true;
}

static bool netdev_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                       Error **errp) {
    NetClientState *nc = qemu_find_netdev(value);
    if (!nc) {
        error_setg(errp, "Property '%s.%s' can't find value '%s'", object_get_typename(dev), name,
                   value.c_str());
        return false;
    }
    if (nc->peer) {
        error_setg(errp, "Property '%s.%s' can't take value '%s', it's in use",
                   object_get_typename(dev), name, value.c_str());
        return false;
    }
    *static_cast<NetClientState **>(field) = nc;
    return true;
}

static bool mac_get(DeviceState *, void *field, std::string *value) {
    *value = net_format_macaddr(*static_cast<MACAddr *>(field));
    return true;
}

static bool mac_set(DeviceState *dev, void *field, const char *name, const std::string &value,
                    Error **errp) {
    if (net_parse_macaddr(value, static_cast<MACAddr *>(field))) return true;
    error_setg(errp, "Property '%s.%s' doesn't take value '%s'", object_get_typename(dev), name,
               value.c_str());
    return false;
}

const PropertyInfo qdev_prop_netdev = { "str", "ID of a netdev to use as a backend", netdev_get,
                                        netdev_set };
const PropertyInfo qdev_prop_macaddr = { "str",
                                         "Ethernet 6-byte MAC Address, example: 52:54:00:12:34:56",
                                         mac_get, mac_set };
