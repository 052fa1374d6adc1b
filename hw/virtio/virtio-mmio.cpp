// SPDX-License-Identifier: MIT
/* The virtio transport over memory-mapped registers: a bus with place for one virtio device.
 * Spec:    virtio 1.2, section 4.2: version 2, and with force-legacy=on version 1 (4.2.4)
 * Guest:   U-Boot and Linux, compatible = "virtio,mmio"
 * Missing: shared memory regions, queue reset (VIRTIO_F_RING_RESET)
 * In gdb:  b virtio_mmio::notify_write     b virtio_mmio::status_write
 *          p virtio_mmio::regs     p virtio_mmio::legacy_regs */
#include <bit>
#include <cinttypes>

#include "hw/core/register.h"
#include "hw/core/device_tree.h"
#include "hw/core/sysbus.h"
#include "hw/virtio/virtio.h"
#include "util/error.h"
#include "util/module.h"

#define TYPE_VIRTIO_MMIO     "virtio-mmio"
#define TYPE_VIRTIO_MMIO_BUS "virtio-mmio-bus"

namespace virtio_mmio {

// --- state

static constexpr uint32_t MAGIC = 0x74726976;  // "virt" in memory order
static constexpr uint32_t VENDOR = 0x20206c76; // "vl  "
static constexpr uint64_t CONFIG_OFFSET = 0x100;
static constexpr uint64_t TOTAL_SIZE = 0x200;
static constexpr uint32_t ALL_ONES = 0xffffffff;

struct VirtIOMMIOProxy;

struct VirtIOMMIOBus : VirtIOBus {
    void device_changed() override;
    bool modern() override;
};

struct VirtIOMMIOProxy : SysBusDevice {
    MemoryRegion container; // the registers, and behind them the device's configuration
    MemoryRegion registers;
    MemoryRegion config;
    qemu_irq irq = nullptr;
    VirtIOMMIOBus bus;
    bool force_legacy = false;
    uint32_t device_sel = 0, driver_sel = 0;
    uint32_t queue_sel = 0;
    uint32_t page_size = 0, queue_align = 0; // legacy only

    bool realize(Error **errp) override;
    void add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) override;
    void reset() override;
};
using S = VirtIOMMIOProxy;

// --- behaviour: the device

static VirtIODevice *device(S &s) { return s.bus.vdev; }

void VirtIOMMIOBus::device_changed() {
    auto *proxy = static_cast<VirtIOMMIOProxy *>(parent_dev);
    qemu_set_irq(proxy->irq, vdev && vdev->isr);
}

bool VirtIOMMIOBus::modern() { return !static_cast<VirtIOMMIOProxy *>(parent_dev)->force_legacy; }

static void log_ignored(const char *what) {
    qemu_log_mask(LOG_GUEST_ERROR, "%s: %s ignored\n", TYPE_VIRTIO_MMIO, what);
}

static uint32_t magic_read(S &) { return MAGIC; }
static uint32_t version_read(S &s) { return s.force_legacy ? 1 : 2; }
static uint32_t device_id_read(S &s) { return device(s) ? device(s)->device_id : 0; }
static uint32_t vendor_id_read(S &) { return VENDOR; }

static uint32_t features_read(S &s) {
    if (!device(s) || s.device_sel > 1) return 0;
    return static_cast<uint32_t>(device(s)->host_features >> (32 * s.device_sel));
}

// Features are settled once FEATURES_OK is set (section 3.1.1).
static void features_write(S &s, uint32_t v) {
    VirtIODevice *vdev = device(s);
    if (!vdev || s.driver_sel > 1) return;
    if (vdev->status & VIRTIO_CONFIG_S_FEATURES_OK) return log_ignored("late DriverFeatures");
    unsigned shift = 32 * s.driver_sel;
    uint64_t kept = vdev->guest_features & ~(uint64_t{ ALL_ONES } << shift);
    virtio_set_features(vdev, kept | uint64_t{ v } << shift);
}

static uint32_t isr_read(S &s) { return device(s) ? device(s)->isr : 0; }

