// SPDX-License-Identifier: MIT
/* QMP about itself: commands and events with what they take, and the option groups.
 *
 * Spec:    QEMU's SchemaInfo and CommandLineOptionInfo
 * Missing: what a command returns, and what is in a list: the rows of commands do not say ("any");
 *          the names that a string may have
 * In gdb:  b qmp_introspect::query_schema */
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/module.h"
#include "util/option.h"
#include "util/qmp.h"

namespace qmp_introspect {

using nlohmann::json;

// --- the schema

// A row's word for a type, the schema's, and what JSON has for it.
static const struct {
    const char *word, *name, *json_type; // json_type: null, if the schema has no builtin of it
} types[] = {
    { "str", "str", "string" }, { "int", "int", "int" },      { "bool", "bool", "boolean" },
    { "any", "any", "value" },  { "list", "[any]", nullptr }, { "dict", "any", nullptr },
};

static const char *type_name(const std::string &word) {
    for (const auto &row : types) {
        if (word == row.word) return row.name;
    }
    return "any";
}

// Objects have numbers for names, as QEMU's: nobody may rely on them. 0 is the empty one.
static std::string object_type(json *schema, const char *text) {
    static constexpr const char *empty = "0";
    json members = json::array();
    for (const QMPMember &member : qmp_read_members(text)) {
        json row = { { "name", member.name }, { "type", type_name(member.type) } };
        if (member.optional) row["default"] = nullptr;
        members.push_back(row);
    }
    if (members.empty()) return empty;
    std::string name = std::to_string(schema->size());
    schema->push_back({ { "name", name }, { "meta-type", "object" }, { "members", members } });
    return name;
}

static void add_types(json *schema) {
    schema->push_back({ { "name", "0" }, { "meta-type", "object" }, { "members", json::array() } });
    schema->push_back({ { "name", "[any]" }, { "meta-type", "array" }, { "element-type", "any" } });
    for (const auto &row : types) {
        if (row.json_type)
            schema->push_back({ { "name", row.name },
                                { "meta-type", "builtin" },
                                { "json-type", row.json_type } });
    }
}

static bool query_schema(const json &, json *ret, Error **) {
    *ret = json::array();
    add_types(ret);
    for (const QMPCommand *row : qmp_commands()) {
        std::string arg_type = object_type(ret, row->args);
        ret->push_back({ { "name", row->name },
                         { "meta-type", "command" },
                         { "arg-type", arg_type },
                         { "ret-type", "any" } });
    }
    for (const QMPEvent *row : qmp_events()) {
        std::string arg_type = object_type(ret, row->data);
        ret->push_back(
            { { "name", row->name }, { "meta-type", "event" }, { "arg-type", arg_type } });
    }
    return true;
}

// --- option groups

static json group_info(const QemuOptsList &group) {
    static constexpr const char *words[] = { "string", "boolean", "number", "size" };
    json parameters = json::array();
    for (const QemuOptDesc &desc : group.desc) {
        json row = { { "name", desc.name }, { "type", words[desc.type] } };
        if (desc.help) row["help"] = desc.help;
        parameters.push_back(row);
    }
    return { { "option", group.name }, { "parameters", parameters } };
}

static bool query_command_line_options(const json &args, json *ret, Error **errp) {
    auto wanted = args.value("option", "");
    *ret = json::array();
    for (const QemuOptsList *group : qemu_opts_groups()) {
        if (!args.contains("option") || wanted == group->name) ret->push_back(group_info(*group));
    }
    if (!ret->empty() || !args.contains("option")) return true;
    error_setg(errp, "invalid option name: %s", wanted.c_str());
    return false;
}

static const QMPCommand rows[] = {
    { "query-qmp-schema", "", query_schema },
    { "query-command-line-options", "*option:str", query_command_line_options },
};

static void register_commands() { qmp_register_commands(rows, std::size(rows)); }

qapi_init(register_commands)

} // namespace qmp_introspect
