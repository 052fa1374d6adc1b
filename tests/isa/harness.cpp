// SPDX-License-Identifier: MIT
/* A hart on a bench. See tests/isa/harness.h. */
#include "tests/isa/harness.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "util/error.h"
#include "util/module.h"

// --- the device

static MemTxResult device_read(void *, hwaddr addr, uint64_t *value, unsigned) {
    *value = addr == 4 ? 0x12345678 : 0;
    return MEMTX_OK;
}
static MemTxResult device_write(void *opaque, hwaddr addr, uint64_t value, unsigned) {
    auto &bench = *static_cast<Bench *>(opaque);
    if (addr != 0) return MEMTX_OK;
    bench.result = static_cast<uint32_t>(value);
    bench.finished = true;
    for (RISCVCPU *cpu : bench.cpus) cpu->exit_request = true;
    return MEMTX_OK;
}
static const MemoryRegionOps device_ops = { device_read, device_write, 4, 4 };

static uint64_t bench_time(void *) { return BENCH_TIME; }

// --- the bench

const char *Bench::engine_under_test() {
    const char *name = getenv("ISA_ENGINE");
    return name ? name : TYPE_INTERP_ACCEL;
}

Bench::Bench(unsigned harts, const char *engine_type) {
    module_call_init(MODULE_INIT_QOM);
    memory_region_init(&root, nullptr, "bench", ~uint64_t{ 0 });
    if (!memory_region_init_ram(&ram, nullptr, "ram", RAM_SIZE, &error_abort)) abort();
    if (!memory_region_init_rom(&rom, nullptr, "rom", 4096, &error_abort)) abort();
    memory_region_init_io(&device, nullptr, &device_ops, this, "result", 8);
    memory_region_add_subregion(&root, RAM_BASE, &ram);
    memory_region_add_subregion(&root, ROM_BASE, &rom);
    memory_region_add_subregion(&root, RESULT_BASE, &device);
    address_space_init(&as, &root, "bench");
    memcpy(rom.ram->host, &RET, sizeof(RET));
    engine = static_cast<InterpAccel *>(object_new(engine_type));
    if (engine->threshold) engine->threshold = 1;
    for (unsigned n = 0; n < harts; n++) {
        auto *cpu = static_cast<RISCVCPU *>(object_new(TYPE_RISCV_CPU_RV64));
        cpus.push_back(cpu);
        cpu->as = &as;
        cpu->hartid = BENCH_HARTID + n;
        cpu->resetvec = RAM_BASE;
        riscv_cpu_set_rdtime_fn(cpu, bench_time, nullptr);
        riscv_cpu_init(cpu);
        engine->cpu_thread_init(cpu);
    }
}

Bench::~Bench() {
    for (RISCVCPU *cpu : cpus) object_unref(cpu);
    object_unref(engine);
    address_space_destroy(&as);
    for (MemoryRegion *mr : { &ram, &rom, &device }) memory_region_del_subregion(&root, mr);
}

void Bench::poke(uint64_t address, std::initializer_list<uint32_t> words) {
    for (uint32_t word : words) {
        MemTxResult r = address_space_write(&as, address, &word, sizeof(word));
        ASSERT_EQ(r, MEMTX_OK);
        address += sizeof(word);
    }
}

void Bench::load(std::initializer_list<uint32_t> words) {
    poke(RAM_BASE, words);
    for (RISCVCPU *cpu : cpus) cpu->pc = RAM_BASE;
}

void Bench::load_program(const std::string &name) {
    std::string path = std::string(ISA_PROGRAMS) + "/" + name + ".bin";
    FILE *f = fopen(path.c_str(), "rb");
    ASSERT_NE(f, nullptr) << path;
    size_t n = fread(host(RAM_BASE), 1, RAM_SIZE, f);
    fclose(f);
    ASSERT_GT(n, 0u) << path;
}

void Bench::run_to_result(uint64_t limit) {
    while (limit && !finished) limit -= step(limit);
}
