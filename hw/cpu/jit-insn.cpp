// SPDX-License-Identifier: MIT
/* The instructions that `-accel jit` has code for, as rows: each says in the host's instructions
 * what the body in hw/cpu/insn_*.cpp says in C++. A compressed instruction shares its body with
 * another one, and so its row.
 * In gdb: b jit_emitter     p emitters[0] */
#include <cstring>
#include <unordered_map>

#include "hw/cpu/jit.h"
#include "hw/cpu/mmu.h"

using namespace asmjit::x86;
using T = BlockTranslation;
using I = DecodedInsn;
using Id = Inst::Id;

// --- registers and immediates. What has no effect but on x0 becomes nothing.

template <Id ID>
static void op(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rax, i.rs1);
    t.a.emit(ID, rax, t.x(i.rs2));
    t.a.mov(t.x(i.rd), rax);
}

template <Id ID>
static void op_imm(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rax, i.rs1);
    t.a.emit(ID, rax, i.imm);
    t.a.mov(t.x(i.rd), rax);
}

template <Id ID>
static void shift(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rcx, i.rs2);
    t.load_register(rax, i.rs1);
    t.a.emit(ID, rax, cl); // looks at six bits of it, as RV64 does
    t.a.mov(t.x(i.rd), rax);
}

template <Id ID>
static void set_if(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rcx, i.rs1);
    t.a.mov(eax, 0); // which leaves the flags alone
    t.a.cmp(rcx, t.x(i.rs2));
    t.a.emit(ID, al);
    t.a.mov(t.x(i.rd), rax);
}

template <Id ID>
static void set_if_imm(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rcx, i.rs1);
    t.a.mov(eax, 0);
    t.a.cmp(rcx, i.imm);
    t.a.emit(ID, al);
    t.a.mov(t.x(i.rd), rax);
}

static void lui(T &t, const I &i) {
    if (i.rd != REG_SINK) t.a.mov(t.x(i.rd), i.imm);
}

static void auipc(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.address_in_page(rax, i.offset);
    t.a.add(rax, i.imm);
    t.a.mov(t.x(i.rd), rax);
}

// --- words: the 32-bit result in eax is sign-extended

static void set_word(T &t, const I &i) {
    t.a.movsxd(rax, eax);
    t.a.mov(t.x(i.rd), rax);
}

template <Id ID>
static void op_word(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rax, i.rs1);
    t.a.emit(ID, eax, t.word(i.rs2));
    set_word(t, i);
}

template <Id ID>
static void op_imm_word(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rax, i.rs1);
    t.a.emit(ID, eax, i.imm);
    set_word(t, i);
}

template <Id ID>
static void shift_word(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.load_register(rcx, i.rs2);
    t.load_register(rax, i.rs1);
    t.a.emit(ID, eax, cl); // at five bits
    set_word(t, i);
}

// --- memory. Plain moves are enough: x86 orders them more strictly than RVWMO asks.

template <Id ID, unsigned SIZE>
static void load(T &t, const I &i) {
    t.effective_address(i);
    t.probe_tlb(i, &TlbEntry::read, SIZE);
    Mem from = ptr(rcx, rax, 0, 0, SIZE);
    bool extended_by_itself = ID == Inst::kIdMov && SIZE == 4;
    t.a.emit(ID, extended_by_itself ? Gp(eax) : Gp(rax), from);
    t.a.mov(t.x(i.rd), rax);
    t.end_access();
}

template <unsigned SIZE>
static void store(T &t, const I &i) {
    t.effective_address(i);
    t.probe_tlb(i, &TlbEntry::write, SIZE);
    t.load_register(rdx, i.rs2);
    Gp value = SIZE == 8 ? Gp(rdx) : SIZE == 4 ? Gp(edx) : SIZE == 2 ? Gp(dx) : Gp(dl);
    t.a.mov(ptr(rcx, rax, 0, 0, SIZE), value);
    t.end_access();
}

static void fence(T &t, const I &) { t.a.lock().or_(dword_ptr(rsp), 0); }

// --- jumps

static void link(T &t, const I &i) {
    if (i.rd == REG_SINK) return;
    t.address_in_page(rcx, i.offset + i.len);
    t.a.mov(t.x(i.rd), rcx);
}

static void jal(T &t, const I &i) {
    link(t, i);
    t.leave_to(i.offset + i.imm);
}

