// SPDX-License-Identifier: MIT
/* What the fuzzers of the two monitors share: a machine of two harts that a command may start, stop
 * and look into, and a limit that keeps commands from opening files and sockets. */
#pragma once

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hw/core/boards.h"
#include "hw/core/system.h"
#include "hw/cpu/interp.h"
#include "util/chardev.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/module.h"
#include "util/trace.h"
#include "vl/runstate.h"

inline constexpr hwaddr FUZZ_RAM = 0x80000000;
inline constexpr int FUZZ_FILES = 32;

// Counts the bytes that come back.
struct FuzzChardev : Chardev {
    uint64_t written = 0;
    int write(const uint8_t *, int size) override {
        written += static_cast<uint64_t>(size);
        return size;
    }
    void give(const std::string &text) {
        for (char c : text) {
            auto byte = static_cast<uint8_t>(c);
            if (qemu_chr_be_can_write(this) > 0) qemu_chr_be_write(this, &byte, 1);
        }
    }
};

inline void fuzz_machine_init() {
    static constexpr uint32_t LOOP[] = { 0x0000006f };
    bql_lock();
    for (auto type : { MODULE_INIT_TRACE, MODULE_INIT_QOM, MODULE_INIT_QAPI, MODULE_INIT_OPTS })
        module_call_init(type);
    cpu_set_accel(static_cast<AccelState *>(object_new(TYPE_INTERP_ACCEL)));
    current_machine = static_cast<MachineState *>(object_new("toy-machine"));
    object_property_add_child(object_get_root(), "machine", current_machine);
    auto *ram = new MemoryRegion;
    if (!memory_region_init_ram(ram, nullptr, "ram", 64 << 10, &error_abort)) abort();
    memory_region_add_subregion(get_system_memory(), FUZZ_RAM, ram);
    if (address_space_write(&address_space_memory, FUZZ_RAM, LOOP, sizeof LOOP) != MEMTX_OK)
        abort();
    for (uint32_t n : { 0u, 1u }) {
        auto *cpu = static_cast<RISCVCPU *>(object_new(TYPE_RISCV_CPU_RV64));
        cpu->hartid = n;
        cpu->resetvec = FUZZ_RAM;
        object_property_add_child(current_machine, "harts[*]", cpu);
        if (!qdev_realize(cpu, nullptr, &error_abort)) abort();
        cpu->reset();
    }
    qdev_machine_creation_done();
    atexit(cpu_remove_all); // before what their threads use goes
    while (open("/dev/null", O_RDONLY) < FUZZ_FILES - 1) {
    }
}

inline std::mutex fuzz_limit_lock; // the harts' threads call pipe(), too

inline rlimit fuzz_set_limit(rlim_t files) {
    rlimit saved;
    getrlimit(RLIMIT_NOFILE, &saved);
    rlimit now = { std::min(files, saved.rlim_max), saved.rlim_max };
    setrlimit(RLIMIT_NOFILE, &now);
    return saved;
}

// While it lives, nothing can be opened: all descriptors below the limit are taken.
class NoNewFiles {
public:
    NoNewFiles() {
        std::lock_guard guard(fuzz_limit_lock);
        saved_ = fuzz_set_limit(FUZZ_FILES);
    }
    ~NoNewFiles() {
        std::lock_guard guard(fuzz_limit_lock);
        setrlimit(RLIMIT_NOFILE, &saved_);
    }
    NoNewFiles(const NoNewFiles &) = delete;
    NoNewFiles &operator=(const NoNewFiles &) = delete;

private:
    rlimit saved_;
};

// UBSan asks by a pipe whether an object can be read: there is room for that one, always.
extern "C" int pipe(int fds[2]) noexcept {
    std::lock_guard guard(fuzz_limit_lock);
    rlimit saved = fuzz_set_limit(RLIM_INFINITY);
    int ret = pipe2(fds, 0);
    setrlimit(RLIMIT_NOFILE, &saved);
    return ret;
}

// The sanitizers call these before the input that broke something is written to a file: it may be.
extern "C" void __asan_on_error() { fuzz_set_limit(RLIM_INFINITY); }
extern "C" void __ubsan_on_report() { fuzz_set_limit(RLIM_INFINITY); }

// As before the commands: stopped, silent, and nothing asked for.
inline void fuzz_machine_rest() {
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
    (void)qemu_shutdown_requested();
    (void)qemu_reset_requested();
    (void)qemu_set_log("none", nullptr);
    (void)trace_enable_events("*", false, TRACE_SINK_LOG);
}