static void ack_write(S &s, uint32_t v) {
    if (!device(s)) return;
    device(s)->isr &= ~v;
    s.bus.device_changed();
}

static uint32_t status_read(S &s) { return device(s) ? device(s)->status : 0; }

static void status_write(S &s, uint32_t v) {
    if (device(s)) virtio_set_status(device(s), static_cast<uint8_t>(v));
}

static uint32_t generation_read(S &s) { return device(s) ? device(s)->generation : 0; }

// --- behaviour: the selected queue

static VirtQueue *selected_queue(S &s) {
    VirtIODevice *vdev = device(s);
    return vdev && s.queue_sel < vdev->queues.size() ? vdev->queues[s.queue_sel].get() : nullptr;
}

// The queue if its place and size may still be changed.
static VirtQueue *idle_queue(S &s) {
    VirtQueue *vq = selected_queue(s);
    if (vq && !vq->enabled) return vq;
    log_ignored(vq ? "a write to a queue in use" : "a write to a queue that does not exist");
    return nullptr;
}

static uint32_t num_max_read(S &s) {
    VirtQueue *vq = selected_queue(s);
    return vq ? vq->num_max : 0;
}

static void num_write(S &s, uint32_t v) {
    if (VirtQueue *vq = idle_queue(s)) vq->num = v;
}

static void notify_write(S &s, uint32_t v) {
    if (device(s)) virtio_queue_notify(device(s), v);
}

static uint32_t ready_read(S &s) {
    VirtQueue *vq = selected_queue(s);
    return vq && vq->enabled;
}

static void ready_write(S &s, uint32_t v) {
    VirtQueue *vq = selected_queue(s);
    if (!vq || vq->enabled == (v & 1)) return;
    if (v & 1)
        virtqueue_enable(vq);
    else
        virtio_queue_stop(device(s), vq);
}

static void set_low(S &s, uint64_t VirtQueue::*addr, uint32_t v) {
    if (VirtQueue *vq = idle_queue(s)) vq->*addr = (vq->*addr & ~uint64_t{ ALL_ONES }) | v;
}

static void set_high(S &s, uint64_t VirtQueue::*addr, uint32_t v) {
    if (VirtQueue *vq = idle_queue(s)) vq->*addr = (vq->*addr & ALL_ONES) | uint64_t{ v } << 32;
}

static void desc_low_write(S &s, uint32_t v) { set_low(s, &VirtQueue::desc_addr, v); }
static void desc_high_write(S &s, uint32_t v) { set_high(s, &VirtQueue::desc_addr, v); }
static void driver_low_write(S &s, uint32_t v) { set_low(s, &VirtQueue::avail_addr, v); }
static void driver_high_write(S &s, uint32_t v) { set_high(s, &VirtQueue::avail_addr, v); }
static void device_low_write(S &s, uint32_t v) { set_low(s, &VirtQueue::used_addr, v); }
static void device_high_write(S &s, uint32_t v) { set_high(s, &VirtQueue::used_addr, v); }

// --- behaviour: the legacy queue, one block of guest pages (section 4.2.4)

static void page_size_write(S &s, uint32_t v) {
    if (std::has_single_bit(v))
        s.page_size = v;
    else
        log_ignored("GuestPageSize that is no power of 2");
}

static void align_write(S &s, uint32_t v) {
    if (std::has_single_bit(v))
        s.queue_align = v;
    else
        log_ignored("QueueAlign that is no power of 2");
}

static uint32_t pfn_read(S &s) {
    VirtQueue *vq = selected_queue(s);
    if (!vq || !vq->enabled) return 0;
    return static_cast<uint32_t>(vq->desc_addr / s.page_size);
}

