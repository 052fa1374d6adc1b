// SPDX-License-Identifier: MIT
/* The gdb stub: the connection, the way of a packet to its row, and what gdb hears when the machine
 * stops. See vl/gdbstub.h.
 *
 * In gdb: b gdbstub::handle_packet     b gdbstub::state_changed */
#include "vl/gdbstub.h"

#include <utility>

#include "hw/core/system.h"
#include "util/aio.h"
#include "util/error.h"
#include "util/module.h"
#include "vl/gdbstub-internal.h"
#include "vl/monitor.h"
#include "vl/runstate.h"
#include "vl/trace.h"

namespace gdbstub {

static GDBState state;
static bool in_packet = false; // a row's function runs

// --- replies

static void put(const GDBState &s, const std::string &text) {
    qemu_chr_fe_write_all(s.chr, reinterpret_cast<const uint8_t *>(text.data()),
                          static_cast<int>(text.size()));
}

void put_packet(GDBState &s, std::string_view body) {
    std::string packet = packet_frame(body);
    trace_gdbstub_io_reply(packet.c_str());
    put(s, packet);
    if (!s.no_ack) s.last_packet = packet;
}

static const char *watch_name(PointKind kind) {
    return kind == PointKind::Write ? "watch" : kind == PointKind::Read ? "rwatch" : "awatch";
}

std::string stop_reply(GDBState &s, int signal) {
    std::string text = format_string("T%02xthread:%02x;", static_cast<unsigned>(signal),
                                     static_cast<unsigned>(thread_of(s.c_cpu)));
    const CPUDebug &debug = s.c_cpu->debug;
    if (debug.stop != DebugStop::Watchpoint) return text;
    const char *name = watch_name(debug.watchpoint.kind);
    trace_gdbstub_hit_watchpoint(name, thread_of(s.c_cpu), debug.watch_addr);
    auto addr = static_cast<unsigned long long>(debug.watch_addr);
    return text + format_string("%s:%llx;", name, addr);
}

// --- the machine stops or runs, whoever wanted it

// Why it stopped, as gdb's own numbers of signals have it.
static const struct {
    RunState state;
    int signal;
    const TraceEvent<> *event;
} stops[] = {
    { RUN_STATE_DEBUG, 5, &trace_gdbstub_hit_break },
    { RUN_STATE_PAUSED, 2, &trace_gdbstub_hit_paused },
    { RUN_STATE_SHUTDOWN, 3, &trace_gdbstub_hit_shutdown },
    { RUN_STATE_IO_ERROR, 23, &trace_gdbstub_hit_io_error },
};

static void tell_stop(GDBState &s, RunState why) {
    for (const auto &row : stops) {
        if (row.state != why) continue;
        (*row.event)();
        put_packet(s, stop_reply(s, row.signal));
    }
}

static void state_changed(void *, bool running, RunState why) {
    GDBState &s = state;
    if (!s.attached || running) return;
    CPUState *stopped = cpu_debug_stopped();
    if (stopped) s.c_cpu = s.g_cpu = stopped;
    if (s.awaits_stop) tell_stop(s, stopped ? RUN_STATE_DEBUG : why);
    s.awaits_stop = false;
    cpu_debug_release_all();
}

// --- packets

static bool rest_fits(PacketRow::Rest rest, std::string_view *args) {
    switch (rest) {
    case PacketRow::Anything:
        return true;
    case PacketRow::Nothing:
        return args->empty();
    case PacketRow::Colon:
        return args->empty() || take_char(args, ':');
    case PacketRow::Semicolon:
        return args->empty() || take_char(args, ';');
    }
    return false;
}

static Reply reply_to(GDBState &s, std::string_view packet) {
    for (auto rows : { query_rows(), resume_rows(), command_rows() }) {
        for (const PacketRow &row : rows) {
            std::string_view args = packet;
            if (!packet.starts_with(row.name)) continue;
            args.remove_prefix(std::string_view(row.name).size());
            if (rest_fits(row.rest, &args)) return row.handle(s, args);
        }
    }
    return "";
}

[[gnu::noinline]] static void handle_packet(GDBState &s, const std::string &packet) {
    trace_gdbstub_io_command(packet.c_str());
    in_packet = true;
    Reply reply = reply_to(s, packet);
    in_packet = false;
    if (reply) put_packet(s, *reply);
}

// --- bytes

static void handle_ack(GDBState &s, bool received) {
    if (s.last_packet.empty()) return;
    if (received) {
        trace_gdbstub_io_got_ack();
        s.last_packet.clear();
    } else {
        trace_gdbstub_err_got_nack();
        put(s, s.last_packet);
    }
}

// While the machine runs there is nothing to say but to stop it.
static void stop_for_gdb() {
    if (runstate_is_running()) vm_stop(RUN_STATE_PAUSED);
}

static void handle_byte(GDBState &s, uint8_t byte) {
    switch (s.reader.feed(byte)) {
    case PacketEvent::Begin:
        s.last_packet.clear();
        return stop_for_gdb();
    case PacketEvent::Interrupt:
        return stop_for_gdb();
    case PacketEvent::Ack:
        return handle_ack(s, true);
    case PacketEvent::Nack:
        return handle_ack(s, false);
    case PacketEvent::BadChecksum:
        if (!s.no_ack) return put(s, "-");
        [[fallthrough]]; // nobody would send it again
    case PacketEvent::Complete:
        if (!s.no_ack) put(s, "+");
        return handle_packet(s, s.reader.packet());
    case PacketEvent::TooLong:
        if (!s.no_ack) put(s, "+");
        return put_packet(s, E22);
    case PacketEvent::None:
    case PacketEvent::Garbage:
        return;
    }
}

// A gdb that does not take its replies gets no more.
static int can_read(void *) { return monitor_may_read(state.chr) ? MAX_PACKET_LENGTH : 0; }

static void read(void *, const uint8_t *buf, int size) {
    MonitorCommandScope one;
    for (int i = 0; i < size && state.attached; i++) handle_byte(state, buf[i]);
}

// --- gdb comes and goes

void forget_debugging(GDBState &s) {
    cpu_debug_remove_all();
    cpu_debug_release_all();
    s.awaits_stop = false;
}

// QEMU's way: whoever comes finds the machine stopped.
static void gdb_came(GDBState &s) {
    stop_for_gdb();
    s.attached = true;
    s.no_ack = s.phys_mem = false;
    s.sstep_flags = SSTEP_ALL;
    s.reader = {};
    s.last_packet.clear();
    s.c_cpu = s.g_cpu = cpu_list().at(0);
}

// A machine that runs goes on, one that stands still waits for another gdb or for `cont`.
static void gdb_went(GDBState &s) {
    if (!s.attached) return;
    s.attached = false;
    bool running = runstate_is_running();
    if (running) pause_all_vcpus();
    forget_debugging(s);
    if (running) resume_all_vcpus();
}

static void connection_event(void *, QEMUChrEvent event) {
    if (!state.chr) return;
    MonitorCommandScope one;
    if (event == CHR_EVENT_OPENED) gdb_came(state);
    if (event == CHR_EVENT_CLOSED) gdb_went(state);
}

static void delete_chardev(void *opaque) { qemu_chr_delete(static_cast<Chardev *>(opaque)); }

// The chardev may be in the middle of a call to us: `monitor gdbserver none`.
static void close_server() {
    gdb_went(state);
    Chardev *chr = state.chr;
    state.chr = nullptr;
    if (!chr) return;
    qemu_chr_fe_set_handlers(chr, { .opaque = &state });
    if (!std::exchange(state.owns_chr, false)) return;
    if (in_packet)
        aio_bh_schedule_oneshot(qemu_get_aio_context(), delete_chardev, chr);
    else
        delete_chardev(chr);
}

// --- the monitor

static void hmp_gdbserver(Monitor *mon, const HMPArgs &args) {
    std::string device = args.has("device") ? args.str("device") : DEFAULT_GDBSTUB_DEVICE;
    Error *err = nullptr;
    if (!gdbserver_start(device, &err)) {
        error_report_err(err);
        mon->print(format_string("Could not open gdbserver on device '%s'\n", device.c_str()));
    } else if (device == "none") {
        mon->print("Disabled gdbserver\n");
    } else {
        mon->print(format_string("Waiting for gdb connection on device '%s'\n", device.c_str()));
    }
}

static const HMPCommand hmp_rows[] = {
    { "gdbserver", hmp_gdbserver, "device:s?", "[device]",
      "wait for gdb on this device (default 'tcp::1234'), 'none': no longer" },
};

static void register_hmp() { monitor_register_hmp(hmp_rows, std::size(hmp_rows)); }

qapi_init(register_hmp)

} // namespace gdbstub

