// SPDX-License-Identifier: MIT
/* QMP's commands and events. See util/qmp.h. */
#include "util/qmp.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include <nlohmann/json.hpp>
#include <sys/time.h>

#include "util/error.h"
#include "util/split.h"

using nlohmann::json;

static std::vector<const QMPCommand *> commands;

void qmp_register_commands(const QMPCommand *rows, size_t n) {
    for (size_t i = 0; i < n; i++) commands.push_back(&rows[i]);
}

const std::vector<const QMPCommand *> &qmp_commands() { return commands; }

// --- arguments

static const struct {
    const char *name;
    const char *expected; // QEMU's word for it
    bool (*fits)(const json &value);
} types[] = {
    { "str", "string", [](const json &v) { return v.is_string(); } },
    { "int", "integer", [](const json &v) { return v.is_number_integer(); } },
    { "bool", "boolean", [](const json &v) { return v.is_boolean(); } },
    { "list", "array", [](const json &v) { return v.is_array(); } },
    { "dict", "object", [](const json &v) { return v.is_object(); } },
    { "any", "value", [](const json &) { return true; } },
};

static bool check_type(const std::string &name, const std::string &type, const json &value,
                       Error **errp) {
    for (const auto &row : types) {
        if (type != row.name || row.fits(value)) continue;
        error_setg(errp, "Invalid parameter type for '%s', expected: %s", name.c_str(),
                   row.expected);
        return false;
    }
    return true;
}

std::vector<QMPMember> qmp_read_members(const char *text) {
    std::vector<QMPMember> members;
    for (const std::string &word : split(text, ' ')) {
        if (word.empty() || word == "...") break;
        bool optional = word[0] == '*';
        size_t colon = word.find(':');
        members.push_back(
            { word.substr(optional, colon - optional), word.substr(colon + 1), optional });
    }
    return members;
}

// Does `args` have the members that `text` asks for, and no others?
static bool check_members(const char *text, const json &args, Error **errp) {
    std::vector<QMPMember> known = qmp_read_members(text);
    for (const QMPMember &row : known) {
        auto member = args.find(row.name);
        if (member != args.end()) {
            if (!check_type(row.name, row.type, *member, errp)) return false;
        } else if (!row.optional) {
            error_setg(errp, "Parameter '%s' is missing", row.name.c_str());
            return false;
        }
    }
    if (std::string_view(text).ends_with("...")) return true;
    for (const auto &member : args.items()) {
        if (std::any_of(known.begin(), known.end(),
                        [&](const QMPMember &row) { return row.name == member.key(); }))
            continue;
        error_setg(errp, "Parameter '%s' is unexpected", member.key().c_str());
        return false;
    }
    return true;
}

[[gnu::noinline]] bool qmp_dispatch(const std::string &name, const json &args, json *ret,
                                    Error **errp) {
    for (const QMPCommand *row : commands) {
        if (name != row->name) continue;
        *ret = json::object();
        return check_members(row->args, args, errp) && row->cmd(args, ret, errp);
    }
    error_setg(errp, "The command %s has not been found", name.c_str());
    error_set_class(errp, ERROR_CLASS_COMMAND_NOT_FOUND);
    return false;
}

// --- events

static std::vector<const QMPEvent *> events;
static void (*event_sink)(const json &message);

void qmp_register_events(const QMPEvent *rows, size_t n) {
    for (size_t i = 0; i < n; i++) events.push_back(&rows[i]);
}

const std::vector<const QMPEvent *> &qmp_events() { return events; }

void qapi_event_set_sink(void (*sink)(const json &message)) { event_sink = sink; }

// Has the event a row, and what the row promises?
[[maybe_unused]] static bool is_as_registered(const char *name, const json &data) {
    for (const QMPEvent *row : events) {
        if (!strcmp(row->name, name))
            return check_members(row->data, data.is_null() ? json::object() : data, nullptr);
    }
    return false;
}

[[gnu::noinline]] void qapi_event_send(const char *name, const json &data) {
    if (!event_sink) return;
    assert(is_as_registered(name, data));
    timeval now;
    gettimeofday(&now, nullptr);
    json stamp = { { "seconds", now.tv_sec }, { "microseconds", now.tv_usec } };
    json message = { { "event", name }, { "timestamp", stamp } };
    if (!data.is_null()) message["data"] = data;
    event_sink(message);
}
