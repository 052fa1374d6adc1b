// SPDX-License-Identifier: MIT
/* How the engine `-accel jit` makes x86-64 code of a block. See hw/cpu/jit.cpp. */
#pragma once

#include <asmjit/x86.h>

#include "hw/cpu/interp.h"

#define TYPE_JIT_ACCEL "jit-accel"

// The code of a block, and what that refers to.
struct TranslatedBlock : BlockCode {
    static constexpr unsigned MAX_LINKS = 2;

    asmjit::JitRuntime &runtime;
    std::vector<DecodedInsn> insns;
    const void *links[MAX_LINKS]; // the code behind, by way out; at first the way to the engine

    TranslatedBlock(asmjit::JitRuntime &runtime, std::span<const DecodedInsn> insns,
                    const void *leave)
        : runtime(runtime), insns(insns.begin(), insns.end()), links{ leave, leave } {}
    ~TranslatedBlock() override { runtime.release(entry); }
};

// A block on its way to code, and the words that the rows of hw/cpu/jit-insn.cpp say it in. rbx is
// RISCVCPU::x and r12 InterpCPU::budget all the time; rax, rcx and rdx are free.
struct BlockTranslation {
    using Mem = asmjit::x86::Mem;
    using Gp = asmjit::x86::Gp;

    asmjit::x86::Assembler &a;
    const InterpCPU &h;
    TranslatedBlock &made;
    const Block &block;

    BlockTranslation(asmjit::x86::Assembler &a, const InterpCPU &h, TranslatedBlock &made,
                     const Block &block)
        : a(a), h(h), made(made), block(block) {}
    void translate();

    // A field of the hart, or of what the engine keeps of it.
    template <typename T>
    Mem field(const T &object) const {
        return at(asmjit::x86::rbx, h.cpu->x, object);
    }
    template <typename T>
    Mem engine_field(const T &object) const {
        return at(asmjit::x86::r12, h.budget, object);
    }
    // A register of the guest, and its low word.
    Mem x(unsigned n) const { return field(h.cpu->x[n]); }
    Mem word(unsigned n) const {
        Mem m = x(n);
        m.setSize(sizeof(uint32_t));
        return m;
    }
    void load_register(const Gp &to, unsigned n);
    // The guest's address of an offset in the block's page.
    void address_in_page(const Gp &to, int32_t offset);
    // rax: where a load or store goes to.
    void effective_address(const DecodedInsn &i);
    // rcx: what to add to the address in rax. An access that misses is done by the body instead,
    // and the code goes on at end_access().
    void probe_tlb(const DecodedInsn &i, uint64_t TlbEntry::*tag, unsigned size);
    void end_access() { a.bind(slow_paths.back().back); }
    // Ways out of the block: to that offset in the page, and to where cpu.pc says.
    void leave_to(int32_t offset);
    void leave_to_pc();

private:
    struct SlowPath {
        asmjit::Label from, back;
        const DecodedInsn *insn;
    };
    std::vector<SlowPath> slow_paths = {};
    unsigned links = 0;

    template <typename Base, typename T>
    static Mem at(const Gp &reg, const Base &base, const T &object) {
        auto distance =
            reinterpret_cast<const char *>(&object) - reinterpret_cast<const char *>(&base);
        return Mem(reg, static_cast<int32_t>(distance), sizeof(T));
    }
    void call_body(const DecodedInsn &i);
    void count_and_look_up(const asmjit::Label &asked);
    void to_engine();
    void translate_insn(const DecodedInsn &i);
};

// What makes code of an instruction.
struct EmitterRow {
    const char *insn; // its decode row's name
    void (*emit)(BlockTranslation &t, const DecodedInsn &i);
    bool leaves = false; // emits the ways out of the block
};
// The row for instructions with that body, or nullptr: the code calls the body.
const EmitterRow *jit_emitter(ExecFn body);
