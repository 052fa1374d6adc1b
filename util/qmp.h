// SPDX-License-Identifier: MIT
/* QMP's commands: rows that any folder registers, from a qapi_init function. vl/qmp.cpp reads
 * requests from a connection and runs them.
 *
 * Spec: QEMU's qapi schema (names, arguments, replies)
 * In gdb: b qmp_dispatch */
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

struct Error;

struct QMPCommand {
    const char *name;
    // "path:str *index:int value:any": what it takes, "*" if it may be missing. Types: str, int,
    // bool, list, dict, any. "..." behind them: members of any other name, too.
    const char *args;
    // `args` is an object that fits; *ret is {} beforehand. False: *errp is set.
    bool (*cmd)(const nlohmann::json &args, nlohmann::json *ret, Error **errp);
};

// Something that happens, as "path:str *device:str" says what is told of it.
struct QMPEvent {
    const char *name;
    const char *data;
};

struct QMPMember {
    std::string name, type;
    bool optional;
};
// The members that such a text names; "..." is not one.
std::vector<QMPMember> qmp_read_members(const char *text);

void qmp_register_commands(const QMPCommand *rows, size_t n);
// In order of registration.
const std::vector<const QMPCommand *> &qmp_commands();
// Runs a command. "The command x has not been found" (CommandNotFound), "Parameter 'x' is missing",
// "Parameter 'x' is unexpected", "Invalid parameter type for 'x', expected: string", or its own.
[[nodiscard]] bool qmp_dispatch(const std::string &name, const nlohmann::json &args,
                                nlohmann::json *ret, Error **errp);

// Tells every client of QMP: {"event": NAME, "timestamp": ..., "data": DATA}, the last unless it is
// null and as the event's row has it. What is sent before there is a sink is lost.
void qapi_event_send(const char *name, const nlohmann::json &data);
void qmp_register_events(const QMPEvent *rows, size_t n);
// In order of registration.
const std::vector<const QMPEvent *> &qmp_events();
void qapi_event_set_sink(void (*sink)(const nlohmann::json &message));
