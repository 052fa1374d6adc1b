// SPDX-License-Identifier: MIT
/* Disassembly: an instruction's operands are a text of letters, which its row's format says, or,
 * where the format leaves open which registers are meant, its name.
 * Spec:   unprivileged, chapter 34 (RISC-V Assembly Programmer's Handbook: register names)
 * In gdb: p riscv_disas(0, 0x00b50533, ~0ull) */
#include "hw/cpu/disas.h"

#include <cinttypes>

#include <fnmatch.h>

#include "hw/cpu/csr.h"
#include "util/error.h"
#include "util/log.h"

namespace disas {

// Letters are operands, as in operand_rows; the rest is itself.
// clang-format off
static const char *const by_format[] = {
    // in the order of Format
    "d,s,t", "d,s,i", "t,i(s)", "s,t,p", "d,u", "d,p", // R I S B U J
    "d,s,i",                        // Shift
    "d,c,s",                        // Csr
    "",                             // None
    "D,S,T", "D,i(s)",              // F_R F_I
    "d,t", "d,t", "s", "s",         // CR CR_MV CR_JR CR_JALR
    "d,i", "d,i", "d,u", "d,i",     // CI CI_LI CI_LUI CI_16SP
    "d,i",                          // CI_SHIFT
    "d,i(s)", "d,i(s)", "D,i(s)",   // CI_LWSP CI_LDSP CI_FLDSP
    "t,i(s)", "t,i(s)",             // CSS_SWSP CSS_SDSP
    "d,s,i",                        // CIW
    "d,i(s)", "d,i(s)",             // CL_LW CL_LD
    "t,i(s)", "t,i(s)",             // CS_SW CS_SD
    "d,t",                          // CA
    "s,p", "d,i", "d,i",            // CB CB_SHIFT CB_ANDI
    "p",                            // CJ
    "d",                            // CU
    "d,i(s)", "d,i(s)",             // CL_LB CL_LH
    "t,i(s)", "t,i(s)",             // CS_SB CS_SH
};
// clang-format on
static_assert(std::size(by_format) == static_cast<size_t>(Format::CS_SH) + 1);

// The first that matches goes before the format.
static constexpr struct {
    const char *name; // as fnmatch has it
    const char *operands;
} by_name[] = {
    { "l[bhwd]", "d,i(s)" },    { "l[bhw]u", "d,i(s)" },   { "jalr", "d,i(s)" },
    { "auipc", "d,U" },         { "fence", "f" },          { "fence.i", "" },
    { "csrr?i", "d,c,z" },      { "lr.?", "d,(s)" },       { "sc.?", "d,t,(s)" },
    { "amo*", "d,t,(s)" },      { "s*.vma", "s,t" },       { "cbo.*", "(s)" },
    { "c[lt]z", "d,s" },        { "c[lt]zw", "d,s" },      { "cpop", "d,s" },
    { "cpopw", "d,s" },         { "[sz]ext.?", "d,s" },    { "orc.b", "d,s" },
    { "rev8", "d,s" },          { "c.fld", "D,i(s)" },     { "c.fs?", "T,i(s)" },
    { "c.fsdsp", "T,i(s)" },    { "fs[hwd]", "T,i(s)" },   { "fn*", "D,S,T,Rm" }, // fnmadd, fnmsub
    { "fmadd.?", "D,S,T,Rm" },  { "fmsub.?", "D,S,T,Rm" }, { "fadd.?", "D,S,Tm" },
    { "fsub.?", "D,S,Tm" },     { "fmul.?", "D,S,Tm" },    { "fdiv.?", "D,S,Tm" },
    { "fsqrt.?", "D,Sm" },      { "fround*", "D,Sm" },     { "feq.?", "d,S,T" },
    { "fl[et]*", "d,S,T" }, // fle, flt, fleq, fltq
    { "fli.?", "D,k" },         { "fclass.?", "d,S" },     { "fcvt.[wl]*", "d,Sm" },
    { "fcvtmod*", "d,Sm" },     { "fcvt.d.w*", "D,s" },   // exact: the rounding mode is nothing's
    { "fcvt.?.[wl]*", "D,sm" }, { "fcvt.[sd].h", "D,S" }, // so are these
    { "fcvt.d.s", "D,S" },      { "fcvt.*", "D,Sm" },      { "fmv.x.?", "d,S" },
    { "fmv.?.x", "D,s" },
};

static const char *operands_of(const InsnRow &row) {
    for (const auto &[name, operands] : by_name) {
        if (fnmatch(name, row.name, 0) == 0) return operands;
    }
    return by_format[static_cast<size_t>(row.format)];
}

// --- the letters

struct Insn {
    uint64_t pc;
    DecodedInsn i;
};

static const char *x_name(unsigned n) { return riscv_reg_names[n == REG_SINK ? 0 : n]; }

static std::string rd_x(const Insn &n) { return x_name(n.i.rd); }
static std::string rs1_x(const Insn &n) { return x_name(n.i.rs1); }
static std::string rs2_x(const Insn &n) { return x_name(n.i.rs2); }
static std::string rd_f(const Insn &n) { return riscv_freg_names[n.i.rd]; }
static std::string rs1_f(const Insn &n) { return riscv_freg_names[n.i.rs1]; }
static std::string rs2_f(const Insn &n) { return riscv_freg_names[n.i.rs2]; }
static std::string rs3_f(const Insn &n) { return riscv_freg_names[n.i.bits >> 27]; }
static std::string rs1_number(const Insn &n) { return std::to_string(n.i.rs1); }
static std::string immediate(const Insn &n) { return std::to_string(n.i.imm); }
static std::string upper(const Insn &n) {
    return format_string("0x%x", static_cast<uint32_t>(n.i.imm) >> 12 & 0xfffff);
}

static std::string target(const Insn &n) {
    return format_string(" # 0x%016" PRIx64, n.pc + static_cast<uint64_t>(int64_t{ n.i.imm }));
}
static std::string relative(const Insn &n) { return immediate(n) + target(n); }
static std::string relative_upper(const Insn &n) { return upper(n) + target(n); }

static std::string csr(const Insn &n) {
    auto number = static_cast<unsigned>(n.i.imm);
    return csr_find(number) ? csr_name(number) : format_string("0x%x", number);
}

// Dynamic, the usual one, goes without saying.
static std::string rounding(const Insn &n) {
    static const char *const modes[] = { ",rne", ",rtz",     ",rdn",     ",rup",
                                         ",rmm", ",unknown", ",unknown", "" };
    return modes[n.i.bits >> 12 & 7];
}

// What a fence orders: input, output, reads, writes.
static std::string fence_set(uint32_t bits) {
    std::string set;
    for (unsigned n = 0; n < 4; n++) {
        if (bits & (8u >> n)) set += "iorw"[n];
    }
    return set.empty() ? "0" : set;
}
static std::string fence_sets(const Insn &n) {
    return fence_set(n.i.bits >> 24) + "," + fence_set(n.i.bits >> 20);
}

// The constants of fli: powers of two, or exact.
static std::string fli_constant(const Insn &n) {
    static const char *const constants[32] = {
        "-1.0", "min",    "0x1p-16", "0x1p-15", "0x1p-8", "0x1p-7", "0.0625", "0.125",
        "0.25", "0.3125", "0.375",   "0.4375",  "0.5",    "0.625",  "0.75",   "0.875",
        "1.0",  "1.25",   "1.5",     "1.75",    "2.0",    "2.5",    "3.0",    "4.0",
        "8.0",  "16.0",   "128.0",   "256.0",   "0x1p15", "0x1p16", "inf",    "nan",
    };
    return constants[n.i.rs1];
}

static constexpr struct {
    char letter;
    std::string (*text)(const Insn &n);
} operand_rows[] = {
    { 'd', rd_x },       { 's', rs1_x },    { 't', rs2_x },          { 'D', rd_f },
    { 'S', rs1_f },      { 'T', rs2_f },    { 'R', rs3_f },          { 'i', immediate },
    { 'u', upper },      { 'p', relative }, { 'U', relative_upper }, { 'c', csr },
    { 'z', rs1_number }, { 'm', rounding }, { 'f', fence_sets },     { 'k', fli_constant },
};

static std::string operand(char letter, const Insn &n) {
    for (const auto &row : operand_rows) {
        if (row.letter == letter) return row.text(n);
    }
    return { letter };
}

// The names of atomics and fences say more about the order; to the row those bits are operands.
static std::string mnemonic(const InsnRow &row, uint32_t bits) {
    static const char *const orders[] = { "", ".rl", ".aq", ".aqrl" };
    constexpr uint32_t AMO = 0x2f, FENCE_TSO = 0x8330000f;
    if (bits == FENCE_TSO) return "fence.tso";
    bool atomic = (bits & 0x7f) == AMO;
    return std::string(row.name) + (atomic ? orders[bits >> 25 & 3] : "");
}

} // namespace disas

