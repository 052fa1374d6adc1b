// SPDX-License-Identifier: MIT
/* virtio network device: one pair of queues and the control queue. A frame that comes in is copied
 * once, into the driver's buffers; one that goes out lies in one piece as a rule, and is not copied
 * here at all unless its checksum is left to us.
 * Spec:    virtio 1.2, section 5.1
 * Guest:   U-Boot and Linux (virtio_net)
 * Missing: several pairs of queues, VLAN filters
 * In gdb:  b virtio_net::transmit     b virtio_net::receive_frame     p virtio_net::commands */
#include <algorithm>
#include <cstring>

#include "hw/net/net-checksum.h"
#include "hw/net/net.h"
#include "hw/net/virtio-net-coalesce.h"
#include "hw/net/virtio-net-filter.h"
#include "hw/virtio/virtio.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

#define TYPE_VIRTIO_NET "virtio-net-device"

namespace virtio_net {

// --- state

static constexpr uint16_t VIRTIO_ID_NET = 1;
static constexpr uint32_t CTRL_QUEUE_SIZE = 64;
static constexpr uint32_t MIN_QUEUE_SIZE = 256;
static constexpr size_t ETH_HLEN = 14;
static constexpr size_t MAX_FRAME = ETH_HLEN + 65535; // the largest IP packet
static constexpr unsigned TX_BURST = 256;             // frames before others get their turn

static constexpr unsigned F_CSUM = 0, F_GUEST_CSUM = 1, F_MAC = 5, F_GUEST_TSO4 = 7,
                          F_HOST_TSO4 = 11, F_HOST_TSO6 = 12, F_MRG_RXBUF = 15, F_STATUS = 16,
                          F_CTRL_VQ = 17, F_CTRL_RX = 18, F_CTRL_MAC_ADDR = 23;
static constexpr uint16_t S_LINK_UP = 1;

// Section 5.1.4, as far as our features go.
struct [[gnu::packed]] Config {
    uint8_t mac[6];
    uint16_t status;
};

// In front of each frame (section 5.1.6). A legacy driver without mergeable buffers leaves
// num_buffers out.
struct Header {
    uint8_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;
    uint16_t gso_size;
    uint16_t csum_start;
    uint16_t csum_offset;
    uint16_t num_buffers;
};
static_assert(sizeof(Header) == 12);
static constexpr uint8_t HDR_F_NEEDS_CSUM = 1, HDR_F_DATA_VALID = 2;
static constexpr uint8_t HDR_GSO_NONE = 0, HDR_GSO_TCPV4 = 1, HDR_GSO_TCPV6 = 4;

struct VirtIONet;

struct Nic : NetClientState {
    VirtIONet *owner = nullptr;
    ssize_t receive(const uint8_t *buf, size_t size) override;
};

struct VirtIONet : VirtIODevice {
    MACAddr mac; // as the user set it
    NetClientState *netdev = nullptr;
    uint32_t rx_queue_size = MIN_QUEUE_SIZE, tx_queue_size = MIN_QUEUE_SIZE;
    bool csum = true, guest_csum = true, guest_tso4 = true, host_tso4 = true, host_tso6 = true,
         mrg_rxbuf = true, ctrl_vq = true;

    Nic nic;
    MACAddr current_mac; // as the driver set it
    VirtioNetFilter filter;
    VirtQueue *rx = nullptr, *tx = nullptr, *ctrl = nullptr;
    bool tx_scheduled = false;
    // Kept, so that a busy network allocates nothing.
    VirtQueueElement tx_elem;
    std::vector<VirtQueueElement> rx_elems;
    std::vector<uint8_t> tx_frame;
    TcpCoalescer held; // frames for the driver that may be followed by more of their kind
    bool release_scheduled = false;

