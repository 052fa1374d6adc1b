// SPDX-License-Identifier: MIT
/* A hart on a bench: RAM, a little ROM and one device around it, and no thread. Time stands still
 * unless the test runs the hart. */
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "hw/core/memory.h"
#include "hw/cpu/interp.h"
#include "hw/cpu/riscv-cpu.h"

inline constexpr uint64_t RAM_BASE = 0x80000000;
inline constexpr uint64_t RAM_SIZE = 16 << 20;
inline constexpr uint64_t ROM_BASE = 0x1000;      // one page that begins with a ret
inline constexpr uint64_t RESULT_BASE = 0x100000; // word 0: the result; word 1 reads as 0x12345678
inline constexpr uint64_t BENCH_TIME = 123456789; // what `time` reads
inline constexpr unsigned BENCH_HARTID = 3;       // hart 0's; the others count on

struct Bench {
    // The tests run once with each engine (CMakeLists.txt). One that translates does so at once.
    static const char *engine_under_test();

    explicit Bench(unsigned harts = 1, const char *engine_type = engine_under_test());
    ~Bench();
    Bench(const Bench &) = delete;
    Bench &operator=(const Bench &) = delete;

    RISCVCPU &cpu(unsigned n = 0) { return *cpus[n]; }
    // Puts instructions (or a file made from programs/NAME.S) at the start of RAM and pc there.
    void load(std::initializer_list<uint32_t> words);
    void load_program(const std::string &name);
    // Puts them anywhere in RAM.
    void poke(uint64_t address, std::initializer_list<uint32_t> words);
    uint8_t *host(uint64_t address) { return ram.ram->host + (address - RAM_BASE); }
    template <typename T>
    T &at(uint64_t address) {
        return *reinterpret_cast<T *>(host(address));
    }
    // Runs one instruction of hart 0, or n. Returns how many it ran.
    uint64_t step(uint64_t n = 1) {
        cpu().exit_request = false; // an interrupt line's kick, as a hart's thread would take it
        return engine->run(&cpu(), n);
    }
    // Runs until the program writes its result, or has run too long.
    void run_to_result(uint64_t limit = 50'000'000);

    MemoryRegion root, ram, rom, device;
    AddressSpace as;
    InterpAccel *engine;
    std::vector<RISCVCPU *> cpus;
    bool finished = false;
    uint32_t result = 0;
};

// Encodings, written from the manual's formats and not from the decode rows.
constexpr uint32_t enc_r(uint32_t op, uint32_t f3, uint32_t f7, uint32_t rd, uint32_t rs1,
                         uint32_t rs2) {
    return f7 << 25 | rs2 << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr uint32_t enc_i(uint32_t op, uint32_t f3, uint32_t rd, uint32_t rs1, int32_t imm) {
    return static_cast<uint32_t>(imm) << 20 | rs1 << 15 | f3 << 12 | rd << 7 | op;
}
constexpr uint32_t li(uint32_t rd, int32_t imm) { return enc_i(0x13, 0, rd, 0, imm); }
constexpr uint32_t addi(uint32_t rd, uint32_t rs1, int32_t imm) {
    return enc_i(0x13, 0, rd, rs1, imm);
}
constexpr uint32_t sw(uint32_t rs2, uint32_t rs1) { return enc_r(0x23, 2, 0, 0, rs1, rs2); }
constexpr uint32_t csrw(uint32_t csr, uint32_t rs1) {
    return enc_i(0x73, 1, 0, rs1, static_cast<int32_t>(csr));
}
inline constexpr uint32_t RET = 0x00008067, WFI = 0x10500073, NOP = 0x00000013, SELF = 0x0000006f,
                          FENCE_I = 0x0000100f;
inline constexpr uint32_t A0 = 10, A1 = 11, A2 = 12, T0 = 5;
