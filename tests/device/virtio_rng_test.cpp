// SPDX-License-Identifier: MIT
/* The virtio entropy device: random bytes, and no more of them than its properties allow. */
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hw/core/rng.h"
#include "tests/device/virtio_guest.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/option.h"
#include "util/timer.h"

static constexpr int64_t MILLISECOND = 1'000'000;
static constexpr uint16_t WRITE = VRING_DESC_F_WRITE;

class RngGuest : public VirtioGuest {
public:
    explicit RngGuest(const Chip::Props &props = {}) : VirtioGuest("virtio-rng-device", props) {}

    static constexpr hwaddr BUFFER = DATA;
    // Makes a request for `len` bytes; they are there when it returns, unless it has to wait.
    void request(uint32_t len) {
        descriptor(0, BUFFER, len, WRITE, 0);
        submit(0);
        turn();
    }
    void turn() { aio_poll(qemu_get_aio_context(), /*blocking=*/false); }
    std::string buffer(size_t len) {
        return std::string(reinterpret_cast<char *>(at(BUFFER)), len);
    }
    std::string random(uint32_t len) {
        uint16_t n = used_idx();
        request(len);
        EXPECT_EQ(used_idx(), n + 1);
        EXPECT_EQ(used(n).len, len);
        return buffer(len);
    }
};

TEST(VirtioRng, SaysWhatItIs) {
    RngGuest guest;
    EXPECT_EQ(guest.mmio.get("DeviceID"), 4u);
    EXPECT_EQ(guest.mmio.get("QueueNumMax"), 8u);
}

TEST(VirtioRng, FillsBuffersAndInterrupts) {
    RngGuest guest;
    guest.start(0);
    std::string one = guest.random(64);
    EXPECT_TRUE(guest.mmio.irq());
    EXPECT_NE(one, guest.random(64));
    EXPECT_NE(one, std::string(64, '\0'));
    EXPECT_EQ(*guest.at(RngGuest::BUFFER + 64), 0);
}

TEST(VirtioRng, FillsAllPiecesOfARequest) {
    RngGuest guest;
    guest.start(0);
    guest.descriptor(0, RngGuest::BUFFER, 100, WRITE | VRING_DESC_F_NEXT, 1);
    guest.descriptor(1, RngGuest::BUFFER + 0x1000, 100, WRITE, 0);
    guest.submit(0);
    guest.turn();
    EXPECT_EQ(guest.used(0).len, 200u);
    EXPECT_NE(guest.buffer(100), std::string(100, '\0'));
    EXPECT_NE(guest.buffer(0x1064).substr(0x1000), std::string(100, '\0'));
}

TEST(VirtioRng, GivesLessThanALargeBufferHolds) {
    RngGuest guest;
    guest.start(0);
    guest.request(64 << 10);
    EXPECT_EQ(guest.used(0).len, 4096u);
    EXPECT_EQ(*guest.at(RngGuest::BUFFER + 4096), 0);
}

TEST(VirtioRng, GivesNoMoreThanAllowedInAPeriod) {
    RngGuest guest({ { "max-bytes", "100" }, { "period", "10" } });
    guest.start(0);
    guest.random(60);
    guest.request(60); // only 40 are left
    EXPECT_EQ(guest.used(1).len, 40u);
    guest.mmio.set("InterruptACK", 1);
    guest.request(60);
    EXPECT_EQ(guest.used_idx(), 2);
    EXPECT_FALSE(guest.mmio.irq());
    qemu_clock_advance_virtual(10 * MILLISECOND - 1);
    EXPECT_EQ(guest.used_idx(), 2);
    qemu_clock_advance_virtual(1);
    guest.turn();
    EXPECT_EQ(guest.used_idx(), 3);
    EXPECT_EQ(guest.used(2).len, 60u);
    EXPECT_TRUE(guest.mmio.irq());
}

TEST(VirtioRng, ResetBeginsANewPeriod) {
    RngGuest guest({ { "max-bytes", "100" }, { "period", "10" } });
    guest.start(0);
    guest.random(100);
    guest.request(100);
    guest.start(0);
    EXPECT_EQ(guest.used_idx(), 0);
    guest.random(100);
}

TEST(VirtioRng, SameSeedSameBytes) {
    RngGuest guest;
    guest.start(0);
    qemu_guest_random_seed(1);
    std::string one = guest.random(99);
    qemu_guest_random_seed(1);
    EXPECT_EQ(guest.random(99), one);
    qemu_guest_random_seed(2);
    EXPECT_NE(guest.random(99), one);
    // as the standard has it, on every host: the first word of mt19937_64 with seed 0
    qemu_guest_random_seed(0);
    EXPECT_EQ(guest.random(8), "\x3e\xdc\x41\xcb\xc5\x37\xe8\x28");
}

