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

    // Where code goes on by address: a cache, filled by the engine. Code of other pages, and behind
    // jumps whose target is not always the same.
    struct Jump {
        static constexpr unsigned PRIV_SHIFT = 60;
        static constexpr uint64_t NONE = 1; // an address is even

        uint64_t key = NONE;
        const void *code = nullptr;

        // No two modes and addresses have the same one: an address that code is at has its highest
        // eight bits all alike.
        static uint64_t key_of(const RISCVCPU &cpu) {
            return cpu.pc ^ static_cast<uint64_t>(cpu.priv) << PRIV_SHIFT;
        }
        // Whatever the mode.
        bool is_in(uint64_t page_va) const {
            return !((key ^ page_va) & ~PAGE_OFFSET & ~(uint64_t{ 3 } << PRIV_SHIFT));
        }
    };
    static constexpr size_t JUMPS = 2048;

    InterpAccel *engine;
    RISCVCPU *cpu;
    std::unordered_map<const uint8_t *, std::unique_ptr<CodePage>> pages; // by host page
    FetchEntry fetch[MMU_MODES][FETCH_SIZE];
    uint64_t decoded = 0; // instructions kept in all pages
    uint64_t granted = 0; // what run() was given
    uint64_t budget = 0;  // what is left of it: instructions, trapping ones included
    Jump jumps[JUMPS];

    bool passes_watchpoint = false; // the access that was held back is next

    std::vector<const uint8_t *> written;   // host pages to drop; under the engine's lock
    std::atomic<bool> in_guest{ false };    // any thread
    std::atomic<bool> guard_asked{ false }; // any thread: drop writable TLB entries

    InterpCPU(InterpAccel *engine, RISCVCPU *cpu) : engine(engine), cpu(cpu) {}
    ~InterpCPU() override;
    Jump &jump_at(uint64_t pc) { return jumps[(pc >> 1 ^ pc >> RAMBlock::PAGE_BITS) % JUMPS]; }
};

struct InterpAccel : AccelState {
    std::mutex lock; // innermost: nothing else is taken under it
    std::vector<InterpCPU *> harts;
    CodeMap code;

    // --- what an engine that translates fills in (hw/cpu/jit.cpp)
    uint16_t threshold = 0; // runs of a block until it is translated; 0: never
    // Sets b.code, if that can be done.
    virtual void translate(InterpCPU &, CodePage &, Block &) {}
    // Runs a block's code, cpu.pc and cpu.page_va being its own, and what it goes on with. Returns
    // the link on which the last one wanted to go on, if the code behind it was missing.
    using EnterFn = const void **(*)(uint64_t *x, uint64_t *budget, const void *code);
    EnterFn enter = nullptr;

    InterpAccel();
    ~InterpAccel() override;
    void cpu_thread_init(CPUState *cpu) override;
    uint64_t run(CPUState *cpu, uint64_t n) override;
    uint64_t executed(const CPUState *cpu) const override;
};
