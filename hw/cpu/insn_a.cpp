// SPDX-License-Identifier: MIT
/* A: load-reserved, store-conditional, and atomic memory operations.
 *
 * They are the host's atomic instructions on guest RAM, so they are atomic between harts and
 * against devices; every one is sequentially consistent, whatever aq and rl say. A reservation is
 * the host address and the value that LR read: SC succeeds if the value is still there.
 * Spec: unprivileged, chapter 14 */
#include <algorithm>

#include "hw/cpu/insn.h"
#include "hw/cpu/mmu.h"

template <typename T>
static uint64_t extend(T v) {
    return static_cast<uint64_t>(int64_t{ static_cast<std::make_signed_t<T>>(v) });
}

template <typename T>
static void exec_lr(RISCVCPU &cpu, const DecodedInsn &i) {
    T *p = atomic_read_pointer<T>(cpu, i, rs1(cpu, i));
    T value = std::atomic_ref<T>(*p).load();
    cpu.reserved = reinterpret_cast<uint8_t *>(p);
    cpu.reserved_value = value;
    cpu.reserved_size = sizeof(T);
    rd(cpu, i) = extend(value);
}

template <typename T>
static void exec_sc(RISCVCPU &cpu, const DecodedInsn &i) {
    AtomicPointer<T> p = atomic_write_pointer<T>(cpu, i, rs1(cpu, i));
    auto expected = static_cast<T>(cpu.reserved_value);
    bool ours = cpu.reserved == p.bytes() && cpu.reserved_size == sizeof(T);
    bool stored = ours && p.ref().compare_exchange_strong(expected, static_cast<T>(rs2(cpu, i)));
    if (stored) p.written();
    cpu.reserved = nullptr; // whether it succeeds or not
    rd(cpu, i) = !stored;
}

// Both may alias in registers: rs2 is read before rd is written.
template <auto operation> // op_add<uint32_t>, ...
static void exec_amo(RISCVCPU &cpu, const DecodedInsn &i) {
    using T = decltype(operation(0, 0));
    AtomicPointer<T> p = atomic_write_pointer<T>(cpu, i, rs1(cpu, i));
    auto operand = static_cast<T>(rs2(cpu, i));
    T old = p.ref().load();
    while (!p.ref().compare_exchange_weak(old, operation(old, operand))) {
    }
    p.written();
    rd(cpu, i) = extend(old);
}

// clang-format off
template <typename T> static T op_swap(T, T operand) { return operand; }
template <typename T> static T op_add(T memory, T operand) { return memory + operand; }
template <typename T> static T op_xor(T memory, T operand) { return memory ^ operand; }
template <typename T> static T op_and(T memory, T operand) { return memory & operand; }
template <typename T> static T op_or(T memory, T operand) { return memory | operand; }
template <typename T> static T op_minu(T memory, T operand) { return std::min(memory, operand); }
template <typename T> static T op_maxu(T memory, T operand) { return std::max(memory, operand); }
template <typename T> static T op_min(T memory, T operand) {
    using Signed = std::make_signed_t<T>;
    return static_cast<Signed>(memory) < static_cast<Signed>(operand) ? memory : operand;
}
template <typename T> static T op_max(T memory, T operand) {
    using Signed = std::make_signed_t<T>;
    return static_cast<Signed>(memory) > static_cast<Signed>(operand) ? memory : operand;
}
// clang-format on

using u32 = uint32_t;
using u64 = uint64_t;

// clang-format off
static constexpr InsnRow rows[] = {
    // name        funct5 a r  rs2   rs1       rd
    { "lr.w",      "00010 . . 00000 ..... 010 ..... 0101111", Format::R, exec_lr<u32> },
    { "sc.w",      "00011 . . ..... ..... 010 ..... 0101111", Format::R, exec_sc<u32> },
    { "amoswap.w", "00001 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_swap<u32>> },
    { "amoadd.w",  "00000 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_add<u32>> },
    { "amoxor.w",  "00100 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_xor<u32>> },
    { "amoand.w",  "01100 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_and<u32>> },
    { "amoor.w",   "01000 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_or<u32>> },
    { "amomin.w",  "10000 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_min<u32>> },
    { "amomax.w",  "10100 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_max<u32>> },
    { "amominu.w", "11000 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_minu<u32>> },
    { "amomaxu.w", "11100 . . ..... ..... 010 ..... 0101111", Format::R, exec_amo<op_maxu<u32>> },
    { "lr.d",      "00010 . . 00000 ..... 011 ..... 0101111", Format::R, exec_lr<u64> },
    { "sc.d",      "00011 . . ..... ..... 011 ..... 0101111", Format::R, exec_sc<u64> },
    { "amoswap.d", "00001 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_swap<u64>> },
    { "amoadd.d",  "00000 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_add<u64>> },
    { "amoxor.d",  "00100 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_xor<u64>> },
    { "amoand.d",  "01100 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_and<u64>> },
    { "amoor.d",   "01000 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_or<u64>> },
    { "amomin.d",  "10000 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_min<u64>> },
    { "amomax.d",  "10100 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_max<u64>> },
    { "amominu.d", "11000 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_minu<u64>> },
    { "amomaxu.d", "11100 . . ..... ..... 011 ..... 0101111", Format::R, exec_amo<op_maxu<u64>> },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_a = { "a", rows, isa_set({ Ext::A }) };
