// SPDX-License-Identifier: MIT
/* The hart as its board sees it: reset, interrupt lines, WFI, running in bounds, code that others
 * write, and how it is printed. */
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/isa/harness.h"
#include "hw/cpu/csr.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/trap.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/timer.h"

// Levels are set under the big lock.
static void set_line(RISCVCPU &cpu, Irq line, int level) {
    BqlGuard guard;
    qemu_set_irq(qdev_get_gpio_in(&cpu, static_cast<int>(line)), level);
}
static uint64_t mip(const RISCVCPU &cpu) { return csr_peek(cpu, 0x344); }

// --- reset

TEST(Hart, Reset) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load_program("sv39");
    bench.run_to_result();
    cpu.mstatus |= MSTATUS_MIE | MSTATUS_MPRV;
    cpu.mie = ~0ull;
    cpu.halted = true;
    cpu.resetvec = RAM_BASE + 0x100;
    cpu.reset();
    EXPECT_EQ(cpu.get_pc(), RAM_BASE + 0x100);
    EXPECT_EQ(cpu.priv, PRV_M);
    EXPECT_EQ(csr_peek(cpu, 0x300), MSTATUS_UXL_64 | MSTATUS_SXL_64);
    for (const CsrRow &row : csr_table()) {
        bool constant = row.number == 0x300 || row.number == 0x100 || row.number == 0x301 ||
                        row.number == 0xf14 || row.number == 0xc01 || row.number == 0x30a ||
                        row.number == 0x7a4;
        if (!constant) {
            EXPECT_EQ(csr_peek(cpu, row.number), 0u) << row.name;
        }
    }
    EXPECT_FALSE(cpu.halted);
    EXPECT_EQ(cpu.x[10], 0u);
}

TEST(Hart, LinesOutliveAReset) {
    Bench bench;
    set_line(bench.cpu(), IRQ_M_EXT, 1);
    set_line(bench.cpu(), IRQ_S_EXT, 1);
    bench.cpu().reset();
    EXPECT_EQ(mip(bench.cpu()), MIP_MEIP | MIP_SEIP);
}

// --- interrupt lines

TEST(Hart, LinesAreBitsOfMip) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    for (Irq line : { IRQ_M_SOFT, IRQ_M_TIMER, IRQ_M_EXT, IRQ_S_EXT, IRQ_S_TIMER }) {
        set_line(cpu, line, 1);
        EXPECT_EQ(mip(cpu), 1u << line);
        set_line(cpu, line, 0);
        EXPECT_EQ(mip(cpu), 0u);
    }
    set_line(cpu, IRQ_S_SOFT, 1); // an edge: only software clears it
    set_line(cpu, IRQ_S_SOFT, 0);
    EXPECT_EQ(mip(cpu), MIP_SSIP);
}

// mip.SEIP reads as the line or the bit, csrrs must not turn the line into the bit.
TEST(Hart, TheSeipLineIsNotSoftwaresBit) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    set_line(cpu, IRQ_S_EXT, 1);
    bench.load({ 0x34416073 }); // csrsi mip, 2
    bench.step();
    EXPECT_EQ(mip(cpu), MIP_SEIP | MIP_SSIP);
    set_line(cpu, IRQ_S_EXT, 0);
    EXPECT_EQ(mip(cpu), MIP_SSIP);
    cpu.x[A0] = MIP_SEIP;
    bench.load({ 0x34452073 }); // csrs mip, a0
    bench.step();
    set_line(cpu, IRQ_S_EXT, 1);
    set_line(cpu, IRQ_S_EXT, 0);
    EXPECT_EQ(mip(cpu), MIP_SSIP | MIP_SEIP);
}

TEST(Hart, SoftwareCannotTouchTheMachinesLines) {
    Bench bench;
    set_line(bench.cpu(), IRQ_M_TIMER, 1);
    bench.cpu().x[A0] = MIP_MSIP | MIP_MEIP;
    bench.load({ csrw(0x344, A0) });
    bench.step();
    EXPECT_EQ(mip(bench.cpu()), MIP_MTIP);
}

