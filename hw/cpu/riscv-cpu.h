// SPDX-License-Identifier: MIT
/* The RISC-V hart: its architectural state, its TLB, and the lines that reach it.
 *
 * Instruction bodies, CSRs, MMU and traps work on this and know no engine. An engine
 * (hw/cpu/interp.cpp) finds the instructions, calls their bodies and takes the traps they raise.
 *
 * Threads: everything belongs to the hart's own thread while it runs, and to the holder of the big
 * lock while it is stopped; the atomics are what others may touch at any time: mip and seip_line
 * (devices), stip_due and stimecmp (the timer), mie (read to see whether a line ends a sleep),
 * attention.
 *
 * Spec:    The RISC-V Instruction Set Manual, 20240411: RV64 with the extensions of
 *          hw/cpu/isa.cpp; M, S, U; Sv39, Sv48, Sv57; PMP with 16 entries
 * Missing: performance events; there are no triggers
 * In gdb:  b riscv_cpu_take_trap     p/x cpu.x     p *cpu.tlb@4 */
#pragma once

#include <array>
#include <atomic>
#include <csetjmp>
#include <memory>
#include <string>

#include "hw/core/cpu.h"
#include "hw/core/memory.h"
#include "hw/cpu/cpu_bits.h"
#include "hw/cpu/decode.h"
#include "util/timer.h"

#define TYPE_RISCV_CPU          "riscv-cpu" // abstract
#define TYPE_RISCV_CPU_RV64     "rv64-" TYPE_RISCV_CPU
#define TYPE_RISCV_CPU_RVA22S64 "rva22s64-" TYPE_RISCV_CPU

// `-cpu NAME` is the type NAME with this behind it.
inline constexpr char RISCV_CPU_TYPE_SUFFIX[] = "-" TYPE_RISCV_CPU;

inline constexpr uint64_t PAGE_SIZE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
inline constexpr uint64_t PAGE_OFFSET = PAGE_SIZE - 1;
inline constexpr uint64_t CACHE_BLOCK_SIZE = 64; // of the cbo instructions

// What an access is for. Sv39 and PMP give rights for each.
enum class Access : uint8_t { Read, Write, Fetch };

// One page of one mode whose accesses need no check: guest address + addend = host address.
struct alignas(32) TlbEntry {
    static constexpr uint64_t INVALID = ~uint64_t{ 0 }; // no page has this address

    uint64_t read = INVALID;  // the page, if it may be read
    uint64_t write = INVALID; // the page, if a plain store may go there and nobody needs to know
    uintptr_t addend = 0;
};

// The modes whose rights to the same page differ. M mode addresses memory physically.
enum MmuMode : uint8_t { MMU_U, MMU_S, MMU_S_SUM, MMU_M, MMU_MODES };

inline constexpr size_t TLB_SIZE = 256; // entries a mode
using Tlb = std::array<TlbEntry, TLB_SIZE>;

// From the first to the last address of the superpages that a TLB may hold parts of.
struct SuperpageRange {
    uint64_t first = ~uint64_t{ 0 };
    uint64_t last = 0;
};

inline constexpr unsigned PMP_ENTRIES = 16;
struct PmpEntry {
    uint8_t cfg = 0;
    uint64_t addr = 0; // as the CSR has it: address / 4
    // From all entries' cfg and addr, by pmp_update(): [first, last]; empty if first > last.
    uint64_t first = 1;
    uint64_t last = 0;
};

// Why the engine must look up from the guest's code, at a block's end. Any thread may set them.
enum Attention : uint32_t {
    ATTENTION_IRQ = 1 << 0,          // an interrupt may have become pending or enabled
    ATTENTION_TLB_FLUSHED = 1 << 1,  // forget what was derived from address translation
    ATTENTION_CODE = 1 << 2,         // the engine's own: code was written
    ATTENTION_WRITES = 1 << 3,       // the engine's own: a page now has code in it
    ATTENTION_SLEEP = 1 << 4,        // WFI
    ATTENTION_PAGE_FLUSHED = 1 << 5, // the same for one page
};

// The exception that a body raised, for the engine that called the body.
struct PendingTrap {
    uint64_t cause = 0;
    uint64_t tval = 0;
    uint16_t index = 0; // the instruction's, in its block
};

class DeviceTree;

// What an engine keeps of a hart.
struct EngineCPU {
    virtual ~EngineCPU() = default;
};