static void pfn_write(S &s, uint32_t v) {
    VirtQueue *vq = selected_queue(s);
    if (!vq) return log_ignored("QueuePFN of a queue that does not exist");
    if (vq->enabled) virtio_queue_stop(device(s), vq);
    if (v == 0) return;
    if (!s.page_size || !s.queue_align) {
        return log_ignored("QueuePFN before GuestPageSize and QueueAlign");
    }
    vq->desc_addr = uint64_t{ v } * s.page_size;
    vq->avail_addr = vq->desc_addr + vring_desc_size(vq->num);
    uint64_t align = s.queue_align;
    vq->used_addr = (vq->avail_addr + vring_avail_size(vq->num) + align - 1) & ~(align - 1);
    virtqueue_enable(vq);
}

// --- registers: tables 4.1 and 4.2 of the specification

// clang-format off
static constexpr Register<S> regs[] = {
    // off   name                 acc reset   storage         on read          on write
    { 0x000, "MagicValue",        RO, MAGIC,  none,           magic_read,      none },
    { 0x004, "Version",           RO, 2,      none,           version_read,    none },
    { 0x008, "DeviceID",          RO, 0,      none,           device_id_read,  none },
    { 0x00c, "VendorID",          RO, VENDOR, none,           vendor_id_read,  none },
    { 0x010, "DeviceFeatures",    RO, 0,      none,           features_read,   none },
    { 0x014, "DeviceFeaturesSel", WO, 0,      &S::device_sel, none,            none },
    { 0x020, "DriverFeatures",    WO, 0,      none,           none,            features_write },
    { 0x024, "DriverFeaturesSel", WO, 0,      &S::driver_sel, none,            none },
    { 0x030, "QueueSel",          WO, 0,      &S::queue_sel,  none,            none },
    { 0x034, "QueueNumMax",       RO, 0,      none,           num_max_read,    none },
    { 0x038, "QueueNum",          WO, 0,      none,           none,            num_write },
    { 0x044, "QueueReady",        RW, 0,      none,           ready_read,      ready_write },
    { 0x050, "QueueNotify",       WO, 0,      none,           none,            notify_write },
    { 0x060, "InterruptStatus",   RO, 0,      none,           isr_read,        none },
    { 0x064, "InterruptACK",      WO, 0,      none,           none,            ack_write },
    { 0x070, "Status",            RW, 0,      none,           status_read,     status_write },
    { 0x080, "QueueDescLow",      WO, 0,      none,           none,            desc_low_write },
    { 0x084, "QueueDescHigh",     WO, 0,      none,           none,            desc_high_write },
    { 0x090, "QueueDriverLow",    WO, 0,      none,           none,            driver_low_write },
    { 0x094, "QueueDriverHigh",   WO, 0,      none,           none,            driver_high_write },
    { 0x0a0, "QueueDeviceLow",    WO, 0,      none,           none,            device_low_write },
    { 0x0a4, "QueueDeviceHigh",   WO, 0,      none,           none,            device_high_write },
    { 0x0fc, "ConfigGeneration",  RO, 0,      none,           generation_read, none },
};
static constexpr Register<S> legacy_regs[] = {
    // off   name                acc reset   storage          on read         on write
    { 0x000, "MagicValue",       RO, MAGIC,  none,            magic_read,     none },
    { 0x004, "Version",          RO, 1,      none,            version_read,   none },
    { 0x008, "DeviceID",         RO, 0,      none,            device_id_read, none },
    { 0x00c, "VendorID",         RO, VENDOR, none,            vendor_id_read, none },
    { 0x010, "HostFeatures",     RO, 0,      none,            features_read,  none },
    { 0x014, "HostFeaturesSel",  WO, 0,      &S::device_sel,  none,           none },
    { 0x020, "GuestFeatures",    WO, 0,      none,            none,           features_write },
    { 0x024, "GuestFeaturesSel", WO, 0,      &S::driver_sel,  none,           none },
    { 0x028, "GuestPageSize",    WO, 0,      &S::page_size,   none,           page_size_write },
    { 0x030, "QueueSel",         WO, 0,      &S::queue_sel,   none,           none },
    { 0x034, "QueueNumMax",      RO, 0,      none,            num_max_read,   none },
    { 0x038, "QueueNum",         WO, 0,      none,            none,           num_write },
    { 0x03c, "QueueAlign",       WO, 0,      &S::queue_align, none,           align_write },
    { 0x040, "QueuePFN",         RW, 0,      none,            pfn_read,       pfn_write },
    { 0x050, "QueueNotify",      WO, 0,      none,            none,           notify_write },
    { 0x060, "InterruptStatus",  RO, 0,      none,            isr_read,       none },
    { 0x064, "InterruptACK",     WO, 0,      none,            none,           ack_write },
    { 0x070, "Status",           RW, 0,      none,            status_read,    status_write },
};
// clang-format on
static_assert(register_table_ok<S>(regs));
static_assert(register_table_ok<S>(legacy_regs));