TEST(Hart, PriorityOfInterrupts) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load({ SELF });
    bench.poke(RAM_BASE + 0x100, { SELF });
    cpu.mtvec = RAM_BASE + 0x100;
    cpu.mie = MIP_ALL;
    for (Irq line : { IRQ_S_TIMER, IRQ_S_SOFT, IRQ_S_EXT, IRQ_M_TIMER, IRQ_M_SOFT, IRQ_M_EXT }) {
        set_line(cpu, line, 1); // each outranks all before it
        cpu.pc = RAM_BASE;
        cpu.mstatus = MSTATUS_MIE;
        bench.step();
        EXPECT_EQ(cpu.mcause, CAUSE_INTERRUPT | line) << riscv_cause_name(CAUSE_INTERRUPT | line);
        EXPECT_EQ(cpu.mepc, RAM_BASE);
        EXPECT_EQ(cpu.mtval, 0u);
    }
}

TEST(Hart, AnInterruptComesRightBehindTheInstructionThatEnablesIt) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    cpu.mtvec = RAM_BASE + 0x100;
    cpu.mie = MIP_MTIP;
    bench.poke(RAM_BASE + 0x100, { SELF });
    set_line(cpu, IRQ_M_TIMER, 1);
    bench.load({ li(A0, 1), 0x30046073 /* csrsi mstatus, 8 */, li(A0, 2), SELF });
    bench.step(3);
    EXPECT_EQ(cpu.x[A0], 1u);
    EXPECT_EQ(cpu.mepc, RAM_BASE + 8);
}

// --- WFI

TEST(Hart, WfiSleepsUntilAnEnabledInterruptIsPending) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load({ WFI, li(A0, 1), SELF });
    cpu.mie = MIP_MTIP;
    EXPECT_EQ(bench.step(100), 1u);
    EXPECT_TRUE(cpu.halted);
    EXPECT_EQ(cpu.get_pc(), RAM_BASE + 4);
    set_line(cpu, IRQ_M_SOFT, 1); // not enabled
    EXPECT_FALSE(cpu.has_work());
    EXPECT_EQ(bench.step(100), 0u);
    set_line(cpu, IRQ_M_TIMER, 1); // enabled in mie, though not in mstatus
    EXPECT_TRUE(cpu.has_work());
    EXPECT_EQ(bench.step(1), 1u);
    EXPECT_EQ(cpu.x[A0], 1u);
    EXPECT_EQ(cpu.mcause, 0u);
}

TEST(Hart, WfiDoesNotSleepIfWorkIsThere) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load({ WFI, li(A0, 1), SELF });
    cpu.mie = MIP_MSIP;
    set_line(cpu, IRQ_M_SOFT, 1);
    EXPECT_EQ(bench.step(2), 2u);
    EXPECT_EQ(cpu.x[A0], 1u);
}

// One that runs looks by itself, at the end of its block.
TEST(Hart, ALineKicksAHartThatSleeps) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    cpu.halted = true;
    set_line(cpu, IRQ_M_SOFT, 1); // nothing is enabled
    EXPECT_FALSE(cpu.exit_request);
    cpu.mie = MIP_MSIP;
    cpu.halted = false;
    set_line(cpu, IRQ_M_SOFT, 1);
    EXPECT_FALSE(cpu.exit_request);
    EXPECT_NE(cpu.attention & ATTENTION_IRQ, 0u);
    cpu.halted = true;
    set_line(cpu, IRQ_M_SOFT, 1);
    EXPECT_TRUE(cpu.exit_request);
}

// --- running

TEST(Hart, RunsExactlyAsManyAsAsked) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load({ addi(A0, A0, 1), addi(A0, A0, 1), addi(A0, A0, 1), 0xff5ff06f /* j .-12 */ });
    for (uint64_t n : { 1, 2, 3, 4, 5, 7, 11, 100, 1000 }) {
        uint64_t before = cpu.instret;
        ASSERT_EQ(bench.step(n), n);
        EXPECT_EQ(cpu.instret - before, n);
        EXPECT_EQ(cpu.x[A0], cpu.instret - cpu.instret / 4);
        EXPECT_EQ(cpu.get_pc(), RAM_BASE + cpu.instret % 4 * 4);
    }
}

TEST(Hart, ExitRequestEndsTheRun) {
    Bench bench;
    bench.load({ SELF });
    bench.cpu().exit_request = true;
    EXPECT_EQ(bench.engine->run(&bench.cpu(), 100), 0u);
}