struct RISCVCPU : CPUState {
    // --- what the instructions see
    std::array<uint64_t, 33> x{}; // x[REG_SINK] takes what is written to x0
    std::array<uint64_t, 32> f{}; // narrow values below ones (hw/cpu/insn_fp.h)
    uint64_t fflags = 0, frm = 0; // fcsr's parts
    uint64_t pc = 0;              // while a body runs: the address behind its block
    uint64_t page_va = 0;         // while a body runs: the page its block is in
    Priv priv = PRV_M;
    MmuMode data_mode = MMU_M; // of loads and stores: from priv and mstatus
    TlbEntry *tlb = nullptr;   // that mode's
    std::array<Tlb, MMU_MODES> tlbs;
    SuperpageRange superpages[2]; // in the lower and in the upper half of the addresses
    uint64_t flushed_page = 0;    // of ATTENTION_PAGE_FLUSHED

    // --- LR's reservation
    uint8_t *reserved = nullptr; // host address, or null: none
    uint64_t reserved_value = 0;
    unsigned reserved_size = 0;

    // --- control registers (hw/cpu/csr.cpp)
    uint64_t mstatus = 0;
    uint64_t medeleg = 0, mideleg = 0;
    std::atomic<uint64_t> mie{ 0 };
    std::atomic<uint64_t> mip{ 0 }; // SEIP here is the bit that software writes
    std::atomic<bool> seip_line{ false };
    std::atomic<bool> stip_due{ false }; // Sstc: `time` has reached stimecmp
    uint64_t mtvec = 0, mscratch = 0, mepc = 0, mcause = 0, mtval = 0;
    uint64_t stvec = 0, sscratch = 0, sepc = 0, scause = 0, stval = 0;
    uint64_t satp = 0;
    uint64_t mcounteren = 0, scounteren = 0, mcountinhibit = 0;
    uint64_t menvcfg = 0, senvcfg = 0;
    std::atomic<uint64_t> stimecmp{ 0 }; // the hart writes it, the timer reads it
    std::array<PmpEntry, PMP_ENTRIES> pmp;
    uint64_t instret = 0;       // retired since reset, up to the running block
    unsigned block_retired = 0; // in the running block; valid while a CSR or a device is accessed
    // mcycle and minstret minus `instret`; while inhibited, the counter's value.
    uint64_t cycle_offset = 0, instret_offset = 0;

    // --- the board's side
    IsaSet isa = ISA_ALL;  // the model's, as the properties change it
    IsaSet isa_wanted = 0; // what properties ask for
    uint32_t hartid = 0;
    uint64_t resetvec = 0x1000;
    AddressSpace *as = &address_space_memory;
    uint64_t (*rdtime)(void *opaque) = nullptr; // mtime; without one `time` reads as 0
    void *rdtime_opaque = nullptr;
    uint32_t timebase_hz = 10'000'000; // ticks of `time` a second
    QEMUTimer stimer;                  // waits for stimecmp; under the big lock
    bool stimer_used = false;          // menvcfg.STCE was set; under the big lock

    // --- the engine's side
    std::atomic<uint32_t> attention{ 0 };
    jmp_buf trap_env; // where raise_exception() goes
    PendingTrap trap;
    std::unique_ptr<EngineCPU> engine_cpu;
    const FlatRange *last_range = nullptr; // memory that was looked up last
    uint64_t view_generation = 0;          // of the view that all cached translations come from

    bool realize(Error **errp) override;
    void reset() override;
    bool has_work() override;
    uint64_t get_pc() override { return pc; }
    std::string dump_state() override;
    void flush_translations() override;
    // hw/cpu/gdbstub.cpp
    std::string gdb_target_description() override;
    unsigned gdb_num_core_regs() override;
    bool gdb_read_register(unsigned n, uint64_t *value) override;
    bool gdb_write_register(unsigned n, uint64_t value) override;
    void set_pc(uint64_t pc) override;
    bool debug_translate(uint64_t va, hwaddr *pa) override;

    // Into the hart's node: what says which instructions and address spaces it has.
    void add_to_device_tree(DeviceTree &dt, const std::string &path) const;

    void set_attention(uint32_t why) { attention.fetch_or(why); }
};

// A hart that is ready to run but on no CPU list: realize() without its thread, for tests.
void riscv_cpu_init(RISCVCPU *cpu);
// Where `time` comes from: the machine's mtime.
void riscv_cpu_set_rdtime_fn(RISCVCPU *cpu, uint64_t (*fn)(void *opaque), void *opaque);
// That time has jumped: a timer that waits for stimecmp waits anew. Big lock held.
void riscv_cpu_time_set(RISCVCPU *cpu);

// "zero", "ra", "sp", ...
extern const char *const riscv_reg_names[32];
extern const char *const riscv_freg_names[32]; // "ft0", ...
