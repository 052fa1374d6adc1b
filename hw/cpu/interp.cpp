// SPDX-License-Identifier: MIT
/* The interpreter: finds the block at the hart's pc, calls the bodies of its instructions, takes
 * the traps they raise, and looks up from the guest's code between blocks.
 *
 * A hart's thread is in InterpAccel::run() > run_until_trap() > run_blocks() > a body.
 * raise_exception() jumps from the body back to run_until_trap().
 * In gdb: b interp::find_block     b CodePage::build     p *h.cpu */
#include "hw/cpu/interp.h"

#include <algorithm>
#include <thread>

#include "hw/cpu/disas.h"
#include "hw/cpu/mmu.h"
#include "hw/cpu/trap.h"
#include "util/error.h"
#include "util/log.h"
#include "util/module.h"

namespace interp {

// About 50 MB of decoded code a hart, three times that if all of it is translated; then it begins
// anew.
static constexpr uint64_t MAX_DECODED = 2'000'000;

static InterpCPU &state_of(const RISCVCPU &cpu) {
    return static_cast<InterpCPU &>(*cpu.engine_cpu);
}

// --- code pages

static void forget_jumps(InterpCPU &h) {
    std::fill(std::begin(h.jumps), std::end(h.jumps), InterpCPU::Jump{});
}

static void forget_fetches(InterpCPU &h) {
    for (auto &mode : h.fetch) std::fill(std::begin(mode), std::end(mode), InterpCPU::FetchEntry{});
    forget_jumps(h);
}

// Same, of one page of the guest's addresses.
static void forget_page(InterpCPU &h, uint64_t va) {
    for (auto &mode : h.fetch) {
        InterpCPU::FetchEntry &e = mode[(va >> RAMBlock::PAGE_BITS) % InterpCPU::FETCH_SIZE];
        if (e.va == va) e = {};
    }
    for (InterpCPU::Jump &jump : h.jumps) {
        if (jump.is_in(va)) jump = {};
    }
}

static void drop_page(InterpCPU &h, const uint8_t *host) {
    auto it = h.pages.find(host);
    if (it == h.pages.end()) return;
    h.decoded -= it->second->insns.size();
    it->second->clear();
}

static void drop_written_pages(InterpCPU &h) {
    std::vector<const uint8_t *> written;
    {
        std::lock_guard guard(h.engine->lock);
        written.swap(h.written);
    }
    for (const uint8_t *host : written) drop_page(h, host);
    forget_jumps(h);
    if (h.decoded < MAX_DECODED) return;
    forget_fetches(h);
    h.pages.clear();
    h.decoded = 0;
}

// Answers a hart that waits in code_guard().
static void drop_writable_entries(InterpCPU &h) {
    if (!h.guard_asked) return;
    mmu_flush_writes(*h.cpu, nullptr);
    h.guard_asked = false;
}

static std::vector<InterpCPU *> other_harts(InterpCPU &h) {
    std::lock_guard guard(h.engine->lock);
    std::vector<InterpCPU *> others;
    for (InterpCPU *other : h.engine->harts) {
        if (other != &h) others.push_back(other);
    }
    return others;
}

// Returns when no hart can store to the page unnoticed. Two harts may wait for each other, so each
// answers meanwhile. A hart outside of run() answers when it comes in.
static void wait_for_guard(InterpCPU &h, const CodePage &page) {
    page.ram->page_flags[page.offset >> RAMBlock::PAGE_BITS].fetch_or(RAMBlock::CODE);
    mmu_flush_writes(*h.cpu, page.host());
    std::vector<InterpCPU *> others = other_harts(h);
    for (InterpCPU *other : others) {
        other->guard_asked = true;
        other->cpu->set_attention(ATTENTION_WRITES);
    }
    for (InterpCPU *other : others) {
        while (other->in_guest && other->guard_asked) {
            drop_writable_entries(h);
            std::this_thread::yield();
        }
    }
}

static void code_guard(InterpCPU &h, const CodePage &page) {
    std::atomic<uint8_t> &flags = page.ram->page_flags[page.offset >> RAMBlock::PAGE_BITS];
    while (!page.lines->guarded) {
        wait_for_guard(h, page);
        // a write meanwhile may have opened the page again
        std::lock_guard guard(h.engine->lock);
        if (flags & RAMBlock::CODE) page.lines->guarded = true;
    }
}

// Opens the page for plain stores again and tells every hart to drop it. Under the engine's lock.
static void drop_everywhere(InterpAccel &engine, RAMBlock &ram, uint64_t page, CodeLines &lines) {
    lines.guarded = false;
    lines.lines = 0;
    ram.page_flags[page].fetch_and(static_cast<uint8_t>(~RAMBlock::CODE));
    for (InterpCPU *h : engine.harts) {
        h->written.push_back(ram.host + (page << RAMBlock::PAGE_BITS));
        h->cpu->set_attention(ATTENTION_CODE);
    }
}

// Some thread wrote to a page with the CODE flag: was it to code?
static void code_written(void *opaque, RAMBlock *ram, uint64_t offset, uint64_t len) {
    auto &engine = *static_cast<InterpAccel *>(opaque);
    std::lock_guard guard(engine.lock);
    for (uint64_t end = offset + len; offset < end;) {
        uint64_t page = offset >> RAMBlock::PAGE_BITS, in_page = offset & PAGE_OFFSET;
        uint64_t n = std::min(end - offset, PAGE_SIZE - in_page);
        auto it = engine.code.find(ram->host + offset - in_page);
        if (it != engine.code.end() && (it->second->lines & CodeLines::mask(in_page, n))) {
            drop_everywhere(engine, *ram, page, *it->second);
        }
        offset += n;
    }
}

static CodeLines *lines_of(InterpAccel &engine, const uint8_t *host_page) {
    std::lock_guard guard(engine.lock);
    std::unique_ptr<CodeLines> &lines = engine.code[host_page];
    if (!lines) lines = std::make_unique<CodeLines>();
    return lines.get();
}

// The page that pc is in, if blocks may be kept of it: all of it may be fetched, and it is memory.
[[gnu::noinline]] static CodePage *find_page(InterpCPU &h, InterpCPU::FetchEntry &e) {
    RISCVCPU &cpu = *h.cpu;
    Translation t;
    uint64_t cause;
    if (!mmu_translate(cpu, cpu.pc, 2, Access::Fetch, mmu_fetch_mode(cpu), &t, &cause)) {
        return nullptr;
    }
    GuestRam ram = mmu_find_ram(cpu, t.pa & ~PAGE_OFFSET, PAGE_SIZE);
    if (!ram || !t.page_uniform || (ram.offset & PAGE_OFFSET)) return nullptr;
    std::unique_ptr<CodePage> &page = h.pages[ram.host];
    if (!page) {
        RAMBlock *block = ram.mr->ram.get();
        page.reset(new CodePage{ block, ram.offset, lines_of(*h.engine, ram.host) });
    }
    mmu_note_superpage(cpu, cpu.pc, t);
    e = { cpu.pc & ~PAGE_OFFSET, page.get() };
    return e.page;
}

static inline InterpCPU::FetchEntry &fetch_entry(InterpCPU &h, uint64_t va) {
    uint64_t number = va >> RAMBlock::PAGE_BITS;
    return h.fetch[mmu_fetch_mode(*h.cpu)][number % InterpCPU::FETCH_SIZE];
}

static inline CodePage *current_page(InterpCPU &h, const RISCVCPU &cpu) {
    InterpCPU::FetchEntry &e = fetch_entry(h, cpu.pc);
    return e.va == (cpu.pc & ~PAGE_OFFSET) ? e.page : find_page(h, e);
}

static Block *build_block(InterpCPU &h, CodePage &page) {
    code_guard(h, page);
    Block *b = page.build(h.cpu->pc & PAGE_OFFSET, h.cpu->isa);
    if (qemu_loglevel_mask(LOG_IN_ASM)) {
        riscv_log_block(*h.cpu, { page.insns.data() + b->first, b->count });
    }
    h.decoded += b->count;
    if (h.decoded >= MAX_DECODED) h.cpu->set_attention(ATTENTION_CODE);
    return b;
}

[[gnu::noinline]] static Block *find_block(InterpCPU &h, CodePage &page) {
    Block *b = page.find(h.cpu->pc & PAGE_OFFSET);
    return b ? b : build_block(h, page);
}

// Same, for the block behind `previous`, which remembers it.
[[gnu::noinline]] static Block *find_successor(InterpCPU &h, CodePage &page, Block &previous) {
    auto from = static_cast<size_t>(&previous - page.blocks.data());
    Block *b = find_block(h, page);
    Block &p = page.blocks[from];
    p.next[1] = p.next[0];
    p.next[0] = { static_cast<uint16_t>(h.cpu->pc & PAGE_OFFSET),
                  static_cast<uint16_t>(b - page.blocks.data()) };
    return b;
}

// --- execution

// Two or four bytes of the instruction at `va`, which do not cross a page, with all checks.
static bool fetch_part(InterpCPU &h, uint64_t va, unsigned size, uint32_t *bits, uint64_t *cause) {
    RISCVCPU &cpu = *h.cpu;
    const InterpCPU::FetchEntry &e = fetch_entry(h, va);
    if (e.va == (va & ~PAGE_OFFSET)) {
        *bits = code_fetch(e.page->host() + (va & PAGE_OFFSET), size);
        return true;
    }
    Translation t;
    if (!mmu_translate(cpu, va, size, Access::Fetch, mmu_fetch_mode(cpu), &t, cause)) return false;
    GuestRam ram = mmu_find_ram(cpu, t.pa, size);
    if (!ram) {
        *cause = CAUSE_FETCH_ACCESS;
        return false;
    }
    *bits = code_fetch(ram.host, size);
    return true;
}

static bool fetch_insn(InterpCPU &h, uint32_t *bits) {
    RISCVCPU &cpu = *h.cpu;
    uint64_t cause, va = cpu.pc;
    uint32_t high = 0;
    unsigned size = code_fetch_size(va);
    bool fetched = fetch_part(h, va, size, bits, &cause);
    if (fetched && !insn_is_compressed(*bits) && size == 2)
        fetched = fetch_part(h, va += 2, 2, &high, &cause);
    *bits = insn_is_compressed(*bits) ? *bits & 0xffff : *bits | high << 16;
    // epc is the instruction's address, tval that of the half that could not be fetched
    if (!fetched) riscv_cpu_take_trap(cpu, cause, va);
    return fetched;
}

// One instruction that is not kept: it crosses a page, or cannot be fetched.
[[gnu::noinline]] static void step_uncached(InterpCPU &h) {
    RISCVCPU &cpu = *h.cpu;
    uint32_t bits = 0;
    if (!fetch_insn(h, &bits)) {
        h.budget--;
        return;
    }
    DecodedInsn i;
    decode_insn(bits, &i, cpu.isa);
    i.offset = cpu.pc & PAGE_OFFSET;
    if (qemu_loglevel_mask(LOG_IN_ASM)) riscv_log_block(cpu, { &i, 1 });
    cpu.page_va = cpu.pc & ~PAGE_OFFSET;
    cpu.pc += i.len;
    i.exec(cpu, i);
    cpu.instret++;
    h.budget--;
}

// The block's first `most` instructions, if it has more.
static inline void execute(InterpCPU &h, RISCVCPU &cpu, const CodePage &page, const Block &b,
                           uint64_t most) {
    const DecodedInsn *i = &page.insns[b.first];
    uint64_t n = b.count, behind = b.end;
    if (n > most) [[unlikely]] {
        n = most;
        behind = i[n].offset;
    }
    cpu.page_va = cpu.pc & ~PAGE_OFFSET;
    cpu.pc = cpu.page_va + behind;
    for (const DecodedInsn *end = i + n; i != end; i++) i->exec(cpu, *i);
    cpu.instret += n;
    h.budget -= n;
}

static inline bool goes_on(const InterpCPU &h, const RISCVCPU &cpu) {
    constexpr auto relaxed = std::memory_order_relaxed;
    return h.budget && !cpu.attention.load(relaxed) && !cpu.exit_request.load(relaxed);
}

// The block's code, and what that goes on with. Returns a link to be set, or nullptr.
static const void **run_code(InterpCPU &h, RISCVCPU &cpu, const Block &b) {
    h.jump_at(cpu.pc) = { InterpCPU::Jump::key_of(cpu), b.code };
    cpu.page_va = cpu.pc & ~PAGE_OFFSET;
    return h.engine->enter(cpu.x.data(), &h.budget, b.code);
}

// From this block on, until pc leaves the page. Nothing that translation or the mode depends on
// changes meanwhile without calling for attention. `link` is what the block before left, and then
// what the last one left.
static inline const void **run_in_page(InterpCPU &h, RISCVCPU &cpu, CodePage &page, Block *b,
                                       const void **link) {
    uint64_t va = cpu.pc & ~PAGE_OFFSET;
    while (b->count) {
        if (b->runs < h.engine->threshold && ++b->runs == h.engine->threshold)
            h.engine->translate(h, page, *b);
        if (link && b->code) *link = b->code;
        link = nullptr;
        if (b->code && b->count <= h.budget)
            link = run_code(h, cpu, *b);
        else
            execute(h, cpu, page, *b, h.budget);
        if (!goes_on(h, cpu) || (cpu.pc & ~PAGE_OFFSET) != va) return link;
        Block *next = page.successor(*b, cpu.pc & PAGE_OFFSET);
        b = next ? next : find_successor(h, page, *b);
    }
    step_uncached(h);
    return nullptr;
}

// In one call, so that the lines of two harts do not mix.
static void log_block(RISCVCPU &cpu) {
    if (!qemu_log_in_addr_range(cpu.pc)) return;
    auto pc = static_cast<unsigned long long>(cpu.pc);
    std::string text;
    if (qemu_loglevel_mask(LOG_EXEC)) text = format_string("Trace %u: 0x%016llx\n", cpu.hartid, pc);
    if (qemu_loglevel_mask(LOG_CPU)) text += cpu.dump_state();
    qemu_log("%s", text.c_str());
}

// A step runs its instruction, breakpoint or not. One that cannot be fetched traps first: the guest
// may bring the page.
static bool is_at_breakpoint(RISCVCPU &cpu) {
    if (cpu.debug.single_step || cpu_next_breakpoint(cpu.pc, cpu.pc + 1) != cpu.pc) return false;
    Translation t;
    uint64_t cause;
    return mmu_translate(cpu, cpu.pc, 2, Access::Fetch, mmu_fetch_mode(cpu), &t, &cause);
}

// How many of the block's instructions may run at once.
static uint64_t count_to_stop(const InterpCPU &h, const CodePage &page, const Block &b) {
    if (h.cpu->debug.watch_pending) return 1;
    uint64_t va = h.cpu->pc & ~PAGE_OFFSET, end = va + b.end;
    uint64_t stop = cpu_next_breakpoint(h.cpu->pc + 1, end), n = 1;
    if (stop == end) return h.budget;
    while (n < b.count && va + page.insns[b.first + n].offset < stop) n++;
    return std::min(n, h.budget);
}

// run_blocks() under `-d exec`, `-d cpu` or a debugger: apart from it, which then need not ask at
// each block.
[[gnu::noinline]] static void run_observed_blocks(InterpCPU &h) {
    RISCVCPU &cpu = *h.cpu;
    while (goes_on(h, cpu)) {
        if (is_at_breakpoint(cpu)) return cpu_debug_stop(&cpu, DebugStop::Breakpoint);
        CodePage *page = current_page(h, cpu);
        Block *b = page ? find_block(h, *page) : nullptr;
        if (qemu_loglevel_mask(LOG_EXEC | LOG_CPU)) log_block(cpu);
        if (b && b->count)
            execute(h, cpu, *page, *b, count_to_stop(h, *page, *b));
        else
            step_uncached(h);
        if (cpu.debug.watch_pending) return cpu_debug_stop(&cpu, DebugStop::Watchpoint);
    }
}

// Not part of run_until_trap(): setjmp would keep every variable of this loop in memory.
[[gnu::noinline]] static void run_blocks(InterpCPU &h) {
    RISCVCPU &cpu = *h.cpu;
    const void **link = nullptr;
    while (goes_on(h, cpu)) {
        CodePage *page = current_page(h, cpu);
        if (page) {
            link = run_in_page(h, cpu, *page, find_block(h, *page), link);
        } else {
            step_uncached(h);
            link = nullptr;
        }
    }
}

// What was raised first waits for the access to a watchpoint; what its instruction then raises
// instead ends that.
static bool is_held_back(InterpCPU &h) {
    RISCVCPU &cpu = *h.cpu;
    bool first = cpu.debug.watch_pending && !h.passes_watchpoint;
    h.passes_watchpoint = first;
    if (!first && cpu.debug.watch_pending) {
        cpu.debug.watch_pending = false;
        cpu.set_attention(ATTENTION_IRQ);
    }
    return first;
}

static void take_raised_trap(InterpCPU &h) {
    RISCVCPU &cpu = *h.cpu;
    cpu.instret += cpu.trap.index;
    h.budget -= cpu.trap.index;
    if (is_held_back(h)) return;
    h.budget--;
    riscv_cpu_take_trap(cpu, cpu.trap.cause, cpu.trap.tval);
}

static bool is_observed(const RISCVCPU &cpu) {
    return qemu_loglevel_mask(LOG_EXEC | LOG_CPU) || cpu_has_breakpoints() ||
           cpu.debug.watch_pending;
}

// A frame of its own, so that no variable lives across the jump.
[[gnu::noinline]] static void run_until_trap(InterpCPU &h) {
    if (setjmp(h.cpu->trap_env) != 0)
        take_raised_trap(h);
    else if (is_observed(*h.cpu))
        run_observed_blocks(h);
    else
        run_blocks(h);
}

static void attend(InterpCPU &h) {
    uint32_t why = h.cpu->attention.exchange(0);
    if (why & ATTENTION_TLB_FLUSHED)
        forget_fetches(h);
    else if (why & ATTENTION_PAGE_FLUSHED)
        forget_page(h, h.cpu->flushed_page);
    if (why & ATTENTION_CODE) drop_written_pages(h);
    if (why & ATTENTION_WRITES) drop_writable_entries(h);
    // run() looks for interrupts when it begins: one that waits here is not forgotten.
    const CPUDebug &debug = h.cpu->debug;
    bool wait = debug.watch_pending || (debug.single_step & SSTEP_NOIRQ);
    if ((why & ATTENTION_IRQ) && !wait) riscv_cpu_take_interrupt(*h.cpu);
}

// The memory map may have changed while the hart was out.
static void check_view(RISCVCPU &cpu) {
    if (cpu.view_generation == cpu.as->view->generation) return;
    cpu.view_generation = cpu.as->view->generation;
    cpu.last_range = nullptr;
    mmu_flush(cpu);
}

static void enter_guest(InterpCPU &h) {
    h.in_guest = true;
    drop_writable_entries(h); // after in_guest: whoever asks sees one of the two
    check_view(*h.cpu);
    h.cpu->debug.watch_pending = h.passes_watchpoint = false;
    h.cpu->set_attention(ATTENTION_IRQ);
}

} // namespace interp

