// SPDX-License-Identifier: MIT
/* QMP's commands about trace events: those in the log, as -trace and the monitor's trace-event.
 *
 * In gdb: b qmp_trace::set_state */
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/module.h"
#include "util/qmp.h"
#include "util/trace.h"

namespace qmp_trace {

using nlohmann::json;

static bool get_state(const json &args, json *ret, Error **errp) {
    auto pattern = args["name"].get<std::string>();
    Error *err = nullptr;
    *ret = json::array();
    for (const TraceEventRow *row : trace_event_find(pattern, args.contains("vcpu"), &err)) {
        bool on = row->enabled & TRACE_SINK_LOG;
        ret->push_back(
            { { "name", row->name }, { "vcpu", false }, { "state", on ? "enabled" : "disabled" } });
    }
    error_propagate(errp, err);
    return !err;
}

static bool set_state(const json &args, json *, Error **errp) {
    auto pattern = args["name"].get<std::string>();
    Error *err = nullptr;
    if (!trace_event_find(pattern, args.contains("vcpu"), &err).empty())
        (void)trace_enable_events(pattern, args["enable"].get<bool>(), TRACE_SINK_LOG);
    error_propagate(errp, err);
    return !err;
}

static const QMPCommand rows[] = {
    { "trace-event-get-state", "name:str *vcpu:int", get_state },
    { "trace-event-set-state", "name:str enable:bool *ignore-unavailable:bool *vcpu:int",
      set_state },
};

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qmp_trace