    bool device_realize(Error **errp) override;
    void device_unrealize() override;
    void device_reset() override;
    uint64_t device_features() override;
    void get_config(uint8_t *config) override;
    void set_config(const uint8_t *config) override;
};
using S = VirtIONet;

static size_t header_size(const S &s) {
    bool full =
        virtio_vdev_has_feature(&s, VIRTIO_F_VERSION_1) || virtio_vdev_has_feature(&s, F_MRG_RXBUF);
    return full ? sizeof(Header) : offsetof(Header, num_buffers);
}

static bool running(const S &s) { return s.status & VIRTIO_CONFIG_S_DRIVER_OK && !s.broken; }

// --- sending

// The field holds the pseudo header's part already. 0 would mean that there is none (UDP).
static bool finish_checksum(const Header &header, uint8_t *frame, size_t size) {
    size_t start = header.csum_start, field = start + header.csum_offset;
    if (field + 2 > size) return false;
    auto sum = static_cast<uint16_t>(~internet_sum(frame + start, size - start));
    if (sum == 0) sum = 0xffff;
    memcpy(frame + field, &sum, sizeof(sum));
    return true;
}

static bool segments_agreed(const S &s, uint8_t gso_type) {
    switch (gso_type) {
    case HDR_GSO_NONE:
        return true;
    case HDR_GSO_TCPV4:
        return virtio_vdev_has_feature(&s, F_HOST_TSO4);
    case HDR_GSO_TCPV6:
        return virtio_vdev_has_feature(&s, F_HOST_TSO6);
    default:
        return false;
    }
}

// The frame of `elem` in one piece, its checksum made; nullptr: it is none.
static const uint8_t *frame_of(S &s, const Header &header, size_t size) {
    const QEMUIOVector &out = s.tx_elem.out;
    size_t offset = header_size(s);
    bool needs_csum = header.flags & HDR_F_NEEDS_CSUM;
    if (size < ETH_HLEN || size > MAX_FRAME || !segments_agreed(s, header.gso_type)) return nullptr;
    if (!needs_csum) {
        // alone in its piece, or behind the header there
        const iovec &piece = out.iov.back();
        if (piece.iov_len == size) return static_cast<uint8_t *>(piece.iov_base);
        if (out.iov.size() == 1) return static_cast<uint8_t *>(piece.iov_base) + offset;
    }
    qemu_iovec_to_buf(&out, offset, s.tx_frame.data(), size);
    bool ok = !needs_csum || finish_checksum(header, s.tx_frame.data(), size);
    return ok ? s.tx_frame.data() : nullptr;
}

static void transmit(S &s) {
    size_t offset = header_size(s);
    if (s.tx_elem.out.size < offset) {
        virtio_error(&s, "a frame without header");
        return;
    }
    Header header = {};
    qemu_iovec_to_buf(&s.tx_elem.out, 0, &header, offset);
    size_t size = s.tx_elem.out.size - offset;
    if (const uint8_t *frame = frame_of(s, header, size)) {
        qemu_send_packet(&s.nic, frame, size);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: a frame of %zu bytes that cannot be sent\n",
                      TYPE_VIRTIO_NET, size);
    }
}

static void transmit_bh(void *opaque);

static void schedule_transmit(S &s) {
    if (s.tx_scheduled) return;
    s.tx_scheduled = true;
    aio_bh_schedule_oneshot(qemu_get_aio_context(), transmit_bh, &s);
}

// Frames go out from the main loop, while the CPU that kicked makes more of them.
static void transmit_bh(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.tx_scheduled = false;
    if (!running(s) || !s.tx) return;
    unsigned count = 0;
    while (count < TX_BURST && virtqueue_pop(s.tx, &s.tx_elem)) {
        transmit(s);
        virtqueue_push(s.tx, &s.tx_elem, 0);
        count++;
    }
    if (count) virtio_notify(&s, s.tx);
    if (count < TX_BURST) virtio_queue_set_notification(s.tx, true);
    if (!virtio_queue_empty(s.tx)) schedule_transmit(s);
}

static void handle_tx(VirtIODevice *vdev, VirtQueue *vq) {
    virtio_queue_set_notification(vq, false);
    schedule_transmit(*static_cast<S *>(vdev));
}

// --- receiving

