// SPDX-License-Identifier: MIT
/* virtio console device: up to 31 ports (hw/char/virtio-console.cpp) on a bus of their own, and the
 * control queues on which driver and device tell each other of them.
 * Spec:    virtio 1.2, section 5.3
 * Guest:   Linux (virtio_console); one that knows a single port gets port 0
 * Missing: the size of the terminal
 * In gdb:  b virtio_serial::handle_control     b virtio_serial::send_control */
#include <algorithm>
#include <cstring>
#include <deque>

#include "hw/char/virtio-serial.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

namespace virtio_serial {

// --- state

static constexpr uint16_t VIRTIO_ID_CONSOLE = 3;
static constexpr uint32_t QUEUE_SIZE = 128, CTRL_QUEUE_SIZE = 32, MAX_PORTS = 511;
static constexpr unsigned F_MULTIPORT = 1, F_EMERG_WRITE = 2;
// Section 5.3.2: port 0 has the first two queues, control the next two, then comes port 1.
static constexpr uint32_t CTRL_IN = 2, CTRL_OUT = 3;
static constexpr uint32_t in_queue(uint32_t port) { return port ? 2 * port + 2 : 0; }

struct [[gnu::packed]] Config {
    uint16_t cols, rows;
    uint32_t max_nr_ports;
    uint32_t emerg_wr; // a character, written without any queue
};

struct Control {
    uint32_t id;
    uint16_t event;
    uint16_t value;
};
enum Event : uint16_t {
    DEVICE_READY,
    PORT_ADD,
    PORT_REMOVE,
    PORT_READY,
    CONSOLE_PORT,
    RESIZE,
    PORT_OPEN,
    PORT_NAME,
};

} // namespace virtio_serial

struct VirtIOSerial : VirtIODevice {
    uint32_t max_ports = 31;
    bool emergency_write = true;
    VirtIOSerialBus bus;
    std::vector<VirtIOSerialPort *> ports; // by number; null: none
    std::deque<std::string> control;       // messages that wait for the driver's buffers
    bool driver_listens = false;           // it has said DEVICE_READY
    VirtQueueElement elem;

    bool device_realize(Error **errp) override;
    void device_reset() override;
    uint64_t device_features() override;
    void get_config(uint8_t *config) override;
    void set_config(const uint8_t *config) override;
};

namespace virtio_serial {

using S = VirtIOSerial;

static bool multiport(const S &s) { return virtio_vdev_has_feature(&s, F_MULTIPORT); }

static VirtIOSerialPort *port_of_queue(const S &s, const VirtQueue *vq) {
    return s.ports[vq->index < CTRL_IN ? 0 : vq->index / 2 - 1];
}

// --- control messages to the driver

static void flush_control(S &s) {
    VirtQueue *vq = s.queues[CTRL_IN].get();
    bool any = false;
    while (!s.control.empty() && virtqueue_pop(vq, &s.elem)) {
        const std::string &message = s.control.front();
        size_t n = std::min(s.elem.in.size, message.size());
        if (n < message.size()) virtio_error(&s, "a control buffer of %zu bytes", n);
        qemu_iovec_from_buf(&s.elem.in, 0, message.data(), n);
        virtqueue_push(vq, &s.elem, static_cast<uint32_t>(n));
        s.control.pop_front();
        any = true;
    }
    if (any) virtio_notify(&s, vq);
}

static void send_control(S &s, uint32_t id, Event event, uint16_t value,
                         const std::string &text = "") {
    static constexpr size_t MAX_WAITING = 4 * MAX_PORTS; // a driver that never listens
    if (!s.driver_listens || s.control.size() >= MAX_WAITING) return;
    Control message = { id, event, value };
    s.control.push_back(std::string(reinterpret_cast<char *>(&message), sizeof(message)) + text);
    flush_control(s);
}

// --- control messages from the driver

static void device_ready(S &s, const Control &message) {
    s.driver_listens = message.value;
    for (VirtIOSerialPort *port : s.ports) {
        if (port) send_control(s, port->nr, PORT_ADD, 1);
    }
}

static void port_ready(S &s, VirtIOSerialPort *port, const Control &message) {
    if (!message.value) return;
    if (port->is_console) send_control(s, port->nr, CONSOLE_PORT, 1);
    if (!port->name.empty()) send_control(s, port->nr, PORT_NAME, 1, port->name);
    if (port->chr) send_control(s, port->nr, PORT_OPEN, 1); // the host's end is open
}

static void port_open(S &, VirtIOSerialPort *port, const Control &message) {
    port->guest_connected = message.value;
    virtio_console_input(port);
}

static void control_message(S &s, const Control &message) {
    if (message.event == DEVICE_READY) return device_ready(s, message);
    VirtIOSerialPort *port = message.id < s.ports.size() ? s.ports[message.id] : nullptr;
    if (port && message.event == PORT_READY) return port_ready(s, port, message);
    if (port && message.event == PORT_OPEN) return port_open(s, port, message);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: control message %u for port %u\n", TYPE_VIRTIO_SERIAL,
                  message.event, message.id);
}

