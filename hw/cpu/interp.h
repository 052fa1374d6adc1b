// SPDX-License-Identifier: MIT
/* The interpreter: an engine that runs the decode rows' bodies. `-accel interp`. */
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "hw/cpu/code-cache.h"
#include "hw/cpu/riscv-cpu.h"

#define TYPE_INTERP_ACCEL "interp-accel"

struct InterpAccel;

// What the interpreter keeps of a hart. The hart's own thread has it, but for the marked fields.
struct InterpCPU : EngineCPU {
    static constexpr size_t FETCH_SIZE = 256; // entries a mode
    struct FetchEntry {
        uint64_t va = TlbEntry::INVALID; // the page's
        CodePage *page = nullptr;
    };

    InterpAccel *engine;
    RISCVCPU *cpu;
    std::unordered_map<const uint8_t *, std::unique_ptr<CodePage>> pages; // by host page
    FetchEntry fetch[MMU_MODES][FETCH_SIZE];
    uint64_t decoded = 0; // instructions kept in all pages
    uint64_t granted = 0; // what run() was given
    uint64_t budget = 0;  // what is left of it: instructions, trapping ones included

    bool passes_watchpoint = false; // the access that was held back is next

    std::vector<const uint8_t *> written;   // host pages to drop; under the engine's lock
    std::atomic<bool> in_guest{ false };    // any thread
    std::atomic<bool> guard_asked{ false }; // any thread: drop writable TLB entries

    InterpCPU(InterpAccel *engine, RISCVCPU *cpu) : engine(engine), cpu(cpu) {}
    ~InterpCPU() override;
};

struct InterpAccel : AccelState {
    std::mutex lock; // innermost: nothing else is taken under it
    std::vector<InterpCPU *> harts;
    CodeMap code;

    InterpAccel();
    ~InterpAccel() override;
    void cpu_thread_init(CPUState *cpu) override;
    uint64_t run(CPUState *cpu, uint64_t n) override;
    uint64_t executed(const CPUState *cpu) const override;
};
