// SPDX-License-Identifier: MIT
/* Decoded instructions by physical page. See hw/cpu/code-cache.h.
 * In gdb: b CodePage::build */
#include "hw/cpu/code-cache.h"

template <typename T>
static T relaxed_load(const uint8_t *host) {
    auto *p = reinterpret_cast<T *>(const_cast<uint8_t *>(host));
    return std::atomic_ref<T>(*p).load(std::memory_order_relaxed);
}

uint32_t code_fetch(const uint8_t *host, unsigned size) {
    return size == 4 ? relaxed_load<uint32_t>(host) : relaxed_load<uint16_t>(host);
}

// Says that these bytes are decoded from; before they are read.
static void mark(CodeLines &lines, uint64_t offset, uint64_t len) {
    uint64_t mask = CodeLines::mask(offset, len);
    if ((lines.lines.load(std::memory_order_relaxed) & mask) != mask) lines.lines.fetch_or(mask);
}

// The encoding at `offset`; false if it reaches into the next page.
static bool read_insn(const CodePage &page, uint64_t offset, uint32_t *bits) {
    constexpr uint64_t PAGE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
    unsigned size = code_fetch_size(offset);
    mark(*page.lines, offset, size);
    *bits = code_fetch(page.host() + offset, size);
    if (insn_is_compressed(*bits)) *bits &= 0xffff;
    if (insn_is_compressed(*bits) || size == 4) return true;
    if (offset + 4 > PAGE) return false;
    mark(*page.lines, offset + 2, 2);
    *bits |= code_fetch(page.host() + offset + 2, 2) << 16;
    return true;
}

Block *CodePage::build(uint64_t page_offset, IsaSet isa) {
    constexpr uint64_t PAGE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
    Block b = { static_cast<uint32_t>(insns.size()), 0, static_cast<uint16_t>(page_offset) };
    uint32_t bits;
    Flow flow = Flow::Next;
    while (flow == Flow::Next && b.count < Block::MAX && b.end < PAGE &&
           read_insn(*this, b.end, &bits)) {
        DecodedInsn &i = insns.emplace_back();
        flow = decode_insn(bits, &i, isa);
        i.offset = b.end;
        i.index = b.count++;
        b.end = static_cast<uint16_t>(b.end + i.len);
    }
    blocks.push_back(b);
    slots[page_offset / 2] = static_cast<uint16_t>(blocks.size());
    return &blocks.back();
}

void CodePage::clear() {
    slots.fill(0);
    blocks.clear();
    insns.clear();
    code.clear();
}
