// SPDX-License-Identifier: MIT
/* Prints what riscv_disas makes of encodings, for disas.py: "word<TAB>row<TAB>text". All 16-bit
 * ones, some of each 32-bit row with its operand bits at random, the same ones each time, and those
 * of the command line. */
#include <cstdio>
#include <cstdlib>
#include <random>

#include "hw/cpu/disas.h"

static constexpr uint64_t PC = 0x80000000; // of each of them
static constexpr unsigned SAMPLES = 100;   // of a row

static void print(uint32_t bits) {
    const InsnRow *row = decode_row(bits);
    printf("%0*x\t%s\t%s\n", insn_is_compressed(bits) ? 4 : 8, bits, row ? row->name : "-",
           riscv_disas(PC, bits).c_str());
}

int main(int argc, char **argv) {
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        if (insn_is_compressed(bits)) print(bits);
    }
    std::mt19937 random(1);
    for (const InsnSet *set : insn_sets()) {
        for (const InsnRow &row : set->rows) {
            bool varies = row.pattern.mask != ~uint32_t{ 0 };
            for (unsigned n = 0; row.pattern.width == 32 && n < (varies ? SAMPLES : 1); n++) {
                print(row.pattern.match | (random() & ~row.pattern.mask));
            }
        }
    }
    for (int n = 1; n < argc; n++) print(static_cast<uint32_t>(strtoul(argv[n], nullptr, 16)));
    return 0;
}