InterpCPU::~InterpCPU() {
    if (!engine) return;
    std::lock_guard guard(engine->lock);
    std::erase(engine->harts, this);
}

InterpAccel::InterpAccel() { memory_set_code_write_notify(interp::code_written, this); }

InterpAccel::~InterpAccel() {
    memory_set_code_write_notify(nullptr, nullptr);
    for (InterpCPU *h : harts) h->engine = nullptr;
}

void InterpAccel::cpu_thread_init(CPUState *cpu) {
    auto *hart = static_cast<RISCVCPU *>(cpu);
    auto state = std::make_unique<InterpCPU>(this, hart);
    std::lock_guard guard(lock);
    harts.push_back(state.get());
    hart->engine_cpu = std::move(state);
}

uint64_t InterpAccel::run(CPUState *state, uint64_t n) {
    auto &cpu = *static_cast<RISCVCPU *>(state);
    InterpCPU &h = interp::state_of(cpu);
    if (cpu.halted && !cpu.has_work()) return 0;
    cpu.halted = false;
    h.granted = h.budget = n;
    interp::enter_guest(h);
    while (h.budget && !cpu.exit_request && !cpu.halted) {
        interp::attend(h);
        interp::run_until_trap(h);
    }
    h.in_guest = false;
    return n - h.budget;
}

uint64_t InterpAccel::executed(const CPUState *state) const {
    auto &cpu = *static_cast<const RISCVCPU *>(state);
    const InterpCPU &h = interp::state_of(cpu);
    return h.granted - h.budget + cpu.block_retired;
}

static void interp_accel_class_init(ObjectClass *klass, const void *) {
    auto *ac = object_class_cast<AccelClass>(klass);
    ac->name = "interp";
    ac->desc = "interpreter of decoded blocks";
}

static const TypeInfo interp_accel_info = {
    .name = TYPE_INTERP_ACCEL,
    .parent = TYPE_ACCEL,
    .instance_new = object_instance_new<InterpAccel>,
    .class_init = interp_accel_class_init,
};

static void interp_register_types() { type_register_static(&interp_accel_info); }

type_init(interp_register_types)
