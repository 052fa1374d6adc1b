// SPDX-License-Identifier: MIT
/* -trace: which events go to the log, where that is, and in which format. See util/trace.h. */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "util/error.h"
#include "util/log.h"
#include "util/module.h"
#include "util/option.h"
#include "util/trace.h"

static FILE *trace_file; // null: the log's
static bool as_json;

void trace_emit_log(const TraceRecord &record);

void trace_emit_log(const TraceRecord &record) {
    std::string text;
    if (as_json)
        text = trace_format_json(record);
    else if (record.phase != TraceRecord::End)
        text = trace_format_text(record);
    else
        return;
    text += "\n";
    if (trace_file)
        fputs(text.c_str(), trace_file);
    else
        qemu_log("%s", text.c_str());
}

static bool is_name(const std::string &pattern) {
    return pattern.find_first_of("*?[") == std::string::npos;
}

std::vector<const TraceEventRow *> trace_event_find(const std::string &pattern, bool of_vcpu,
                                                    Error **errp) {
    std::vector<const TraceEventRow *> found;
    for (const TraceEventRow *row : trace_event_list()) {
        if (trace_pattern_matches(pattern.c_str(), row->name)) found.push_back(row);
    }
    if (is_name(pattern) && found.empty())
        error_setg(errp, "unknown event \"%s\"", pattern.c_str());
    else if (is_name(pattern) && of_vcpu)
        error_setg(errp, "event \"%s\" is not vCPU-specific", pattern.c_str());
    if (of_vcpu) found.clear();
    return found;
}

void trace_choose(const std::string &text) {
    bool enable = !text.starts_with("-");
    std::string pattern = text.substr(!enable);
    bool found = trace_enable_events(pattern, enable, TRACE_SINK_LOG);
    if (!found && is_name(pattern)) warn_report("trace event '%s' does not exist", pattern.c_str());
}

// A pattern a line; empty lines and those that begin with # say nothing.
static bool choose_from_file(const char *name, Error **errp) {
    std::ifstream file(name);
    if (!file) {
        error_setg(errp, "%s: %s", name, strerror(errno));
        return false;
    }
    for (std::string line; std::getline(file, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (!line.empty() && line[0] != '#') trace_choose(line);
    }
    return true;
}

static bool set_file(const char *name, Error **errp) {
    FILE *file = fopen(name, "we");
    if (!file) {
        error_setg(errp, "Error opening logfile %s: %s", name, strerror(errno));
        return false;
    }
    setlinebuf(file);
    if (trace_file) fclose(trace_file);
    trace_file = file;
    return true;
}

static bool set_format(const char *format, Error **errp) {
    as_json = strcmp(format, "json") == 0;
    if (as_json || strcmp(format, "log") == 0) return true;
    error_setg(errp, "Parameter 'format' expects 'log' or 'json'");
    return false;
}

static QemuOptsList trace_opts = {
    .name = "trace",
    .implied_opt_name = "enable",
    .desc = { { "enable" }, { "events" }, { "file" }, { "format" } },
};

bool trace_opt_parse(const std::string &arg, Error **errp) {
    QemuOpts *opts = qemu_opts_parse(&trace_opts, arg, true, errp);
    if (!opts) return false;
    const char *pattern = qemu_opt_get(opts, "enable"), *list = qemu_opt_get(opts, "events"),
               *file = qemu_opt_get(opts, "file"), *format = qemu_opt_get(opts, "format");
    if (pattern && is_help_option(pattern)) {
        fputs(trace_event_names().c_str(), stdout);
        exit(EXIT_SUCCESS);
    }
    if (file && !set_file(file, errp)) return false;
    if (format && !set_format(format, errp)) return false;
    if (pattern) trace_choose(pattern);
    return !list || choose_from_file(list, errp);
}

static void register_trace_opts() { qemu_add_opts(&trace_opts); }

opts_init(register_trace_opts)
