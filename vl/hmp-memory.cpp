// SPDX-License-Identifier: MIT
/* The monitor's commands about memory, registers and harts, one row each.
 *
 * In gdb: b hmp_memory::dump */
#include <algorithm>
#include <cinttypes>

#include "hw/core/cpu.h"
#include "hw/core/memory.h"
#include "hw/cpu/disas.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/hmp-args.h"
#include "vl/monitor.h"
#include "vl/runstate.h"

namespace hmp_memory {

// The most that one command prints, in bytes of memory.
static constexpr uint64_t MAX_DUMP = 1 << 20;

// Every CPU stands still while its registers are looked at.
struct Paused {
    bool was_running = runstate_is_running();
    Paused() {
        if (was_running) pause_all_vcpus();
    }
    ~Paused() {
        if (was_running) resume_all_vcpus();
    }
    Paused(const Paused &) = delete;
    Paused &operator=(const Paused &) = delete;
};

// --- values

// 'a', '\n', '\x07'
static std::string character(uint64_t value) {
    static const std::string special = "'\\\n\r", names = "'\\nr";
    auto c = static_cast<int>(value);
    size_t at = c >= 0 && c < 0x80 ? special.find(static_cast<char>(c)) : std::string::npos;
    if (at != std::string::npos) return std::string("'\\") + names[at] + "'";
    if (c >= 32 && c < 127) return format_string("'%c'", c);
    return format_string("'\\x%02x'", static_cast<unsigned>(c));
}

static std::string cell(uint64_t value, char format, int size) {
    int bits = size * 8;
    switch (format) {
    case 'o':
        return format_string("%#*" PRIo64, (bits + 2) / 3, value);
    case 'u':
        return format_string("%*" PRIu64, (bits * 10 + 32) / 33, value);
    case 'd':
        return format_string("%*" PRId64, (bits * 10 + 32) / 33, static_cast<int64_t>(value));
    case 'c':
        return character(value);
    default:
        return format_string("0x%0*" PRIx64, bits / 4, value);
    }
}

static void print_value(Monitor *mon, const HMPArgs &args) {
    auto value = static_cast<uint64_t>(args.num("val"));
    std::string text;
    switch (args.format.format) {
    case 'o':
        text = format_string("%#" PRIo64, value);
        break;
    case 'u':
        text = format_string("%" PRIu64, value);
        break;
    case 'd':
        text = format_string("%" PRId64, static_cast<int64_t>(value));
        break;
    case 'c':
        text = character(value);
        break;
    default:
        text = format_string("%#" PRIx64, value);
    }
    mon->print(text + "\n");
}

// --- memory

struct Memory {
    RISCVCPU *cpu; // whose addresses they are; null: physical ones

