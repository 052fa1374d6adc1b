// SPDX-License-Identifier: MIT
/* The ports of virtio-serial-device: virtconsole, a terminal (Linux: hvc0), and virtserialport, a
 * pipe with a name (Linux: /dev/vport0p1, /dev/virtio-ports/NAME).
 * Spec:    virtio 1.2, section 5.3.6
 * Missing: the size of the host's window
 * In gdb:  b virtio_console_output     b virtio_console::receive_bytes */
#include <algorithm>

#include "hw/char/virtio-serial.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/module.h"

#define TYPE_VIRTCONSOLE    "virtconsole"
#define TYPE_VIRTSERIALPORT "virtserialport"

namespace virtio_console {

using S = VirtIOSerialPort;

static constexpr int MAX_HELD = 4096; // bytes that wait for the driver's buffers

// --- towards the guest

// Puts what it can of the held bytes into the driver's buffers.
static void deliver(S &s) {
    size_t done = 0;
    while (done < s.held.size() && virtqueue_pop(s.in, &s.elem)) {
        size_t n = std::min(s.elem.in.size, s.held.size() - done);
        if (n == 0) virtio_error(s.in->vdev, "a buffer without room");
        qemu_iovec_from_buf(&s.elem.in, 0, s.held.data() + done, n);
        virtqueue_push(s.in, &s.elem, static_cast<uint32_t>(n));
        done += n;
    }
    if (done) virtio_notify(s.in->vdev, s.in);
    s.held.erase(s.held.begin(), s.held.begin() + static_cast<ptrdiff_t>(done));
}

static int can_receive(void *opaque) {
    S &s = *static_cast<S *>(opaque);
    bool room = virtio_serial_port_ready(&s) && s.held.empty() && !virtio_queue_empty(s.in);
    return room ? MAX_HELD : 0;
}

static void receive_bytes(void *opaque, const uint8_t *buf, int size) {
    S &s = *static_cast<S *>(opaque);
    s.held.insert(s.held.end(), buf, buf + size);
    deliver(s);
}

// --- from the guest

// Gives the host what it takes of the buffer at hand. True: that was the rest of it.
static bool write_rest(S &s) {
    uint8_t part[4096];
    while (s.sent < s.elem.out.size) {
        size_t size = std::min(sizeof part, s.elem.out.size - s.sent);
        qemu_iovec_to_buf(&s.elem.out, s.sent, part, size);
        int n = qemu_chr_fe_write(s.chr, part, static_cast<int>(size));
        s.sent += static_cast<size_t>(n);
        if (n < static_cast<int>(size)) return false;
    }
    s.sent = 0;
    return true;
}

static void host_takes_more(void *opaque) { virtio_console_output(static_cast<S *>(opaque)); }

} // namespace virtio_console

// A buffer that the host does not take whole stays the driver's next one.
void virtio_console_output(VirtIOSerialPort *port) {
    bool any = false;
    while (virtqueue_pop(port->out, &port->elem)) {
        if (!virtio_console::write_rest(*port)) {
            virtqueue_unpop(port->out, &port->elem);
            break;
        }
        virtqueue_push(port->out, &port->elem, 0);
        any = true;
    }
    if (any) virtio_notify(port->out->vdev, port->out);
}

void virtio_console_input(VirtIOSerialPort *port) {
    if (!virtio_serial_port_ready(port)) return;
    virtio_console::deliver(*port);
    if (port->held.empty()) qemu_chr_fe_accept_input(port->chr);
}

// --- life cycle and registration

bool VirtIOSerialPort::realize(Error **errp) {
    if (!virtio_serial_add_port(static_cast<VirtIOSerialBus *>(parent_bus)->vser, this, errp)) {
        return false;
    }
    using namespace virtio_console;
    qemu_chr_fe_set_handlers(chr, { can_receive, receive_bytes, nullptr, this, host_takes_more });
    return true;
}

void VirtIOSerialPort::unrealize() {
    qemu_chr_fe_set_handlers(chr, {});
    virtio_serial_remove_port(this);
}

namespace virtio_console {

static constexpr Property properties[] = {
    define_prop<&S::chr>("chardev", nullptr, nullptr),
    define_prop<&S::name>("name", nullptr, "what the guest calls the port"),
    define_prop<&S::nr>("nr", "4294967295", "number of the port; as it is, the first free one"),
};

static void port_class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->bus_type = TYPE_VIRTIO_SERIAL_BUS;
    dc->category = DEVICE_CATEGORY_INPUT;
    device_class_set_props(dc, properties);
}

static void console_class_init(ObjectClass *klass, const void *) {
    object_class_cast<DeviceClass>(klass)->desc = "virtio terminal";
}

static void console_init(Object *obj) { static_cast<S *>(obj)->is_console = true; }

static void serial_port_class_init(ObjectClass *klass, const void *) {
    object_class_cast<DeviceClass>(klass)->desc = "virtio port with a name";
}

static const TypeInfo port_info = {
    .name = TYPE_VIRTIO_SERIAL_PORT,
    .parent = TYPE_DEVICE,
    .instance_new = object_instance_new<S>,
    .abstract = true,
    .class_init = port_class_init,
};
static const TypeInfo console_info = {
    .name = TYPE_VIRTCONSOLE,
    .parent = TYPE_VIRTIO_SERIAL_PORT,
    .instance_init = console_init,
    .class_init = console_class_init,
};
static const TypeInfo serial_port_info = {
    .name = TYPE_VIRTSERIALPORT,
    .parent = TYPE_VIRTIO_SERIAL_PORT,
    .class_init = serial_port_class_init,
};
static void virtio_console_register_types() {
    for (const TypeInfo *info : { &port_info, &console_info, &serial_port_info }) {
        type_register_static(info);
    }
}
type_init(virtio_console_register_types)

} // namespace virtio_console
