// SPDX-License-Identifier: MIT
/* Zacas: compare-and-swap; and Zawrs: waiting for a reservation.
 * Spec: Zacas 1.0; unprivileged, chapter 15 (Zawrs) */
#include <thread>

#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

__extension__ using u128 = unsigned __int128;

// rd is a source as well; x0 as that is 0, not the sink.
static uint64_t old_rd(const RISCVCPU &cpu, const DecodedInsn &i) {
    return i.rd == REG_SINK ? 0 : cpu.x[i.rd];
}

template <typename T>
static void exec_amocas(RISCVCPU &cpu, const DecodedInsn &i) {
    AtomicPointer<T> p = atomic_write_pointer<T>(cpu, i, rs1(cpu, i));
    auto memory = static_cast<T>(old_rd(cpu, i));
    if (p.ref().compare_exchange_strong(memory, static_cast<T>(rs2(cpu, i)))) p.written();
    rd(cpu, i) = static_cast<uint64_t>(int64_t{ static_cast<std::make_signed_t<T>>(memory) });
}

// Registers n and n + 1, the low half first; a pair that begins with x0 is 0.
static u128 pair(const RISCVCPU &cpu, unsigned n) {
    if (n == 0 || n == REG_SINK) return 0;
    return u128{ cpu.x[n + 1] } << 64 | cpu.x[n];
}

// 16 bytes at once: every x86 host of the last twenty years has it, the compiler's default not.
// Inlined, clang's code would be the caller's, without it.
[[gnu::target("cx16"), gnu::noinline]] static u128 swap16(u128 *p, u128 expected, u128 desired) {
    return __sync_val_compare_and_swap(p, expected, desired);
}

static void exec_amocas_q(RISCVCPU &cpu, const DecodedInsn &i) {
    AtomicPointer<u128> p = atomic_write_pointer<u128>(cpu, i, rs1(cpu, i));
    u128 expected = pair(cpu, i.rd);
    u128 memory = swap16(p.host, expected, pair(cpu, i.rs2));
    if (memory == expected) p.written();
    if (i.rd == REG_SINK) return;
    cpu.x[i.rd] = static_cast<uint64_t>(memory);
    cpu.x[i.rd + 1u] = static_cast<uint64_t>(memory >> 64);
}

// The wait may end for any reason and at any time (15.1): it gives the host's CPU to another hart,
// where all take turns on one thread by ending its own turn.
static void exec_wrs(RISCVCPU &cpu, const DecodedInsn &) {
    if (!cpu.reserved) return;
    if (cpu.accel && cpu.accel->single_thread)
        cpu.exit_request = true;
    else
        std::this_thread::yield();
}

// clang-format off
static constexpr InsnRow zacas_rows[] = {
    { "amocas.w", "00101 . . ..... ..... 010 ..... 0101111", Format::R, exec_amocas<uint32_t> },
    { "amocas.d", "00101 . . ..... ..... 011 ..... 0101111", Format::R, exec_amocas<uint64_t> },
    { "amocas.q", "00101 . . ....0 ..... 100 ....0 0101111", Format::R, exec_amocas_q },
};
// Ends: an interrupt that came meanwhile is taken behind the wait.
static constexpr InsnRow zawrs_rows[] = {
    { "wrs.nto", "000000001101 00000 000 00000 1110011", Format::None, exec_wrs, Flow::Ends },
    { "wrs.sto", "000000011101 00000 000 00000 1110011", Format::None, exec_wrs, Flow::Ends },
};
// clang-format on
static_assert(insn_table_ok(zacas_rows) && insn_table_ok(zawrs_rows));

const InsnSet insn_zacas = { "zacas", zacas_rows, isa_set({ Ext::Zacas }) };
const InsnSet insn_zawrs = { "zawrs", zawrs_rows, isa_set({ Ext::Zawrs }) };