// Pops buffers for `size` bytes into rx_elems and returns their number; 0: there are not enough.
static size_t pop_buffers(S &s, size_t size) {
    size_t count = 0, room = 0;
    bool several = virtio_vdev_has_feature(&s, F_MRG_RXBUF);
    while (room < size && (several || count == 0)) {
        if (s.rx_elems.size() == count) s.rx_elems.emplace_back();
        if (!virtqueue_pop(s.rx, &s.rx_elems[count])) break;
        room += s.rx_elems[count++].in.size;
    }
    if (room >= size) return count;
    bool too_small = !several && count == 1;
    for (size_t i = count; i > 0; i--) virtqueue_unpop(s.rx, &s.rx_elems[i - 1]);
    if (too_small) virtio_error(&s, "a buffer of %zu bytes for a frame of %zu", room, size);
    return 0;
}

// The header in front, cut into as many pieces as there are buffers.
static void fill_buffers(S &s, Header header, size_t count, const uint8_t *frame, size_t size) {
    header.num_buffers = static_cast<uint16_t>(count);
    size_t front = header_size(s), done = 0;
    for (size_t i = 0; i < count; i++) {
        QEMUIOVector *in = &s.rx_elems[i].in;
        size_t n = std::min(in->size - front, size - done);
        if (front) qemu_iovec_from_buf(in, 0, &header, front);
        qemu_iovec_from_buf(in, front, frame + done, n);
        virtqueue_fill(s.rx, &s.rx_elems[i], static_cast<uint32_t>(front + n),
                       static_cast<unsigned>(i));
        done += n;
        front = 0;
    }
    virtqueue_flush(s.rx, static_cast<unsigned>(count));
}

// The driver kicks only when it is waited for.
static size_t wait_for_buffers(S &s, size_t size) {
    virtio_queue_set_notification(s.rx, true);
    size_t count = pop_buffers(s, size);
    if (count) virtio_queue_set_notification(s.rx, false);
    return count;
}

static bool receive_frame(S &s, const Header &header, const uint8_t *frame, size_t size) {
    if (!running(s) || size < ETH_HLEN || size > MAX_FRAME || !s.filter.wants(frame, s.current_mac))
        return true;
    size_t needed = header_size(s) + size;
    size_t count = pop_buffers(s, needed);
    if (!count) count = wait_for_buffers(s, needed);
    if (!count) return s.broken;
    fill_buffers(s, header, count, frame, size);
    virtio_notify(&s, s.rx);
    return true;
}

// What the peer vouches for, if the driver wants to know.
static Header plain_header(const S &s) {
    bool good = s.nic.peer && s.nic.peer->info->sends_good_checksums;
    Header header = {};
    if (good && virtio_vdev_has_feature(&s, F_GUEST_CSUM)) header.flags = HDR_F_DATA_VALID;
    return header;
}

// Section 5.1.6.4.1: a large segment's checksum is left to the driver.
static Header large_header(const TcpCoalescer &held) {
    return { HDR_F_NEEDS_CSUM,
             HDR_GSO_TCPV4,
             held.headers_size(),
             held.segment_size(),
             TCP_HEADER,
             TCP_CHECKSUM,
             0 };
}

// Hands on what was held back. False: there are no buffers for it.
static bool release_held(S &s) {
    if (s.held.empty()) return true;
    s.held.finish();
    const std::vector<uint8_t> &frame = s.held.frame();
    Header header = s.held.is_large() ? large_header(s.held) : plain_header(s);
    if (!receive_frame(s, header, frame.data(), frame.size())) return false;
    s.held.clear();
    return true;
}

static void release_bh(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    s.release_scheduled = false;
    release_held(s);
}

// Takes the frame in if more of its kind may follow, until the loop's next turn at the latest.
static bool hold(S &s, const uint8_t *frame, size_t size) {
    if (!virtio_vdev_has_feature(&s, F_GUEST_TSO4) || !s.held.add(frame, size)) return false;
    if (s.held.is_over()) {
        release_held(s);
    } else if (!s.release_scheduled) {
        s.release_scheduled = true;
        aio_bh_schedule_oneshot(qemu_get_aio_context(), release_bh, &s);
    }
    return true;
}

