// SPDX-License-Identifier: MIT
/* What comes from gdb's side of the connection, on a machine of two harts. A line of the input is
 * the body of a packet, or, behind a '!', bytes as they are. */
#include <cstdlib>
#include <string>

#include "hw/core/system.h"
#include "hw/cpu/interp.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "vl/gdbstub-packet.h"
#include "vl/gdbstub.h"
#include "vl/runstate.h"

static constexpr hwaddr RAM_START = 0x80000000;
static constexpr uint64_t RAM_SIZE = 64 << 10;
static constexpr uint32_t LOOP[] = { 0x00053283, 0x00128293, 0x00553023, 0xff5ff06f };

// Counts replies: each packet has at most one, but for the monitor's output.
struct FuzzChardev : Chardev {
    uint64_t written = 0;
    int write(const uint8_t *buf, int size) override {
        for (int i = 0; i < size; i++) written += buf[i] == '$';
        return size;
    }
};
static FuzzChardev *chr;
static MemoryRegion *ram;

static void new_hart(uint32_t n) {
    auto *cpu = static_cast<RISCVCPU *>(object_new(TYPE_RISCV_CPU_RV64));
    cpu->hartid = n;
    cpu->resetvec = RAM_START;
    if (!qdev_realize(cpu, nullptr, &error_abort)) abort();
}

static void say_nothing(void *, const char *) {}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
    bql_lock();
    module_call_init(MODULE_INIT_QOM);
    cpu_set_accel(static_cast<AccelState *>(object_new(TYPE_INTERP_ACCEL)));
    ram = new MemoryRegion;
    if (!memory_region_init_ram(ram, nullptr, "ram", RAM_SIZE, &error_abort)) abort();
    memory_region_add_subregion(get_system_memory(), RAM_START, ram);
    for (uint32_t n : { 0u, 1u }) new_hart(n);
    chr = new FuzzChardev; // the stub's from here on
    gdbserver_start_chardev(chr);
    atexit(cpu_remove_all); // before what their threads use goes
    return 0;
}

static void give(const std::string &bytes) {
    qemu_chr_be_write(chr, reinterpret_cast<const uint8_t *>(bytes.data()),
                      static_cast<int>(bytes.size()));
}

static void reset_harts() {
    for (CPUState *cpu : cpu_list()) {
        static_cast<RISCVCPU *>(cpu)->reset();
        static_cast<RISCVCPU *>(cpu)->x[10] = RAM_START + 0x1000;
    }
    if (address_space_write(&address_space_memory, RAM_START, LOOP, sizeof LOOP) != MEMTX_OK)
        abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    error_set_sink(say_nothing, nullptr); // "Terminated via GDBstub"
    reset_harts();
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    std::string text(reinterpret_cast<const char *>(data), size);
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        give(line.starts_with('!') ? line.substr(1) : gdbstub::packet_frame(line));
        at = end + 1;
    }
    // whatever came before, the stub answers
    give("#00\x03");
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
    uint64_t before = chr->written;
    give("$#00$#00" + gdbstub::packet_frame("qC"));
    if (chr->written <= before) abort();
    qemu_chr_be_event(chr, CHR_EVENT_CLOSED);
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
    (void)qemu_shutdown_requested(); // k
    (void)qemu_debug_requested();
    return 0;
}
