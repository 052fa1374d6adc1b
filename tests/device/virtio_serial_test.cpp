// SPDX-License-Identifier: MIT
/* The virtio console device and its ports: the control messages, and bytes both ways. */
#include <cstring>

#include "tests/device/virtio_guest.h"
#include "util/chardev.h"
#include "util/error.h"

static constexpr unsigned IN0 = 0, OUT0 = 1, CTRL_IN = 2, CTRL_OUT = 3, IN1 = 4, OUT1 = 5;
static constexpr uint64_t MULTIPORT = uint64_t{ 1 } << 1;
static constexpr uint16_t WRITE = VRING_DESC_F_WRITE;
enum Event : uint16_t { READY, ADD, REMOVE, PORT_READY, CONSOLE, RESIZE, OPEN, NAME };

// The host's end, played by the test.
struct TestChardev : Chardev {
    std::string got;
    int accepted = 0; // how often the port said that it has room

    size_t room = SIZE_MAX; // for so many bytes more

    int write(const uint8_t *buf, int size) override {
        size_t n = std::min(room, static_cast<size_t>(size));
        got.append(reinterpret_cast<const char *>(buf), n);
        room -= room == SIZE_MAX ? 0 : n;
        return static_cast<int>(n);
    }
    void accept_input() override { accepted++; }
};
static TestChardev *opened;

static Chardev *open_test(const QemuOpts &, Error **) { return opened = new TestChardev; }
static const ChardevDriver driver = { "test", open_test };

class SerialGuest : public VirtioGuest {
public:
    SerialGuest() : VirtioGuest("virtio-serial-device", {}) {}
    ~SerialGuest() {
        for (DeviceState *port : ports) delete_device(port);
        qemu_chr_cleanup();
    }

    // A port with a chardev of its own.
    TestChardev *add_port(const char *type, Chip::Props props = {}) {
        static bool registered = (chardev_register(&driver), true);
        EXPECT_TRUE(registered);
        std::string label = "chr" + std::to_string(ports.size());
        EXPECT_NE(qemu_chr_new(label, "test", &error_abort), nullptr);
        props.push_back({ "chardev", label });
        EXPECT_EQ(plug(type, props), "");
        return opened;
    }
    std::string plug(const char *type, const Chip::Props &props) {
        DeviceState *port = qdev_new(type);
        Error *err = nullptr;
        bool ok = true;
        for (const auto &[name, value] : props) {
            ok = ok && object_property_set(port, name.c_str(), value, &err);
        }
        ok = ok && qdev_realize(port, dev->child_bus.at(0), &err);
        std::string text = err ? error_get_pretty(err) : "";
        error_free(err);
        if (ok)
            ports.push_back(port);
        else
            delete_device(port);
        return text;
    }

    static constexpr hwaddr buffer(unsigned q, unsigned n) { return DATA + 0x1000 * q + 0x100 * n; }
    void offer(unsigned q, unsigned count, uint32_t len = 0x100) {
        for (unsigned n = 0; n < count; n++) {
            descriptor(n, buffer(q, n), len, WRITE, 0, q);
            publish(static_cast<uint16_t>(n), q);
        }
        kick(q);
    }
    void send(unsigned q, const std::string &text) {
        memcpy(at(buffer(q, 0)), text.data(), text.size());
        descriptor(0, buffer(q, 0), static_cast<uint32_t>(text.size()), 0, 0, q);
        submit(0, q);
    }
    void control(uint32_t id, uint16_t event, uint16_t value) {
        struct {
            uint32_t id;
            uint16_t event, value;
        } message = { id, event, value };
        send(CTRL_OUT, std::string(reinterpret_cast<char *>(&message), sizeof(message)));
    }
    // What the device wrote into buffer n of the queue.
    std::string text(unsigned q, unsigned n) {
        return std::string(reinterpret_cast<char *>(at(buffer(q, n))), used(n, q).len);
    }
    std::string message(unsigned n) {
        std::string raw = text(CTRL_IN, n);
        uint32_t id;
        uint16_t event, value;
        memcpy(&id, raw.data(), 4);
        memcpy(&event, raw.data() + 4, 2);
        memcpy(&value, raw.data() + 6, 2);
        return std::to_string(id) + "," + std::to_string(event) + "," + std::to_string(value) +
               raw.substr(8);
    }