void gdbserver_start_chardev(Chardev *chr) {
    static bool listens = false;
    if (!listens) qemu_add_vm_change_state_handler(gdbstub::state_changed, nullptr);
    listens = true;
    gdbstub::close_server();
    gdbstub::state.chr = chr;
    qemu_chr_fe_set_handlers(
        chr, { gdbstub::can_read, gdbstub::read, gdbstub::connection_event, &gdbstub::state });
}

// Of a socket we are the server, and do not wait.
static Chardev *open_device(const std::string &device, Error **errp) {
    if (device.starts_with("chardev:")) return qemu_chr_new("gdb", device, errp);
    std::unique_ptr<QemuOpts> opts = qemu_chr_parse_compat("gdb", device, errp);
    if (!opts) return nullptr;
    std::string backend = qemu_opt_get(opts.get(), "backend");
    if (backend == "socket")
        for (const char *name : { "server", "nodelay", "nowait" })
            opts->opts.push_back({ name, "on" });
    return qemu_chr_new_from_opts(*opts, errp);
}

bool gdbserver_start(const std::string &device, Error **errp) {
    trace_gdbstub_op_start(device.c_str());
    gdbstub::close_server();
    if (device == "none") return true;
    Chardev *chr = open_device(device, errp);
    if (!chr) return false;
    gdbserver_start_chardev(chr);
    gdbstub::state.owns_chr = !device.starts_with("chardev:");
    return true;
}

void gdbserver_exit(int status) {
    using gdbstub::state;
    trace_gdbstub_op_exiting(status);
    if (state.attached && state.awaits_stop)
        gdbstub::put_packet(state, format_string("W%02x", static_cast<unsigned>(status) & 0xff));
    state.chr = nullptr; // a gdb that comes or goes finds nobody: the harts' threads are ending
    state.attached = false;
}