TEST(Hart, TrapsCountAsRunButNotAsRetired) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    cpu.mtvec = RAM_BASE;
    bench.load({ NOP, NOP, 0x00000073 /* ecall */ });
    EXPECT_EQ(bench.step(9), 9u);
    EXPECT_EQ(cpu.instret, 6u);
    EXPECT_EQ(cpu.mepc, RAM_BASE + 8);
}

TEST(Hart, DumpsItsState) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    cpu.x[A0] = 0x1234;
    cpu.f[10] = 0x3ff0000000000000;
    std::string text = cpu.dump_state();
    EXPECT_NE(text.find("f10/fa0  3ff0000000000000"), std::string::npos) << text;
    EXPECT_NE(text.find(" pc       0000000080000000\n"), std::string::npos) << text;
    EXPECT_NE(text.find(" mhartid  0000000000000003\n"), std::string::npos);
    EXPECT_NE(text.find(" x10/a0   0000000000001234"), std::string::npos);
}

// --- code that somebody else writes

TEST(Hart, CodeWrittenByADeviceIsSeen) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    for (int value = 1; value < 5; value++) {
        bench.load({ li(A0, value), SELF });
        bench.step(2);
        EXPECT_EQ(cpu.x[A0], static_cast<uint64_t>(value));
    }
}

TEST(Hart, CodeInRomIsSeenWhenTheLoaderWritesIt) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    for (int value = 1; value < 3; value++) {
        uint32_t words[] = { li(A0, value), SELF };
        ASSERT_EQ(address_space_write_rom(&bench.as, ROM_BASE, words, sizeof(words)), MEMTX_OK);
        cpu.pc = ROM_BASE;
        bench.step(2);
        EXPECT_EQ(cpu.x[A0], static_cast<uint64_t>(value));
    }
}

TEST(Hart, ANewMemoryMapIsSeen) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    constexpr uint64_t where = 0x90000000;
    MemoryRegion more;
    ASSERT_TRUE(memory_region_init_ram(&more, nullptr, "more", 4096, &error_abort));
    memory_region_add_subregion(&bench.root, where, &more);
    cpu.x[A0] = where;
    cpu.x[A1] = 77;
    bench.load({ sw(A1, A0), sw(A1, A0) });
    bench.step();
    EXPECT_EQ(cpu.mcause, 0u);
    EXPECT_EQ(more.ram->host[0], 77);
    memory_region_del_subregion(&bench.root, &more);
    bench.step();
    EXPECT_EQ(cpu.mcause, CAUSE_STORE_ACCESS);
    EXPECT_EQ(cpu.mtval, where);
}

TEST(Hart, LogsItsTraps) {
    Bench bench;
    std::string file = testing::TempDir() + "isa-int-" + std::to_string(getpid()) + ".log";
    ASSERT_TRUE(qemu_set_log_filename(file, &error_abort));
    ASSERT_TRUE(qemu_set_log("int", &error_abort));
    bench.load({ 0x00000073 });
    bench.step();
    qemu_loglevel = 0;
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    EXPECT_EQ(line, "hart 3: exception m_ecall, epc 0x0000000080000000, tval 0x0000000000000000");
    remove(file.c_str());
}

TEST(Hart, DirtyLogSeesEveryStore) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    uint64_t page = 0x4000;
    bench.load({ sw(A1, A0), sw(A1, A0), SELF });
    cpu.x[A0] = RAM_BASE + page;
    bench.step(1); // with a writable TLB entry
    memory_region_set_log(&bench.ram, true);
    (void)memory_region_snapshot_and_clear_dirty(&bench.ram, page, 4096);
    bench.step(1);
    EXPECT_TRUE(memory_region_snapshot_and_clear_dirty(&bench.ram, page, 4096));
    EXPECT_FALSE(memory_region_snapshot_and_clear_dirty(&bench.ram, page, 4096));
}

// --- several harts, a thread each

using namespace std::chrono_literals;

struct Threads {
    Bench &bench;
    std::vector<std::thread> threads;

