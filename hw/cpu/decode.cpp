// SPDX-License-Identifier: MIT
/* Decoding: finds an encoding's row and takes its operands apart.
 * Spec: unprivileged, 2.3 (formats) and 27.2 (compressed formats) */
#include "hw/cpu/decode.h"

#include <array>
#include <vector>

#include "hw/cpu/insn.h"

static constexpr const InsnSet *sets[] = {
    &insn_rv64i,   &insn_m,       &insn_a,       &insn_c,      &insn_zicsr,  &insn_priv,
    &insn_zba,     &insn_zbb,     &insn_zbc,     &insn_zbs,    &insn_zicond, &insn_zcb,
    &insn_zcb_zbb, &insn_zcb_zba, &insn_zcb_m,   &insn_zicbom, &insn_zicboz, &insn_zacas,
    &insn_zawrs,   &insn_f,       &insn_d,       &insn_zcd,    &insn_zfhmin, &insn_zfhmin_d,
    &insn_zfa,     &insn_zfa_d,   &insn_svinval,
};
std::span<const InsnSet *const> insn_sets() { return sets; }

// --- the lookup: rows by the bits that tell most of them apart

// Major opcode and funct3 of a 32-bit encoding, quadrant and funct3 of a 16-bit one.
static constexpr unsigned BUCKETS = 1 << 10;
static unsigned bucket_of(uint32_t bits) {
    if (insn_is_compressed(bits)) return (bits & 3) | ((bits >> 13 & 7) << 7);
    return (bits & 0x7f) | ((bits >> 12 & 7) << 7);
}

// Made at the first use, so it counts in every start: chains in one array, not a vector a bucket.
struct Lookup {
    struct Link {
        const InsnRow *row;
        IsaSet needs;
        uint16_t next; // place in links plus one, or 0
    };
    std::array<uint16_t, BUCKETS> heads{}; // likewise
    std::vector<Link> links;

    Lookup() {
        links.reserve(1024);
        for (const InsnSet *set : sets) {
            for (const InsnRow &row : set->rows) add(row, set->needs);
        }
    }
    // Into each bucket that some word of the pattern falls into.
    void add(const InsnRow &row, IsaSet needs) {
        const InsnPattern &p = row.pattern;
        uint32_t key = p.width == 16 ? 0xe003 : 0x707f;
        for (uint32_t free = key & ~p.mask, bits = free;; bits = (bits - 1) & free) {
            uint16_t &head = heads[bucket_of(p.match | bits)];
            links.push_back({ &row, needs, head });
            head = static_cast<uint16_t>(links.size());
            if (!bits) break;
        }
    }
};

const InsnRow *decode_row(uint32_t bits, IsaSet isa) {
    static const Lookup lookup;
    if (insn_is_compressed(bits)) bits &= 0xffff;
    for (unsigned n = lookup.heads[bucket_of(bits)]; n; n = lookup.links[n - 1].next) {
        const Lookup::Link &link = lookup.links[n - 1];
        if (link.row->pattern.matches(bits) && !(link.needs & ~isa)) return link.row;
    }
    return nullptr;
}

// --- fields

// Bits [hi:lo], moved down to bit 0.
static constexpr uint32_t field(uint32_t bits, unsigned hi, unsigned lo) {
    return (bits >> lo) & ((uint32_t{ 1 } << (hi - lo + 1)) - 1);
}
static constexpr int32_t sext(uint32_t value, unsigned width) {
    return static_cast<int32_t>(value << (32 - width)) >> (32 - width);
}
static constexpr uint8_t dest(uint32_t number) {
    return static_cast<uint8_t>(number ? number : REG_SINK);
}
// A three-bit register field: x8 to x15.
static constexpr uint8_t popular(uint32_t number) { return static_cast<uint8_t>(number + 8); }

static constexpr uint8_t RA = 1, SP = 2;

// --- 32-bit formats
static void registers(uint32_t b, DecodedInsn *i) {
    i->rd = dest(field(b, 11, 7));
    i->rs1 = static_cast<uint8_t>(field(b, 19, 15));
    i->rs2 = static_cast<uint8_t>(field(b, 24, 20));
}
static int32_t imm_i(uint32_t b) { return static_cast<int32_t>(b) >> 20; }
static int32_t imm_s(uint32_t b) { return sext(field(b, 31, 25) << 5 | field(b, 11, 7), 12); }
static int32_t imm_b(uint32_t b) {
    return sext(field(b, 31, 31) << 12 | field(b, 7, 7) << 11 | field(b, 30, 25) << 5 |
                    field(b, 11, 8) << 1,
                13);
}
static int32_t imm_u(uint32_t b) { return static_cast<int32_t>(b & 0xfffff000); }
static int32_t imm_j(uint32_t b) {
    return sext(field(b, 31, 31) << 20 | field(b, 19, 12) << 12 | field(b, 20, 20) << 11 |
                    field(b, 30, 21) << 1,
                21);
}

