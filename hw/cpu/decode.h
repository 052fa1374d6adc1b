// SPDX-License-Identifier: MIT
/* Decoding: instructions are rows of tables, in the manual's notation.
 *
 *     { "add", "0000000 ..... ..... 000 ..... 0110011", Format::R, exec_add },
 *
 * A pattern reads from the highest bit to bit 0; blanks are for the eye. 0 and 1 must match, a dot
 * is an operand's bit. A letter is an operand's bit too, and the bits of one letter together must
 * not be what their cases spell, small for 0 and capital for 1: "nnnnn" is a field that is not
 * zero, "dddDd" is one that is not 00010. That is how the compressed encodings reserve values, and
 * it makes every row disjoint from every other: each table proves it of itself with
 * static_assert(insn_table_ok(rows)), tests/isa proves it across tables.
 *
 * The interpreter, the disassembly check and the tests read the same rows.
 * Spec: The RISC-V Instruction Set Manual, volume I, 20240411.
 * In gdb: b decode_insn     p *decode_row(0x00b50533) */
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hw/cpu/isa.h"

struct RISCVCPU;
struct DecodedInsn;

// An instruction's body. It finds its operands in `i`, leaves by raise_exception() if it traps, and
// touches cpu.pc only to jump: the engine has put the address behind the block there.
using ExecFn = void (*)(RISCVCPU &cpu, const DecodedInsn &i);

// Register 0 as a destination decodes to this one, which nobody reads: bodies need no test.
inline constexpr uint8_t REG_SINK = 32;

// An instruction with its operands taken apart, as engines keep it.
struct DecodedInsn {
    ExecFn exec;
    int32_t imm;          // sign-extended where the format is
    uint32_t bits;        // as fetched; 16 bits if compressed
    uint8_t rd, rs1, rs2; // register numbers (rd: REG_SINK for x0)
    uint8_t len;          // bytes: 2 or 4
    uint16_t offset;      // of its address in its page
    uint16_t index;       // its place in its block: how many instructions came before it
};

// Where the operands are. The compressed ones differ in the immediate's bits and in the registers
// that are implied.
// clang-format off
enum class Format : uint8_t {
    R, I, S, B, U, J, // as in the manual
    Shift,            // I with a six-bit shift amount
    Csr,              // I with the CSR's number, not sign-extended
    None,             // no operands
    F_R, F_I,         // R and I whose rd is an f register, so that 0 is no sink
    CR,     // rd = rs1, rs2
    CR_MV,  // rd, rs1 = x0, rs2
    CR_JR,  // rd = x0, rs1
    CR_JALR, // rd = ra, rs1
    CI,      // rd = rs1, imm
    CI_LI,   // rd, rs1 = x0, imm
    CI_LUI,  // rd, imm << 12
    CI_16SP, // rd = rs1 = sp, imm * 16
    CI_SHIFT, // rd = rs1, shift amount
    CI_LWSP, CI_LDSP,   // rd, rs1 = sp
    CI_FLDSP,           // rd, an f register, rs1 = sp
    CSS_SWSP, CSS_SDSP, // rs1 = sp, rs2
    CIW,                // rd', rs1 = sp, imm * 4
    CL_LW, CL_LD,       // rd', rs1'
    CS_SW, CS_SD,       // rs1', rs2'
    CA,                 // rd' = rs1', rs2'
    CB,                 // rs1', rs2 = x0, branch offset
    CB_SHIFT, CB_ANDI,  // rd' = rs1', imm
    CJ,                 // rd = x0, jump offset
    CU,                 // rd' = rs1'
    CL_LB, CL_LH,       // rd', rs1'
    CS_SB, CS_SH,       // rs1', rs2'
};
// clang-format on

// What an instruction does to the run of instructions behind it.
enum class Flow : uint8_t {
    Next, // goes on with the next one
    Ends, // may jump, or changes how or with what rights the next one is fetched
};

// A value that some bits must not have.
struct Exclusion {
    uint32_t mask = 0; // 0: none
    uint32_t value = 0;
};

// A pattern as numbers. `ok` is false for a text that is not one of 16 or 32 bits.
struct InsnPattern {
    static constexpr size_t MAX_EXCLUSIONS = 2;

    uint32_t mask = 0;
    uint32_t match = 0;
    uint8_t width = 0; // bits
    bool ok = true;
    Exclusion exclusions[MAX_EXCLUSIONS] = {};