static void jalr(T &t, const I &i) {
    t.effective_address(i); // before rd, which may be rs1
    t.a.and_(rax, -2);
    t.a.mov(t.field(t.h.cpu->pc), rax);
    link(t, i);
    t.leave_to_pc();
}

template <Id JUMP_IF>
static void branch(T &t, const I &i) {
    asmjit::Label taken = t.a.newLabel();
    t.load_register(rax, i.rs1);
    t.a.cmp(rax, t.x(i.rs2));
    t.a.emit(JUMP_IF, taken);
    t.leave_to(i.offset + i.len);
    t.a.bind(taken);
    t.leave_to(i.offset + i.imm);
}

// --- the rows

// clang-format off
static constexpr EmitterRow emitters[] = {
    { "lui",    lui },
    { "auipc",  auipc },
    { "jal",    jal,                                 /*leaves=*/true },
    { "jalr",   jalr,                                /*leaves=*/true },
    { "beq",    branch<Inst::kIdJz>,                 /*leaves=*/true },
    { "bne",    branch<Inst::kIdJnz>,                /*leaves=*/true },
    { "blt",    branch<Inst::kIdJl>,                 /*leaves=*/true },
    { "bge",    branch<Inst::kIdJnl>,                /*leaves=*/true },
    { "bltu",   branch<Inst::kIdJb>,                 /*leaves=*/true },
    { "bgeu",   branch<Inst::kIdJnb>,                /*leaves=*/true },
    { "lb",     load<Inst::kIdMovsx, 1> },
    { "lh",     load<Inst::kIdMovsx, 2> },
    { "lw",     load<Inst::kIdMovsxd, 4> },
    { "ld",     load<Inst::kIdMov, 8> },
    { "lbu",    load<Inst::kIdMovzx, 1> },
    { "lhu",    load<Inst::kIdMovzx, 2> },
    { "lwu",    load<Inst::kIdMov, 4> },
    { "sb",     store<1> },
    { "sh",     store<2> },
    { "sw",     store<4> },
    { "sd",     store<8> },
    { "addi",   op_imm<Inst::kIdAdd> },
    { "slti",   set_if_imm<Inst::kIdSetl> },
    { "sltiu",  set_if_imm<Inst::kIdSetb> },
    { "xori",   op_imm<Inst::kIdXor> },
    { "ori",    op_imm<Inst::kIdOr> },
    { "andi",   op_imm<Inst::kIdAnd> },
    { "slli",   op_imm<Inst::kIdShl> },
    { "srli",   op_imm<Inst::kIdShr> },
    { "srai",   op_imm<Inst::kIdSar> },
    { "add",    op<Inst::kIdAdd> },
    { "sub",    op<Inst::kIdSub> },
    { "sll",    shift<Inst::kIdShl> },
    { "slt",    set_if<Inst::kIdSetl> },
    { "sltu",   set_if<Inst::kIdSetb> },
    { "xor",    op<Inst::kIdXor> },
    { "srl",    shift<Inst::kIdShr> },
    { "sra",    shift<Inst::kIdSar> },
    { "or",     op<Inst::kIdOr> },
    { "and",    op<Inst::kIdAnd> },
    { "addiw",  op_imm_word<Inst::kIdAdd> },
    { "slliw",  op_imm_word<Inst::kIdShl> },
    { "srliw",  op_imm_word<Inst::kIdShr> },
    { "sraiw",  op_imm_word<Inst::kIdSar> },
    { "addw",   op_word<Inst::kIdAdd> },
    { "subw",   op_word<Inst::kIdSub> },
    { "sllw",   shift_word<Inst::kIdShl> },
    { "srlw",   shift_word<Inst::kIdShr> },
    { "sraw",   shift_word<Inst::kIdSar> },
    { "mul",    op<Inst::kIdImul> },
    { "mulw",   op_word<Inst::kIdImul> },
    { "fence",  fence },
};
// clang-format on

using EmitterMap = std::unordered_map<ExecFn, const EmitterRow *>;

static EmitterMap emitters_by_body() {
    EmitterMap result;
    for (const InsnSet *set : insn_sets()) {
        for (const InsnRow &insn : set->rows) {
            for (const EmitterRow &row : emitters) {
                if (!strcmp(row.insn, insn.name)) result[insn.exec] = &row;
            }
        }
    }
    return result;
}

const EmitterRow *jit_emitter(ExecFn body) {
    static const EmitterMap rows = emitters_by_body();
    auto it = rows.find(body);
    return it == rows.end() ? nullptr : it->second;
}