// --- 16-bit immediates, as the manual's tables list them: inst[hi:lo] << place
static int32_t imm_ci(uint32_t b) { return sext(field(b, 12, 12) << 5 | field(b, 6, 2), 6); }
static int32_t imm_ci_shift(uint32_t b) {
    return static_cast<int32_t>(field(b, 12, 12) << 5 | field(b, 6, 2));
}
static int32_t imm_16sp(uint32_t b) {
    return sext(field(b, 12, 12) << 9 | field(b, 4, 3) << 7 | field(b, 5, 5) << 6 |
                    field(b, 2, 2) << 5 | field(b, 6, 6) << 4,
                10);
}
static int32_t imm_lwsp(uint32_t b) {
    return static_cast<int32_t>(field(b, 3, 2) << 6 | field(b, 12, 12) << 5 | field(b, 6, 4) << 2);
}
static int32_t imm_ldsp(uint32_t b) {
    return static_cast<int32_t>(field(b, 4, 2) << 6 | field(b, 12, 12) << 5 | field(b, 6, 5) << 3);
}
static int32_t imm_swsp(uint32_t b) {
    return static_cast<int32_t>(field(b, 8, 7) << 6 | field(b, 12, 9) << 2);
}
static int32_t imm_sdsp(uint32_t b) {
    return static_cast<int32_t>(field(b, 9, 7) << 6 | field(b, 12, 10) << 3);
}
static int32_t imm_ciw(uint32_t b) {
    return static_cast<int32_t>(field(b, 10, 7) << 6 | field(b, 12, 11) << 4 | field(b, 5, 5) << 3 |
                                field(b, 6, 6) << 2);
}
static int32_t imm_cl_w(uint32_t b) {
    return static_cast<int32_t>(field(b, 5, 5) << 6 | field(b, 12, 10) << 3 | field(b, 6, 6) << 2);
}
static int32_t imm_cl_d(uint32_t b) {
    return static_cast<int32_t>(field(b, 6, 5) << 6 | field(b, 12, 10) << 3);
}
static int32_t imm_cl_b(uint32_t b) {
    return static_cast<int32_t>(field(b, 5, 5) << 1 | field(b, 6, 6));
}
static int32_t imm_cl_h(uint32_t b) { return static_cast<int32_t>(field(b, 5, 5) << 1); }
static int32_t imm_cb(uint32_t b) {
    return sext(field(b, 12, 12) << 8 | field(b, 6, 5) << 6 | field(b, 2, 2) << 5 |
                    field(b, 11, 10) << 3 | field(b, 4, 3) << 1,
                9);
}
static int32_t imm_cj(uint32_t b) {
    return sext(field(b, 12, 12) << 11 | field(b, 8, 8) << 10 | field(b, 10, 9) << 8 |
                    field(b, 6, 6) << 7 | field(b, 7, 7) << 6 | field(b, 2, 2) << 5 |
                    field(b, 11, 11) << 4 | field(b, 5, 3) << 1,
                12);
}

// --- operands by format
// clang-format off
static void decode_wide(uint32_t b, Format format, DecodedInsn *i) {
    registers(b, i);
    switch (format) {
    case Format::I: i->imm = imm_i(b); break;
    case Format::S: i->imm = imm_s(b); break;
    case Format::B: i->imm = imm_b(b); break;
    case Format::U: i->imm = imm_u(b); break;
    case Format::J: i->imm = imm_j(b); break;
    case Format::Shift: i->imm = static_cast<int32_t>(field(b, 25, 20)); break;
    case Format::F_R: i->rd = static_cast<uint8_t>(field(b, 11, 7)); break;
    case Format::F_I: i->rd = static_cast<uint8_t>(field(b, 11, 7)), i->imm = imm_i(b); break;
    case Format::Csr: i->imm = static_cast<int32_t>(field(b, 31, 20)); break;
    default: break;
    }
}
// clang-format on

