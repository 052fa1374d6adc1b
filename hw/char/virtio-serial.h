// SPDX-License-Identifier: MIT
/* virtio-serial-device and the ports on its bus: what hw/char/virtio-serial.cpp and the ports in
 * hw/char/virtio-console.cpp have in common. */
#pragma once

#include "hw/virtio/virtio.h"

#define TYPE_VIRTIO_SERIAL      "virtio-serial-device"
#define TYPE_VIRTIO_SERIAL_BUS  "virtio-serial-bus"
#define TYPE_VIRTIO_SERIAL_PORT "virtio-serial-port"

struct Chardev;
struct VirtIOSerial;

struct VirtIOSerialBus : BusState {
    VirtIOSerial *vser = nullptr;
};

inline constexpr uint32_t VIRTIO_CONSOLE_BAD_ID = UINT32_MAX; // nr=: the first that is free

// A port: two queues of the device, and a chardev of the host (or none: output vanishes).
struct VirtIOSerialPort : DeviceState {
    VirtIOSerial *vser = nullptr;
    VirtQueue *in = nullptr, *out = nullptr; // towards the guest, and from it
    Chardev *chr = nullptr;
    std::string name;
    uint32_t nr = VIRTIO_CONSOLE_BAD_ID;
    bool is_console = false;
    bool guest_connected = false; // the driver has opened it
    std::vector<uint8_t> held;    // from the host, for want of buffers
    size_t sent = 0;              // of the guest's next buffer, which the host takes in parts
    VirtQueueElement elem;        // the one at hand; kept, so that nothing is allocated

    bool realize(Error **errp) override;
    void unrealize() override;
};

// --- the bus's side (hw/char/virtio-serial.cpp)
// Gives the port its number and its queues, and tells the driver.
[[nodiscard]] bool virtio_serial_add_port(VirtIOSerial *vser, VirtIOSerialPort *port, Error **errp);
void virtio_serial_remove_port(VirtIOSerialPort *port);
// Whether the driver may be given bytes for the port.
bool virtio_serial_port_ready(const VirtIOSerialPort *port);

// --- the port's side (hw/char/virtio-console.cpp)
// The driver has sent something.
void virtio_console_output(VirtIOSerialPort *port);
// The driver has room again, or has opened the port.
void virtio_console_input(VirtIOSerialPort *port);
