// SPDX-License-Identifier: MIT
/* What `-accel jit` does beside running programs right, which all other tests here hold it to:
 * when it makes code, that the code finds the code behind it, and that it stops where it must. */
#include <thread>

#include <gtest/gtest.h>

#include "hw/cpu/jit.h"
#include "tests/isa/harness.h"

static const Block *block_at(Bench &bench, uint64_t address) {
    auto &h = static_cast<InterpCPU &>(*bench.cpu().engine_cpu);
    auto it = h.pages.find(bench.host(address & ~PAGE_OFFSET));
    return it == h.pages.end() ? nullptr : it->second->find(address & PAGE_OFFSET);
}

constexpr uint32_t bnez(uint32_t rs1, int32_t offset) {
    auto o = static_cast<uint32_t>(offset);
    return (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25 | rs1 << 15 | 1 << 12 | (o >> 1 & 0xf) << 8 |
           (o >> 11 & 1) << 7 | 0x63;
}
constexpr uint32_t jump(int32_t offset) {
    auto o = static_cast<uint32_t>(offset);
    return (o >> 20 & 1) << 31 | (o >> 1 & 0x3ff) << 21 | (o >> 11 & 1) << 20 |
           (o >> 12 & 0xff) << 12 | 0x6f;
}

TEST(Jit, TranslatesWhatRunsOften) {
    Bench bench(1, TYPE_JIT_ACCEL);
    bench.engine->threshold = 3;
    bench.load({ addi(A0, A0, 1), jump(-4) });
    bench.step(4);
    EXPECT_EQ(block_at(bench, RAM_BASE)->code, nullptr);
    bench.step(2);
    EXPECT_NE(block_at(bench, RAM_BASE)->code, nullptr);
    bench.step(1994);
    EXPECT_EQ(bench.cpu().x[A0], 1000u);
}

TEST(Jit, InterpreterMakesNoCode) {
    Bench bench(1, TYPE_INTERP_ACCEL);
    bench.load({ addi(A0, A0, 1), jump(-4) });
    bench.step(100'000);
    EXPECT_EQ(block_at(bench, RAM_BASE)->code, nullptr);
}

// However the budget falls, as many instructions run as it says, translated or not.
TEST(Jit, StopsWhereTheInterpreterStops) {
    for (uint64_t n = 1; n < 60; n++) {
        uint64_t expected = 0;
        for (const char *type : { TYPE_INTERP_ACCEL, TYPE_JIT_ACCEL }) {
            Bench bench(1, type);
            bench.load({ li(T0, 3), addi(A0, A0, 1), addi(A1, A0, 1), addi(T0, T0, -1),
                         bnez(T0, -12), addi(A2, A2, 1), jump(-24) });
            RISCVCPU &cpu = bench.cpu();
            for (int turn = 0; turn < 20; turn++) EXPECT_EQ(bench.step(n), n);
            EXPECT_EQ(cpu.instret, 20 * n);
            uint64_t state =
                cpu.pc ^ cpu.x[T0] << 8 ^ cpu.x[A0] << 16 ^ cpu.x[A1] << 32 ^ cpu.x[A2] << 48;
            if (!expected) expected = state; // the interpreter's
            EXPECT_EQ(state, expected) << n;
        }
    }
}

// A loop over two blocks of a page, and one over two pages: after some turns the code of each finds
// the other's without the engine.
TEST(Jit, CodeFindsCode) {
    Bench bench(1, TYPE_JIT_ACCEL);
    bench.load({ addi(A0, A0, 1), jump(4), addi(A1, A1, 1), jump(0x2000 - 12) });
    bench.poke(RAM_BASE + 0x2000, { addi(A2, A2, 1), jump(-0x2004) });
    bench.step(60);
    auto &h = static_cast<InterpCPU &>(*bench.cpu().engine_cpu);
    for (uint64_t target : { RAM_BASE, RAM_BASE + 0x2000 }) {
        EXPECT_EQ(h.jump_at(target).code, block_at(bench, target)->code);
    }
    // the link of the first block is the second's code: it runs on where the engine is not asked
    const void *second = block_at(bench, RAM_BASE + 8)->code;
    const CodePage &page = *h.pages.find(bench.host(RAM_BASE))->second;
    bool linked = false;
    for (const std::unique_ptr<BlockCode> &code : page.code) {
        linked |= static_cast<TranslatedBlock &>(*code).links[0] == second;
    }
    EXPECT_TRUE(linked);
    bench.step(6 * 1000 - 60);
    EXPECT_EQ(bench.cpu().x[A2], 1000u);
}

// What is written over goes with its code, and so does what leads there from other pages.
TEST(Jit, ForgetsWhatWasWrittenOver) {
    Bench bench(1, TYPE_JIT_ACCEL);
    bench.load({ addi(A0, A0, 1), jump(0x1000 - 4) });
    bench.poke(RAM_BASE + 0x1000, { addi(A1, A1, 1), jump(-0x1004) });
    bench.step(400);
    EXPECT_EQ(bench.cpu().x[A1], 100u);
    bench.poke(RAM_BASE + 0x1000, { addi(A2, A2, 1) });
    bench.step(400);
    EXPECT_EQ(bench.cpu().x[A1], 100u);
    EXPECT_EQ(bench.cpu().x[A2], 100u);
    EXPECT_EQ(bench.cpu().x[A0], 200u);
}

// Code that goes on with itself for ever still looks up when it is asked to.
TEST(Jit, AnEndlessLoopCanBeLeft) {
    Bench bench(1, TYPE_JIT_ACCEL);
    bench.load({ SELF });
    bench.step(10);
    auto &h = static_cast<InterpCPU &>(*bench.cpu().engine_cpu);
    std::thread runs([&] { bench.engine->run(&bench.cpu(), UINT64_MAX); });
    while (!h.in_guest) std::this_thread::yield();
    bench.cpu().exit_request = true;
    runs.join();
    EXPECT_EQ(bench.cpu().pc, RAM_BASE);
}

// The rows' names are those of instructions, and a compressed instruction has its sibling's.
TEST(Jit, EveryIntegerInstructionHasARow) {
    for (const InsnRow &row : insn_rv64i.rows) {
        std::string name = row.name;
        bool traps = name == "ecall" || name == "ebreak" || name == "fence.i";
        EXPECT_EQ(jit_emitter(row.exec) != nullptr, !traps) << name;
    }
    EXPECT_EQ(jit_emitter(decode_row(0x4501)->exec), jit_emitter(decode_row(0x00000513)->exec));
    EXPECT_NE(jit_emitter(decode_row(0x02b50533)->exec), nullptr); // mul
    EXPECT_EQ(jit_emitter(decode_row(0x02b54533)->exec), nullptr); // div
}
