// SPDX-License-Identifier: MIT
/* The engine `-accel jit`: the interpreter, which makes x86-64 code of the blocks that run often.
 *
 * The code of a block does what its bodies would, one behind the other, and looks for the engine's
 * attention at its end, where the interpreter does. Instructions with a row in hw/cpu/jit-insn.cpp
 * become a few of the host's; for all others it calls the body, and so it does for a load or store
 * that misses the TLB: the body then does all of it. The guest's registers stay in RISCVCPU::x,
 * where a body, a trap and a debugger look for them.
 *
 * Code goes on with code: by a link to another block of its page, by InterpCPU::jumps elsewhere.
 * It lives as long as its page's blocks do, so a link needs no undoing.
 *
 * Missing: hosts other than x86-64; rows for floating point and bits; guest registers that stay in
 * the host's from one instruction to the next.
 * In gdb: b JitAccel::translate     finish, and then x/20i b.code */
#include "hw/cpu/jit.h"

#include "hw/cpu/mmu.h"
#include "util/error.h"
#include "util/module.h"
#include "util/option.h"

using asmjit::Label;
using namespace asmjit::x86;

// --- words

void BlockTranslation::load_register(const Gp &to, unsigned n) {
    if (n == 0)
        a.xor_(to.r32(), to.r32());
    else
        a.mov(to, x(n));
}

void BlockTranslation::address_in_page(const Gp &to, int32_t offset) {
    a.mov(to, field(h.cpu->page_va));
    a.add(to, offset);
}

void BlockTranslation::effective_address(const DecodedInsn &i) {
    load_register(rax, i.rs1);
    if (i.imm) a.add(rax, i.imm);
}

void BlockTranslation::probe_tlb(const DecodedInsn &i, uint64_t TlbEntry::*tag, unsigned size) {
    static constexpr unsigned ENTRY_BITS = 5;
    static_assert(sizeof(TlbEntry) == 1 << ENTRY_BITS);
    const TlbEntry &first = h.cpu->tlbs[0][0];
    slow_paths.push_back({ a.newLabel(), a.newLabel(), &i });
    a.mov(rcx, rax);
    a.shr(rcx, RAMBlock::PAGE_BITS - ENTRY_BITS);
    a.and_(ecx, static_cast<int32_t>((TLB_SIZE - 1) << ENTRY_BITS));
    a.add(rcx, field(h.cpu->tlb));
    a.lea(rdx, ptr(rax, static_cast<int32_t>(size) - 1)); // the last byte: in the same page
    a.and_(rdx, static_cast<int32_t>(~PAGE_OFFSET));
    a.cmp(rdx, at(rcx, first, first.*tag));
    a.jne(slow_paths.back().from);
    a.mov(rcx, at(rcx, first, first.addend));
}

void BlockTranslation::call_body(const DecodedInsn &i) {
    auto distance = reinterpret_cast<const char *>(&h.cpu->x) - reinterpret_cast<char *>(h.cpu);
    a.lea(rdi, ptr(rbx, -static_cast<int32_t>(distance)));
    a.mov(rsi, asmjit::imm(&i));
    a.mov(rax, asmjit::imm(reinterpret_cast<const void *>(i.exec)));
    a.call(rax);
}

// --- the ways out

// Undoes what enter() did, and returns rax from it.
static void emit_return(Assembler &a) {
    a.pop(r12);
    a.pop(rbx);
    a.pop(rbp);
    a.ret();
}

void BlockTranslation::to_engine() {
    a.xor_(eax, eax);
    emit_return(a);
}

void BlockTranslation::count_and_look_up(const Label &asked) {
    a.add(field(h.cpu->instret), block.count);
    a.sub(engine_field(h.budget), block.count);
    a.cmp(field(h.cpu->attention), 0);
    a.jne(asked);
    a.cmp(field(h.cpu->exit_request), 0);
    a.jne(asked);
}

void BlockTranslation::leave_to(int32_t offset) {
    address_in_page(rax, offset);
    a.mov(field(h.cpu->pc), rax);
    if (offset < 0 || offset >= static_cast<int32_t>(PAGE_SIZE)) return leave_to_pc();
    Label asked = a.newLabel();
    count_and_look_up(asked);
    a.mov(rax, asmjit::imm(&made.links[links++]));
    a.jmp(qword_ptr(rax));
    a.bind(asked);
    to_engine();
}

// As InterpCPU::jump_at() and Jump::key_of() have it.
void BlockTranslation::leave_to_pc() {
    static constexpr unsigned ENTRY_BITS = 4;
    static_assert(sizeof(InterpCPU::Jump) == 1 << ENTRY_BITS);
    Label to_look_up = a.newLabel();
    count_and_look_up(to_look_up);
    a.mov(rax, field(h.cpu->pc));
    a.movzx(ecx, field(h.cpu->priv));
    a.shl(rcx, InterpCPU::Jump::PRIV_SHIFT);
    a.xor_(rcx, rax);
    a.mov(rdx, rax);
    a.shr(rdx, RAMBlock::PAGE_BITS - 1);
    a.xor_(edx, eax);
    a.shl(edx, ENTRY_BITS - 1); // an address is even
    a.and_(edx, static_cast<int32_t>((InterpCPU::JUMPS - 1) << ENTRY_BITS));
    Mem key = engine_field(h.jumps[0].key), code = engine_field(h.jumps[0].code);
    key.setIndex(rdx);
    code.setIndex(rdx);
    a.cmp(rcx, key);
    a.jne(to_look_up);
    a.and_(rax, static_cast<int32_t>(~PAGE_OFFSET));
    a.mov(field(h.cpu->page_va), rax);
    a.jmp(code);
    a.bind(to_look_up);
    to_engine();
}