ssize_t Nic::receive(const uint8_t *buf, size_t size) {
    S &s = *owner;
    bool taken =
        hold(s, buf, size) ||
        (release_held(s) && (hold(s, buf, size) || receive_frame(s, plain_header(s), buf, size)));
    return taken ? static_cast<ssize_t>(size) : 0;
}

static void handle_rx(VirtIODevice *vdev, VirtQueue *) {
    S &s = *static_cast<S *>(vdev);
    if (release_held(s)) qemu_flush_queued_packets(&s.nic);
}

// --- control

// What follows class and command in a request.
struct Payload {
    const uint8_t *data;
    size_t size;
};

static bool take_switch(const Payload &p, bool *value) {
    if (p.size != 1) return false;
    *value = p.data[0];
    return true;
}

static bool rx_promisc(S &s, Payload p) { return take_switch(p, &s.filter.promisc); }
static bool rx_allmulti(S &s, Payload p) { return take_switch(p, &s.filter.allmulti); }

static bool mac_table_set(S &s, Payload p) { return s.filter.set_table(p.data, p.size); }

static bool mac_addr_set(S &s, Payload p) {
    if (p.size != s.current_mac.a.size()) return false;
    memcpy(s.current_mac.a.data(), p.data, p.size);
    return true;
}

struct Command {
    uint8_t klass, command;
    unsigned feature; // without which it is refused
    bool (*run)(S &s, Payload payload);
};
// Sections 5.1.6.5.1 and 5.1.6.5.2.
static constexpr Command commands[] = {
    { 0, 0, F_CTRL_RX, rx_promisc },
    { 0, 1, F_CTRL_RX, rx_allmulti },
    { 1, 0, F_CTRL_RX, mac_table_set },
    { 1, 1, F_CTRL_MAC_ADDR, mac_addr_set },
};

static bool run_command(S &s, const uint8_t *request, size_t size) {
    for (const Command &c : commands) {
        if (size < 2 || request[0] != c.klass || request[1] != c.command) continue;
        if (virtio_vdev_has_feature(&s, c.feature)) return c.run(s, { request + 2, size - 2 });
    }
    return false;
}

static void handle_ctrl(VirtIODevice *vdev, VirtQueue *vq) {
    enum Ack : uint8_t { OK = 0, ERR = 1 };
    S &s = *static_cast<S *>(vdev);
    VirtQueueElement elem;
    uint8_t request[2 + 2 * (4 + 6 * 512)]; // a longer list of addresses is refused
    while (virtqueue_pop(vq, &elem)) {
        if (elem.in.size < 1) {
            virtio_error(vdev, "a control request without status");
            virtqueue_push(vq, &elem, 0);
            return;
        }
        size_t size = std::min(elem.out.size, sizeof(request));
        qemu_iovec_to_buf(&elem.out, 0, request, size);
        bool ok = size == elem.out.size && run_command(s, request, size);
        uint8_t ack = ok ? OK : ERR;
        qemu_iovec_from_buf(&elem.in, 0, &ack, 1);
        virtqueue_push(vq, &elem, 1);
        virtio_notify(vdev, vq);
    }
}

// --- the configuration space

uint64_t VirtIONet::device_features() {
    bool large = !nic.peer || nic.peer->info->takes_large_segments;
    bool good = !nic.peer || nic.peer->info->sends_good_checksums;
    const struct {
        bool on;
        unsigned bit;
    } rows[] = {
        { csum, F_CSUM },
        { guest_csum, F_GUEST_CSUM },
        { true, F_MAC },
        { guest_csum && guest_tso4 && good, F_GUEST_TSO4 },
        { csum && host_tso4 && large, F_HOST_TSO4 },
        { csum && host_tso6 && large, F_HOST_TSO6 },
        { mrg_rxbuf, F_MRG_RXBUF },
        { true, F_STATUS },
        { ctrl_vq, F_CTRL_VQ },
        { ctrl_vq, F_CTRL_RX },
        { ctrl_vq, F_CTRL_MAC_ADDR },
    };
    uint64_t features = 0;
    for (const auto &row : rows) features |= uint64_t{ row.on } << row.bit;
    return features;
}

