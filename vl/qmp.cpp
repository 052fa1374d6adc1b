// SPDX-License-Identifier: MIT
/* QMP: greeting, capabilities, requests, replies and events. See vl/qmp.h.
 *
 * In gdb: b qmp_session::handle_request     b qmp_dispatch     b qapi_event_send */
#include "vl/qmp.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "util/chardev.h"
#include "util/configuration.h"
#include "util/error.h"
#include "util/json.h"
#include "util/module.h"
#include "util/qmp.h"
#include "vl/monitor.h"
#include "vl/qmp-parser.h"
#include "vl/runstate.h"
#include "vl/trace.h"

using nlohmann::json;

namespace qmp_session {

struct QMPSession {
    Chardev *chr;
    bool pretty;
    bool negotiated = false; // qmp_capabilities has been said
    JSONMessageParser parser;
};

static std::vector<QMPSession *> sessions;

// --- replies

static void send(QMPSession &s, const json &message) {
    std::string text = qobject_to_json(message, s.pretty), out;
    trace_monitor_qmp_respond(text.c_str());
    for (char c : text + "\n") {
        if (c == '\n') out += '\r';
        out += c;
    }
    qemu_chr_fe_write_all(s.chr, reinterpret_cast<const uint8_t *>(out.data()),
                          static_cast<int>(out.size()));
}

static json error_reply(Error *err) {
    json error = { { "class", error_class_name(err->err_class) },
                   { "desc", error_get_pretty(err) } };
    error_free(err);
    return { { "error", error } };
}

static json version() {
    int major = 0, minor = 0, micro = 0;
    sscanf(CONFIG_VERSION, "%d.%d.%d", &major, &minor, &micro);
    return { { "qemu", { { "major", major }, { "minor", minor }, { "micro", micro } } },
             { "package", "vl" } };
}

// --- requests

// A well-formed request has "execute", and may have "arguments" and "id".
static bool check_request(const json &request, Error **errp) {
    if (!request.is_object()) {
        error_setg(errp, "QMP input must be a JSON object");
        return false;
    }
    for (const auto &[name, value] : request.items()) {
        if (name == "id") continue;
        const char *must = name == "execute"     ? (value.is_string() ? "" : "must be a string")
                           : name == "arguments" ? (value.is_object() ? "" : "must be an object")
                                                 : "is unexpected";
        if (!*must) continue;
        error_setg(errp, "QMP input member '%s' %s", name.c_str(), must);
        return false;
    }
    if (request.contains("execute")) return true;
    error_setg(errp, "QMP input lacks member 'execute'");
    return false;
}

// Before anything else, and once.
static bool negotiate(QMPSession &s, const std::string &command, const json &args, Error **errp) {
    bool asks = command == "qmp_capabilities";
    if (asks == s.negotiated) {
        error_setg(errp, "%s",
                   asks ? "Capabilities negotiation is already complete, command ignored"
                        : "Expecting capabilities negotiation with 'qmp_capabilities'");
        error_set_class(errp, ERROR_CLASS_COMMAND_NOT_FOUND);
        return false;
    }
    if (!asks) return true;
    json nothing;
    if (!qmp_dispatch(command, args, &nothing, errp)) return false;
    s.negotiated = true;
    return true;
}

static json run(QMPSession &s, const json &request, Error **errp) {
    if (!check_request(request, errp)) return nullptr;
    auto command = request["execute"].get<std::string>();
    json args = request.value("arguments", json::object()), ret = json::object();
    bool asked = !s.negotiated;
    if (!negotiate(s, command, args, errp)) return nullptr;
    if (!asked && !qmp_dispatch(command, args, &ret, errp)) return nullptr;
    return { { "return", ret } };
}

[[gnu::noinline]] static void handle_request(QMPSession &s, const std::string &text) {
    trace_handle_qmp_command(text.c_str());
    Error *err = nullptr;
    json request;
    MonitorCommandScope one;
    json reply = qobject_from_json(text, &request, &err) ? run(s, request, &err) : nullptr;
    if (err) reply = error_reply(err);
    if (request.is_object() && request.contains("id")) reply["id"] = request["id"];
    send(s, reply);
}

static void handle_message(void *opaque, const std::string *text, const char *error) {
    auto &s = *static_cast<QMPSession *>(opaque);
    if (text) return handle_request(s, *text);
    Error *err = nullptr;
    error_setg(&err, "%s", error);
    send(s, error_reply(err));
}

// --- the connection

// A request at a time; and none from a client that does not take its replies.
static int can_read(void *opaque) {
    auto &s = *static_cast<QMPSession *>(opaque);
    return monitor_may_read(s.chr);
}

static void read(void *opaque, const uint8_t *buf, int size) {
    auto &s = *static_cast<QMPSession *>(opaque);
    for (int i = 0; i < size; i++) s.parser.feed(buf[i], handle_message, &s);
}

static void event(void *opaque, QEMUChrEvent event) {
    auto &s = *static_cast<QMPSession *>(opaque);
    s.negotiated = false;
    s.parser.reset();
    if (event != CHR_EVENT_OPENED) return;
    json greeting = { { "version", version() }, { "capabilities", json::array() } };
    send(s, { { "QMP", greeting } });
}

// --- commands that belong to the protocol itself

// There is no capability to switch on.
static bool qmp_capabilities(const json &args, json *, Error **errp) {
    for (const json &name : args.value("enable", json::array())) {
        std::string text = name.is_string() ? name.get<std::string>() : "";
        if (text == "oob")
            error_setg(errp, "Capability %s not available", text.c_str());
        else
            error_setg(errp, "Parameter 'enable' does not accept value '%s'", text.c_str());
        return false;
    }
    return true;
}

static bool query_version(const json &, json *ret, Error **) {
    *ret = version();
    return true;
}

static bool query_commands(const json &, json *ret, Error **) {
    *ret = json::array();
    for (const QMPCommand *row : qmp_commands()) ret->push_back({ { "name", row->name } });
    return true;
}

static const QMPCommand rows[] = {
    { "qmp_capabilities", "*enable:list", qmp_capabilities },
    { "query-version", "", query_version },
    { "query-commands", "", query_commands },
};

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qmp_session

void monitor_init_qmp(Chardev *chr, bool pretty) {
    using namespace qmp_session;
    auto *s = new QMPSession{ .chr = chr, .pretty = pretty, .parser = {} };
    sessions.push_back(s);
    qemu_chr_fe_set_handlers(chr, { can_read, read, event, s });
}

// --- events

static void send_to_all(const json &message) {
    for (qmp_session::QMPSession *s : qmp_session::sessions) {
        if (s->negotiated) qmp_session::send(*s, message);
    }
}

static void send_with_cause(const char *name, ShutdownCause cause) {
    qapi_event_send(name, { { "guest", shutdown_caused_by_guest(cause) },
                            { "reason", shutdown_cause_name(cause) } });
}

void qapi_event_send_reset(ShutdownCause cause) { send_with_cause("RESET", cause); }
void qapi_event_send_shutdown(ShutdownCause cause) { send_with_cause("SHUTDOWN", cause); }

static void send_state(void *, bool running, RunState) {
    qapi_event_send(running ? "RESUME" : "STOP", nullptr);
}

static const QMPEvent events[] = {
    { "RESUME", "" },
    { "STOP", "" },
    { "RESET", "guest:bool reason:str" },
    { "SHUTDOWN", "guest:bool reason:str" },
};

static void register_events() {
    qmp_register_events(events, std::size(events));
    qapi_event_set_sink(send_to_all);
    qemu_add_vm_change_state_handler(send_state, nullptr);
}

qapi_init(register_events)