    bool read(uint64_t addr, void *buf, uint64_t len) const {
        auto *out = static_cast<uint8_t *>(buf);
        while (len > 0) {
            constexpr uint64_t PAGE = uint64_t{ 1 } << RAMBlock::PAGE_BITS;
            uint64_t part = std::min(len, PAGE - addr % PAGE);
            hwaddr pa = addr;
            if (cpu && !cpu->debug_translate(addr, &pa)) return false;
            if (address_space_read(&address_space_memory, pa, out, part) != MEMTX_OK) return false;
            addr += part;
            out += part;
            len -= part;
        }
        return true;
    }
};

static void dump_code(Monitor *mon, const Memory &memory, const RISCVCPU &cpu, uint64_t addr,
                      uint64_t count) {
    for (; count > 0; count--) {
        uint8_t raw[4] = {};
        int size = memory.read(addr, raw, 2) && (raw[0] & 3) == 3 ? 4 : 2;
        if (!memory.read(addr, raw, static_cast<uint64_t>(size)))
            return mon->print(format_string("0x%016" PRIx64 ":  Cannot access memory\n", addr));
        uint32_t bits = raw[0] | raw[1] << 8 | raw[2] << 16 | static_cast<uint32_t>(raw[3]) << 24;
        mon->print(format_string("0x%016" PRIx64 ":  %-18s%s\n", addr,
                                 format_string("%0*x", 2 * size, bits).c_str(),
                                 riscv_disas(addr, bits, cpu.isa).c_str()));
        addr += static_cast<uint64_t>(size);
    }
}

static void dump_cells(Monitor *mon, const Memory &memory, uint64_t addr, const HMPFormat &f) {
    uint64_t len = static_cast<uint64_t>(f.count) * static_cast<uint64_t>(f.size);
    int size = f.format == 'c' ? 1 : f.size;
    uint64_t a_line = size == 1 && f.format != 'c' ? 8 : 16;
    while (len > 0) {
        uint8_t raw[16];
        uint64_t part = std::min(len, a_line);
        std::string line = format_string("%016" PRIx64 ":", addr);
        bool ok = memory.read(addr, raw, part);
        for (uint64_t at = 0; ok && at < part; at += static_cast<uint64_t>(size)) {
            uint64_t value = 0;
            for (int n = size; n-- > 0;) value = value << 8 | raw[at + static_cast<uint64_t>(n)];
            line += " " + cell(value, f.format, size);
        }
        mon->print(line + (ok ? "\n" : " Cannot access memory\n"));
        if (!ok) return;
        addr += part;
        len -= part;
    }
}

[[gnu::noinline]] static void dump(Monitor *mon, const HMPArgs &args, bool physical) {
    Paused paused;
    auto *cpu = static_cast<RISCVCPU *>(cpu_list().at(static_cast<size_t>(mon->cpu_index)));
    Memory memory{ physical ? nullptr : cpu };
    auto addr = static_cast<uint64_t>(args.num("addr"));
    auto count = static_cast<uint64_t>(args.format.count);
    if (count * static_cast<uint64_t>(args.format.size) > MAX_DUMP)
        return error_report("too much at once: the most is %" PRIu64 " bytes", MAX_DUMP);
    if (args.format.format == 'i')
        dump_code(mon, memory, *cpu, addr, count);
    else
        dump_cells(mon, memory, addr, args.format);
}

static void hmp_x(Monitor *mon, const HMPArgs &args) { dump(mon, args, false); }
static void hmp_xp(Monitor *mon, const HMPArgs &args) { dump(mon, args, true); }

// --- harts

static void hmp_cpu(Monitor *mon, const HMPArgs &args) {
    int64_t index = args.num("index");
    if (index < 0 || index >= static_cast<int64_t>(cpu_list().size()))
        return error_report("invalid CPU index");
    mon->cpu_index = static_cast<int>(index);
}

static void hmp_info_cpus(Monitor *mon, const HMPArgs &) {
    for (const CPUState *cpu : cpu_list()) {
        mon->print(format_string("%c CPU #%d: thread_id=%d\n",
                                 cpu->cpu_index == mon->cpu_index ? '*' : ' ', cpu->cpu_index,
                                 cpu->thread_id.load()));
    }
}

static void print_registers(Monitor *mon, CPUState *cpu) {
    mon->print(format_string("\nCPU#%d\n", cpu->cpu_index) + cpu->dump_state());
}

static void hmp_info_registers(Monitor *mon, const HMPArgs &args) {
    Paused paused;
    auto count = static_cast<int64_t>(cpu_list().size());
    int64_t index = args.has("vcpu") ? args.num("vcpu") : mon->cpu_index;
    if (args.has("cpustate_all")) {
        for (CPUState *cpu : cpu_list()) print_registers(mon, cpu);
    } else if (index < 0 || index >= count) {
        mon->print(format_string("CPU#%" PRId64 " not available\n", index));
    } else {
        print_registers(mon, cpu_list()[static_cast<size_t>(index)]);
    }
}

// clang-format off
static const HMPCommand rows[] = {
    { "x",              hmp_x,              "fmt:/,addr:l",  "/fmt addr",
      "virtual memory dump starting at 'addr'" },
    { "xp",             hmp_xp,             "fmt:/,addr:l",  "/fmt addr",
      "physical memory dump starting at 'addr'" },
    { "print|p",        print_value,        "fmt:/,val:l",   "/fmt expr",
      "print expression value (use $reg for CPU register access)" },
    { "cpu",            hmp_cpu,            "index:i",       "index", "set the default CPU" },
    { "info cpus",      hmp_info_cpus,      "",              "",      "show infos for each CPU" },
    { "info registers", hmp_info_registers, "cpustate_all:-a,vcpu:i?", "[-a|vcpu]",
      "show the cpu registers (-a: of all; vcpu: of that one)" },
};
// clang-format on

static void register_memory_commands() { monitor_register_hmp(rows, std::size(rows)); }

qapi_init(register_memory_commands)

} // namespace hmp_memory