// --- the block

void BlockTranslation::translate_insn(const DecodedInsn &i) {
    bool last = &i == &made.insns.back();
    if (const EmitterRow *row = jit_emitter(i.exec)) {
        row->emit(*this, i);
        if (last && !row->leaves) leave_to(block.end);
        return;
    }
    if (last) { // it may jump: it finds the address behind in pc, as the interpreter has it
        address_in_page(rax, block.end);
        a.mov(field(h.cpu->pc), rax);
    }
    call_body(i);
    if (last) leave_to_pc();
}

void BlockTranslation::translate() {
    Label no_budget = a.newLabel();
    a.cmp(engine_field(h.budget), block.count);
    a.jb(no_budget);
    for (const DecodedInsn &i : made.insns) translate_insn(i);
    for (const SlowPath &slow : slow_paths) {
        a.bind(slow.from);
        call_body(*slow.insn);
        a.jmp(slow.back);
    }
    a.bind(no_budget);
    to_engine();
}

// --- the engine

struct JitAccel : InterpAccel {
    asmjit::JitRuntime runtime;
    const void *leave = nullptr;        // where a link leads that has no code yet
    std::atomic<bool> refused{ false }; // said that the host gave no memory

    JitAccel();
    ~JitAccel() override;
    void translate(InterpCPU &h, CodePage &page, Block &b) override;

private:
    const void *assemble(asmjit::CodeHolder &code);
};

// The host may refuse memory that code can be written to: then there is none, or no more.
const void *JitAccel::assemble(asmjit::CodeHolder &code) {
    void *entry;
    asmjit::Error error = runtime.add(&entry, &code);
    if (!error) return entry;
    if (!refused.exchange(true))
        warn_report("-accel jit: cannot make code: %s", asmjit::DebugUtils::errorAsString(error));
    return nullptr;
}

static constexpr uint16_t DEFAULT_THRESHOLD = 50;

// enter(): a frame that a debugger can walk, and the registers that code takes for granted.
JitAccel::JitAccel() {
    threshold = DEFAULT_THRESHOLD;
    asmjit::CodeHolder code;
    code.init(runtime.environment());
    Assembler a(&code);
    a.push(rbp);
    a.mov(rbp, rsp);
    a.push(rbx);
    a.push(r12);
    a.mov(rbx, rdi);
    a.mov(r12, rsi);
    a.jmp(rdx);
    Label way_out = a.newLabel();
    a.bind(way_out);
    emit_return(a);
    const void *entry = assemble(code);
    if (!entry) return;
    enter = reinterpret_cast<EnterFn>(const_cast<void *>(entry));
    leave = static_cast<const uint8_t *>(entry) + code.labelOffset(way_out);
}

JitAccel::~JitAccel() { runtime.release(enter); }

void JitAccel::translate(InterpCPU &h, CodePage &page, Block &b) {
    if (!enter) return;
    std::span<const DecodedInsn> insns(page.insns.data() + b.first, b.count);
    auto made = std::make_unique<TranslatedBlock>(runtime, insns, leave);
    asmjit::CodeHolder code;
    code.init(runtime.environment());
    Assembler a(&code);
    BlockTranslation(a, h, *made, b).translate();
    made->entry = assemble(code);
    b.code = made->entry;
    page.code.push_back(std::move(made));
}

static bool get_threshold(Object *obj, const ObjectProperty &, std::string *value, Error **) {
    *value = std::to_string(static_cast<JitAccel *>(obj)->threshold);
    return true;
}

static bool set_threshold(Object *obj, const ObjectProperty &prop, const std::string &value,
                          Error **errp) {
    uint64_t number;
    if (!parse_option_number(prop.name.c_str(), value, &number, errp)) return false;
    if (number == 0 || number > UINT16_MAX) {
        error_setg(errp, "Parameter 'threshold' expects a number from 1 to %u", UINT16_MAX);
        return false;
    }
    static_cast<JitAccel *>(obj)->threshold = static_cast<uint16_t>(number);
    return true;
}

static void jit_accel_class_init(ObjectClass *klass, const void *) {
    auto *ac = object_class_cast<AccelClass>(klass);
    ac->name = "jit";
    ac->desc = "interpreter that translates what runs often";
    ac->preference = 1;
    object_class_property_add(klass, { .name = "threshold",
                                       .type = "uint16",
                                       .description = "runs of a block until it is translated",
                                       .default_value = std::to_string(DEFAULT_THRESHOLD),
                                       .get = get_threshold,
                                       .set = set_threshold });
}

static const TypeInfo jit_accel_info = {
    .name = TYPE_JIT_ACCEL,
    .parent = TYPE_INTERP_ACCEL,
    .instance_new = object_instance_new<JitAccel>,
    .class_init = jit_accel_class_init,
};

static void jit_register_types() { type_register_static(&jit_accel_info); }

type_init(jit_register_types)
