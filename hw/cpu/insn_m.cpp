// SPDX-License-Identifier: MIT
/* M: multiplication and division.
 * Spec: unprivileged, chapter 13. Division never traps: table 11 has the results by zero and on
 *       overflow. */
#include <limits>

#include "hw/cpu/insn.h"

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

// Rounds towards zero; x / 0 = -1; the one overflow gives the dividend back.
template <typename T>
static T divide(T a, T b) {
    if (b == 0) return static_cast<T>(-1);
    if (std::numeric_limits<T>::is_signed && a == std::numeric_limits<T>::min() &&
        b == static_cast<T>(-1)) {
        return a;
    }
    return a / b;
}
// The remainder has the dividend's sign; x % 0 = x.
template <typename T>
static T remainder(T a, T b) {
    if (b == 0) return a;
    if (std::numeric_limits<T>::is_signed && b == static_cast<T>(-1)) return 0;
    return a % b;
}
template <typename T>
static void exec_div_as(RISCVCPU &cpu, const DecodedInsn &i) {
    T q = divide(static_cast<T>(rs1(cpu, i)), static_cast<T>(rs2(cpu, i)));
    rd(cpu, i) = sizeof(T) == 4 ? sext32(static_cast<uint64_t>(q)) : static_cast<uint64_t>(q);
}
template <typename T>
static void exec_rem_as(RISCVCPU &cpu, const DecodedInsn &i) {
    T r = remainder(static_cast<T>(rs1(cpu, i)), static_cast<T>(rs2(cpu, i)));
    rd(cpu, i) = sizeof(T) == 4 ? sext32(static_cast<uint64_t>(r)) : static_cast<uint64_t>(r);
}

void exec_mul(RISCVCPU &cpu, const DecodedInsn &i) { rd(cpu, i) = rs1(cpu, i) * rs2(cpu, i); }
static void exec_mulh(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>((int128{ signed_rs1(cpu, i) } * signed_rs2(cpu, i)) >> 64);
}
static void exec_mulhsu(RISCVCPU &cpu, const DecodedInsn &i) {
    auto product = int128{ signed_rs1(cpu, i) } * static_cast<int128>(uint128{ rs2(cpu, i) });
    rd(cpu, i) = static_cast<uint64_t>(product >> 64);
}
static void exec_mulhu(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = static_cast<uint64_t>((uint128{ rs1(cpu, i) } * rs2(cpu, i)) >> 64);
}
static void exec_mulw(RISCVCPU &cpu, const DecodedInsn &i) {
    rd(cpu, i) = sext32(rs1(cpu, i) * rs2(cpu, i));
}
static void exec_div(RISCVCPU &cpu, const DecodedInsn &i) { exec_div_as<int64_t>(cpu, i); }
static void exec_divu(RISCVCPU &cpu, const DecodedInsn &i) { exec_div_as<uint64_t>(cpu, i); }
static void exec_rem(RISCVCPU &cpu, const DecodedInsn &i) { exec_rem_as<int64_t>(cpu, i); }
static void exec_remu(RISCVCPU &cpu, const DecodedInsn &i) { exec_rem_as<uint64_t>(cpu, i); }
static void exec_divw(RISCVCPU &cpu, const DecodedInsn &i) { exec_div_as<int32_t>(cpu, i); }
static void exec_divuw(RISCVCPU &cpu, const DecodedInsn &i) { exec_div_as<uint32_t>(cpu, i); }
static void exec_remw(RISCVCPU &cpu, const DecodedInsn &i) { exec_rem_as<int32_t>(cpu, i); }
static void exec_remuw(RISCVCPU &cpu, const DecodedInsn &i) { exec_rem_as<uint32_t>(cpu, i); }

// clang-format off
static constexpr InsnRow rows[] = {
    { "mul",    "0000001 ..... ..... 000 ..... 0110011", Format::R, exec_mul    },
    { "mulh",   "0000001 ..... ..... 001 ..... 0110011", Format::R, exec_mulh   },
    { "mulhsu", "0000001 ..... ..... 010 ..... 0110011", Format::R, exec_mulhsu },
    { "mulhu",  "0000001 ..... ..... 011 ..... 0110011", Format::R, exec_mulhu  },
    { "div",    "0000001 ..... ..... 100 ..... 0110011", Format::R, exec_div    },
    { "divu",   "0000001 ..... ..... 101 ..... 0110011", Format::R, exec_divu   },
    { "rem",    "0000001 ..... ..... 110 ..... 0110011", Format::R, exec_rem    },
    { "remu",   "0000001 ..... ..... 111 ..... 0110011", Format::R, exec_remu   },
    { "mulw",   "0000001 ..... ..... 000 ..... 0111011", Format::R, exec_mulw   },
    { "divw",   "0000001 ..... ..... 100 ..... 0111011", Format::R, exec_divw   },
    { "divuw",  "0000001 ..... ..... 101 ..... 0111011", Format::R, exec_divuw  },
    { "remw",   "0000001 ..... ..... 110 ..... 0111011", Format::R, exec_remw   },
    { "remuw",  "0000001 ..... ..... 111 ..... 0111011", Format::R, exec_remuw  },
};
// clang-format on
static_assert(insn_table_ok(rows));

const InsnSet insn_m = { "m", rows, isa_set({ Ext::M }) };