void VirtIONet::get_config(uint8_t *config) {
    Config c = {};
    memcpy(c.mac, current_mac.a.data(), sizeof(c.mac));
    c.status = S_LINK_UP;
    memcpy(config, &c, sizeof(c));
}

// A legacy driver writes its address here (section 5.1.4.3), a modern one may not.
void VirtIONet::set_config(const uint8_t *config) {
    if (virtio_vdev_has_feature(this, VIRTIO_F_VERSION_1)) return;
    memcpy(current_mac.a.data(), config, current_mac.a.size());
}

// --- life cycle and registration

static constexpr NetClientInfo nic_info = { .type = "nic" };

static bool queue_size_ok(uint32_t size) {
    return size >= MIN_QUEUE_SIZE && size <= VIRTQUEUE_MAX_SIZE && (size & (size - 1)) == 0;
}

bool VirtIONet::device_realize(Error **errp) {
    if (!queue_size_ok(rx_queue_size)) {
        error_setg(errp, "Invalid rx_queue_size (= %u), must be a power of 2 between %u and %u.",
                   rx_queue_size, MIN_QUEUE_SIZE, VIRTQUEUE_MAX_SIZE);
        return false;
    }
    if (!queue_size_ok(tx_queue_size)) {
        error_setg(errp, "Invalid tx_queue_size (= %u), must be a power of 2 between %u and %u",
                   tx_queue_size, MIN_QUEUE_SIZE, VIRTQUEUE_MAX_SIZE);
        return false;
    }
    device_id = VIRTIO_ID_NET;
    config_len = sizeof(Config);
    qemu_macaddr_default_if_unset(&mac);
    current_mac = mac;
    tx_frame.resize(MAX_FRAME);
    rx = virtio_add_queue(this, rx_queue_size, handle_rx);
    tx = virtio_add_queue(this, tx_queue_size, handle_tx);
    ctrl = virtio_add_queue(this, CTRL_QUEUE_SIZE, handle_ctrl);

    nic.owner = this;
    nic.info_str = std::string("model=") + TYPE_VIRTIO_NET + ",macaddr=" + net_format_macaddr(mac);
    qemu_new_net_client(&nic, &nic_info, TYPE_VIRTIO_NET, id);
    if (netdev) net_client_connect(&nic, netdev);
    return true;
}

void VirtIONet::device_unrealize() {
    qemu_del_net_client(&nic);
    rx = tx = ctrl = nullptr;
    while (tx_scheduled || release_scheduled) aio_poll(qemu_get_aio_context(), /*blocking=*/false);
}

void VirtIONet::device_reset() {
    qemu_purge_queued_packets(&nic);
    held.clear();
    current_mac = mac;
    filter = {};
}

static constexpr Property properties[] = {
    define_prop<&S::mac>("mac", nullptr, nullptr),
    define_prop<&S::netdev>("netdev", nullptr, nullptr),
    define_prop<&S::rx_queue_size>("rx_queue_size", "256", "descriptors in the receive queue"),
    define_prop<&S::tx_queue_size>("tx_queue_size", "256", "descriptors in the transmit queue"),
    define_prop<&S::csum>("csum", "on", "make checksums for the guest"),
    define_prop<&S::guest_csum>("guest_csum", "on", "say which checksums need no check"),
    define_prop<&S::guest_tso4>("guest_tso4", "on", "make large TCP segments over IPv4"),
    define_prop<&S::host_tso4>("host_tso4", "on", "take large TCP segments over IPv4"),
    define_prop<&S::host_tso6>("host_tso6", "on", "take large TCP segments over IPv6"),
    define_prop<&S::mrg_rxbuf>("mrg_rxbuf", "on", "spread a frame over several buffers"),
    define_prop<&S::ctrl_vq>("ctrl_vq", "on", "offer the control queue"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->category = DEVICE_CATEGORY_NETWORK;
    dc->desc = "virtio network card";
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_VIRTIO_NET,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static void virtio_net_register_types() { type_register_static(&info); }
type_init(virtio_net_register_types)

} // namespace virtio_net
