// SPDX-License-Identifier: MIT
/* gdb's packets for registers, memory, threads and breakpoints. See vl/gdbstub.h.
 * Spec:   Debugging with GDB, E.2 (Packets)
 * In gdb: b gdbstub::insert_point     p gdbstub::commands */
#include <algorithm>

#include "vl/gdbstub-internal.h"

namespace gdbstub {

// --- threads

bool take_thread(std::string_view *text, int64_t *id) {
    bool all = take_char(text, '-');
    std::optional<uint64_t> n = take_number(text);
    if (!n || *n > INT32_MAX || (all && *n != 1)) return false;
    *id = all ? -1 : static_cast<int64_t>(*n);
    return true;
}

CPUState *cpu_of_thread(int64_t id) {
    for (CPUState *cpu : cpu_list()) {
        if (id <= 0 || thread_of(cpu) == id) return cpu;
    }
    return nullptr;
}

static Reply choose_thread(CPUState **cpu, std::string_view args) {
    int64_t id;
    CPUState *chosen = take_thread(&args, &id) && args.empty() ? cpu_of_thread(id) : nullptr;
    if (!chosen) return E22;
    if (id > 0) *cpu = chosen; // any is as good as the one there is
    return OK;
}

static Reply choose_continued(GDBState &s, std::string_view args) {
    return choose_thread(&s.c_cpu, args);
}
static Reply choose_general(GDBState &s, std::string_view args) {
    return choose_thread(&s.g_cpu, args);
}

static Reply thread_alive(GDBState &, std::string_view args) {
    CPUState *any = nullptr;
    return choose_thread(&any, args);
}

// --- registers: 64 bits each

static constexpr size_t REGISTER_DIGITS = 16;

static Reply read_registers(GDBState &s, std::string_view) {
    std::string text;
    for (unsigned n = 0; n < s.g_cpu->gdb_num_core_regs(); n++) {
        uint64_t value = 0;
        if (!s.g_cpu->gdb_read_register(n, &value)) return E14;
        text += hex_of_register(value);
    }
    return text;
}

static std::optional<uint64_t> register_of_hex(std::string_view digits) {
    std::optional<std::string> bytes = bytes_of_hex(digits);
    if (!bytes || bytes->size() != sizeof(uint64_t)) return std::nullopt;
    uint64_t value = 0;
    for (size_t n = bytes->size(); n-- > 0;) value = value << 8 | static_cast<uint8_t>((*bytes)[n]);
    return value;
}

static Reply write_registers(GDBState &s, std::string_view args) {
    for (unsigned n = 0; n < s.g_cpu->gdb_num_core_regs() && !args.empty(); n++) {
        std::optional<uint64_t> value = register_of_hex(args.substr(0, REGISTER_DIGITS));
        if (!value || !s.g_cpu->gdb_write_register(n, *value)) return E22;
        args.remove_prefix(std::min(args.size(), REGISTER_DIGITS));
    }
    return OK;
}

static std::optional<unsigned> take_register(std::string_view *args) {
    std::optional<uint64_t> n = take_number(args);
    if (!n || *n > UINT16_MAX) return std::nullopt;
    return static_cast<unsigned>(*n);
}

static Reply read_register(GDBState &s, std::string_view args) {
    std::optional<unsigned> n = take_register(&args);
    uint64_t value;
    if (!n || !args.empty() || !s.g_cpu->gdb_read_register(*n, &value)) return E14;
    return hex_of_register(value);
}

static Reply write_register(GDBState &s, std::string_view args) {
    std::optional<unsigned> n = take_register(&args);
    if (!n || !take_char(&args, '=')) return E22;
    std::optional<uint64_t> value = register_of_hex(args);
    return value && s.g_cpu->gdb_write_register(*n, *value) ? OK : E22;
}

// --- memory

static bool find_memory(const GDBState &s, uint64_t addr, hwaddr *pa) {
    *pa = addr;
    return s.phys_mem || s.g_cpu->debug_translate(addr, pa);
}

// What of [addr, addr + len) lies in one page.
static uint64_t size_in_page(uint64_t addr, uint64_t len) {
    constexpr uint64_t PAGE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
    return std::min(len, PAGE - addr % PAGE);
}

// As many bytes as there are.
static std::string read_memory(const GDBState &s, uint64_t addr, uint64_t len) {
    std::string bytes;
    while (len > 0) {
        hwaddr pa;
        std::string part(size_in_page(addr, len), '\0');
        if (!find_memory(s, addr, &pa)) break;
        if (address_space_read(&address_space_memory, pa, part.data(), part.size()) != MEMTX_OK)
            break;
        bytes += part;
        addr += part.size();
        len -= part.size();
    }
    return bytes;
}

static bool write_memory(const GDBState &s, uint64_t addr, std::string_view bytes) {
    while (!bytes.empty()) {
        hwaddr pa;
        uint64_t n = size_in_page(addr, bytes.size());
        if (!find_memory(s, addr, &pa)) return false;
        if (address_space_write_rom(&address_space_memory, pa, bytes.data(), n) != MEMTX_OK)
            return false;
        addr += n;
        bytes.remove_prefix(n);
    }
    return true;
}

struct Range {
    uint64_t addr, len;
};

// "addr,len"
static std::optional<Range> take_range(std::string_view *args) {
    std::optional<uint64_t> addr = take_number(args);
    if (!addr || !take_char(args, ',')) return std::nullopt;
    std::optional<uint64_t> len = take_number(args);
    if (!len) return std::nullopt;
    return Range{ *addr, *len };
}

static Reply read_memory_hex(GDBState &s, std::string_view args) {
    std::optional<Range> range = take_range(&args);
    if (!range || !args.empty() || range->len > MAX_PACKET_LENGTH / 2) return E22;
    std::string bytes = read_memory(s, range->addr, range->len);
    return bytes.empty() && range->len ? E14 : hex_of(bytes);
}

// The range and what is written there, if there is as much as the range is long.
static Reply write_bytes(const GDBState &s, const std::optional<Range> &range,
                         const std::optional<std::string> &bytes) {
    if (!range || !bytes || bytes->size() != range->len) return E22;
    return write_memory(s, range->addr, *bytes) ? OK : E14;
}

static Reply write_memory_hex(GDBState &s, std::string_view args) {
    std::optional<Range> range = take_range(&args);
    return take_char(&args, ':') ? write_bytes(s, range, bytes_of_hex(args)) : E22;
}

static Reply write_memory_binary(GDBState &s, std::string_view args) {
    std::optional<Range> range = take_range(&args);
    return take_char(&args, ':') ? write_bytes(s, range, std::string(args)) : E22;
}

// --- breakpoints and watchpoints: "kind,addr,len"

static std::optional<DebugPoint> take_point(std::string_view args) {
    std::optional<uint64_t> kind = take_number(&args);
    if (!kind || !take_char(&args, ',')) return std::nullopt;
    std::optional<Range> range = take_range(&args);
    if (!range || *kind > static_cast<uint64_t>(PointKind::Access)) return std::nullopt;
    DebugPoint point = { static_cast<PointKind>(*kind), range->addr, range->len };
    if (!point.is_watchpoint()) point.len = 1; // there it is the instruction's kind
    return point;
}

// Are there points of this kind?
static bool knows_kind(std::string_view args) { return args.empty() || args[0] <= '4'; }

static Reply insert_point(GDBState &, std::string_view args) {
    if (!knows_kind(args)) return "";
    std::optional<DebugPoint> point = take_point(args);
    return point && cpu_debug_insert(*point) ? OK : E22;
}

static Reply remove_point(GDBState &, std::string_view args) {
    if (!knows_kind(args)) return "";
    std::optional<DebugPoint> point = take_point(args);
    return point && cpu_debug_remove(*point) ? OK : E22;
}

// clang-format off
static constexpr PacketRow commands[] = {
    { "Hc", PacketRow::Anything, choose_continued },
    { "Hg", PacketRow::Anything, choose_general },
    { "T",  PacketRow::Anything, thread_alive },
    { "g",  PacketRow::Nothing,  read_registers },
    { "G",  PacketRow::Anything, write_registers },
    { "p",  PacketRow::Anything, read_register },
    { "P",  PacketRow::Anything, write_register },
    { "m",  PacketRow::Anything, read_memory_hex },
    { "M",  PacketRow::Anything, write_memory_hex },
    { "X",  PacketRow::Anything, write_memory_binary },
    { "Z",  PacketRow::Anything, insert_point },
    { "z",  PacketRow::Anything, remove_point },
};
// clang-format on

std::span<const PacketRow> command_rows() { return commands; }

} // namespace gdbstub