static void handle_control(VirtIODevice *vdev, VirtQueue *vq) {
    S &s = *static_cast<S *>(vdev);
    VirtQueueElement elem; // an answer needs s.elem
    while (virtqueue_pop(vq, &elem)) {
        Control message = {};
        bool whole = elem.out.size >= sizeof(message);
        if (whole) qemu_iovec_to_buf(&elem.out, 0, &message, sizeof(message));
        virtqueue_push(vq, &elem, 0);
        if (whole)
            control_message(s, message);
        else
            virtio_error(vdev, "a control message of %zu bytes", elem.out.size);
    }
    virtio_notify(vdev, vq);
}

static void handle_control_buffers(VirtIODevice *vdev, VirtQueue *) {
    flush_control(*static_cast<S *>(vdev));
}

// --- the ports' queues

static void handle_output(VirtIODevice *vdev, VirtQueue *vq) {
    if (VirtIOSerialPort *port = port_of_queue(*static_cast<S *>(vdev), vq)) {
        virtio_console_output(port);
    }
}

static void handle_input(VirtIODevice *vdev, VirtQueue *vq) {
    if (VirtIOSerialPort *port = port_of_queue(*static_cast<S *>(vdev), vq)) {
        virtio_console_input(port);
    }
}

static uint32_t first_free(const S &s, const VirtIOSerialPort *port) {
    // port 0 is what a driver without multiport takes for its console
    for (uint32_t n = port->is_console ? 0 : 1; n < s.ports.size(); n++) {
        if (!s.ports[n]) return n;
    }
    return VIRTIO_CONSOLE_BAD_ID;
}

static bool number_ok(const S &s, const VirtIOSerialPort *port, uint32_t nr, Error **errp) {
    if (nr >= s.ports.size()) {
        error_setg(errp, "virtio-serial-bus: Out-of-range port id specified, max. allowed: %u",
                   s.max_ports - 1);
    } else if (nr == 0 && !port->is_console) {
        error_setg(errp, "Port number 0 on virtio-serial devices reserved for virtconsole devices "
                         "for backward compatibility.");
    } else if (s.ports[nr]) {
        error_setg(errp, "virtio-serial-bus: A port already exists at id %u", nr);
    } else {
        return true;
    }
    return false;
}

} // namespace virtio_serial

bool virtio_serial_add_port(VirtIOSerial *vser, VirtIOSerialPort *port, Error **errp) {
    using namespace virtio_serial;
    uint32_t nr = port->nr == VIRTIO_CONSOLE_BAD_ID ? first_free(*vser, port) : port->nr;
    if (!number_ok(*vser, port, nr, errp)) return false;
    port->vser = vser;
    port->nr = nr;
    port->in = vser->queues[in_queue(nr)].get();
    port->out = vser->queues[in_queue(nr) + 1].get();
    vser->ports[nr] = port;
    send_control(*vser, nr, PORT_ADD, 1);
    return true;
}

