// SPDX-License-Identifier: MIT
/* gdb's packets that let the machine run, or end it. See vl/gdbstub.h.
 * Spec:   Debugging with GDB, E.2 (vCont), E.3 (Stop Reply Packets)
 * In gdb: b gdbstub::resume */
#include <cstring>
#include <vector>

#include "hw/core/system.h"
#include "util/error.h"
#include "vl/gdbstub-internal.h"
#include "vl/runstate.h"
#include "vl/trace.h"

namespace gdbstub {

// What one CPU is to do, by cpu_index.
enum class Action : uint8_t { Stay, Continue, Step };
using Actions = std::vector<Action>;

static Reply resume(GDBState &s, const Actions &actions) {
    trace_gdbstub_op_continue();
    for (CPUState *cpu : cpu_list()) {
        Action action = actions[static_cast<size_t>(cpu->cpu_index)];
        cpu->debug.held = action == Action::Stay;
        cpu->debug.single_step = action == Action::Step ? s.sstep_flags : 0;
        if (action == Action::Step) trace_gdbstub_op_stepping(cpu->cpu_index);
    }
    s.awaits_stop = true;
    vm_start();
    return std::nullopt;
}

static Actions all(Action action) { return Actions(cpu_list().size(), action); }

// --- c and s: from where it is, or from an address

static bool set_pc(GDBState &s, std::string_view args) {
    if (args.empty()) return true;
    std::optional<uint64_t> addr = take_number(&args);
    if (!addr || !args.empty()) return false;
    s.c_cpu->set_pc(*addr);
    return true;
}

static Reply resume_all(GDBState &s, std::string_view args) {
    return set_pc(s, args) ? resume(s, all(Action::Continue)) : E22;
}

// The others run meanwhile.
static Reply step_one(GDBState &s, std::string_view args) {
    if (!set_pc(s, args)) return E22;
    Actions actions = all(Action::Continue);
    actions[static_cast<size_t>(s.c_cpu->cpu_index)] = Action::Step;
    return resume(s, actions);
}

// "signal;addr": a machine has no use for signals.
static Reply resume_signal(GDBState &s, std::string_view args) {
    take_field(&args, ';');
    return resume_all(s, args);
}
static Reply step_signal(GDBState &s, std::string_view args) {
    take_field(&args, ';');
    return step_one(s, args);
}

// --- vCont: "s:1;c", for each CPU the first that fits

static Reply list_actions(GDBState &, std::string_view) { return "vCont;c;C;s;S"; }

static std::optional<Action> take_action(std::string_view *text) {
    bool has_signal = text->starts_with('C') || text->starts_with('S');
    bool steps = text->starts_with('s') || text->starts_with('S');
    if (!has_signal && !steps && !text->starts_with('c')) return std::nullopt;
    text->remove_prefix(1);
    if (has_signal && !take_number(text)) return std::nullopt;
    return steps ? Action::Step : Action::Continue;
}

// One action, for those CPUs that have none yet.
static bool add_action(Actions *actions, std::vector<bool> *decided, std::string_view text) {
    std::optional<Action> action = take_action(&text);
    int64_t thread = -1;
    if (!action || (take_char(&text, ':') && !take_thread(&text, &thread)) || !text.empty())
        return false;
    const CPUState *any = thread == 0 ? cpu_of_thread(0) : nullptr;
    for (const CPUState *cpu : cpu_list()) {
        auto n = static_cast<size_t>(cpu->cpu_index);
        bool meant = thread == -1 || thread_of(cpu) == thread || cpu == any;
        if (!meant || (*decided)[n]) continue;
        (*actions)[n] = *action;
        (*decided)[n] = true;
    }
    return true;
}

static Reply resume_each(GDBState &s, std::string_view args) {
    Actions actions = all(Action::Stay);
    std::vector<bool> decided(actions.size());
    do {
        std::string_view action = take_field(&args, ';');
        if (!action.empty() && !strchr("cCsS", action[0])) return ""; // not among vCont?'s
        if (!add_action(&actions, &decided, action)) return E22;
    } while (!args.empty());
    return actions == all(Action::Stay) ? Reply(E22) : resume(s, actions);
}

// --- the beginning and the end

// QEMU's way: a gdb that asks has none of the breakpoints of the one before.
static Reply why_stopped(GDBState &s, std::string_view) {
    cpu_debug_remove_all();
    constexpr int SIGNAL_TRAP = 5;
    return stop_reply(s, SIGNAL_TRAP);
}

static Reply detach(GDBState &s, std::string_view) {
    forget_debugging(s);
    vm_start();
    return OK;
}

static void end_machine() {
    error_report("Terminated via GDBstub");
    qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_UI);
}

static Reply kill(GDBState &, std::string_view) {
    end_machine();
    return std::nullopt;
}
static Reply kill_process(GDBState &, std::string_view) {
    end_machine();
    return OK;
}

// clang-format off
static constexpr PacketRow rows[] = {
    { "vCont?", PacketRow::Nothing,   list_actions },
    { "vCont;", PacketRow::Anything,  resume_each },
    { "vKill",  PacketRow::Semicolon, kill_process },
    { "?",      PacketRow::Nothing,   why_stopped },
    { "c",      PacketRow::Anything,  resume_all },
    { "C",      PacketRow::Anything,  resume_signal },
    { "s",      PacketRow::Anything,  step_one },
    { "S",      PacketRow::Anything,  step_signal },
    { "D",      PacketRow::Semicolon, detach },
    { "k",      PacketRow::Nothing,   kill },
};
// clang-format on

std::span<const PacketRow> resume_rows() { return rows; }

} // namespace gdbstub
