// SPDX-License-Identifier: MIT
/* Decoded instructions, kept by the physical page they came from, and the knowledge which bytes of
 * guest RAM are kept so.
 *
 * Each hart keeps blocks of its own, so running one needs no lock. What harts share is the CodeMap:
 * one word a page of RAM with a bit for every 64 bytes that any hart decodes from. A write into
 * such bytes drops the page at every hart, at the end of the block it is in.
 *
 * How a write is never missed. A page whose RAMBlock::CODE flag is set has no writable TLB entry,
 * so every store to it takes the slow path and reads the CodeMap after it wrote. Before a hart
 * decodes from a page it (1) sets the flag, (2) waits until every other hart has dropped its
 * writable entries (code_guard), (3) sets the line's bit, (4) reads the bytes. A store either
 * comes before 4, and is decoded, or finds the bit. */
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "hw/core/memory.h"
#include "hw/cpu/decode.h"

// Of one page of RAM.
struct CodeLines {
    static constexpr unsigned LINE_BITS = 6; // 64 bytes

    std::atomic<uint64_t> lines{ 0 };   // decoded by some hart
    std::atomic<bool> guarded{ false }; // no hart has a writable TLB entry; under the engine's lock

    // The bits of the lines that [offset, offset + len) of the page touches. len > 0.
    static constexpr uint64_t mask(uint64_t offset, uint64_t len) {
        uint64_t first = offset >> LINE_BITS, last = (offset + len - 1) >> LINE_BITS;
        return (~uint64_t{ 0 } << first) & (~uint64_t{ 0 } >> (63 - last));
    }
};
// By host page: those that were ever decoded from. Under the engine's lock; a page's lines, once
// made, stay where they are.
using CodeMap = std::unordered_map<const uint8_t *, std::unique_ptr<CodeLines>>;

// Instructions that run one behind the other, all in one page; only the last may jump.
struct Block {
    static constexpr unsigned MAX = 64; // instructions

    // A block of the same page that ran behind this one: most often the next one is found by a
    // comparison, which the host predicts, not by a chain of loads.
    struct Successor {
        uint16_t offset = 0xffff; // where it begins; odd: none
        uint16_t block = 0;       // its place in the page's blocks
    };

    uint32_t first; // in the page's insns
    uint16_t count; // 0: the first one reaches into the next page and is not kept
    uint16_t end;   // page offset behind the last one
    Successor next[2] = {};
    uint16_t runs = 0;          // up to where a translating engine takes notice
    const void *code = nullptr; // what that made of it
};

// The host's code of a block, for as long as its page keeps the block.
struct BlockCode {
    const void *entry = nullptr;
    virtual ~BlockCode() = default;
};

struct CodePage {
    RAMBlock *ram;
    uint64_t offset; // of the page in ram
    CodeLines *lines;
    std::array<uint16_t, 2048> slots{}; // by page offset / 2: place in blocks plus one, or 0
    std::vector<Block> blocks = {};
    std::vector<DecodedInsn> insns = {};
    std::vector<std::unique_ptr<BlockCode>> code = {};

    const uint8_t *host() const { return ram->host + offset; }
    // The block that begins there, or nullptr. The offset is even.
    Block *find(uint64_t page_offset) {
        uint16_t slot = slots[page_offset / 2];
        return slot ? &blocks[slot - 1u] : nullptr;
    }
    // Decodes the block that begins there, for a hart with those extensions. The page is guarded.
    // Moves the others.
    Block *build(uint64_t page_offset, IsaSet isa);
    // The block that begins there if it ran behind `b` before, or nullptr.
    Block *successor(const Block &b, uint64_t page_offset) {
        for (const Block::Successor &s : b.next) {
            if (s.offset == page_offset) return &blocks[s.block];
        }
        return nullptr;
    }
    void clear();
};

// How many bytes of an instruction at `address` are fetched at once: a naturally aligned word of
// code is seen whole (Ziccif), whoever writes it meanwhile.
constexpr unsigned code_fetch_size(uint64_t address) { return address & 2 ? 2 : 4; }
// Those 2 or 4 bytes.
uint32_t code_fetch(const uint8_t *host, unsigned size);