TEST(VirtioRng, ARequestWithNothingToFillBreaksIt) {
    RngGuest guest;
    guest.start(0);
    LogCapture log;
    guest.descriptor(0, RngGuest::BUFFER, 64, 0, 0);
    guest.submit(0);
    EXPECT_EQ(log.text(), "virtio-rng-device: a request without a buffer to fill\n");
    EXPECT_TRUE(guest.needs_reset());
    guest.start(0);
    guest.random(64);
}

TEST(VirtioRng, PropertiesAreChecked) {
    EXPECT_EQ(plug_error("virtio-rng-device", { { "period", "0" } }),
              "'period' parameter expects a positive integer");
    EXPECT_EQ(plug_error("virtio-rng-device", { { "max-bytes", "9223372036854775808" } }),
              "'max-bytes' parameter must be non-negative, and less than 2^63");
}

// --- backends

class RngBackends : public testing::Test {
protected:
    void add(const std::vector<QemuOpt> &pairs) {
        ASSERT_TRUE(user_creatable_add(pairs, &error_abort));
    }
    std::string del(const char *id) {
        Error *err = nullptr;
        std::string text = user_creatable_del(id, &err) ? "" : error_get_pretty(err);
        error_free(err);
        return text;
    }
};

TEST_F(RngBackends, OneOfItsOwnIsBuiltin) {
    RngGuest guest;
    Object *own = object_resolve_path_type("default-backend", "rng-builtin");
    ASSERT_TRUE(own);
    EXPECT_EQ(own->parent, guest.dev);
}

TEST_F(RngBackends, AFileGivesItsBytes) {
    TempFile file("0123456789");
    add({ { "qom-type", "rng-random" }, { "id", "rng0" }, { "filename", file.path() } });
    {
        RngGuest guest(Chip::Props{ { "rng", "rng0" } });
        guest.start(0);
        EXPECT_EQ(guest.random(4), "0123");
        EXPECT_EQ(del("rng0"), "object 'rng0' is in use, can not be deleted");
        guest.request(64);
        EXPECT_EQ(guest.used(1).len, 6u);
        EXPECT_EQ(guest.buffer(6), "456789");
    }
    EXPECT_EQ(del("rng0"), "");
    EXPECT_EQ(del("rng0"), "object 'rng0' not found");
}

TEST_F(RngBackends, AGuestWaitsForBytesAndAResetForgetsIt) {
    TempFile file("");
    std::string fifo = file.path() + ".fifo";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    int fd = open(fifo.c_str(), O_RDWR);
    add({ { "qom-type", "rng-random" }, { "id", "rng0" }, { "filename", fifo } });
    {
        RngGuest guest(Chip::Props{ { "rng", "rng0" } });
        guest.start(0);
        guest.request(8);
        EXPECT_EQ(guest.used_idx(), 0);
        guest.start(0); // the request is forgotten
        EXPECT_EQ(write(fd, "abcdefgh", 8), 8);
        guest.turn();
        EXPECT_EQ(guest.used_idx(), 0);
        guest.request(3);
        EXPECT_EQ(guest.used(0).len, 3u);
        EXPECT_EQ(guest.buffer(3), "abc");
        guest.request(3);
        EXPECT_EQ(guest.buffer(3), "def");
    }
    EXPECT_EQ(del("rng0"), "");
    close(fd);
    unlink(fifo.c_str());
}

// Of two devices: each notes what it gets.
struct Asker {
    std::string got;
    RngRequest request{ received, this };
    static void received(void *opaque, const uint8_t *bytes, size_t n) {
        static_cast<Asker *>(opaque)->got.assign(reinterpret_cast<const char *>(bytes), n);
    }
};

TEST_F(RngBackends, DevicesShareOneInTurn) {
    TempFile file("0123456789");
    add({ { "qom-type", "rng-random" }, { "id", "rng0" }, { "filename", file.path() } });
    auto *rng = object_cast<RngBackend>(object_resolve_path("rng0"), TYPE_RNG_BACKEND);
    Asker one, two, three;
    rng_backend_request_entropy(rng, &one.request, 3);
    rng_backend_request_entropy(rng, &two.request, 3);
    rng_backend_request_entropy(rng, &three.request, 3);
    rng_backend_cancel_request(rng, &two.request);
    while (three.got.empty()) aio_poll(qemu_get_aio_context(), /*blocking=*/true);
    EXPECT_EQ(one.got, "012");
    EXPECT_EQ(two.got, "");
    EXPECT_EQ(three.got, "345");
    EXPECT_EQ(del("rng0"), "");
}