static void set(DecodedInsn *i, uint8_t rd, uint8_t rs1, uint8_t rs2, int32_t imm) {
    i->rd = rd;
    i->rs1 = rs1;
    i->rs2 = rs2;
    i->imm = imm;
}

// clang-format off
static void decode_compressed(uint32_t b, Format format, DecodedInsn *i) {
    auto r1 = static_cast<uint8_t>(field(b, 11, 7)), r2 = static_cast<uint8_t>(field(b, 6, 2));
    uint8_t p1 = popular(field(b, 9, 7)), p2 = popular(field(b, 4, 2));
    switch (format) {
    case Format::CR: set(i, dest(r1), r1, r2, 0); break;
    case Format::CR_MV: set(i, dest(r1), 0, r2, 0); break;
    case Format::CR_JR: set(i, REG_SINK, r1, 0, 0); break;
    case Format::CR_JALR: set(i, RA, r1, 0, 0); break;
    case Format::CI: set(i, dest(r1), r1, 0, imm_ci(b)); break;
    case Format::CI_LI: set(i, dest(r1), 0, 0, imm_ci(b)); break;
    case Format::CI_LUI: set(i, dest(r1), 0, 0, imm_ci(b) * 4096); break;
    case Format::CI_16SP: set(i, SP, SP, 0, imm_16sp(b)); break;
    case Format::CI_SHIFT: set(i, dest(r1), r1, 0, imm_ci_shift(b)); break;
    case Format::CI_LWSP: set(i, dest(r1), SP, 0, imm_lwsp(b)); break;
    case Format::CI_LDSP: set(i, dest(r1), SP, 0, imm_ldsp(b)); break;
    case Format::CI_FLDSP: set(i, r1, SP, 0, imm_ldsp(b)); break;
    case Format::CSS_SWSP: set(i, REG_SINK, SP, r2, imm_swsp(b)); break;
    case Format::CSS_SDSP: set(i, REG_SINK, SP, r2, imm_sdsp(b)); break;
    case Format::CIW: set(i, p2, SP, 0, imm_ciw(b)); break;
    case Format::CL_LW: set(i, p2, p1, 0, imm_cl_w(b)); break;
    case Format::CL_LD: set(i, p2, p1, 0, imm_cl_d(b)); break;
    case Format::CS_SW: set(i, REG_SINK, p1, p2, imm_cl_w(b)); break;
    case Format::CS_SD: set(i, REG_SINK, p1, p2, imm_cl_d(b)); break;
    case Format::CA: set(i, p1, p1, p2, 0); break;
    case Format::CB: set(i, REG_SINK, p1, 0, imm_cb(b)); break;
    case Format::CB_SHIFT: set(i, p1, p1, 0, imm_ci_shift(b)); break;
    case Format::CB_ANDI: set(i, p1, p1, 0, imm_ci(b)); break;
    case Format::CJ: set(i, REG_SINK, 0, 0, imm_cj(b)); break;
    case Format::CU: set(i, p1, p1, 0, 0); break;
    case Format::CL_LB: set(i, p2, p1, 0, imm_cl_b(b)); break;
    case Format::CL_LH: set(i, p2, p1, 0, imm_cl_h(b)); break;
    case Format::CS_SB: set(i, REG_SINK, p1, p2, imm_cl_b(b)); break;
    case Format::CS_SH: set(i, REG_SINK, p1, p2, imm_cl_h(b)); break;
    default: set(i, REG_SINK, 0, 0, 0); break;
    }
}
// clang-format on

// Jumps whose target may be no multiple of four. Their own address is one.
static bool may_misalign(const InsnRow &row, const DecodedInsn &i) {
    bool relative = row.format == Format::B || row.format == Format::J;
    return (relative && (i.imm & 2)) || row.exec == exec_jalr;
}

Flow decode_insn(uint32_t bits, DecodedInsn *i, IsaSet isa) {
    bool compressed = insn_is_compressed(bits);
    if (compressed) bits &= 0xffff;
    *i = {};
    i->rd = REG_SINK;
    i->bits = bits;
    i->len = compressed ? 2 : 4;
    const InsnRow *row = decode_row(bits, isa);
    i->exec = row ? row->exec : exec_illegal;
    if (!row) return Flow::Ends;
    if (compressed)
        decode_compressed(bits, row->format, i);
    else
        decode_wide(bits, row->format, i);
    if (!isa_has(isa, Ext::C) && may_misalign(*row, *i)) i->exec = exec_checked_jump;
    return row->flow;
}