static MemTxResult config_read(void *opaque, hwaddr addr, uint64_t *value, unsigned size) {
    VirtIODevice *vdev = device(*static_cast<S *>(opaque));
    *value = vdev ? virtio_config_read(vdev, static_cast<uint32_t>(addr), size) : 0;
    return MEMTX_OK;
}

static MemTxResult config_write(void *opaque, hwaddr addr, uint64_t value, unsigned size) {
    VirtIODevice *vdev = device(*static_cast<S *>(opaque));
    if (vdev) virtio_config_write(vdev, static_cast<uint32_t>(addr), value, size);
    return MEMTX_OK;
}

static constexpr MemoryRegionOps config_ops = { config_read, config_write, 1, 4 };

// --- device tree

void VirtIOMMIOProxy::add_to_device_tree(DeviceTree &dt, const DeviceTreePlace &place) {
    std::string node = device_tree_add_device(dt, place, "virtio_mmio");
    dt.set_string(node, "compatible", "virtio,mmio");
}

// --- life cycle and registration

// Transports are numbered in order of their birth: virtio-mmio-bus.0, .1, ...
static unsigned buses_made;

bool VirtIOMMIOProxy::realize(Error **) {
    const MemoryRegionOps *ops =
        force_legacy ? &register_ops<S, legacy_regs, 4> : &register_ops<S, regs, 4>;
    memory_region_init(&container, this, TYPE_VIRTIO_MMIO, TOTAL_SIZE);
    memory_region_init_io(&registers, this, ops, this, "virtio-mmio-registers", CONFIG_OFFSET);
    memory_region_init_io(&config, this, &config_ops, this, "virtio-mmio-config",
                          TOTAL_SIZE - CONFIG_OFFSET);
    memory_region_add_subregion(&container, 0, &registers);
    memory_region_add_subregion(&container, CONFIG_OFFSET, &config);
    sysbus_init_mmio(this, &container);
    sysbus_init_irq(this, &irq);
    std::string name = format_string("%s.%u", TYPE_VIRTIO_MMIO_BUS, buses_made++);
    qbus_init(&bus, TYPE_VIRTIO_MMIO_BUS, this, name.c_str());
    return true;
}

// The device on the bus has been reset before.
void VirtIOMMIOProxy::reset() {
    if (force_legacy)
        register_reset<S>(*this, legacy_regs);
    else
        register_reset<S>(*this, regs);
}

static constexpr Property properties[] = {
    define_prop<&S::force_legacy>("force-legacy", "off", "speak version 1, as before virtio 1.0"),
};

static void class_init(ObjectClass *klass, const void *) {
    auto *dc = object_class_cast<DeviceClass>(klass);
    dc->desc = "virtio transport over memory-mapped registers";
    dc->category = DEVICE_CATEGORY_MISC;
    device_class_set_props(dc, properties);
}

static const TypeInfo info = {
    .name = TYPE_VIRTIO_MMIO,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_new = object_instance_new<S>,
    .class_init = class_init,
};
static const TypeInfo bus_info = {
    .name = TYPE_VIRTIO_MMIO_BUS,
    .parent = TYPE_VIRTIO_BUS,
    .instance_new = object_instance_new<VirtIOMMIOBus>,
};
static void virtio_mmio_register_types() {
    type_register_static(&info);
    type_register_static(&bus_info);
}
type_init(virtio_mmio_register_types)

} // namespace virtio_mmio
