// SPDX-License-Identifier: MIT
/* gdb's questions and settings: packets q and Q. See vl/gdbstub.h.
 * Spec:   Debugging with GDB, E.4 (General Query Packets); QEMU's documentation of its stub for
 *         PhyMemMode and sstep
 * In gdb: b gdbstub::run_monitor_command     p gdbstub::queries */
#include "util/error.h"
#include "vl/gdbstub-internal.h"
#include "vl/monitor.h"
#include "vl/trace.h"

namespace gdbstub {

static Reply supported(GDBState &, std::string_view) {
    return format_string("PacketSize=%zx;qXfer:features:read+;vContSupported+;QStartNoAckMode+",
                         MAX_PACKET_LENGTH);
}

static Reply start_no_ack_mode(GDBState &s, std::string_view) {
    s.no_ack = true;
    return OK;
}

// So gdb detaches when it quits, and does not kill.
static Reply attached(GDBState &, std::string_view) { return "1"; }

// --- threads

static Reply current_thread(GDBState &s, std::string_view) {
    return format_string("QC%02x", static_cast<unsigned>(thread_of(s.g_cpu)));
}

static Reply list_threads(GDBState &, std::string_view) {
    std::string text = "m";
    for (const CPUState *cpu : cpu_list()) {
        text +=
            format_string("%s%02x", text == "m" ? "" : ",", static_cast<unsigned>(thread_of(cpu)));
    }
    return text;
}
static Reply no_more_threads(GDBState &, std::string_view) { return "l"; }

static Reply describe_thread(GDBState &, std::string_view args) {
    int64_t id;
    CPUState *cpu = take_thread(&args, &id) && args.empty() ? cpu_of_thread(id) : nullptr;
    if (!cpu) return E22;
    std::string text =
        format_string("CPU#%d [%s]", cpu->cpu_index, cpu->halted ? "halted" : "running");
    trace_gdbstub_op_extra_info(text.c_str());
    return hex_of(text);
}

// --- the target description: "annex:offset,length"

static Reply read_features(GDBState &s, std::string_view args) {
    std::string_view annex = take_field(&args, ':');
    std::optional<uint64_t> offset = take_number(&args);
    if (annex != "target.xml") return "E00";
    if (!offset || !take_char(&args, ',')) return E22;
    std::optional<uint64_t> len = take_number(&args);
    std::string xml = s.g_cpu->gdb_target_description();
    if (!len || !args.empty() || *offset > xml.size()) return E22;
    // escaped, each byte may become two
    std::string part = xml.substr(*offset, std::min<uint64_t>(*len, MAX_PACKET_LENGTH / 2));
    bool last = *offset + part.size() == xml.size();
    return (last ? "l" : "m") + packet_escape(part);
}

// --- `monitor COMMAND`

// What the command prints: gdb shows it as it comes, line feeds without carriage returns.
struct MonitorOutput : Chardev {
    GDBState *s;

    explicit MonitorOutput(GDBState *state) : s(state) {}
    int write(const uint8_t *buf, int size) override {
        constexpr size_t MOST = MAX_PACKET_LENGTH / 2 - 1;
        std::string text;
        for (int i = 0; i < size; i++) {
            if (buf[i] != '\r') text += static_cast<char>(buf[i]);
        }
        for (size_t at = 0; at < text.size(); at += MOST) {
            put_packet(*s, "O" + hex_of(std::string_view(text).substr(at, MOST)));
        }
        return size;
    }
};

[[gnu::noinline]] static Reply run_monitor_command(GDBState &s, std::string_view args) {
    std::optional<std::string> line = bytes_of_hex(args);
    if (!line || line->empty()) return E22;
    MonitorOutput output(&s);
    Monitor mon;
    mon.chr = &output;
    handle_hmp_command(&mon, *line);
    return OK;
}

// --- QEMU's settings

static Reply get_step_bits(GDBState &, std::string_view) {
    return format_string("ENABLE=%x,NOIRQ=%x,NOTIMER=%x", SSTEP_ENABLE, SSTEP_NOIRQ, SSTEP_NOTIMER);
}
static Reply get_step_flags(GDBState &s, std::string_view) {
    return format_string("0x%x", s.sstep_flags);
}
static Reply set_step_flags(GDBState &s, std::string_view args) {
    std::optional<uint64_t> flags = take_number(&args);
    bool legal = flags && args.empty() && (*flags & SSTEP_ENABLE) && *flags <= SSTEP_ALL;
    if (!legal) return E22;
    s.sstep_flags = static_cast<unsigned>(*flags);
    return OK;
}

static Reply get_phys_mem_mode(GDBState &s, std::string_view) { return s.phys_mem ? "1" : "0"; }
static Reply set_phys_mem_mode(GDBState &s, std::string_view args) {
    std::optional<uint64_t> on = take_number(&args);
    if (!on || !args.empty()) return E22;
    s.phys_mem = *on != 0;
    return OK;
}

// clang-format off
static constexpr PacketRow queries[] = {
    { "qSupported",            PacketRow::Colon,    supported },
    { "QStartNoAckMode",       PacketRow::Nothing,  start_no_ack_mode },
    { "qAttached",             PacketRow::Colon,    attached },
    { "qC",                    PacketRow::Nothing,  current_thread },
    { "qfThreadInfo",          PacketRow::Nothing,  list_threads },
    { "qsThreadInfo",          PacketRow::Nothing,  no_more_threads },
    { "qThreadExtraInfo,",     PacketRow::Anything, describe_thread },
    { "qXfer:features:read:",  PacketRow::Anything, read_features },
    { "qRcmd,",                PacketRow::Anything, run_monitor_command },
    { "qqemu.sstepbits",       PacketRow::Nothing,  get_step_bits },
    { "qqemu.sstep",           PacketRow::Nothing,  get_step_flags },
    { "Qqemu.sstep=",          PacketRow::Anything, set_step_flags },
    { "qqemu.PhyMemMode",      PacketRow::Nothing,  get_phys_mem_mode },
    { "Qqemu.PhyMemMode:",     PacketRow::Anything, set_phys_mem_mode },
};
// clang-format on

std::span<const PacketRow> query_rows() { return queries; }

} // namespace gdbstub