    static void run(InterpAccel *engine, RISCVCPU *cpu, std::atomic<bool> *end) {
        while (!*end) {
            cpu->exit_request = false;
            engine->run(cpu, 100'000);
        }
    }
    explicit Threads(Bench &b) : bench(b) {
        for (RISCVCPU *cpu : b.cpus) threads.emplace_back(run, b.engine, cpu, &end);
    }
    std::atomic<bool> end{ false };
    ~Threads() {
        end = true;
        for (RISCVCPU *cpu : bench.cpus) cpu->exit_request = true;
        for (std::thread &t : threads) t.join();
    }
};

template <typename Done>
static bool wait_until(Done done, std::chrono::seconds limit) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return done();
}

// Every hart adds 1 to one counter 20,000 times, by AMO and by LR and SC in turn.
TEST(Harts, AtomicsAreAtomic) {
    constexpr unsigned HARTS = 4, ROUNDS = 20'000;
    Bench bench(HARTS);
    bench.load_program("harts_count");
    for (RISCVCPU *cpu : bench.cpus) {
        cpu->x[A0] = RAM_BASE + 0x8000; // the counter
        cpu->x[A1] = ROUNDS;
        cpu->x[A2] = RAM_BASE + 0x9000; // how many are done
    }
    std::atomic_ref<uint64_t> counter(bench.at<uint64_t>(RAM_BASE + 0x8000));
    std::atomic_ref<uint32_t> done(bench.at<uint32_t>(RAM_BASE + 0x9000));
    Threads threads(bench);
    EXPECT_TRUE(wait_until([&] { return done == HARTS; }, 60s));
    EXPECT_EQ(counter, uint64_t{ 2 } * ROUNDS * HARTS);
}

// Hart 0 writes a function and says which; hart 1 runs it after a fence.i and answers what it
// returned. One stale instruction is one wrong answer.
TEST(Harts, CodeWrittenByAnotherHartIsSeenBehindFenceI) {
    Bench bench(2);
    bench.load_program("harts_code");
    bench.cpu(0).x[A1] = bench.cpu(1).x[A1] = 20'000; // rounds
    bench.cpu(1).x[A0] = 1;                           // which part each one plays
    std::atomic_ref<uint32_t> round(bench.at<uint32_t>(RAM_BASE + 0x8000));
    std::atomic_ref<uint32_t> result(bench.at<uint32_t>(RAM_BASE + 0x9000));
    Threads threads(bench);
    // On a busy machine each turn may take a time slice, so it is as many rounds as 3 s allow.
    (void)wait_until([&] { return result != 0; }, 3s);
    EXPECT_NE(result, 2u) << "in round " << round;
    EXPECT_GT(round, 1u);
}

// A device's thread writes code while two harts decode and run it. It has no TLB that a hart could
// ask it to flush, so ram_block_written() alone must see to it that no write is missed.
TEST(Harts, CodeWrittenByDmaIsSeenBehindFenceI) {
    constexpr uint32_t FUNCTION = 0x1000, ROUND = 0x8000, RESULT = 0x9000, LAST = 0xfffff;
    Bench bench(2);
    bench.load_program("harts_dma");
    Threads threads(bench);
    auto end = std::chrono::steady_clock::now() + 500ms;
    uint32_t n = 0;
    while (n < LAST && std::chrono::steady_clock::now() < end) {
        n++;
        uint32_t lui = n << 12 | 0x537;
        ASSERT_EQ(address_space_store(&bench.as, RAM_BASE + FUNCTION, lui, 4), MEMTX_OK);
        ASSERT_EQ(address_space_store(&bench.as, RAM_BASE + ROUND, n, 4), MEMTX_OK);
    }
    uint64_t result;
    ASSERT_EQ(address_space_load(&bench.as, RAM_BASE + RESULT, &result, 4), MEMTX_OK);
    EXPECT_EQ(result, 0u) << "in round " << n;
}

// --- Sstc

// 10 MHz, as the harts' timebase is; `opaque` is what software has added.
static uint64_t virtual_time(void *opaque) {
    uint64_t added = opaque ? *static_cast<uint64_t *>(opaque) : 0;
    return static_cast<uint64_t>(qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / 100) + added;
}