std::string riscv_disas(uint64_t pc, uint32_t bits, IsaSet isa) {
    const InsnRow *row = decode_row(bits, isa);
    bool wide = !insn_is_compressed(bits);
    if (!row)
        return format_string("%-15s 0x%x", wide ? ".4byte" : ".2byte", wide ? bits : bits & 0xffff);
    disas::Insn n = { pc, {} };
    decode_insn(bits, &n.i, isa);
    std::string operands;
    for (const char *c = disas::operands_of(*row); *c; c++) operands += disas::operand(*c, n);
    std::string name = disas::mnemonic(*row, bits);
    return operands.empty() ? name : format_string("%-15s %s", name.c_str(), operands.c_str());
}

void riscv_log_block(const RISCVCPU &cpu, std::span<const DecodedInsn> insns) {
    if (insns.empty() || !qemu_log_in_addr_range(cpu.pc)) return;
    std::string text = format_string("----------------\nIN: \nPriv: %d; Virt: 0\n", cpu.priv);
    for (const DecodedInsn &i : insns) {
        uint64_t pc = (cpu.pc & ~PAGE_OFFSET) + i.offset;
        std::string code = format_string("%0*x", i.len * 2, i.bits);
        text += format_string("0x%016" PRIx64 ":  %-8s          %s\n", pc, code.c_str(),
                              riscv_disas(pc, i.bits, cpu.isa).c_str());
    }
    qemu_log("%s\n", text.c_str()); // one call: other harts' lines stay out of it
}
