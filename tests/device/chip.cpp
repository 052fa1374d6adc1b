// SPDX-License-Identifier: MIT
/* The harness of the device tests. See tests/device/chip.h. */
#include "tests/device/chip.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "block/block.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/timer.h"

// What main() does before the board exists.
struct DeviceTests : testing::Environment {
    void SetUp() override {
        bql_lock();
        module_call_init(MODULE_INIT_TRACE);
        bdrv_init();
        module_call_init(MODULE_INIT_QOM);
        get_system_memory();
    }
    void TearDown() override { bql_unlock(); }
};
[[maybe_unused]] static auto *const environment =
    testing::AddGlobalTestEnvironment(new DeviceTests);

// --- a chip

void delete_device(DeviceState *dev) {
    object_ref(dev);
    qdev_unplug_now(dev);
    while (dev->ref > 1) object_unref(dev);
    object_unref(dev);
}

static SysBusDevice *new_device(const char *type, const Chip::Props &props) {
    qemu_clock_set_manual(); // at 0 again
    DeviceState *dev = qdev_new(type);
    for (const auto &[name, value] : props) {
        object_property_set_assert(dev, name.c_str(), value);
    }
    return static_cast<SysBusDevice *>(dev);
}

Chip::Chip(const char *type, const Props &props) : dev_(new_device(type, props)) {
    bool ok = sysbus_realize(dev_, &error_abort);
    EXPECT_TRUE(ok);
    for (size_t i = 0; i < dev_->mmio.size(); i++) {
        sysbus_mmio_map(dev_, static_cast<int>(i), BASE + i * STEP);
    }
    irq_levels_.resize(dev_->irqs.size());
    out_levels_.resize(dev_->gpio_out.size());
    for (size_t i = 0; i < irq_levels_.size(); i++) {
        irq_ends_.push_back({ record, &irq_levels_, static_cast<int>(i) });
    }
    for (size_t i = 0; i < out_levels_.size(); i++) {
        out_ends_.push_back({ record, &out_levels_, static_cast<int>(i) });
    }
    for (int i = 0; i < static_cast<int>(irq_ends_.size()); i++) {
        sysbus_connect_irq(dev_, i, &irq_ends_[i]);
    }
    for (int i = 0; i < static_cast<int>(out_ends_.size()); i++) {
        qdev_connect_gpio_out(dev_, i, &out_ends_[i]);
    }
    reset();
}

Chip::~Chip() {
    for (auto &mmio : dev_->mmio) memory_region_del_subregion(get_system_memory(), mmio.mr);
    delete_device(dev_);
}

void Chip::record(void *opaque, int n, int level) {
    static_cast<std::vector<int> *>(opaque)->at(n) = level;
}

MemTxResult Chip::try_read(hwaddr offset, unsigned size) {
    uint64_t value;
    return address_space_load(&address_space_memory, BASE + offset, &value, size);
}

MemTxResult Chip::try_write(hwaddr offset, uint64_t value, unsigned size) {
    return address_space_store(&address_space_memory, BASE + offset, value, size);
}

uint64_t Chip::read(hwaddr offset, unsigned size) {
    uint64_t value = 0;
    MemTxResult result = address_space_load(&address_space_memory, BASE + offset, &value, size);
    EXPECT_EQ(result, MEMTX_OK) << "read of " << size << " bytes at " << offset;
    return value;
}

void Chip::write(hwaddr offset, uint64_t value, unsigned size) {
    EXPECT_EQ(try_write(offset, value, size), MEMTX_OK)
        << "write of " << size << " bytes at " << offset;
}

// The operations behind offset 0: those of the region itself, or of a container's first part.
const MemoryRegionOps *Chip::ops() {
    return address_space_lookup(&address_space_memory, BASE)->mr->ops;
}

const RegisterNames &Chip::registers() { return *ops()->registers; }

const RegisterName &Chip::find(const std::string &name) {
    const RegisterNames &names = registers();
    auto *end = names.rows + names.count;
    auto *row =
        std::find_if(names.rows, end, [&](const RegisterName &r) { return r.name == name; });
    if (row == end) throw std::out_of_range("no register " + name);
    return *row;
}

uint32_t Chip::get(const std::string &name) {
    return static_cast<uint32_t>(read(find(name).offset, ops()->max_access_size));
}

void Chip::set(const std::string &name, uint32_t value) {
    write(find(name).offset, value, ops()->max_access_size);
}

std::string realize_error(const char *type, const Chip::Props &props) {
    SysBusDevice *dev = new_device(type, props);
    Error *err = nullptr;
    bool ok = sysbus_realize(dev, &err);
    EXPECT_EQ(ok, err == nullptr);
    std::string text = err ? error_get_pretty(err) : "";
    error_free(err);
    delete_device(dev);
    return text;
}

// --- files

static std::string read_all(const std::string &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

static std::string new_directory() {
    char name[] = "/tmp/vl-device-XXXXXX";
    EXPECT_NE(mkdtemp(name), nullptr);
    return name;
}

TempFile::TempFile(const std::string &content) : dir_(new_directory()), path_(dir_ + "/file") {
    std::ofstream(path_, std::ios::binary) << content;
}

TempFile::~TempFile() {
    unlink(path_.c_str());
    rmdir(dir_.c_str());
}

std::string TempFile::content() const { return read_all(path_); }

LogCapture::LogCapture() : file_(new_directory() + "/log") {
    EXPECT_TRUE(qemu_set_log_filename(file_, &error_abort));
    EXPECT_TRUE(qemu_set_log("guest_errors,unimp", &error_abort));
}

LogCapture::~LogCapture() {
    EXPECT_TRUE(qemu_set_log("none", &error_abort));
    unlink(file_.c_str());
    rmdir(file_.substr(0, file_.rfind('/')).c_str());
}

std::string LogCapture::text() const { return read_all(file_); }

size_t LogCapture::lines() const {
    std::string all = text();
    return static_cast<size_t>(std::count(all.begin(), all.end(), '\n'));
}

// --- RAM

uint8_t *test_ram() {
    static MemoryRegion *ram;
    if (!ram) {
        ram = new MemoryRegion;
        bool ok = memory_region_init_ram(ram, nullptr, "test.ram", RAM_SIZE, &error_abort);
        EXPECT_TRUE(ok);
        memory_region_add_subregion(get_system_memory(), RAM_BASE, ram);
    }
    memset(ram->ram->host, 0, RAM_SIZE);
    return ram->ram->host;
}
