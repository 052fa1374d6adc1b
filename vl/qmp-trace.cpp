// SPDX-License-Identifier: MIT
/* QMP's commands about trace events: those in the log, as -trace and the monitor's trace-event.
 *
 * Missing: vcpu; no event belongs to a CPU
 * In gdb:  b qmp_trace::set_state */
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"
#include "util/trace.h"

namespace qmp_trace {

using nlohmann::json;

// A pattern may match nothing, a name may not.
static bool check_name(const std::string &pattern, Error **errp) {
    bool found = pattern.find_first_of("*?") != std::string::npos;
    for (const TraceEventRow *row : trace_event_list()) found |= pattern == row->name;
    if (!found) error_setg(errp, "unknown event \"%s\"", pattern.c_str());
    return found;
}

static bool get_state(const json &args, json *ret, Error **errp) {
    auto pattern = args["name"].get<std::string>();
    if (!check_name(pattern, errp)) return false;
    *ret = json::array();
    for (const TraceEventRow *row : trace_event_list()) {
        if (!trace_pattern_matches(pattern.c_str(), row->name)) continue;
        bool on = row->enabled & TRACE_SINK_LOG;
        ret->push_back(
            { { "name", row->name }, { "vcpu", false }, { "state", on ? "enabled" : "disabled" } });
    }
    return true;
}

static bool set_state(const json &args, json *, Error **errp) {
    auto pattern = args["name"].get<std::string>();
    if (!check_name(pattern, errp)) return false;
    (void)trace_enable_events(pattern, args["enable"].get<bool>(), TRACE_SINK_LOG);
    return true;
}

static const QMPCommand rows[] = {
    { "trace-event-get-state", "name:str", get_state },
    { "trace-event-set-state", "name:str enable:bool *ignore-unavailable:bool", set_state },
};

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qmp_trace