void virtio_serial_remove_port(VirtIOSerialPort *port) {
    virtio_serial::send_control(*port->vser, port->nr, virtio_serial::PORT_REMOVE, 1);
    port->vser->ports[port->nr] = nullptr;
}

bool virtio_serial_port_ready(const VirtIOSerialPort *port) {
    const VirtIOSerial &s = *port->vser;
    return s.status & VIRTIO_CONFIG_S_DRIVER_OK && !s.broken &&
           (port->guest_connected || !virtio_serial::multiport(s));
}

// --- the configuration space

uint64_t VirtIOSerial::device_features() {
    return uint64_t{ max_ports > 1 } << virtio_serial::F_MULTIPORT |
           uint64_t{ emergency_write } << virtio_serial::F_EMERG_WRITE;
}

void VirtIOSerial::get_config(uint8_t *config) {
    virtio_serial::Config c = {};
    c.max_nr_ports = max_ports;
    memcpy(config, &c, sizeof(c));
}

// Reads as 0, so that what is not 0 has just been written.
void VirtIOSerial::set_config(const uint8_t *config) {
    virtio_serial::Config c;
    memcpy(&c, config, sizeof(c));
    if (!emergency_write || !c.emerg_wr) return;
    auto byte = static_cast<uint8_t>(c.emerg_wr);
    for (VirtIOSerialPort *port : ports) {
        if (port && port->is_console) {
            qemu_chr_fe_write(port->chr, &byte, 1);
            return;
        }
    }
}

// --- life cycle and registration

static unsigned buses_made;

bool VirtIOSerial::device_realize(Error **errp) {
    using namespace virtio_serial;
    if (max_ports == 0) {
        error_setg(errp, "Maximum number of serial ports not specified");
        return false;
    }
    if (max_ports > MAX_PORTS) {
        error_setg(errp, "maximum ports supported: %u", MAX_PORTS);
        return false;
    }
    device_id = VIRTIO_ID_CONSOLE;
    config_len = sizeof(Config);
    ports.resize(max_ports);
    for (uint32_t n = 0; n < 2 * max_ports + 2; n++) {
        bool is_control = n == CTRL_IN || n == CTRL_OUT;
        VirtQueueHandler in = is_control ? handle_control_buffers : handle_input;
        VirtQueueHandler out = is_control ? handle_control : handle_output;
        virtio_add_queue(this, is_control ? CTRL_QUEUE_SIZE : QUEUE_SIZE, n % 2 ? out : in);
    }
    bus.vser = this;
    std::string name = format_string("%s.%u", TYPE_VIRTIO_SERIAL_BUS, buses_made++);
    qbus_init(&bus, TYPE_VIRTIO_SERIAL_BUS, this, name.c_str());
    return true;
}

void VirtIOSerial::device_reset() {
    control.clear();
    driver_listens = false;
    for (VirtIOSerialPort *port : ports) {
        if (!port) continue;
        port->guest_connected = false;
        port->held.clear();
        port->sent = 0;
    }
}

namespace virtio_serial {

static constexpr Property properties[] = {
    define_prop<&S::max_ports>("max_ports", "31", "ports at most"),
    define_prop<&S::emergency_write>("emergency-write", "on",
                                     "take characters without a queue, from a kernel in need"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->category = DEVICE_CATEGORY_INPUT;
    dc->desc = "virtio terminals and ports";
    device_class_set_props(dc, properties);
}

// The driver hears of ports that come and go.
static void bus_class_init(ObjectClass *klass, const void *) {
    object_class_cast<BusClass>(klass)->hotpluggable = true;
}

static const TypeInfo info = {
    .name = TYPE_VIRTIO_SERIAL,
    .parent = TYPE_VIRTIO_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static const TypeInfo bus_info = {
    .name = TYPE_VIRTIO_SERIAL_BUS,
    .parent = TYPE_BUS,
    .instance_new = object_instance_new<VirtIOSerialBus>,
    .class_init = bus_class_init,
};
static void virtio_serial_register_types() {
    type_register_static(&info);
    type_register_static(&bus_info);
}
type_init(virtio_serial_register_types)

} // namespace virtio_serial