    std::vector<DeviceState *> ports;
};

TEST(VirtioSerial, SaysWhatItIs) {
    SerialGuest guest;
    EXPECT_EQ(guest.mmio.get("DeviceID"), 3u);
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 4), 31u); // ports
    EXPECT_TRUE(guest.offered_features() & MULTIPORT);
    guest.mmio.set("QueueSel", 63);
    EXPECT_EQ(guest.mmio.get("QueueNumMax"), 128u);
    guest.mmio.set("QueueSel", 64);
    EXPECT_EQ(guest.mmio.get("QueueNumMax"), 0u);
}

TEST(VirtioSerial, TellsOfItsPorts) {
    SerialGuest guest;
    guest.add_port("virtconsole");
    guest.add_port("virtserialport", { { "name", "org.test" } });
    guest.start(MULTIPORT, 6);
    guest.control(~0u, READY, 1);
    EXPECT_EQ(guest.used_idx(CTRL_IN), 0); // no buffers yet
    guest.offer(CTRL_IN, 8);
    ASSERT_EQ(guest.used_idx(CTRL_IN), 2);
    EXPECT_EQ(guest.message(0), "0,1,1");
    EXPECT_EQ(guest.message(1), "1,1,1");
    guest.control(0, PORT_READY, 1);
    ASSERT_EQ(guest.used_idx(CTRL_IN), 4);
    EXPECT_EQ(guest.message(2), "0,4,1"); // a console
    EXPECT_EQ(guest.message(3), "0,6,1"); // and open
    guest.control(1, PORT_READY, 1);
    ASSERT_EQ(guest.used_idx(CTRL_IN), 6);
    EXPECT_EQ(guest.message(4), "1,7,1org.test");
    EXPECT_EQ(guest.message(5), "1,6,1");
    EXPECT_EQ(guest.plug("virtconsole", {}), ""); // later than the driver
    EXPECT_EQ(guest.message(6), "2,1,1");
}

TEST(VirtioSerial, WritesToTheHost) {
    SerialGuest guest;
    TestChardev *zero = guest.add_port("virtconsole"), *one = guest.add_port("virtserialport");
    guest.start(MULTIPORT, 6);
    guest.send(OUT0, "to the console");
    guest.send(OUT1, "to the port");
    EXPECT_EQ(zero->got, "to the console");
    EXPECT_EQ(one->got, "to the port");
    EXPECT_EQ(guest.used(0, OUT1).len, 0u);
}

TEST(VirtioSerial, GivesASlowHostItsBufferInParts) {
    SerialGuest guest;
    TestChardev *chr = guest.add_port("virtserialport");
    guest.start(MULTIPORT, 6);
    chr->room = 3;
    guest.send(OUT1, "abcdef");
    EXPECT_EQ(chr->got, "abc");
    EXPECT_EQ(guest.used_idx(OUT1), 0);
    chr->room = 2;
    qemu_chr_be_writable(chr);
    EXPECT_EQ(chr->got, "abcde");
    EXPECT_EQ(guest.used_idx(OUT1), 0);
    chr->room = SIZE_MAX;
    qemu_chr_be_writable(chr);
    EXPECT_EQ(chr->got, "abcdef");
    EXPECT_EQ(guest.used_idx(OUT1), 1);
}

TEST(VirtioSerial, ReadsFromTheHostOnceItIsOpen) {
    SerialGuest guest;
    TestChardev *chr = guest.add_port("virtserialport");
    auto *text = reinterpret_cast<const uint8_t *>("hello from the host");
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0);
    guest.start(MULTIPORT, 6);
    guest.offer(IN1, 3, 8);
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0);
    guest.control(1, OPEN, 1);
    EXPECT_EQ(chr->accepted, 1);
    ASSERT_GE(qemu_chr_be_can_write(chr), 19);
    qemu_chr_be_write(chr, text, 19); // over three buffers
    ASSERT_EQ(guest.used_idx(IN1), 3);
    EXPECT_EQ(guest.text(IN1, 0) + guest.text(IN1, 1) + guest.text(IN1, 2), "hello from the host");
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0); // all buffers are used
    guest.offer(IN1, 1);
    EXPECT_EQ(chr->accepted, 2);
    guest.control(1, OPEN, 0);
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0);
}