TEST(Hart, StimecmpFollowsATimeThatIsSet) {
    qemu_clock_set_manual();
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    uint64_t added = 0;
    riscv_cpu_set_rdtime_fn(&cpu, virtual_time, &added);
    cpu.mie = MIP_STIP;
    cpu.x[A0] = ENVCFG_STCE;
    cpu.x[A1] = 1000;
    bench.load({ csrw(0x14d, A1), csrw(0x30a, A0), WFI, NOP });
    bench.step(3);
    ASSERT_TRUE(cpu.halted);
    BqlGuard guard;
    added = 900; // 10 us are left of 100
    riscv_cpu_time_set(&cpu);
    EXPECT_FALSE(cpu.has_work());
    qemu_clock_advance_virtual(9'999);
    EXPECT_FALSE(cpu.has_work());
    qemu_clock_advance_virtual(1);
    EXPECT_TRUE(cpu.has_work());
    added = 0; // back again: the timer must not fire at the old moment
    riscv_cpu_time_set(&cpu);
    EXPECT_FALSE(cpu.has_work());
    added = 5000;
    riscv_cpu_time_set(&cpu);
    EXPECT_TRUE(cpu.has_work());
}

TEST(Hart, StimecmpWakesAndIsForgottenAtReset) {
    constexpr uint64_t STIP = MIP_STIP, STCE = ENVCFG_STCE;
    qemu_clock_set_manual();
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    riscv_cpu_set_rdtime_fn(&cpu, virtual_time, nullptr);
    cpu.mie = MIP_STIP;
    cpu.x[A0] = STCE;
    cpu.x[A1] = 50;
    bench.load({ csrw(0x14d, A1), csrw(0x30a, A0), WFI, NOP });
    EXPECT_EQ(bench.step(10), 3u);
    EXPECT_TRUE(cpu.halted);
    BqlGuard guard;
    qemu_clock_advance_virtual(4999);
    EXPECT_EQ(mip(cpu) & STIP, 0u);
    EXPECT_FALSE(cpu.has_work());
    qemu_clock_advance_virtual(1);
    EXPECT_EQ(mip(cpu) & STIP, STIP);
    EXPECT_TRUE(cpu.has_work());
    cpu.reset();
    EXPECT_EQ(mip(cpu) & STIP, 0u);
    EXPECT_FALSE(timer_pending(&cpu.stimer));
}

// --- -d exec,cpu,mmu

static std::string logged(Bench &bench, const char *items, uint64_t n) {
    std::string path = testing::TempDir() + "isa-exec-" + std::to_string(getpid()) + ".log";
    EXPECT_TRUE(qemu_set_log_filename(path, &error_abort));
    EXPECT_TRUE(qemu_set_log(items, &error_abort));
    bench.step(n);
    EXPECT_TRUE(qemu_set_log("none", &error_abort));
    std::ifstream in(path);
    std::string text(std::istreambuf_iterator<char>(in), {});
    std::remove(path.c_str());
    return text;
}

TEST(Hart, ExecLogHasEachBlock) {
    Bench bench;
    bench.load({ NOP, 0x0040006f /* j .+4 */, NOP, SELF });
    EXPECT_EQ(logged(bench, "exec", 5), "Trace 3: 0x0000000080000000\nTrace 3: 0x0000000080000008\n"
                                        "Trace 3: 0x000000008000000c\n");
    EXPECT_EQ(logged(bench, "cpu", 1), bench.cpu().dump_state());
}

TEST(Hart, MmuLogHasEachWalk) {
    Bench bench;
    RISCVCPU &cpu = bench.cpu();
    bench.load({ 0x00053583 /* ld a1, 0(a0) */, 0x00053583 });
    cpu.priv = PRV_S;
    cpu.satp = SATP_MODE_SV39 << SATP_MODE_SHIFT | (RAM_BASE + 0x1000) >> 12;
    cpu.pmp[0] = { .cfg = 0x1f, .addr = ~uint64_t{ 0 } >> 10, .first = 0, .last = ~uint64_t{ 0 } };
    bench.at<uint64_t>(RAM_BASE + 0x1000 + 16) = RAM_BASE >> 2 | 0xcf;
    cpu.x[A0] = 0x40000008;
    mmu_mode_changed(cpu);
    EXPECT_EQ(logged(bench, "mmu", 1),
              "hart 3: mmu fetch 0x0000000080000000 -> 0x0000000080000000\n"
              "hart 3: mmu read 0x0000000040000008: load_page_fault\n");
}
