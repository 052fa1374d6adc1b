// SPDX-License-Identifier: MIT
/* A chip on a bus: one device, no processor, a virtual clock that only the test moves.
 *
 *     Chip rtc("goldfish_rtc");
 *     rtc.set("IRQ_ENABLED", 1);
 *     EXPECT_EQ(rtc.get("IRQ_ENABLED"), 1u);
 *     EXPECT_FALSE(rtc.irq());
 *
 * Every access goes through the machine's address space, so that the bus enforces width and rights.
 * The big lock is held by the test all the time. */
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "hw/core/register.h"
#include "hw/core/sysbus.h"

class Chip {
public:
    using Props = std::vector<std::pair<std::string, std::string>>;

    // Region n of the device is mapped at BASE + n * STEP; each interrupt line and gpio output is
    // connected to an observer. The virtual clock starts at 0; the device is reset once.
    static constexpr hwaddr BASE = 0x10000000, STEP = 0x10000000;
    explicit Chip(const char *type, const Props &props = {});
    ~Chip();
    Chip(const Chip &) = delete;
    Chip &operator=(const Chip &) = delete;

    SysBusDevice *device() { return dev_; }
    void reset() { device_cold_reset(dev_); }

    // --- by offset, of the first region
    uint64_t read(hwaddr offset, unsigned size = 4);
    void write(hwaddr offset, uint64_t value, unsigned size = 4);
    MemTxResult try_read(hwaddr offset, unsigned size);
    MemTxResult try_write(hwaddr offset, uint64_t value, unsigned size);

    // --- by the name in the device's own table
    const RegisterNames &registers();
    const RegisterName &find(const std::string &name);
    uint32_t get(const std::string &name);
    void set(const std::string &name, uint32_t value);
    const MemoryRegionOps *ops();

    // --- lines
    bool irq(size_t n = 0) const { return irq_levels_.at(n); }
    bool out(size_t n) const { return out_levels_.at(n); }
    void drive_input(int n, int level) { qemu_set_irq(qdev_get_gpio_in(dev_, n), level); }

private:
    static void record(void *opaque, int n, int level);

    SysBusDevice *dev_;
    std::vector<int> irq_levels_, out_levels_;
    std::vector<IRQState> irq_ends_, out_ends_;
};

// The end of a device that qdev_new made: off its bus, out of the tree, its memory freed.
void delete_device(DeviceState *dev);

// The realize error of a device with these properties; "" if there was none.
std::string realize_error(const char *type, const Chip::Props &props);

// Collects what -d guest_errors,unimp prints while it lives.
class LogCapture {
public:
    LogCapture();
    ~LogCapture();
    std::string text() const;
    size_t lines() const;

private:
    std::string file_;
};

// A file in a directory of its own; removed at the end of its life.
class TempFile {
public:
    explicit TempFile(const std::string &content);
    ~TempFile();
    const std::string &path() const { return path_; }
    std::string content() const;

private:
    std::string dir_, path_;
};

// RAM of 1 MiB at 0x80000000, for devices that do DMA. One for the whole process, cleared anew.
inline constexpr hwaddr RAM_BASE = 0x80000000;
inline constexpr uint64_t RAM_SIZE = 1 << 20;
uint8_t *test_ram();