TEST(VirtioSerial, HoldsWhatHasNoBuffer) {
    SerialGuest guest;
    TestChardev *chr = guest.add_port("virtconsole");
    guest.start(0, 2); // a driver that knows one port
    guest.offer(IN0, 1, 4);
    qemu_chr_be_write(chr, reinterpret_cast<const uint8_t *>("abcdefgh"), 8);
    EXPECT_EQ(guest.text(IN0, 0), "abcd");
    int before = chr->accepted;
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0);
    guest.descriptor(1, SerialGuest::buffer(IN0, 1), 4, WRITE, 0, IN0);
    guest.submit(1, IN0);
    EXPECT_EQ(guest.text(IN0, 1), "efgh");
    EXPECT_EQ(chr->accepted, before + 1);
}

TEST(VirtioSerial, TakesAnEmergencyCharacter) {
    SerialGuest guest;
    TestChardev *chr = guest.add_port("virtconsole");
    guest.mmio.write(VirtioGuest::CONFIG + 8, 'E');
    EXPECT_EQ(chr->got, "E");
    EXPECT_EQ(guest.mmio.read(VirtioGuest::CONFIG + 8), 0u);
}

TEST(VirtioSerial, ResetClosesPorts) {
    SerialGuest guest;
    TestChardev *chr = guest.add_port("virtserialport");
    guest.start(MULTIPORT, 6);
    guest.control(1, OPEN, 1);
    guest.offer(IN1, 1);
    EXPECT_GT(qemu_chr_be_can_write(chr), 0);
    guest.start(MULTIPORT, 6);
    guest.offer(IN1, 1);
    EXPECT_EQ(qemu_chr_be_can_write(chr), 0);
}

TEST(VirtioSerial, BadControlMessages) {
    SerialGuest guest;
    guest.add_port("virtconsole");
    guest.start(MULTIPORT, 6);
    LogCapture log;
    guest.control(7, PORT_READY, 1); // no such port
    guest.control(~0u, OPEN, 1);     // nor this one
    guest.control(0, 99, 1);         // no such event
    EXPECT_EQ(log.lines(), 3u);
    EXPECT_FALSE(guest.needs_reset());
    guest.send(CTRL_OUT, "short");
    EXPECT_TRUE(guest.needs_reset());
    // a driver that asks for more than it takes
    guest.start(MULTIPORT, 6);
    guest.control(~0u, READY, 1);
    for (unsigned i = 0; i < 5000; i++) guest.control(0, PORT_READY, 1);
    guest.offer(CTRL_IN, 8, 4); // too small for a message
    EXPECT_TRUE(guest.needs_reset());
}

TEST(VirtioSerial, NumbersAreChecked) {
    SerialGuest guest;
    EXPECT_EQ(guest.plug("virtserialport", { { "nr", "0" } }),
              "Port number 0 on virtio-serial devices reserved for virtconsole devices for "
              "backward compatibility.");
    EXPECT_EQ(guest.plug("virtconsole", { { "nr", "31" } }),
              "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30");
    EXPECT_EQ(guest.plug("virtconsole", { { "nr", "1" } }), "");
    EXPECT_EQ(guest.plug("virtserialport", { { "nr", "1" } }),
              "virtio-serial-bus: A port already exists at id 1");
    guest.add_port("virtserialport"); // takes 2
    EXPECT_EQ(guest.plug("virtserialport", { { "chardev", "chr1" } }),
              "Property 'virtserialport.chardev' can't take value 'chr1': Device 'chr1' is in use");
}

TEST(VirtioSerialProperties, AreChecked) {
    EXPECT_EQ(plug_error("virtio-serial-device", { { "max_ports", "0" } }),
              "Maximum number of serial ports not specified");
    EXPECT_EQ(plug_error("virtio-serial-device", { { "max_ports", "512" } }),
              "maximum ports supported: 511");
}