    constexpr InsnPattern(const char *text) {
        for (const char *p = text; *p; p++) width += *p != ' ';
        ok = width == 16 || width == 32;
        char letters[MAX_EXCLUSIONS] = {};
        for (unsigned bit = width; ok && *text; text++) {
            if (*text != ' ') add(*text, uint32_t{ 1 } << --bit, letters);
        }
    }

    constexpr bool matches(uint32_t bits) const {
        if ((bits & mask) != match) return false;
        for (const Exclusion &e : exclusions) {
            if (e.mask && (bits & e.mask) == e.value) return false;
        }
        return true;
    }

    // Some word matches both.
    constexpr bool overlaps(const InsnPattern &other) const {
        if (width != other.width || ((match ^ other.match) & mask & other.mask)) return false;
        return !excludes_all_of(other) && !other.excludes_all_of(*this);
    }

private:
    constexpr void add(char c, uint32_t bit, char *letters) {
        if (c == '0' || c == '1') {
            mask |= bit;
            if (c == '1') match |= bit;
        } else if (c != '.') {
            add_letter(c, bit, letters);
        }
    }

    constexpr void add_letter(char c, uint32_t bit, char *letters) {
        bool capital = c >= 'A' && c <= 'Z';
        char letter = capital ? static_cast<char>(c - 'A' + 'a') : c;
        size_t n = 0;
        while (n < MAX_EXCLUSIONS && letters[n] && letters[n] != letter) n++;
        if (letter < 'a' || letter > 'z' || n == MAX_EXCLUSIONS) {
            ok = false;
            return;
        }
        letters[n] = letter;
        exclusions[n].mask |= bit;
        if (capital) exclusions[n].value |= bit;
    }

    constexpr bool excludes_all_of(const InsnPattern &other) const {
        for (const Exclusion &e : exclusions) {
            bool fixed = e.mask && (e.mask & other.mask) == e.mask;
            if (fixed && (other.match & e.mask) == e.value) return true;
        }
        return false;
    }
};

struct InsnRow {
    const char *name; // as the assembler has it
    InsnPattern pattern;
    Format format;
    ExecFn exec;
    Flow flow = Flow::Next;
};

// Every pattern is well formed, its low bits say its own length, and no two rows match one word.
constexpr bool insn_table_ok(std::span<const InsnRow> rows) {
    for (size_t a = 0; a < rows.size(); a++) {
        const InsnPattern &p = rows[a].pattern;
        bool wide = (p.match & 3) == 3;
        if (!p.ok || (p.mask & 3) != 3 || wide != (p.width == 32)) return false;
        for (size_t b = a + 1; b < rows.size(); b++) {
            if (p.overlaps(rows[b].pattern)) return false;
        }
    }
    return true;
}

// The rows of one extension, or of what several have together.
struct InsnSet {
    const char *name; // "rv64i", "m", ...
    std::span<const InsnRow> rows;
    IsaSet needs = 0; // a hart without all of these has none of the rows
};
extern const InsnSet insn_rv64i, insn_m, insn_a, insn_c, insn_zicsr, insn_priv;
extern const InsnSet insn_zba, insn_zbb, insn_zbc, insn_zbs, insn_zicond, insn_zcb, insn_zcb_zbb,
    insn_zcb_zba, insn_zcb_m, insn_zicbom, insn_zicboz, insn_zacas, insn_zawrs, insn_svinval;
extern const InsnSet insn_f, insn_d, insn_zcd, insn_zfhmin, insn_zfhmin_d, insn_zfa, insn_zfa_d;
// All of them.
std::span<const InsnSet *const> insn_sets();

// True if the low 16 bits of an instruction say that it has only those.
constexpr bool insn_is_compressed(uint32_t bits) { return (bits & 3) != 3; }
// The row that matches on a hart with those extensions, or nullptr. Compressed: the upper 16 bits
// are ignored.
const InsnRow *decode_row(uint32_t bits, IsaSet isa = ISA_ALL);
// Takes `bits` apart into *i, all but offset and index; an encoding without a row becomes one that
// raises the illegal-instruction exception. Returns what it does to the flow.
Flow decode_insn(uint32_t bits, DecodedInsn *i, IsaSet isa = ISA_ALL);
